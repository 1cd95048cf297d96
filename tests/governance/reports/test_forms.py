"""One edition in five forms: the same numbers, the same bytes, each file under a signed hash."""

from __future__ import annotations

import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import override_settings
from pypdf import PdfReader
from pypdf.generic import DictionaryObject

from dure.core.canonical import canonical_bytes, sha256_hex
from dure.core.problems import Problem
from dure_client import dure_verify
from governance.log.services import sequence
from governance.models import Report, ReportFile
from governance.reports import services, wording
from governance.reports.compute import ReportDocument
from governance.reports.pdf_form import report_pdf
from governance.reports.problems import CORRECTION_TOO_LONG
from tests.cast import actor, api, kang
from tests.governance.log.mirror import mirror_log
from tests.governance.reports.test_publish_report import SYSTEM, agree, now_period

pytestmark = pytest.mark.django_db


@pytest.fixture
def report() -> Report:
    agree(6)
    agree(5, "research")
    made = services.publish_report(acting=SYSTEM, period=now_period())
    sequence()
    return made


def pdf_of(report: Report, language: str) -> PdfReader:
    answer = api().get(f"/api/v1/reports/{report.period}/", {"format": "pdf", "lang": language})
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/pdf"
    return PdfReader(io.BytesIO(answer.content))


def text_of(reader: PdfReader) -> str:
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in reader.pages))


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_pdf_is_tagged_and_speaks_its_language(report: Report, language: str) -> None:
    reader = pdf_of(report, language)
    root: Any = reader.trailer["/Root"]
    assert bool(root["/MarkInfo"]["/Marked"])
    assert str(root["/Lang"]).startswith(language)
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    metadata = root["/Metadata"].get_data()
    assert b"pdfuaid:part" in metadata
    title = {"ko": "투명성 보고서", "en": "Transparency report"}[language]
    assert title in str(reader.metadata and reader.metadata.title)
    roles = _roles(root["/StructTreeRoot"])
    assert {"/H1", "/H2", "/Table", "/TH", "/TD", "/TOC"} <= set(roles)


def _roles(element: Any) -> list[str]:
    """The types of all elements of the structure tree, in reading order."""
    found = [str(element["/S"])] if "/S" in element else []
    kids = element.get("/K", [])
    for kid in kids if isinstance(kids, list) else [kids]:
        inner = kid.get_object() if hasattr(kid, "get_object") else kid
        if isinstance(inner, DictionaryObject) and inner.get("/Type") != "/MCR":
            found += _roles(inner)
    return found


def test_its_fonts_are_embedded_and_give_back_their_text(report: Report) -> None:
    reader = pdf_of(report, "ko")
    for page in reader.pages:
        for font in page["/Resources"]["/Font"].values():  # type: ignore[index]
            made = font.get_object()
            assert "/ToUnicode" in made
            descendant = made["/DescendantFonts"][0].get_object()
            assert "/FontFile2" in descendant["/FontDescriptor"].get_object()
    assert "동의한 사람" in text_of(reader)


@pytest.mark.parametrize("language", ["ko", "en"])
def test_print_json_and_csv_hold_the_same_numbers(report: Report, language: str) -> None:
    printed = text_of(pdf_of(report, language)).replace(" ", "")
    csv = api().get(f"/api/v1/reports/{report.period}/", {"format": "csv"}).content.decode()
    for section in report.document["sections"]:
        for figure in section["figures"]:
            shown = wording.figure_text(figure, language)
            assert f"{figure['label'][language]}{shown}".replace(" ", "") in printed
            value = "" if figure["value"] is None else figure["value"]
            assert f",{figure['label']['en']},{value}," in csv
        for table in section["tables"]:
            for row in table["rows"]:
                for column in wording.shown_columns(table):
                    text = wording.cell_text(table, column, row, language)
                    assert text.replace(" ", "") in printed


def test_made_again_it_is_the_same_file(report: Report) -> None:
    stored = ReportFile.objects.get(report=report, name="report.ko.pdf")
    again = report_pdf(report.document, sha256=report.sha256, language="ko")
    assert again == bytes(stored.body)
    assert sha256_hex(again) == stored.sha256


@pytest.mark.parametrize(("language", "city"), [("ko", "두레"), ("en", "Dure")])
def test_a_reader_meets_words_and_no_codes(report: Report, language: str, city: str) -> None:
    """Kinds, purposes and rules by their names, in print and on the page that stands alone."""
    printed = text_of(pdf_of(report, language))
    page = bytes(ReportFile.objects.get(report=report, name=f"report.{language}.html").body)
    words = {"ko": ("동의함", "통계 노출 방지"), "en": ("Consent given", "Disclosure control")}
    for text in (printed, page.decode()):
        assert city in text
        for word in (*words[language], "공익" if language == "ko" else "public interest"):
            assert word in text
        for code in ("consent.given", "notice.published", "disclosure-control", "city-ai"):
            assert code not in text
    if language == "ko":
        assert "Dure" not in printed.replace("dure-verify", "")


def test_every_text_of_every_table_is_a_word(report: Report) -> None:
    """A code that a reader meets has its name in the signed document."""
    for section in report.document["sections"]:
        for table in section["tables"]:
            for column in wording.shown_columns(table):
                for row in table["rows"]:
                    text = wording.cell_text(table, column, row, "ko")
                    coded = re.fullmatch(r"[a-z][a-z0-9]*([._-][a-z0-9]+)+", text)
                    assert not coded or column["key"] == "call", (table["key"], text)


@override_settings(ORGANISATION="#read")
def test_what_an_operator_types_is_never_markup(report: Report) -> None:
    document: ReportDocument = {**report.document, "correction": '#panic("x") *a* $b$ <c>'}
    made = report_pdf(document, sha256="0" * 64, language="en")
    assert '#panic("x") *a* $b$ <c>' in text_of(PdfReader(io.BytesIO(made)))


def test_the_manifest_lists_every_file_and_stands_in_the_log(report: Report) -> None:
    answer = api().get(f"/api/v1/reports/{report.period}/").json()
    manifest = answer["package"]["manifest"]
    assert {each["path"]: each["sha256"] for each in manifest["files"]} == dict(
        ReportFile.objects.filter(report=report).values_list("name", "sha256")
    )
    assert sha256_hex(canonical_bytes(manifest)) == answer["package"]["sha256"]
    leaf = json.loads(bytes(report.log_entry.body))["payload"]
    assert leaf["manifest_sha256"] == answer["package"]["sha256"]


def outsider(*arguments: str) -> int:
    key = api().get("/api/v1/log/keys/").json()["verifier_key"]
    return dure_verify.main(["report", *arguments, "--key", key])


def test_an_outsider_checks_the_package_and_counts_again(report: Report, tmp_path: Path) -> None:
    path = tmp_path / "report.zip"
    path.write_bytes(api().get(f"/api/v1/reports/{report.period}/", {"format": "zip"}).content)
    folder = mirror_log(api(), tmp_path / "log")
    assert outsider(str(path)) == 0
    assert outsider(str(path), "--log", str(folder)) == 0

    def forged(name: str, change: tuple[bytes, bytes]) -> str:
        made = tmp_path / "forged.zip"
        with zipfile.ZipFile(path) as old, zipfile.ZipFile(made, "w") as new:
            for each in old.namelist():
                data = old.read(each)
                new.writestr(each, data.replace(*change) if each == name else data)
        return str(made)

    assert outsider(forged("report.csv", (b"consent", b"Consent"))) == 1
    assert outsider(forged("report.ko.pdf", (b"%PDF", b"%PDX"))) == 1
    assert outsider(forged("report.json", (b'"value":11', b'"value":12'))) == 1
    assert outsider(forged("manifest.json", (b"report.csv", b"other.csv"))) == 1


@pytest.mark.parametrize(
    ("name", "value"), [("published_at", "2026-01-01T00:00:00Z"), ("log", {"index": 1})]
)
def test_where_and_when_a_report_was_published_is_what_the_log_says(
    report: Report, tmp_path: Path, name: str, value: object
) -> None:
    answer = api().get(f"/api/v1/reports/{report.period}/").json()
    path = tmp_path / "report.json"
    folder = str(mirror_log(api(), tmp_path / "log"))
    path.write_text(json.dumps(answer))
    assert outsider(str(path), "--log", folder) == 0
    answer["published"][name] = value
    path.write_text(json.dumps(answer))
    assert outsider(str(path), "--log", folder) == 1


def test_a_count_that_the_log_does_not_bear_out_is_found(
    report: Report, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The city itself signs a wrong report: the signature holds, the figures do not."""
    from governance.log import keys

    answer = api().get(f"/api/v1/reports/{report.period}/").json()
    log = next(s for s in answer["report"]["sections"] if s["key"] == "log")
    log["figures"][0]["value"] += 1
    body = canonical_bytes(answer["report"])
    answer["published"] |= {
        "sha256": sha256_hex(body),
        "signature": keys.sign_document(body).hex(),
    }
    answer["package"] = None
    path = tmp_path / "report.json"
    path.write_text(json.dumps(answer))
    folder = mirror_log(api(), tmp_path / "log")
    assert outsider(str(path)) == 0, "without the log nobody can tell"
    assert outsider(str(path), "--log", str(folder)) == 2, "the log knows no such report"
    assert "no entry about this report" in capsys.readouterr().out


def test_a_correction_supersedes_and_the_first_edition_stays(report: Report) -> None:
    agree(9, "health")
    period = report.period
    second = services.publish_report(
        acting=actor(kang()), period=period, correction="목적 하나가 빠졌습니다."
    )
    assert second.document["supersedes"] == {"edition": 1, "sha256": report.sha256}
    assert second.document["correction"] == "목적 하나가 빠졌습니다."
    address = f"/api/v1/reports/{period}/"
    assert api().get(address).json()["report"]["edition"] == 2
    first = api().get(address, {"edition": "1"}).json()
    assert sha256_hex(canonical_bytes(first["report"])) == report.sha256
    assert "목적 하나가 빠졌습니다." in text_of(pdf_of(second, "ko"))
    with pytest.raises(Problem) as refused:
        services.publish_report(acting=actor(kang()), period=period, correction="가" * 501)
    assert refused.value.kind is CORRECTION_TOO_LONG


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"edition": "0"}, 400),
        ({"edition": "two"}, 400),
        ({"edition": "9" * 40}, 400),
        ({"edition": "7"}, 404),
        ({"format": "pdf", "lang": "fr"}, 404),
        ({"format": "pdf", "lang": "../report.json\x00"}, 404),
    ],
)
def test_an_unknown_edition_or_form_is_a_clear_answer(
    report: Report, query: dict[str, str], status: int
) -> None:
    answer = api().get(f"/api/v1/reports/{report.period}/", query)
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE governance_reportfile SET name = 'x'",
        "DELETE FROM governance_reportfile",
    ],
)
def test_the_database_keeps_the_files_as_published(report: Report, statement: str) -> None:
    with (
        pytest.raises(IntegrityError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)

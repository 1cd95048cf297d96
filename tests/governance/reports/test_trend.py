"""Quarter beside quarter: what was published, drawn and tabled alike in every form."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from pypdf import PdfReader

from dure_client import dure_verify
from governance.log.services import sequence
from governance.models import Report
from governance.reports import services
from governance.reports.charts import trends
from governance.reports.documents import SectionDocument, Table, figure, person_figure
from governance.reports.drawing import trend_svg
from governance.reports.trend import Published, trend_section
from tests.cast import api
from tests.governance.log.mirror import mirror_log
from tests.governance.reports.test_publish_report import SYSTEM, agree

TEXT = {"ko": "동의한 사람", "en": "Persons who agreed"}
SUMMER, AUTUMN = datetime(2026, 8, 1, 3, tzinfo=UTC), datetime(2026, 11, 2, 3, tzinfo=UTC)


def section(persons: int, entries: int | None = None) -> SectionDocument:
    figures = [person_figure("given", TEXT, persons)]
    if entries is not None:
        figures.append(figure("entries", {"ko": "건수", "en": "Entries"}, entries, "entries"))
    return {"key": "consent", "title": {"ko": "동의", "en": "Consent"}, "figures": figures,
            "tables": []}  # fmt: skip


def over(*counts: int) -> Table:
    *before, now = counts
    made = trend_section(
        "2026-q4",
        [section(now)],
        [
            Published(f"2026-q{place}", 1, str(place) * 64, [section(count)])
            for place, count in enumerate(before, start=1)
        ],
    )
    assert made is not None
    return made["tables"][0]


def test_the_first_report_has_nothing_to_compare_with() -> None:
    assert trend_section("2026-q4", [section(7)], []) is None


def test_what_was_withheld_then_is_withheld_now_and_drawn_as_a_frame() -> None:
    table = over(3, 12, 24)
    assert [row["given"] for row in table["rows"]] == [None, 12, 24]
    assert table["rows"][0]["suppressed"] == ["given"]
    (trend,) = trends(table, "en")
    assert [point.text for point in trend.points] == ["withheld", "12", "24"]
    assert trend.sentence == "Persons who agreed: Q1 2026 withheld; Q2 2026 12; Q4 2026 24"
    drawn = trend_svg(trend)
    heights = [
        float(each) for each in re.findall(r'class="(?:then|now)".*?height="([\d.]+)"', drawn)
    ]
    assert heights[1] == 2 * heights[0]
    assert drawn.count('class="hidden"') == 1


def test_quarters_are_named_in_two_lines_where_one_does_not_fit() -> None:
    assert [point.label for point in trends(over(6, 12), "en")[0].points] == ["Q1 2026", "Q4 2026"]
    assert ">26년 1분기</text>" in trend_svg(trends(over(6, 12), "ko")[0])
    made = trend_section(
        "2028-q1",
        [section(9)],
        [
            Published(f"{year}-q{number}", 1, str(number) * 64, [section(5 + number)])
            for year in (2026, 2027)
            for number in (1, 2, 3, 4)
        ],
    )
    assert made is not None
    drawn = trend_svg(trends(made["tables"][0], "ko")[0])
    assert ">27년</text>" in drawn
    assert ">3분기</text>" in drawn
    assert "27년 3분기</text>" not in drawn


def test_the_frame_of_a_withheld_number_says_nothing_about_it() -> None:
    frames = [
        re.findall(r'class="hidden"[^>]*', trend_svg(trends(over(small, 12, 24), "en")[0]))
        for small in (1, 4)
    ]
    assert frames[0] == frames[1]


def test_a_figure_that_came_later_leaves_its_first_quarters_empty() -> None:
    made = trend_section(
        "2026-q4", [section(9, 50)], [Published("2026-q3", 1, "a" * 64, [section(8)])]
    )
    assert made is not None
    assert made["tables"][0]["rows"][0]["entries"] == ""
    assert [each.title for each in trends(made["tables"][0], "ko")] == ["동의한 사람"]


def test_texts_in_a_drawing_are_never_markup() -> None:
    table = over(12, 24)
    table["columns"][1]["label"] = {"ko": "<b>", "en": '"><script>'}
    (trend,) = trends(table, "en")
    assert "<script>" not in trend_svg(trend)


@pytest.fixture
def two_quarters() -> tuple[Report, Report]:
    with time_machine.travel(SUMMER, tick=True):
        agree(6)
        summer = services.publish_report(acting=SYSTEM, period="2026-q3")
    with time_machine.travel(AUTUMN, tick=True):
        agree(9, "research")
        autumn = services.publish_report(acting=SYSTEM, period="2026-q4")
        sequence()
    return summer, autumn


def table_of(report: Report, key: str) -> Any:
    (found,) = [each for each in report.document["sections"] if each["key"] == "trend"]
    return next(table for table in found["tables"] if table["key"] == key)


def package_of(report: Report, folder: Path) -> Path:
    path = folder / "report.zip"
    path.write_bytes(api().get(f"/api/v1/reports/{report.period}/", {"format": "zip"}).content)
    return path


def outsider(*arguments: str) -> int:
    key = api().get("/api/v1/log/keys/").json()["verifier_key"]
    return dure_verify.main(["report", *arguments, "--key", key])


@pytest.mark.django_db
def test_a_report_shows_the_quarters_before_it(two_quarters: tuple[Report, Report]) -> None:
    summer, autumn = two_quarters
    assert "trend" not in {each["key"] for each in summer.document["sections"]}
    assert [(row["period"], row["given"]) for row in table_of(autumn, "consent")["rows"]] == [
        ("2026-q3", 6),
        ("2026-q4", 9),
    ]
    assert table_of(autumn, "editions")["rows"] == [
        {"period": "2026-q3", "edition": 1, "sha256": summer.sha256, "suppressed": []}
    ]


@pytest.mark.django_db
def test_every_form_holds_the_same_quarters(
    two_quarters: tuple[Report, Report], tmp_path: Path
) -> None:
    _summer, autumn = two_quarters
    with zipfile.ZipFile(package_of(autumn, tmp_path)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    rows = table_of(autumn, "consent")["rows"]
    text = files["tables/trend.consent.csv"].decode("utf-8-sig")
    assert [(row["period"], row["given"]) for row in csv.DictReader(io.StringIO(text))] == [
        (row["period"], str(row["given"])) for row in rows
    ]
    long = files["report.csv"].decode("utf-8-sig")
    assert "trend,consent,1,given,동의한 사람,Persons who agreed,6," in long
    page = files["report.en.html"].decode()
    assert "<script" not in page
    assert "src=" not in page
    assert page.count('<svg class="trend"') == len(
        [each for table in _tables(autumn) for each in trends(table, "en")]
    )
    printed = " ".join(each.extract_text() for each in PdfReader(
        io.BytesIO(files["report.en.pdf"])).pages)  # fmt: skip
    shown = api().get("/en/transparency/2026-q4/").content.decode()
    for form in (page, re.sub(r"\s+", " ", printed), shown):
        for row in rows:
            assert f"Q{row['period'][-1]} {row['period'][:4]}" in form
            assert str(row["given"]) in form
    assert shown.count('<svg class="trend"') == page.count('<svg class="trend"')


def _tables(report: Report) -> list[Table]:
    return [table for each in report.document["sections"] for table in each["tables"]]


@pytest.mark.django_db
def test_frictionless_finds_the_package_valid(
    two_quarters: tuple[Report, Report], tmp_path: Path
) -> None:
    from frictionless import validate

    with zipfile.ZipFile(package_of(two_quarters[1], tmp_path)) as archive:
        archive.extractall(tmp_path / "out")
    judged = validate(str(tmp_path / "out" / "datapackage.json"))
    assert judged.valid, judged.flatten(["name", "type", "message"])
    assert {task.name for task in judged.tasks} >= {"report.csv", "tables-trend.consent.csv"}


@pytest.mark.django_db
def test_an_outsider_checks_the_quarters_too(
    two_quarters: tuple[Report, Report], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also against a city that signs a trend that its own reports do not bear out."""
    from dure.core.canonical import canonical_bytes, sha256_hex
    from governance.log import keys

    path = package_of(two_quarters[1], tmp_path)
    log = str(mirror_log(api(), tmp_path / "log"))
    assert outsider(str(path), "--log", log) == 0
    answer = api().get("/api/v1/reports/2026-q4/").json()
    answer["package"] = None
    for change in ("last", "editions"):
        trend = answer["report"]["sections"][-1]
        if change == "last":
            trend["tables"][0]["rows"][-1]["given"] += 1
        else:
            trend["tables"][0]["rows"][-1]["given"] -= 1
            trend["tables"][-1]["rows"][0]["sha256"] = "0" * 64
        body = canonical_bytes(answer["report"])
        answer["published"] |= {
            "sha256": sha256_hex(body),
            "signature": keys.sign_document(body).hex(),
        }
        forged = tmp_path / f"{change}.json"
        import json

        forged.write_text(json.dumps(answer))
        capsys.readouterr()
        assert outsider(str(forged)) == (1 if change == "last" else 0)
        if change == "last":
            assert "trend.consent given" in capsys.readouterr().out

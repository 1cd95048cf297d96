"""Every hostile file through the door strangers use, to its end, in bounded time and memory."""

from __future__ import annotations

import io
import resource
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from contributions.models import Contribution
from contributions.pipeline.stages import check
from dure.core.cells import neutralise
from tests.cast import api, mina
from tests.contributions.decode.bombs import BOMBS
from tests.contributions.decode.workbooks import packed, rows, xlsx
from tests.contributions.seoul import HEADER, air_csv, published, twenty_rows

pytestmark = pytest.mark.django_db(transaction=True)

MEBIBYTE = 1024 * 1024
#: Of this process, which receives and checks; whatever is unfolded is unfolded in a child.
GROWTH_MAX = 512 * MEBIBYTE
CPU_SECONDS_MAX = 2.0
OUTSIDE = "/tmp/dure-was-here.csv"


def hand_in(data: bytes, name: str) -> Any:
    return api(mina()).post(
        "/api/v1/contributions/",
        {"call": "air-daily", "purpose": ["city-ai"], "file": SimpleUploadedFile(name, data)},
        format="multipart",
    )


def resident() -> int:
    """The most memory this process ever had, in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def own_cpu() -> float:
    return time.process_time()


def refused(answer: Any) -> str:
    """The code under which a file ended, at the door or behind it."""
    if answer.status_code == 202:
        made = check(Contribution.objects.get(receipt=answer.json()["receipt"]).id)
        assert made.state in ("returned", "rejected"), made.state
        return made.reason_rule
    assert answer.status_code in (413, 422), answer.content[:300]
    assert answer["Content-Type"] == "application/problem+json"
    document = answer.json()
    return str(document["errors"][0]["code"] if document["errors"] else document["type"])


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_ends_as_a_refusal_with_a_reason(name: str) -> None:
    published()
    make, rules = BOMBS[name]
    data = make()
    memory, cpu = resident(), own_cpu()
    code = refused(hand_in(data, name))
    assert own_cpu() - cpu <= CPU_SECONDS_MAX
    assert resident() - memory <= GROWTH_MAX
    # The look at the head sees columns first; the whole file is judged by the rules of the bomb.
    assert code in {*rules, "missing-column", "file.limit"}


def traversing() -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        archive.writestr(f"../../../..{OUTSIDE}", twenty_rows())
    return sink.getvalue()


OTHERS: dict[str, tuple[Callable[[], bytes], str]] = {
    "a path that leaves its archive": (traversing, "a.zip"),
    "a workbook in a workbook's clothes": (lambda: packed({"a.txt": "x"}), "a.xlsx"),
    "an encrypted promise": (lambda: b"PK\x03\x04" + b"\0" * 400, "a.zip"),
    "a program": (lambda: b"\x7fELF" + bytes(4000), "a.csv"),
    "a page": (lambda: b"<html><script>alert(1)</script></html>", "a.csv"),
    "nothing": (lambda: b"", "a.csv"),
    "a mark and nothing": (lambda: b"\xef\xbb\xbf", "a.csv"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_other_tricks_end_with_a_reason_or_as_a_plain_table(name: str) -> None:
    published()
    make, filename = OTHERS[name]
    answer = hand_in(make(), filename)
    if name == "a path that leaves its archive" and answer.status_code == 202:
        made = check(Contribution.objects.get().id)
        assert made.state in ("accepted", "returned")
    elif answer.status_code != 400:
        assert refused(answer)
    assert not Path(OUTSIDE).exists()


def test_formulas_stay_text_and_are_harmless_when_they_are_given_out() -> None:
    """Formula cells of a sheet have a value; text that looks like one is neutralised on the way
    out, in the file of rows that were set aside."""
    published(tolerance="0")
    formula = "=HYPERLINK(0)"
    data = air_csv(*(f"2026110{day},종로구,{day}" for day in range(1, 5)), f"{formula},종로구,-1")
    answer = hand_in(data, "a.csv")
    made = check(Contribution.objects.get(receipt=answer.json()["receipt"]).id)
    assert made.state == "returned"
    file = api(mina()).get(f"/api/v1/contributions/{made.receipt}/findings/?format=csv")
    text = file.getvalue().decode("utf-8-sig")
    assert neutralise(formula) == "'" + formula
    assert "'" + formula in text
    assert f"\n5,{formula}" not in text


def test_control_characters_and_nul_never_get_in() -> None:
    published()
    table = f"{HEADER}\n20261101,종로구,1\n2026\x001102,종로구,2\n2026\x1b[31m1103,종로구,3\n"
    answer = hand_in(table.encode(), "a.csv")
    if answer.status_code == 202:
        made = check(Contribution.objects.get().id)
        assert made.state in ("accepted", "returned")
        assert made.accepted <= 1
        findings = api(mina()).get(f"/api/v1/contributions/{made.receipt}/findings/").content
        assert b"\x00" not in findings
        assert b"\x1b" not in findings
    else:
        assert refused(answer)


def test_a_sheet_of_numbers_and_a_table_of_text_are_the_same_file() -> None:
    published()
    sheet = xlsx(rows([HEADER.split(","), ["2026110100", "종로구", 20.0]]))
    made = check(Contribution.objects.get(receipt=hand_in(sheet, "a.xlsx").json()["receipt"]).id)
    assert (made.state, made.accepted) == ("accepted", 1)

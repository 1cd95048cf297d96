"""What a person takes out is read by programs and opened in spreadsheets: neither is misled."""

from __future__ import annotations

import csv
import io
import zipfile

import pytest

from governance.reports.csv_form import safe_cell
from governance.rights.export import pack

CELLS = [
    ("-3000", "-3000"),
    ("+0.5", "+0.5"),
    ("-1e-9", "-1e-9"),
    ("=1+1", "'=1+1"),
    ("\uff1dcmd|' /C calc'!A0", "'\uff1dcmd|' /C calc'!A0"),
    ("  @SUM(A1)", "'  @SUM(A1)"),
    ("-3000 won", "'-3000 won"),
    ("\u0661-1", "\u0661-1"),
    ("이준", "이준"),
]


@pytest.mark.parametrize(("text", "cell"), CELLS)
def test_numbers_stay_numbers_and_formulas_become_text(text: str, cell: str) -> None:
    packed = pack(
        {"rewards": {"entries": [{"amount": text}]}},
        party="p",
        made_at="2026-11-29T00:00:00Z",
        sign=lambda document: document,
    )
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        body = archive.read("rewards/entries.csv").decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(body, newline=""))) == [["amount"], [cell]]
    assert safe_cell(text) == cell

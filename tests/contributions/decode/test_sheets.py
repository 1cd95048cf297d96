from __future__ import annotations

import datetime as dt
import io

import pytest
import xlwt

from tests.contributions.decode.test_delimited import read, refusal
from tests.contributions.decode.workbooks import cell, packed, parts, rows, xlsx

TABLE: list[list[str | float]] = [["측정소", "값"], ["강남구", 1.5], ["종로구", 2]]


def test_a_sheet_is_read_like_the_same_table_in_csv() -> None:
    decoded = read(xlsx(rows(TABLE)), "x.xlsx")
    assert decoded.format == "xlsx"
    assert decoded.table.equals(read("측정소,값\n강남구,1.5\n종로구,2\n").table)


def test_every_cell_is_the_text_of_its_stored_value() -> None:
    header = "".join(cell(f"{chr(65 + at)}1", name) for at, name in enumerate("abcdefghij"))
    values = (
        cell("A2", "00123")
        + cell("B2", 0.30000000000000004)
        + cell("C2", 45000, style=1)
        + cell("D2", 45000.5, style=2)
        + cell("E2", 0.25, style=3)
        + cell("F2", 1.25, style=4)
        + '<c r="G2" t="b"><v>1</v></c>'
        + '<c r="H2" t="e"><v>#N/A</v></c>'
        + cell("I2", 1.5e-9)
        + cell("J2", 1e22)
    )
    decoded = read(xlsx(f'<row r="1">{header}</row><row r="2">{values}</row>'))
    assert list(decoded.table.to_pylist()[0].values()) == [
        "00123",
        "0.30000000000000004",
        "2023-03-15",
        "2023-03-15T12:00:00",
        "06:00:00",
        "30:00:00",
        "true",
        None,
        "1.5e-09",
        "1e+22",
    ]


def test_formulas_are_their_stored_value_and_never_run() -> None:
    sheet = (
        rows([["a", "b"]])
        + '<row r="2"><c r="A2"><f>1+1</f><v>7</v></c>'
        + cell("B2", '=HYPERLINK("https://example.org")')
        + "</row>"
    )
    assert read(xlsx(sheet)).table.to_pylist() == [
        {"a": "7", "b": '=HYPERLINK("https://example.org")'}
    ]


def test_titles_blank_rows_and_further_sheets_are_passed_over_and_reported() -> None:
    sheet = rows([["2024년 현황", ""], ["", ""], *TABLE[:2], ["", ""], TABLE[2]])
    decoded = read(xlsx("", sheet, rows(TABLE)))
    assert decoded.rows == 2
    assert decoded.table.column_names == ["측정소", "값"]
    assert [(each.row, each.rule) for each in decoded.notices] == [
        (0, "file.preamble"),
        (0, "file.other_sheets"),
    ]


def test_shared_texts_and_prefixed_names_are_read() -> None:
    members: dict[str, str | bytes] = dict(parts(""))
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    members["xl/sharedStrings.xml"] = (
        f'<sst xmlns="{main}"><si><t>a</t></si><si><t>가</t></si></sst>'
    )
    members["xl/worksheets/sheet1.xml"] = (
        f'<worksheet xmlns="{main}"><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c></row>'
        '<row r="2"><c r="A2" t="s"><v>1</v></c></row></sheetData></worksheet>'
    )
    relations = str(members["xl/_rels/workbook.xml.rels"])
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    members["xl/_rels/workbook.xml.rels"] = relations.replace(
        "</Relationships>",
        f'<Relationship Id="s" Type="{office}/sharedStrings" Target="sharedStrings.xml"/>'
        "</Relationships>",
    )
    assert read(packed(members)).table.to_pylist() == [{"a": "가"}]


def test_a_workbook_of_the_old_kind_is_read() -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("가")
    for at, name in enumerate(["이름", "n", "날"]):
        sheet.write(0, at, name)
    sheet.write(1, 0, "00123")
    sheet.write(1, 1, 0.1)
    sheet.write(1, 2, dt.date(2024, 2, 3), xlwt.easyxf(num_format_str="YYYY-MM-DD"))
    sink = io.BytesIO()
    book.save(sink)
    decoded = read(sink.getvalue(), "x.xls")
    assert decoded.format == "xls"
    assert decoded.table.to_pylist() == [{"이름": "00123", "n": "0.1", "날": "2024-02-03"}]
    assert refusal(sink.getvalue()[:3000], "x.xls") == "file.not_a_table"


def test_workbooks_without_a_table_are_refused() -> None:
    assert refusal(xlsx("")) == "file.empty"
    assert refusal(xlsx(rows([["a", "b"]]))) == "file.no_rows"
    assert refusal(packed({"[Content_Types].xml": "", "word/document.xml": ""})) == (
        "file.not_a_table"
    )
    assert refusal(packed({"mimetype": "application/hwp+zip"})) == "file.not_a_table"
    assert refusal(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600) == "file.not_a_table"


@pytest.mark.parametrize("cut", [0.5, 0.95])
def test_half_a_workbook_is_no_table(cut: float) -> None:
    data = xlsx(rows(TABLE))
    assert refusal(data[: int(len(data) * cut)], "x.xlsx") == "file.not_a_table"

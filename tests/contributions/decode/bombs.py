"""Hostile files, small on the wire, each with the rules it may be refused by."""

from __future__ import annotations

import io
from collections.abc import Callable

import pyarrow as pa
import pyarrow.parquet as pq
import xlwt

from tests.contributions.decode.workbooks import MAIN, cell, packed, parts, rows, xlsx

MEBIBYTE = 1024 * 1024
LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "'
    + "&a;" * 50
    + '"><!ENTITY c "'
    + "&b;" * 50
    + '">]>'
)
BOMBS: dict[str, tuple[Callable[[], bytes], tuple[str, ...]]] = {}


def bomb(*rules: str) -> Callable[[Callable[[], bytes]], Callable[[], bytes]]:
    def kept(make: Callable[[], bytes]) -> Callable[[], bytes]:
        BOMBS[make.__name__] = (make, rules)
        return make

    return kept


def _parquet(table: pa.Table, *, use_dictionary: bool = True) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="zstd", use_dictionary=use_dictionary)
    return sink.getvalue()


@bomb("file.too_many_rows")
def parquet_of_rows_without_end() -> bytes:
    return _parquet(pa.table({"a": pa.repeat(pa.scalar(7, pa.int8()), 5_000_000)}))


@bomb("file.too_large")
def parquet_dictionary_of_one_long_text() -> bytes:
    indices = pa.repeat(pa.scalar(0, pa.int32()), 50_000)
    column = pa.DictionaryArray.from_arrays(indices, pa.array(["x" * MEBIBYTE]))
    return _parquet(pa.table({"a": column}))


@bomb("file.limit", "file.too_large")
def parquet_pages_that_unfold_a_thousandfold() -> bytes:
    column = pa.array(["x" * MEBIBYTE] * 700)
    return _parquet(pa.table({"a": column}), use_dictionary=False)


@bomb("file.not_a_table", "file.limit")
def parquet_with_a_torn_footer() -> bytes:
    data = bytearray(_parquet(pa.table({"a": list(range(1000))})))
    data[-60:-20] = b"\xff" * 40
    return bytes(data)


@bomb("file.bomb")
def zip_of_zeros() -> bytes:
    return packed({"a.csv": b"a\n" + b"0" * (150 * MEBIBYTE)})


@bomb("file.archive_nested")
def zip_in_zip() -> bytes:
    return packed({"a.zip": packed({"a.zip": packed({"a.csv": "a\n1\n"})})})


@bomb("file.archive_members")
def zip_of_many_members() -> bytes:
    return packed({f"{n}.csv": "a\n1\n" for n in range(3000)})


@bomb("file.bomb")
def xlsx_of_blanks() -> bytes:
    return packed({**parts(""), "xl/worksheets/sheet1.xml": b" " * (120 * MEBIBYTE)})


@bomb("file.too_large")
def xlsx_of_more_xml_than_any_table() -> bytes:
    return packed({**parts(""), "xl/sharedStrings.xml": b" " * (130 * MEBIBYTE)})


@bomb("file.too_many_columns")
def xlsx_with_a_cell_in_the_last_corner() -> bytes:
    return xlsx(rows([["a"]]) + f'<row r="1048576">{cell("XFD1048576", "x")}</row>')


@bomb("file.too_many_cells")
def xlsx_with_a_cell_far_below() -> bytes:
    return xlsx(rows([["a"]]) + f'<row r="1048576">{cell("SF1048576", "x")}</row>')


@bomb("file.limit", "file.header_empty", "file.not_a_table")
def xls_with_a_cell_in_the_last_corner() -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("a")
    sheet.write(0, 0, "a")
    sheet.write(65535, 255, "x")
    sink = io.BytesIO()
    book.save(sink)
    return sink.getvalue()


@bomb("file.xml_entities")
def xlsx_with_entities() -> bytes:
    sheet = f'{LAUGHS}<worksheet xmlns="{MAIN}"><sheetData><row r="1"><c r="A1" t="inlineStr">'
    return packed(
        {**parts(""), "xl/worksheets/sheet1.xml": sheet + "<is><t>&c;</t></is></c></row>"}
    )


@bomb("file.xml_entities")
def xlsx_with_an_outside_entity() -> bytes:
    shared = f'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><sst xmlns="{MAIN}"/>'
    return packed({**parts(""), "xl/sharedStrings.xml": shared})


@bomb("file.xml_entities")
def xlsx_in_utf_16() -> bytes:
    return packed({**parts(""), "xl/worksheets/sheet1.xml": LAUGHS.encode("utf-16")})


@bomb("file.not_a_table")
def json_of_brackets() -> bytes:
    return b"[" * (2 * MEBIBYTE)


@bomb("file.not_a_table")
def json_of_deep_objects() -> bytes:
    return b'[{"a":' * 300_000


@bomb("file.too_many_columns")
def json_of_ever_new_names() -> bytes:
    return b"\n".join(b'{"k%d": 1}' % n for n in range(100_000))


@bomb("file.too_many_rows")
def csv_of_rows_without_end() -> bytes:
    return b"a\n" + b"1\n" * 3_000_000


@bomb("file.cell_too_large")
def csv_of_one_cell() -> bytes:
    return b"a,b\n1," + b"x" * (30 * MEBIBYTE)


@bomb("file.cell_too_large")
def csv_of_a_quotation_without_end() -> bytes:
    return b'a,b\n1,"' + b"x,y\n" * (2 * MEBIBYTE)


@bomb("file.cell_too_large")
def csv_of_one_name() -> bytes:
    return b"a" * (5 * MEBIBYTE) + b"\n1\n"


@bomb("file.too_many_columns")
def csv_of_columns_without_end() -> bytes:
    return b",".join(b"c%d" % n for n in range(300_000)) + b"\n1\n"


@bomb("file.not_a_table")
def csv_of_nul_characters() -> bytes:
    return b"a,b\n" + b"\0" * (5 * MEBIBYTE)

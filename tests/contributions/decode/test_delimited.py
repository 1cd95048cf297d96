from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contributions.decode import Decoded, Limits, Undecodable, decode, delimited
from contributions.decode.quoting import Quoting, regular


def read(data: bytes | str, filename: str = "data.csv", limits: Limits | None = None) -> Decoded:
    raw = data.encode() if isinstance(data, str) else data
    return decode(io.BytesIO(raw), filename=filename, content_type="", limits=limits or Limits())


def refusal(data: bytes | str, filename: str = "data.csv", limits: Limits | None = None) -> str:
    with pytest.raises(Undecodable) as caught:
        read(data, filename, limits)
    return caught.value.rule


CELL = st.text(st.sampled_from("abc 01.5가나|;'-_%"), max_size=6).map(str.strip)


@given(st.lists(st.tuples(CELL, CELL, CELL), min_size=1, max_size=20))
def test_both_parsers_read_text_without_quotation_marks_alike(
    rows: list[tuple[str, str, str]],
) -> None:
    plain = "a,b,c\n" + "".join(",".join(row) + "\r\n" for row in rows)
    quoted = '"a",b,c\n' + "".join(",".join(row) + "\r\n" for row in rows)
    expected = [[cell or None for cell in row] for row in csv.reader(io.StringIO(plain))][1:]
    for text in (plain, quoted):
        decoded = read(text)
        assert [list(row.values()) for row in decoded.table.to_pylist()] == expected
        assert decoded.null_cells == sum(cell is None for row in expected for cell in row)


def told(text: str, *, as_standard: bool) -> object:
    """Rows, rows set aside and notices of one parser, or its refusal."""
    raw = text.encode()
    try:
        if as_standard:
            made = delimited._read_regular(raw, ",", Limits())
        else:
            made = delimited._read_either_quoting(raw, ",", Quoting(), Limits(), None)
    except Undecodable as refusal:
        return refusal.rule
    return None if made is None else (made[0].to_pylist(), *made[1:])


@given(st.lists(st.sampled_from(["a", "b", "7", "가", ",", ",", '"', '"', "\n", "\r\n", " "])))
def test_where_every_mark_stands_as_the_standard_has_it_parsers_agree(pieces: list[str]) -> None:
    text = "k,v\nx,1\n" + "".join(pieces)
    quick = told(text, as_standard=True)
    if quick is not None:
        assert quick == told(text, as_standard=False)


ANY_CELL = st.text(st.sampled_from('ab가7,"\n\r '), max_size=6)


@given(
    st.lists(st.tuples(ANY_CELL, ANY_CELL), min_size=1, max_size=12),
    st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
)
def test_what_programs_quote_is_read_the_quick_way(rows: list[tuple[str, str]], how: int) -> None:
    target = io.StringIO(newline="")
    writer = csv.writer(target, quoting=how)  # type: ignore[arg-type]  # one of its constants
    writer.writerows([("k", "v"), ("x", "1"), *rows])
    text = target.getvalue()
    assert regular(text.encode(), ",") is not None
    assert told(text, as_standard=True) == told(text, as_standard=False)


@pytest.mark.parametrize("text", ['a,b\n1,x"y\n', 'a,b\n1,"x"y\n', 'a,b\n1,"x\n', '"a"b,c\n1,2\n'])
def test_a_mark_out_of_place_is_left_to_the_strict_parser(text: str) -> None:
    assert regular(text.encode(), ",") is None


def test_a_cell_of_many_lines_costs_no_more_than_its_reading() -> None:
    """Marks, line ends and nothing else: what is looked for line by line must not be all of it."""
    text = 'a,b\n"' + '""\n' * 200_000 + '",1\n'
    assert regular(text.encode(), ",") is not None
    assert told(text, as_standard=True) is None
    (row,) = read(text).table.to_pylist()
    assert row == {"a": '"\n' * 200_000, "b": "1"}
    assert refusal(text.replace('""', '""' * 5)) == "file.cell_too_large"


@given(st.lists(st.lists(st.sampled_from(["x", "", "가"]), min_size=1, max_size=4), max_size=30))
def test_every_row_is_either_read_or_set_aside_under_its_own_number(rows: list[list[str]]) -> None:
    rows = [["k", "v"], *[row for row in rows if row != [""]]]
    for header in ("a,b", '"a",b'):
        decoded = read("\n".join([header, *(",".join(row) for row in rows)]))
        wrong = [place for place, row in enumerate(rows, start=1) if len(row) != 2]
        assert [problem.row for problem in decoded.ragged] == wrong
        assert decoded.rows == len(rows) == decoded.table.num_rows + len(decoded.ragged)
        kept = [place for place, row in enumerate(rows, start=1) if len(row) == 2]
        assert decoded.row_numbers().tolist() == kept


def test_codes_and_long_numbers_stay_the_text_they_were() -> None:
    decoded = read("code,n\n00123,99999999999999999999\n1.50,1e3\n")
    assert decoded.table.to_pylist() == [
        {"code": "00123", "n": "99999999999999999999"},
        {"code": "1.50", "n": "1e3"},
    ]


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_the_separator_is_found_in_the_header(mark: str) -> None:
    decoded = read(f"날짜{mark}값\n2024{mark}1.5\n")
    assert decoded.table.column_names == ["날짜", "값"]
    assert decoded.format == ("tsv" if mark == "\t" else "csv")


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end_is_one(newline: str) -> None:
    assert read(newline.join(["a,b", "1,2", "", "3,4", ""])).rows == 2


def test_a_quoted_cell_may_hold_separators_and_line_ends() -> None:
    decoded = read('a,b\n"1,2","x\ny ""z"""\n')
    assert decoded.table.to_pylist() == [{"a": "1,2", "b": 'x\ny "z"'}]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("'a','b'\n'x,y',1\n'don''t',2\n", [["x,y", "1"], ["don't", "2"]]),
        ('a, b\n"x", "y, z"\n1, 2\n', [["x", "y, z"], ["1", "2"]]),
        ('a,b\n"5\\" 관, 새것",1\n"\\"",2\n', [['5" 관, 새것', "1"], ['"', "2"]]),
        ("a,b\n'x,1\nit's,2\n", [["'x", "1"], ["it's", "2"]]),
        ('a,b\n1, "넓은" 길\n2,x\n', [["1", ' "넓은" 길'], ["2", "x"]]),
        ('a,b\n"C:\\","\\x"\n', [["C:\\", "\\x"]]),
    ],
    ids=[
        "single",
        "blank ahead",
        "backslash",
        "apostrophes",
        "a word in marks",
        "a real backslash",
    ],
)
def test_ways_of_quoting_are_told_apart(text: str, rows: list[list[str]]) -> None:
    table = read(text).table
    assert table.column_names == ["a", "b"]
    assert [list(row.values()) for row in table.to_pylist()] == rows


def test_a_backslash_rescues_no_file_whose_quotation_stays_open() -> None:
    assert refusal('a,b\n"x\\",1\n"2,3\n') == "file.quote_unclosed"


def test_marks_without_width_around_a_name_are_no_part_of_it() -> None:
    assert read("\u200b측정소\u2060, 값\u00a0\n종로,1\n").table.column_names == ["측정소", "값"]


def test_names_are_cleaned_and_an_empty_trailing_column_goes() -> None:
    decoded = read("  측정소 ,b,\n1,2,\n3,4,\n")
    assert decoded.table.column_names == ["측정소", "b"]
    assert decoded.null_cells == 0


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b"", "file.empty"),
        (b"\xef\xbb\xbf \r\n", "file.empty"),
        ("a,b\n", "file.no_rows"),
        ('"a",b\n', "file.no_rows"),
        ("a,b\n\n\n", "file.no_rows"),
        ("a, a\n1,2\n", "file.header_duplicate"),
        ("a,\n1,2\n", "file.header_empty"),
        ('a,b\n1,"2\n3,4\n', "file.quote_unclosed"),
        ('a,b\n1,"2"3\n', "file.quoting"),
        ("a,b\n1,\x002\n" + "1,2\n" * 100, "file.nul"),
        ("2024년 대기질 현황\n1,2\n3,4\n5,6\n", "file.title_line"),
        ("a\n" + "x" * 2_000_000, "file.cell_too_large"),
        ('a\n"' + "x" * 2_000_000 + '"', "file.cell_too_large"),
    ],
)
def test_files_that_cannot_be_a_table_are_refused_by_name(data: bytes | str, rule: str) -> None:
    assert refusal(data) == rule


def test_limits_hold_at_their_edge() -> None:
    limits = Limits(bytes_max=1000, rows_max=3, columns_max=2)
    for header in ("a,b\n", '"a",b\n'):
        assert read(header + "1,2\n" * 3, limits=limits).rows == 3
        assert refusal(header + "1,2\n" * 5, limits=limits) == "file.too_many_rows"
    assert refusal("a,b,c\n1,2,3\n", limits=limits) == "file.too_many_columns"
    assert refusal("a\n" + "1\n" * 500, limits=limits) == "file.too_large"


def test_no_refusal_of_a_doubled_header_repeats_it() -> None:
    with pytest.raises(Undecodable) as caught:
        read("900101-1234567,900101-1234567\n1,2\n")
    assert "900101" not in str(caught.value.params)

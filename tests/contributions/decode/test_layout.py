from __future__ import annotations

import pytest

from tests.contributions.decode.test_delimited import read, refusal

TABLE = "날짜,구,값\n20240101,강남구,1.5\n20240102,종로구,2\n20240103,중구,3\n20240104,중구,4\n"


@pytest.mark.parametrize(
    ("above", "lines"),
    [
        ("2024년 대기질 현황\n", 1),
        ("2024년 대기질 현황\n\n단위: ppm\n", 2),
        ("서울시 자료,,\n출처: 시청,,\n", 2),
        ("서울시 자료, 2024\n", 1),
    ],
)
@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_lines_above_the_header_are_left_out_and_reported(
    above: str, lines: int, mark: str
) -> None:
    for table in (TABLE, TABLE.replace("강남구", '"강남구"')):
        decoded = read(
            (above if mark == "," else above.replace(",,", mark * 2)) + table.replace(",", mark)
        )
        assert decoded.table.column_names == ["날짜", "구", "값"]
        assert decoded.rows == 4
        assert [(n.row, n.rule, n.params["lines"]) for n in decoded.notices] == [
            (0, "file.preamble", lines)
        ]


def test_a_table_of_one_column_and_a_plain_table_have_no_preamble() -> None:
    for text in (TABLE, "a\n1\n2\n3\n", "a\nx, y\n2\n3\n", "a,b\n1,2\n"):
        decoded = read(text)
        assert decoded.notices == ()
        assert decoded.table.column_names == text.split("\n")[0].split(",")


def test_names_in_two_rows_are_refused_with_that_reason() -> None:
    text = "구,인구,,주택\n,남,여,동\n강남구,1,2,3\n종로구,4,5,6\n"
    assert refusal(text) == "file.two_header_rows"
    assert refusal("구,인구,인구\n,남,여\n강남구,1,2\n종로구,4,5\n") == "file.two_header_rows"


def test_a_second_line_of_names_below_the_header_is_set_aside_alone() -> None:
    rows = "강남구,1,2\n종로구,4,5\n중구,5,6\n"
    for text in (
        "구,남자,여자\ngu,male,female\n" + rows,
        '구,"남자",여자\ngu,male,female\n' + rows,
    ):
        decoded = read(text)
        assert [(each.row, each.rule) for each in decoded.ragged] == [(1, "row.second_header")]
        assert decoded.row_numbers().tolist() == [2, 3, 4]


def test_words_in_the_first_row_are_no_second_header_by_themselves() -> None:
    for first in ("강남구,점검,점검", "강남구,1,휴무", "강남구,-,-"):
        assert read(f"구,a,b\n{first}\n종로구,4,5\n중구,5,6\n중구,7,8\n").ragged == ()


def test_a_separator_behind_every_row_makes_no_column() -> None:
    for header in ("a,b", '"a",b'):
        decoded = read(header + "\n1,2,\n3,4,\n")
        assert decoded.table.to_pylist() == [{"a": "1", "b": "2"}, {"a": "3", "b": "4"}]
        assert decoded.ragged == ()


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_control_characters_set_their_row_aside_alone(newline: str) -> None:
    text = newline.join(["a,b", "1,2", "3,\x1b[31mred", "5,6", "7", "8,\x07", ""])
    decoded = read(text + "9,9" + newline * 60)
    assert [(each.row, each.rule, each.column) for each in decoded.ragged] == [
        (2, "row.control", "b"),
        (4, "row.too_short", ""),
        (5, "row.control", "b"),
    ]
    assert decoded.row_numbers().tolist() == [1, 3, 6]
    assert refusal("a,b\x07\n1,2\n" + "3,4\n" * 30) == "file.header_control"

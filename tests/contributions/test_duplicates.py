from __future__ import annotations

import unicodedata
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contributions.duplicates import (
    canonical_number,
    canonical_text,
    fingerprints,
    first_occurrences,
)

KEY = b"secret"
CELLS = st.one_of(st.none(), st.text(st.sampled_from("01.5- 가각\u1100\u1161ab"), max_size=4))
ROWS = st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=25)


def prints(table: pa.Table, **options: object) -> list[bytes]:
    return fingerprints(table, key=None, digest_key=KEY, **options)  # type: ignore[arg-type]


def meaning(cell: str | None) -> object:
    """What a cell says, worked out another way: as a number where it is written as one."""
    text = unicodedata.normalize("NFC", cell or "").strip()
    digits = text.removeprefix("-")
    whole, point, fraction = digits.partition(".")
    plain = whole.isdigit() and (not point or fraction.isdigit())
    if plain and (whole == "0" or not whole.startswith("0")):
        return Decimal(text)
    return text or None


@given(ROWS)
def test_two_rows_share_a_fingerprint_exactly_when_they_say_the_same(
    rows: list[tuple[str | None, ...]],
) -> None:
    columns = [pa.array([row[place] for row in rows], pa.string()) for place in range(3)]
    found = prints(pa.table(columns, names=["a", "b", "c"]))
    said = [tuple(meaning(cell) for cell in row) for row in rows]
    for one in range(len(rows)):
        for other in range(one):
            assert (found[one] == found[other]) == (said[one] == said[other])
    shuffled = pa.table(columns[::-1], names=["c", "b", "a"])
    assert prints(shuffled) == found
    assert all(len(each) == 16 for each in found)


@given(ROWS)
def test_the_first_of_each_kind_is_marked_and_only_it(rows: list[tuple[str | None, ...]]) -> None:
    keys = [repr(row).encode() for row in rows]
    expected = [key not in keys[:place] for place, key in enumerate(keys)]
    assert first_occurrences(keys).tolist() == expected


def test_cells_cannot_be_shifted_across_their_border() -> None:
    one = pa.table({"a": ["ab"], "b": ["c"]})
    other = pa.table({"a": ["a"], "b": ["bc"]})
    assert prints(one) != prints(other)
    assert prints(pa.table({"a": ["x"]})) != prints(pa.table({"b": ["x"]}))


def test_key_columns_decide_alone_and_the_secret_matters() -> None:
    table = pa.table({"k": ["1", "1.0"], "v": ["x", "y"]})
    by_key = fingerprints(table, key=["k"], digest_key=KEY)
    assert by_key[0] == by_key[1]
    assert fingerprints(table, key=["k"], digest_key=b"other")[0] != by_key[0]
    with pytest.raises(KeyError):
        fingerprints(table, key=["nowhere"], digest_key=KEY)
    with pytest.raises(ValueError, match="empty"):
        fingerprints(table, key=None, digest_key=b"")


@pytest.mark.parametrize(
    ("text", "same"),
    [("1.50", "1.5"), ("2.0", "2"), ("-0.0", "0"), ("00123", "00123"), ("1e3", "1e3")],
)
def test_ordinary_numbers_have_one_spelling_and_codes_keep_theirs(text: str, same: str) -> None:
    assert canonical_text(text) == same


@given(st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-1e9, max_value=1e9))
def test_a_column_of_numbers_cannot_hide_a_repetition_in_its_spelling(number: Decimal) -> None:
    plain = canonical_number(str(number))
    spellings = [f"{number:e}", f"+{number}" if number >= 0 else str(number), f"{number}000"]
    assert {canonical_number(each) for each in spellings} == {plain}
    assert Decimal(plain) == number

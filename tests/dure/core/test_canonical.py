"""One value, one sequence of bytes."""

from __future__ import annotations

import unicodedata
from enum import StrEnum

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from dure.core.canonical import INTEGER_MAX, Json, NotCanonical, canonical_bytes, canonical_hash


def test_the_order_of_keys_does_not_matter() -> None:
    assert canonical_hash({"b": 1, "a": [True, None]}) == canonical_hash(
        {"a": [True, None], "b": 1}
    )


def test_keys_are_sorted_by_utf_16_as_rfc_8785_shows() -> None:
    # As the example of RFC 8785, section 3.2.3, with a last key that is in Unicode form NFC.
    value = {"\u20ac": "e", "\r": "c", "\uffe6": "h", "1": "o", "\U0001f600": "s", "\u0080": "k",
             "\u00f6": "l"}  # fmt: skip
    assert canonical_bytes(value).decode() == (
        '{"\\r":"c","1":"o","\u0080":"k","\u00f6":"l","\u20ac":"e","\U0001f600":"s","\uffe6":"h"}'
    )


@pytest.mark.parametrize("value", [0.5, {"a": 1.0}, 2**53, [-(2**53)]])
def test_numbers_that_other_machines_read_differently_are_refused(value: object) -> None:
    with pytest.raises(NotCanonical):
        canonical_bytes(value)  # type: ignore[arg-type]  # some are not canonical JSON on purpose


def test_unnormalised_text_is_refused_rather_than_changed() -> None:
    with pytest.raises(NotCanonical, match="NFC"):
        canonical_bytes({"이름": unicodedata.normalize("NFD", "두레")})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-INTEGER_MAX, INTEGER_MAX) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(JSON)
def test_the_quick_way_writes_what_the_library_writes(value: Json) -> None:
    try:
        written = canonical_bytes(value)
    except NotCanonical:
        return
    assert written == rfc8785.dumps(value)


class Word(StrEnum):
    ONE = "one"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ('\x00\x1f\x7f"\\/\b\f\n\r\t', rb'"\u0000\u001f' + b"\x7f" + rb'\"\\/\b\f\n\r\t"'),
        ({"b": (1, True), "a": Word.ONE}, b'{"a":"one","b":[1,true]}'),
        ({"\U0001f600": 1, "\uffe6": 2}, '{"\U0001f600":1,"\uffe6":2}'.encode()),
    ],
)
def test_what_is_not_plain_is_written_alike(value: Json, written: bytes) -> None:
    assert canonical_bytes(value) == rfc8785.dumps(value) == written


@pytest.mark.parametrize("value", ["\ud800", {1: "one"}, {"a": {2: 3}}, {"a": {"b"}}])
def test_what_is_no_json_is_refused_either_way(value: object) -> None:
    with pytest.raises((NotCanonical, rfc8785.CanonicalizationError)):
        canonical_bytes(value)  # type: ignore[arg-type]  # on purpose

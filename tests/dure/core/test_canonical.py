"""One value, one sequence of bytes."""

from __future__ import annotations

import unicodedata

import pytest

from dure.core.canonical import NotCanonical, canonical_bytes, canonical_hash


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

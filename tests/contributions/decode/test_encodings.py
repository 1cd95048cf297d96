from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contributions.decode import Undecodable
from tests.contributions.decode.test_delimited import read, refusal

TABLE = "측정소,값\n" + "강남구,뷁 1\n종로구,2\n" * 50


@pytest.mark.parametrize(
    ("codec", "named"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("cp949", "cp949"),
        ("utf-16", "utf-16"),
    ],
)
def test_the_same_table_is_read_in_every_encoding(codec: str, named: str) -> None:
    decoded = read(TABLE.encode(codec))
    assert decoded.encoding == named
    assert decoded.rows == 100
    assert decoded.table.column("측정소")[1].as_py() == "종로구"


def test_one_bad_byte_in_utf_8_is_an_error_and_never_another_language() -> None:
    data = bytearray(TABLE.encode())
    place = data.index("종로구".encode()) + 1
    data[place] = 0xFF
    with pytest.raises(Undecodable) as caught:
        read(bytes(data))
    assert caught.value.rule == "file.encoding"
    assert place - 1 <= int(caught.value.params["offset"]) <= place


def test_one_bad_byte_in_cp949_is_named_by_its_place() -> None:
    data = TABLE.encode("cp949")
    with pytest.raises(Undecodable) as caught:
        read(data + b"\xff\n")
    assert caught.value.rule == "file.encoding"
    assert caught.value.params["offset"] == len(data)


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig"])
def test_a_file_cut_inside_a_character_is_truncated(codec: str) -> None:
    assert refusal((TABLE + "가").encode(codec)[:-1]) == "file.truncated"


@given(st.integers(min_value=1, max_value=len(TABLE.encode()) - 1))
def test_a_cut_file_is_read_as_less_or_refused_but_never_garbled(cut: int) -> None:
    assert _reading(TABLE.encode()[:cut]) in ("whole words", "truncated", "no_rows")


def _reading(data: bytes) -> str:
    try:
        words = read(data).table.column(0).to_pylist()
    except Undecodable as refused:
        return refused.rule.removeprefix("file.")
    torn = [w for w in words if w and not any(w in full for full in ("강남구", "종로구"))]
    return "garbled" if torn else "whole words"


def test_noise_under_a_csv_name_is_no_table() -> None:
    noise = random.Random(7)
    for _ in range(50):
        assert refusal(noise.randbytes(5000)) == "file.not_a_table"


@pytest.mark.parametrize(
    "data",
    [
        b"%PDF-1.7\n1 0 obj",
        b"PK\x03\x04\x14\x00rest",
        b"\x89PNG\r\n\x1a\nrest",
        b"\x1f\x8b\x08\x00rest",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        b"  <!DOCTYPE html><html></html>",
        b"\xef\xbb\xbf<?xml version='1.0'?><a/>",
        b"<html>\n<table>",
        b"PAR1\x15\x04\x15\x10",
        b"PAR1" + b"\x00" * 50 + b"PAR1",
    ],
)
def test_other_formats_are_known_by_their_content(data: bytes) -> None:
    assert refusal(data) == "file.not_a_table"

from __future__ import annotations

import json

import pytest

from contributions.decode import Decoded, Undecodable, peek

ROWS = "".join(f"2024-01-{n % 28 + 1:02},강남구,{n}\n" for n in range(50_000))


def look(data: bytes, name: str = "x.csv") -> Decoded:
    return peek(data, filename=name, content_type="")


@pytest.mark.parametrize("codec", ["utf-8", "cp949", "utf-16", "utf-8-sig"])
def test_the_beginning_of_a_long_file_is_enough(codec: str) -> None:
    data = ("일자,구,값\n" + ROWS).encode(codec)
    for part in (data, data[:300_001], data[:262_145]):
        seen = look(part)
        assert seen.rows == 100
        assert seen.table.column("값")[99].as_py() == "99"


def test_records_are_previewed_too() -> None:
    records = [{"a": n, "b": "가" * 50} for n in range(5000)]
    lines = "\n".join(json.dumps(record) for record in records).encode()
    assert look(lines, "x.ndjson").rows == 100
    assert look(json.dumps(records).encode(), "x.json").rows == 100


def test_half_a_parquet_file_says_so() -> None:
    with pytest.raises(Undecodable) as caught:
        look(b"PAR1" + b"x" * 300_000, "x.parquet")
    assert caught.value.rule == "file.not_previewable"

"""Every hostile file is refused by name, in two seconds of processor time and bounded memory."""

from __future__ import annotations

import io
import sys
import tempfile
from pathlib import Path

import pytest

from contributions.decode import DEFAULT, Undecodable, decode, decode_apart, peek
from contributions.decode.apart import MEBIBYTE, Bounds, Reading, read_apart
from tests.contributions.decode.bombs import BOMBS
from tests.contributions.decode.workbooks import packed, rows, xlsx

TWO_SECONDS = Bounds(memory_bytes=512 * MEBIBYTE, cpu_seconds=2, wall_seconds=30.0)
PLAIN = b"a,b\n" + b'"1",2\n' * 400_000
#: A mark that needs the careful parser takes every row there.
CAREFUL = b'a,b\n"\\"",2\n' + b'"1",2\n' * 3_200_000


def apart_from_us(data: bytes, bounds: Bounds = TWO_SECONDS) -> Reading:
    with tempfile.TemporaryFile() as file:
        file.write(data)
        return read_apart(file, filename="a", content_type="", limits=DEFAULT, bounds=bounds)


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_by_name_within_its_bounds(name: str) -> None:
    make, rules = BOMBS[name]
    reading = apart_from_us(make())
    assert reading.refusal is not None
    assert reading.refusal.rule in rules
    assert reading.peak_bytes < 600 * MEBIBYTE
    # An early refusal says how much it took; only a process that was killed cannot.
    assert reading.peak_bytes or "file.limit" in rules


@pytest.mark.parametrize(
    "bounds",
    [
        Bounds(memory_bytes=4 * MEBIBYTE, cpu_seconds=30, wall_seconds=60.0),
        Bounds(memory_bytes=512 * MEBIBYTE, cpu_seconds=30, wall_seconds=0.05),
        Bounds(memory_bytes=512 * MEBIBYTE, cpu_seconds=1, wall_seconds=60.0),
    ],
    ids=["memory", "clock", "processor"],
)
def test_each_bound_ends_the_reading_and_not_the_reader(bounds: Bounds) -> None:
    data = CAREFUL if bounds.cpu_seconds == 1 else PLAIN
    reading = apart_from_us(data, bounds)
    assert reading.decoded is None
    assert reading.refusal is not None
    assert reading.refusal.rule == "file.limit"


def test_what_is_read_apart_is_what_is_read_here() -> None:
    table = b"a,b\n1,\x1b\n1,2\n1\n" * 3 + b"5,6\n" * 300_000
    decoded = decode_apart(io.BytesIO(table), filename="a.csv", content_type="text/csv")
    here = decode(io.BytesIO(table), filename="a.csv", content_type="text/csv")
    assert decoded.table.equals(here.table)
    assert decoded.ragged == here.ragged
    assert decoded.row_numbers().tolist() == here.row_numbers().tolist()


def _impostor(folder: Path, does: str) -> str:
    script = folder / "python"
    script.write_text(f"#!/bin/sh\n{does}\n")
    script.chmod(0o755)
    return str(script)


@pytest.mark.parametrize(("dies_of", "runs"), [("SEGV", 2), ("KILL", 2), ("ABRT", 1), ("XCPU", 1)])
def test_a_crash_is_tried_once_more_and_a_limit_is_not(
    dies_of: str, runs: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Parsers abort where they are refused memory, and would be refused it again."""
    seen = tmp_path / "seen"
    does = f"env >> {seen}; echo run >> {seen}; kill -{dies_of} $$"
    monkeypatch.setattr(sys, "executable", _impostor(tmp_path, does))
    monkeypatch.setenv("DURE_SECRET_KEY", "not for a child")
    reading = apart_from_us(PLAIN)
    assert reading.refusal is not None
    assert reading.refusal.rule == "file.limit"
    assert seen.read_text().splitlines().count("run") == runs
    assert "DURE_" not in seen.read_text()


@pytest.mark.parametrize(
    "answer", ["nonsense", '{"peak_bytes": 0}', '{"format": "csv", "peak_bytes": 1}', ""]
)
def test_an_answer_that_is_none_counts_as_a_crash(
    answer: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    impostor = _impostor(tmp_path, f"cat > /dev/null; echo '{answer}'")
    monkeypatch.setattr(sys, "executable", impostor)
    reading = apart_from_us(PLAIN)
    assert reading.decoded is None
    assert reading.refusal is not None
    assert reading.refusal.rule == "file.limit"


def test_nothing_of_a_file_stays_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    decode_apart(io.BytesIO(xlsx(rows([["a"], [1]]))), filename="a.xlsx", content_type="")
    assert not [*tmp_path.rglob("dure-*")]


def test_a_whole_workbook_can_be_looked_at_and_a_part_of_one_cannot() -> None:
    table: list[list[str | float]] = [["a", "b"]]
    table += [[float(n), "x"] for n in range(500)]
    data = xlsx(rows(table))
    seen = peek(data, filename="a.xlsx", content_type="")
    assert (seen.format, seen.rows) == ("xlsx", 100)
    assert peek(packed({"a.csv": "a\n1\n"}), filename="a.zip", content_type="").rows == 1
    for part in (data[:-1000], data[:400]):
        with pytest.raises(Undecodable) as caught:
            peek(part, filename="a.xlsx", content_type="")
        assert caught.value.rule == "file.not_previewable"


def test_a_bomb_cannot_be_looked_at_either() -> None:
    make, _rules = BOMBS["parquet_pages_that_unfold_a_thousandfold"]
    with pytest.raises(Undecodable) as caught:
        peek(make(), filename="a.parquet", content_type="")
    assert caught.value.rule in ("file.not_previewable", "file.too_large")


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("parquet_of_rows_without_end", "file.too_many_rows"),
        ("parquet_dictionary_of_one_long_text", "file.not_previewable"),
    ],
)
def test_a_look_at_a_table_that_unfolds_ends_before_it_unfolds(name: str, rule: str) -> None:
    """Without this the door read on until its processor time was over."""
    make, _rules = BOMBS[name]
    bounds = Bounds(memory_bytes=384 * MEBIBYTE, cpu_seconds=2, wall_seconds=30.0)
    with tempfile.TemporaryFile() as file:
        file.write(make())
        reading = read_apart(
            file, filename="a", content_type="", limits=DEFAULT, bounds=bounds, rows=100, attempts=1
        )
    assert reading.refusal is not None
    assert reading.refusal.rule == rule

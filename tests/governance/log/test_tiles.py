"""Tiles: their paths as C2SP writes them, and a tree grown and read through them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.log import merkle, tiles


def hashes(start: int, end: int) -> list[bytes]:
    return [merkle.leaf_hash(str(number).encode()) for number in range(start, end)]


def grow(steps: list[int]) -> dict[tiles.TileKey, bytes]:
    stored: dict[tiles.TileKey, bytes] = {}
    size = 0
    for step in steps:
        tails = {key: stored[key] for key in tiles.tails(size)}
        stored.update(tiles.extend(size, tails, hashes(size, size + step)))
        size += step
    return stored


@pytest.mark.parametrize(
    ("level", "index", "width", "path"),
    [
        (0, 0, 256, "tile/0/000"),
        (0, 1234067, 256, "tile/0/x001/x234/067"),
        (3, 5, 17, "tile/3/005.p/17"),
        (None, 1000, 256, "tile/entries/x001/000"),
        (None, 0, 1, "tile/entries/000.p/1"),
    ],
)
def test_paths_are_written_and_read_as_the_specification_has_them(
    level: int | None, index: int, width: int, path: str
) -> None:
    assert tiles.format_tile_path(level, index, width) == path
    assert tiles.parse_tile_path(path.removeprefix("tile/")) == tiles.TilePath(level, index, width)


@pytest.mark.parametrize(
    "path",
    [
        "0/0",
        "0/0000",
        "00/000",
        "64/000",
        "0/x000/001",
        "0/001/067",
        "0/000.p/0",
        "0/000.p/256",
        "0/000.p/08",
        "0/000.p",
        "data/000",
        "-1/000",
        "0/٠٠٠",
        "0/000/",
        "",
    ],
)
def test_other_spellings_are_refused(path: str) -> None:
    with pytest.raises(ValueError, match="tile path"):
        tiles.parse_tile_path(path)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(1, 700), min_size=1, max_size=5))
def test_a_tree_grown_in_steps_answers_every_earlier_head(steps: list[int]) -> None:
    stored = grow(steps)
    total = sum(steps)
    leaves = hashes(0, total)
    node = tiles.nodes_from(stored.__getitem__)
    size = 0
    for step in steps:
        size += step
        assert merkle.root_of(size, node) == merkle.root(leaves[:size])
        assert merkle.consistency_path_of(size, total, node) == merkle.consistency_path(
            leaves, size
        )
        assert merkle.inclusion_path_of(size - 1, total, node) == merkle.inclusion_path(
            leaves, size - 1
        )


def test_a_higher_tile_holds_the_roots_of_the_tiles_below() -> None:
    stored = grow([255, 2, 300])
    leaves = hashes(0, 557)
    assert stored[tiles.TileKey(1, 0)] == merkle.root(leaves[:256]) + merkle.root(leaves[256:512])
    assert set(stored) == {(0, 0), (0, 1), (0, 2), (1, 0)}
    assert len(stored[tiles.TileKey(0, 2)]) == 45 * 32


def test_the_levels_carry_over_at_65536_leaves() -> None:
    stored = grow([65_535, 2])
    assert len(stored[tiles.TileKey(2, 0)]) == 32
    node = tiles.nodes_from(stored.__getitem__)
    assert merkle.root_of(65_537, node) == merkle.root(hashes(0, 65_537))


@pytest.mark.parametrize(
    ("size", "level", "index", "width"),
    [
        (0, 0, 0, 0),
        (1, 0, 0, 1),
        (256, 0, 0, 256),
        (256, 0, 1, 0),
        (257, 1, 0, 1),
        (70_000, 1, 1, 17),
    ],
)
def test_the_width_of_a_tile_follows_from_the_size(
    size: int, level: int, index: int, width: int
) -> None:
    assert tiles.tile_width(size, level, index) == width


def test_a_tail_of_the_wrong_width_is_refused() -> None:
    with pytest.raises(ValueError, match="does not have the width"):
        tiles.extend(3, {tiles.TileKey(0, 0): b"\0" * 64}, hashes(3, 4))


def test_a_tile_that_is_too_narrow_is_noticed() -> None:
    node = tiles.nodes_from(lambda key: b"\0" * 32)
    with pytest.raises(IndexError):
        merkle.root_of(2, node)


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_bundles_of_entries_come_apart_as_they_were_joined(bodies: list[bytes]) -> None:
    assert tiles.split_entries(tiles.join_entries(bodies)) == bodies


def test_an_entry_has_a_big_endian_length_of_two_bytes() -> None:
    assert tiles.join_entries([b"ab", b""]) == b"\x00\x02ab\x00\x00"
    with pytest.raises(ValueError, match="longer than 65535"):
        tiles.join_entries([b"\0" * 65_536])
    for cut in (b"\x00", b"\x00\x02a"):
        with pytest.raises(ValueError, match="cut off"):
            tiles.split_entries(cut)

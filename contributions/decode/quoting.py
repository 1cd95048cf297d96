"""How a delimited text quotes its cells: RFC 4180 unless the text itself plainly says otherwise."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

SAMPLE_CHARACTERS = 65_536
#: Bytes looked at in one piece; bounds the memory of a text that is nothing but marks.
PIECE_BYTES = 4 * 1024 * 1024
#: A record with more lines than this is left to the parser that reads any.
LINES_OF_RECORD = 1_000
MARK, LINE_ENDS = ord('"'), (ord("\n"), ord("\r"))


@dataclass(frozen=True, slots=True)
class Quoting:
    """`mark` opens and closes a quoted cell; `blank_ahead`: blanks may stand before it;
    `backslash`: a mark inside a cell is written \\" instead of twice, as databases export it.
    """

    mark: str = '"'
    blank_ahead: bool = False
    backslash: bool = False


def quoting_of(head: str, delimiter: str) -> Quoting:
    """Judged from `head`, the first lines of the text. A doubt is settled for RFC 4180.

    Single quotation marks count only when they stand around every name of the header, and blanks
    before a mark only when each such mark is closed again in front of a separator or line end.
    """
    sample = head[:SAMPLE_CHARACTERS]
    header = next((line for line in sample.splitlines() if line.strip()), "")
    names = header.split(delimiter)
    if all(len(name) > 2 and name[0] == name[-1] == "'" for name in map(str.strip, names)):
        mark = "'"
    else:
        mark = '"'
    if mark not in sample:
        return Quoting()
    separator = re.escape(delimiter)
    opened = re.compile(f"{separator} +{mark}")
    closed = re.compile(
        f"{separator} +{mark}(?:[^{mark}]|{mark}{mark})*{mark} *(?={separator}|$)", re.M
    )
    openings = len(opened.findall(sample))
    blank_ahead = bool(openings) and len(closed.findall(sample)) == openings
    return Quoting(mark=mark, blank_ahead=blank_ahead)


@dataclass(frozen=True, slots=True)
class Regular:
    """A text in which every mark stands where RFC 4180 has it. `quoted`: it has marks at all;
    `lines_inside`: a quoted cell holds a line end; `line_feeds`, `carriages`: ends of lines.
    """

    quoted: bool
    lines_inside: bool
    line_feeds: int
    carriages: int


def regular(text: bytes, delimiter: str) -> Regular | None:
    """What parsers cannot disagree about; None where a mark stands anywhere else.

    Marks are taken two by two. The first of a pair opens a cell or follows the pair before, the
    second closes one or is followed by the next pair: then a mark inside a cell is written twice.
    """
    data = np.frombuffer(text, np.uint8)
    neighbour = np.zeros(256, np.bool_)
    neighbour[[MARK, ord(delimiter), *LINE_ENDS]] = True
    before = 0
    inside = False
    outside = [0, 0]
    for start in range(0, len(data), PIECE_BYTES):
        piece = data[start : start + PIECE_BYTES]
        marks = np.flatnonzero(piece == MARK) + start
        opening, closing = marks[before % 2 :: 2], marks[1 - before % 2 :: 2]
        left = neighbour[data[opening[opening > 0] - 1]]
        right = neighbour[data[closing[closing + 1 < len(data)] + 1]]
        if not (left.all() and right.all()):
            return None
        for place, end in enumerate(LINE_ENDS):
            ends = np.flatnonzero(piece == end) + start
            within = _odd(marks, ends, before)
            inside = inside or bool(within.any())
            outside[place] += len(ends) - int(within.sum())
        before += len(marks)
    return None if before % 2 else Regular(before > 0, inside, *outside)


def _odd(
    marks: npt.NDArray[np.int64], places: npt.NDArray[np.int64], before: int
) -> npt.NDArray[np.bool_]:
    """Which places have an odd number of marks ahead of them: they are inside a quoted cell."""
    return np.asarray((np.searchsorted(marks, places) + before) % 2 == 1, np.bool_)


class Sprawling(Exception):
    """A record has more lines, or more bytes, than the quick way reads."""


def records_of(text: bytes) -> Iterator[tuple[int, int]]:
    """Start and end (before its line end) of every record of a regular text that is not blank."""
    start = 0
    while start < len(text):
        if text[start] in LINE_ENDS:
            start += 1
            continue
        end = _line_end(text, start)
        marks, lines = text.count(b'"', start, end), 1
        while marks % 2:
            begin, end = end, _line_end(text, end + 1)
            marks, lines = marks + text.count(b'"', begin, end), lines + 1
            if lines > LINES_OF_RECORD:
                raise Sprawling
        yield start, end
        start = end


def _line_end(text: bytes, start: int) -> int:
    line_feed = text.find(b"\n", start)
    line_feed = len(text) if line_feed < 0 else line_feed
    carriage = text.find(b"\r", start, line_feed)
    return line_feed if carriage < 0 else carriage

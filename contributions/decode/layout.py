"""Where does the table begin? Korean reports put titles above the header and units below it.

Judged from the first records alone, and cautiously: a line is passed over only when what follows is
plainly a table of another shape, and every line passed over is reported.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from contributions.decode.result import Undecodable

SAMPLE_RECORDS = 100
PREAMBLE_MAX = 10
#: So many rows must agree before the row below the header may be called a second header.
WITNESSES = 3


@dataclass(frozen=True, slots=True)
class Layout:
    """`skipped` records stand above `header`; with `second_header` the first row is none."""

    skipped: int
    header: list[str]
    second_header: bool


def find_layout(sample: Sequence[Sequence[str]]) -> Layout:
    """The layout of a table whose first records are `sample` (at least one).

    Raises `file.title_line` where a title is not followed by a header, and `file.two_header_rows`
    where the names stand in two lines, the upper one with gaps.
    """
    skipped = _preamble(sample)
    header = list(sample[skipped])
    below = list(sample[skipped + 1 :])
    # Each row ends with a separator, the header does not: the column behind it is empty.
    if below and all(len(row) == len(header) + 1 and not row[-1] for row in below):
        header.append("")
    rows = [row for row in below if len(row) == len(header)]
    second = bool(rows) and len(below[0]) == len(header) and _is_second_header(header, rows)
    return Layout(skipped, header, second)


def _preamble(sample: Sequence[Sequence[str]]) -> int:
    """How many records stand above the header."""
    if _filled(sample[0]) <= 1:
        wide = [len(row) for row in sample if _filled(row) >= 2]
        if 2 * len(wide) <= len(sample):
            return 0
        width = Counter(wide).most_common(1)[0][0]
        for place, row in enumerate(sample[: PREAMBLE_MAX + 1]):
            if len(row) >= width and _filled(row) >= 2:
                if _names(row):
                    return place
                break
        raise Undecodable("file.title_line")
    return _short_preamble(sample)


def _short_preamble(sample: Sequence[Sequence[str]]) -> int:
    """A title with a separator in it ("Seoul, 2024"): shorter than every record of the table."""
    head = sample[: PREAMBLE_MAX + 1]
    place = next((at for at, row in enumerate(head) if len(row) > len(head[0])), 0)
    if not place:
        return 0
    table = sample[place:]
    if len(table) <= WITNESSES or any(len(row) != len(table[0]) for row in table):
        return 0
    return place if all(table[0]) and _names(table[0]) and _below(table[0], table[1:]) else 0


def _is_second_header(header: list[str], rows: Sequence[Sequence[str]]) -> bool:
    first, rest = rows[0], rows[1:]
    if not rest or any(_is_datum(cell) for cell in first):
        return False
    below = _below(first, rest)
    names = Counter(header)
    unclear = [at for at, name in enumerate(header) if not name or names[name] > 1]
    if below and any(first[at] for at in unclear):
        raise Undecodable("file.two_header_rows")
    worded = all(any(letter.isalpha() for letter in cell) for cell in first)
    distinct = len(set(first)) == len(first)
    return len(rest) >= WITNESSES and worded and distinct and below >= 2


def _below(words: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
    """How many columns hold a word in `words` and nothing but figures in `rows`."""
    count = 0
    for at, word in enumerate(words):
        cells = [row[at] for row in rows if row[at].strip()]
        if word.strip() and not _is_datum(word) and cells and all(map(_is_datum, cells)):
            count += 1
    return count


def _names(row: Sequence[str]) -> bool:
    """Could these be column names? They differ, and the first is no figure."""
    cells = [cell.strip() for cell in row if cell.strip()]
    return len(set(cells)) == len(cells) and not _is_datum(cells[0])


def _filled(row: Sequence[str]) -> int:
    return sum(1 for cell in row if cell.strip())


def _is_datum(cell: str) -> bool:
    """A figure, a date or a time: digits, and no letter."""
    return any(c.isdigit() for c in cell) and not any(c.isalpha() for c in cell)

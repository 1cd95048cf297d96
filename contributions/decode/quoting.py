"""How a delimited text quotes its cells: RFC 4180 unless the text itself plainly says otherwise."""

from __future__ import annotations

import re
from dataclasses import dataclass

SAMPLE_CHARACTERS = 65_536


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

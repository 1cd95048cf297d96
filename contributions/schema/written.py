"""How the form of a date is told to people: ``%Y%m%d`` as YYYYMMDD (20261129)."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

#: A day and an hour whose parts cannot be mistaken for one another.
EXAMPLE: Final = datetime(2026, 11, 29, 14, 30, 15, tzinfo=UTC)
_MARKS: Final = {
    "%Y": "YYYY", "%y": "YY", "%m": "MM", "%d": "DD", "%H": "hh", "%M": "mm", "%S": "ss",
}  # fmt: skip


def written_form(form: str) -> str:
    """A strptime pattern as marks with an example; any other text as it stands.

    Where a part has no mark that people know (a day of the year, an offset), the example alone.
    """
    parts = re.findall(r"%.", form)
    if not parts:
        return form
    example = EXAMPLE.strftime(form)
    if not set(parts) <= set(_MARKS):
        return example
    marks = re.sub(r"%.", lambda part: _MARKS[part[0]], form)
    return f"{marks} ({example})"

"""The week of a call as a heat map, and as the table of the same figures below it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from portal.formatting import number_text, share_text

Document = Mapping[str, Any]  # Any: JSON
_SIDE, _WIDE, _LEFT, _TOP = 30, 720, 56, 26
#: Seven bars alone are drawn on a narrow sheet, so that a phone need not make their names small.
_NARROW = 300


@dataclass(frozen=True)
class Square:
    """One cell of the drawing; `text` is its figure in the table."""

    x: int
    y: int
    width: int
    shade: str
    text: str


@dataclass(frozen=True)
class Week:
    """`rows`: (day, its squares); `heads`: the hours (or nothing) with where they stand."""

    width: int
    height: int
    label: str
    rows: tuple[tuple[str, int, tuple[Square, ...]], ...]
    heads: tuple[tuple[str, int], ...]
    columns: tuple[str, ...]
    legend: tuple[tuple[str, str], ...]


def day_names() -> tuple[str, ...]:
    """Monday to Sunday, short."""
    return (_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun"))


def week_of(found: Document | None) -> Week | None:
    """The drawing of a representativeness document's `time`; None where it has none."""
    if found is None:
        return None
    hourly, even = found["hourly"], Decimal(found["mass"]) / found["cells"]
    width, top = (_SIDE, _TOP) if hourly else (_NARROW, 0)
    by_day: dict[int, list[Square]] = {}
    for cell in found["week"]:
        day, hour = cell["weekday"], cell["hour"] or 0
        by_day.setdefault(day, []).append(
            Square(
                _LEFT + hour * _SIDE,
                top + day * _SIDE,
                width,
                _shade(cell["mass"], even),
                _text(cell["mass"]),
            )
        )
    names = day_names()
    rows = tuple(
        (names[day], top + day * _SIDE + _SIDE // 2, tuple(squares))
        for day, squares in sorted(by_day.items())
    )
    hours = tuple(f"{hour:02d}" for hour in range(24)) if hourly else (_("Records"),)
    heads = tuple((name, _LEFT + at * _SIDE + _SIDE // 2) for at, name in enumerate(hours))
    return Week(
        width=_LEFT + (_WIDE if hourly else _NARROW),
        height=top + 7 * _SIDE,
        label=_("Coverage of the week: %(share)s") % {"share": share_text(found["covered"])},
        rows=rows,
        heads=heads[::3] if hourly else (),
        columns=hours,
        legend=_legend(found),
    )


def _shade(mass: int | None, even: Decimal) -> str:
    """Amber where there is nothing, blue by the share of an even week, grey where it is hidden."""
    if mass is None:
        return "none"
    if not mass or not even:
        return "low"
    percent = Decimal(mass) * 100 / even
    return "1" if percent < 50 else "2" if percent < 80 else "3" if percent < 125 else "4"


def _text(mass: int | None) -> str:
    return "*" if mass is None else number_text(Decimal(mass) / 1000, 0)


def _legend(found: Document) -> tuple[tuple[str, str], ...]:
    entries = [
        ("low", _("No data")),
        ("1", _("Under half of an even share")),
        ("2", _("50–79%")),
        ("3", _("80–124%")),
        ("4", _("125% and more")),
    ]
    if found["hidden"]:
        entries.append(("none", _("Hidden: fewer than %(k)d contributors") % {"k": found["k"]}))
    return tuple(entries)

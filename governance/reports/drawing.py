"""A trend drawn as SVG: a column a quarter, its number above it where all of them fit.

Colours come from the page by class, so that the drawing follows a dark page and a printed one. The
table beside it holds the same numbers.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from governance.reports.charts import Point, Trend

WIDTH: Final = 320
HEIGHT: Final = 130
_TOP, _BASE, _LABEL = 20, 108, 124
#: How far the second line of names is below the first.
_LINE: Final = 13
_COLUMN_WIDEST: Final = 44
#: How wide a digit of the drawing's text is; Korean letters take two.
_DIGIT: Final = Decimal("6.2")
_GAP: Final = Decimal(4)
_RISE: Final = 5


def trend_svg(trend: Trend) -> SafeString:
    """The drawing as one element, with a label that says it to whoever does not see it."""
    slot = Decimal(WIDTH) / len(trend.points)
    last = len(trend.points) - 1
    # Numbers that would run into each other stand in the table; the newest is always said.
    shown = [point.text for point in trend.points if point.part is not None]
    fits = all(_wide(text) <= slot - _GAP for text in shown)
    names: list[tuple[str, ...]] = [(point.label,) for point in trend.points]
    if any(_wide(point.label) > slot - _GAP for point in trend.points):
        names = [tuple(point.label.split(" ")) for point in trend.points]
    lines = max(map(len, names))
    columns = format_html_join(
        "",
        "{}",
        (
            (_column(point, name, slot * place, slot, newest=place == last, said=fits),)
            for place, (point, name) in enumerate(zip(trend.points, names, strict=True))
        ),
    )
    return format_html(
        '<svg class="trend" viewBox="0 0 {} {}" role="img" aria-label="{}" focusable="false">'
        '{}<path class="base" d="M0 {}.5H{}"/></svg>',
        WIDTH,
        HEIGHT + _LINE * (lines - 1),
        trend.sentence,
        columns,
        _BASE,
        WIDTH,
    )


def _column(
    point: Point, name: tuple[str, ...], left: Decimal, slot: Decimal, *, newest: bool, said: bool
) -> SafeString:
    width = min(slot * Decimal("0.64"), Decimal(_COLUMN_WIDEST))
    middle = left + slot / 2
    # What is withheld is drawn as a frame whose height says nothing.
    part = Decimal("0.35") if point.part is None else point.part
    tall = max(part * (_BASE - _TOP), Decimal(1) if part else Decimal(0))
    return format_html(
        '<g><title>{}: {}</title><rect class="{}" x="{}" y="{}" width="{}" height="{}"/>{}{}</g>',
        point.name,
        point.text,
        "hidden" if point.part is None else "now" if newest else "then",
        _short(middle - width / 2),
        _short(_BASE - tall),
        _short(width),
        _short(tall),
        _below(name, middle),
        _above(point.text, middle if said else Decimal(WIDTH), _BASE - tall - _RISE, said)
        if (said and point.part is not None) or newest
        else "",
    )


def _below(name: tuple[str, ...], middle: Decimal) -> SafeString:
    """The name of a quarter, in two lines where one is too wide for its column."""
    return format_html_join(
        "",
        '<text x="{}" y="{}">{}</text>',
        ((_short(middle), _LABEL + _LINE * line, part) for line, part in enumerate(name)),
    )


def _above(text: str, at: Decimal, line: Decimal, centred: bool) -> SafeString:
    """The number above a column, or ending where the drawing ends."""
    return format_html(
        '<text class="{}" x="{}" y="{}">{}</text>',
        "value" if centred else "value end",
        _short(at),
        _short(line),
        text,
    )


def _wide(text: str) -> Decimal:
    return _DIGIT * sum(1 if letter.isascii() else 2 for letter in text)


def _short(number: Decimal) -> str:
    return f"{number.quantize(Decimal('0.1')):f}"

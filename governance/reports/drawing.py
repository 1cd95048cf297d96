"""A trend drawn as SVG: a column a quarter, its number above it where it fits.

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
_COLUMN_WIDEST: Final = 44
#: How wide a digit of the drawing's text is; Korean letters take two.
_DIGIT: Final = Decimal("6.2")
_GAP: Final = Decimal(4)
_RISE: Final = 5


def trend_svg(trend: Trend) -> SafeString:
    """The drawing as one element, with a label that says it to whoever does not see it."""
    slot = Decimal(WIDTH) / len(trend.points)
    last = len(trend.points) - 1
    columns = format_html_join(
        "",
        "{}",
        (
            (_column(point, slot * place, slot, newest=place == last),)
            for place, point in enumerate(trend.points)
        ),
    )
    return format_html(
        '<svg class="trend" viewBox="0 0 {} {}" role="img" aria-label="{}" focusable="false">'
        '{}<path class="base" d="M0 {}.5H{}"/></svg>',
        WIDTH,
        HEIGHT,
        trend.sentence,
        columns,
        _BASE,
        WIDTH,
    )


def _column(point: Point, left: Decimal, slot: Decimal, *, newest: bool) -> SafeString:
    width = min(slot * Decimal("0.64"), Decimal(_COLUMN_WIDEST))
    middle = left + slot / 2
    # What is withheld is drawn as a frame whose height says nothing.
    part = Decimal("0.35") if point.part is None else point.part
    tall = max(part * (_BASE - _TOP), Decimal(1) if part else Decimal(0))
    return format_html(
        '<g><title>{}: {}</title><rect class="{}" x="{}" y="{}" width="{}" height="{}"/>'
        '<text x="{}" y="{}">{}</text>{}</g>',
        point.name,
        point.text,
        "hidden" if point.part is None else "now" if newest else "then",
        _short(middle - width / 2),
        _short(_BASE - tall),
        _short(width),
        _short(tall),
        _short(middle),
        _LABEL,
        point.label,
        _above(point.text, middle, _BASE - tall - _RISE, slot),
    )


def _above(text: str, middle: Decimal, line: Decimal, slot: Decimal) -> SafeString:
    """The number above a column; one that its neighbours would run into stands in the table."""
    if _wide(text) > slot - _GAP:
        return SafeString("")
    return format_html(
        '<text class="value" x="{}" y="{}">{}</text>', _short(middle), _short(line), text
    )


def _wide(text: str) -> Decimal:
    return _DIGIT * sum(1 if letter.isascii() else 2 for letter in text)


def _short(number: Decimal) -> str:
    return f"{number.quantize(Decimal('0.1')):f}"

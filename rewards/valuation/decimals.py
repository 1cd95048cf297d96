"""Exact fractions as decimal strings. Pure integer arithmetic, the same on every machine."""

from __future__ import annotations

from fractions import Fraction


def decimal_floor(value: Fraction, places: int) -> str:
    """The largest decimal of at most ``places`` decimals that is not above ``value``.

    Trailing zeros are left out: ``2``, ``0.5``.
    """
    return _text(value.numerator * 10**places // value.denominator, places)


def decimal_ceil(value: Fraction, places: int) -> str:
    """The smallest decimal of at most ``places`` decimals that is not below ``value``."""
    return _text(-(-value.numerator * 10**places // value.denominator), places)


def decimal_round(value: Fraction, places: int) -> str:
    """``value`` rounded to ``places`` decimals, halves to even, without trailing zeros."""
    return _text(round(value * 10**places), places)


def decimal_significant(value: Fraction, digits: int) -> str:
    """``value`` rounded to ``digits`` significant digits, without exponent or trailing zeros."""
    if not value:
        return "0"
    places = digits - 1
    size = abs(value)
    while size >= 10:
        size, places = size / 10, places - 1
    while size < 1:
        size, places = size * 10, places + 1
    if places <= 0:
        return _text(round(value / 10**-places) * 10**-places, 0)
    return decimal_round(value, places)


def _text(scaled: int, places: int) -> str:
    sign = "-" if scaled < 0 else ""
    whole, rest = divmod(abs(scaled), 10**places)
    decimals = str(rest).rjust(places, "0").rstrip("0") if places else ""
    return f"{sign}{whole}.{decimals}" if decimals else f"{sign}{whole}"

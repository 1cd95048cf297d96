"""Amounts: integers of sub-units inside, decimal strings outside, never floats."""

from __future__ import annotations

import re

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

#: 1 DURE = 1 KRW-unit = a million sub-units.
SUB_UNITS = 1_000_000
#: What a ``bigint`` column holds.
AMOUNT_MAX = 2**63 - 1

_AMOUNT = re.compile(r"(0|[1-9][0-9]{0,12})(?:\.([0-9]{1,6}))?", re.ASCII)


class Asset(TextChoices):
    DURE = "DURE", _("Dure token")
    KRW = "KRW", _("Korean won")


def parse_amount(text: str) -> int:
    """Sub-units of a decimal string such as ``"66.96"``.

    Raises ``ValueError`` for signs, exponents, full-width digits, more than six decimals and
    amounts that no account can hold.
    """
    match = _AMOUNT.fullmatch(text)
    if match is None:
        raise ValueError("An amount is digits with at most six decimals, like 12.5.")
    units = int(match[1]) * SUB_UNITS + int((match[2] or "").ljust(6, "0"))
    if units > AMOUNT_MAX:
        raise ValueError("The amount is larger than an account can hold.")
    return units


def format_amount(sub_units: int) -> str:
    """The shortest decimal string of an amount: ``66960000`` is ``"66.96"``."""
    sign = "-" if sub_units < 0 else ""
    whole, rest = divmod(abs(sub_units), SUB_UNITS)
    decimals = f"{rest:06d}".rstrip("0")
    return f"{sign}{whole}.{decimals}" if decimals else f"{sign}{whole}"


def with_thousands(amount: str) -> str:
    """A decimal string for a printed page: 1234567.5 becomes 1,234,567.5, with a true minus."""
    whole, _dot, part = amount.partition(".")
    sign, digits = ("−", whole[1:]) if whole.startswith("-") else ("", whole)
    return f"{sign}{int(digits):,}" + (f".{part}" if part else "")

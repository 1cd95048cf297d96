"""Decimal strings of call documents: plain, exact, without signs or exponents. Pure."""

from __future__ import annotations

import re
from fractions import Fraction

DECIMAL = re.compile(r"^(0|[1-9][0-9]{0,8})(\.[0-9]{1,6})?$", re.ASCII)


def decimal(text: object) -> Fraction:
    """The exact value of a plain decimal string; ValueError for signs, exponents and numbers."""
    if not isinstance(text, str) or not DECIMAL.match(text):
        raise ValueError("not a decimal string")
    return Fraction(text)

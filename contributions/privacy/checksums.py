"""Check digits of the identifiers that the gate knows, and of those easily taken for them."""

from __future__ import annotations

from datetime import date

# Births after this day are not people yet; a newer rule pack moves it on.
HORIZON = date(2027, 12, 31)
# Numbers given to people born from here on end in arbitrary digits, without a check digit.
WITHOUT_CHECK = date(2020, 10, 1)
RESIDENT_WEIGHTS = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)
BUSINESS_WEIGHTS = (1, 3, 7, 1, 3, 7, 1, 3, 5)
# The 7th digit: century and sex; 1-4 Korean nationals, 5-8 foreigners.
CENTURY = {"1": 1900, "2": 1900, "3": 2000, "4": 2000, "5": 1900, "6": 1900, "7": 2000, "8": 2000}


def birth_of(digits: str) -> date | None:
    """The birthday in a 13-digit registration number, None when it cannot be one."""
    century = CENTURY.get(digits[6])
    if century is None:
        return None
    try:
        born = date(century + int(digits[:2]), int(digits[2:4]), int(digits[4:6]))
    except ValueError:
        return None
    return born if born <= HORIZON else None


def registration_check(digits: str) -> bool:
    """Check digit of a resident (11 − s mod 11) or foreigner (13 − s mod 11) number, mod 10."""
    total = sum(
        int(digit) * weight for digit, weight in zip(digits, RESIDENT_WEIGHTS, strict=False)
    )
    base = 13 if digits[6] in "5678" else 11
    return (base - total % 11) % 10 == int(digits[12])


def has_check_digit(born: date) -> bool:
    return born < WITHOUT_CHECK


def corporate_check(digits: str) -> bool:
    """13-digit corporate registration number (법인등록번호): weights 1, 2, 1, 2 …"""
    total = sum(int(digit) * (1 + place % 2) for place, digit in enumerate(digits[:12]))
    return (10 - total % 10) % 10 == int(digits[12])


def gtin_check(digits: str) -> bool:
    """13-digit article number (GTIN, ISBN): weights 1, 3, 1, 3 …"""
    total = sum(int(digit) * (1 + 2 * (place % 2)) for place, digit in enumerate(digits[:12]))
    return (10 - total % 10) % 10 == int(digits[12])


def luhn_check(digits: str) -> bool:
    """ISO/IEC 7812: cards, and device identities."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def business_check(digits: str) -> bool:
    """10-digit business registration number (사업자등록번호)."""
    total = sum(
        int(digit) * weight for digit, weight in zip(digits, BUSINESS_WEIGHTS, strict=False)
    )
    total += int(digits[8]) * 5 // 10
    return (10 - total % 10) % 10 == int(digits[9])


def card_issuer(digits: str) -> bool:
    """Does the number begin like a payment card of its length (domestic Korean cards included)?"""
    length, two, four = len(digits), int(digits[:2]), int(digits[:4])
    if length == 15:
        return two in (34, 37)
    if length == 14:
        return two in (30, 36, 38)
    if length == 16:
        return (
            digits[0] in "49"
            or 51 <= two <= 55
            or 2221 <= four <= 2720
            or two in (35, 62, 65)
            or four in (6011,)
        )
    return length in (17, 18, 19) and two == 62

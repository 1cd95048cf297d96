"""Numbers that a state or a bank gave to a person: the file that holds one is refused."""

from __future__ import annotations

import re
from collections.abc import Iterator

from contributions.privacy import checksums
from contributions.privacy.hit import (
    EDGE,
    END,
    SAID,
    Hit,
    said,
    said_corporate,
    said_thing,
    thing_is_nearer,
)

REGISTRATION = re.compile(
    r"(?<![0-9])([0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01]))"
    r"([^0-9A-Za-z가-힣]{0,3})([0-9])([0-9]{6}|[*xX●○#•]{6}|[0-9][*xX●○#•]{5})(?![0-9])"
)
SHORT_REGISTRATION = re.compile(r"(?<![0-9])([0-9]{12})(?![0-9])")
GAP = r"[\s.\-_/]{0,3}"
CARD = re.compile(
    EDGE + rf"([0-9]{{4}}({GAP})[0-9]{{4}}\2[0-9]{{4}}\2[0-9]{{1,7}}"
    rf"|3[47][0-9]{{2}}({GAP})[0-9]{{6}}\3[0-9]{{5}}|3[068][0-9]{{2}}({GAP})[0-9]{{6}}\4[0-9]{{4}})"
    + END
)
REGIONS = "서울|부산|대구|인천|광주|대전|울산|세종|경기|강원|충북|충남|전북|전남|경북|경남|제주"
LICENCE = re.compile(
    EDGE
    + r"(?:(?:1[1-9]|2[0-8])-[0-9]{2}-[0-9]{6}-[0-9]{2})"
    + END
    + rf"|(?:{REGIONS})\s?[0-9]{{2}}-[0-9]{{6}}-[0-9]{{2}}"
    + END
)
BARE_LICENCE = re.compile(EDGE + r"(?:1[1-9]|2[0-8])[ -]?[0-9]{2}[ -]?[0-9]{6}[ -]?[0-9]{2}" + END)
PASSPORT = re.compile(
    r"(?<![0-9A-Za-z])(?:[MSRODGmsrodg](?:[0-9]{8}|[0-9]{3}[A-Za-z][0-9]{4})|[Pp][MSRODGmsrodg][0-9]{7})"
    r"(?![0-9A-Za-z])"
)
# Of other countries: only where the column says what it is.
FOREIGN_PASSPORT = re.compile(r"(?=(?:[A-Z]*[0-9]){6})[A-Z0-9]{8,9}")
IBAN = re.compile(
    r"(?<![0-9A-Za-z])[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?![0-9A-Za-z])"
)
HALVES = re.compile(
    r"(?<![0-9])([0-9]{6})[^0-9]{0,4}(?:뒷자리|뒤|back)[^0-9]{0,4}([1-8][0-9]{6})(?![0-9])"
)
ACCOUNT = re.compile(EDGE + r"(?:[0-9]{2,6}(?:-[0-9]{1,7}){2,3}|[0-9]{10,14})" + END)
LOOSE_ACCOUNT = re.compile(
    r"(?<![0-9A-Za-z.])[0-9]{2,6}(?:[\s.\-_/]{1,3}[0-9]{1,7}){2,3}(?![0-9A-Za-z])"
)
DAY = re.compile(
    r"(?:19|20)[0-9]{2}[\s.\-_/]{1,3}(?:0?[1-9]|1[0-2])[\s.\-_/]{1,3}[0-3]?[0-9](?![0-9])"
)
BANKS = re.compile(
    r"은행|뱅크|계좌|국민|신한|우리|하나|농협|기업|새마을금고|수협|신협|우체국|SC제일|씨티|토스|입금|bank|account",
    re.IGNORECASE,
)
BANK_WINDOW = 15


def registrations(text: str, kinds: frozenset[str]) -> Iterator[Hit]:
    for match in REGISTRATION.finditer(text):
        hit = _registration(match, text, kinds)
        if hit is not None:
            yield hit
    for match in HALVES.finditer(text):
        digits = match.group(1) + match.group(2)
        if checksums.birth_of(digits) is not None:
            kind = "frn" if digits[6] in "5678" else "rrn"
            yield Hit(kind, f"{kind}.keyword", "refuse", *match.span())
    if "rrn" in kinds or "frn" in kinds:
        yield from _without_leading_zero(text)


def _registration(match: re.Match[str], text: str, kinds: frozenset[str]) -> Hit | None:
    birth, separator, seventh, tail = match.groups()
    if not tail.isdigit():
        if separator and checksums.birth_of(birth + seventh + "000000") is not None:
            return Hit("dob", "dob.masked_registration", "generalise", *match.span())
        return None
    digits = birth + seventh + tail
    born = checksums.birth_of(digits)
    if born is None:
        return None
    kind = "frn" if seventh in "5678" else "rrn"
    start, end = match.span()
    foreign = said("frn", text, start, kinds) and (
        "frn" in kinds or not thing_is_nearer("frn", text, start)
    )
    if foreign or said("rrn", text, start, kinds):
        return Hit(kind, f"{kind}.keyword", "refuse", start, end)
    checked = checksums.registration_check(digits)
    recent = not checksums.has_check_digit(born)
    if _is_corporate(digits, text, start, kinds, person=checked or recent):
        return None
    thing = said_thing(text, start, kinds) or bool(kinds & {"bank_account", "card"})
    attached = _is_attached(text, start, end)
    if "-" in separator:
        if (attached or thing) and not checked:
            return None
        return Hit(kind, f"{kind}.hyphen", "refuse", start, end, certain=not (thing or attached))
    if thing or attached or not (checked or recent):
        return None
    # Inside a text, a valid number is one; alone in its cell, the column has to agree.
    inside = bool(separator) or len(text.strip()) > end - start
    certain = checked and not recent and inside and not _is_article(digits)
    proof = "recent" if recent else "check_digit"
    return Hit(kind, f"{kind}.{proof}", "refuse", start, end, certain=certain)


def _is_article(digits: str) -> bool:
    """Korean articles begin with 880, like somebody born in 1988."""
    return digits.startswith("880") and checksums.gtin_check(digits)


def _is_corporate(
    digits: str, text: str, start: int, kinds: frozenset[str], *, person: bool
) -> bool:
    """Company numbers share the form: 110111-… reads as a man born in January 1911."""
    announced = said_corporate(text, start, kinds)
    if not checksums.corporate_check(digits):
        return announced and not person
    # Registry offices are numbered 11 to 23; as a birth year with a digit of the 1900s that is
    # somebody of more than a hundred years.
    return announced or (11 <= int(digits[:2]) <= 23 and (digits[6] in "1256" or not person))


def _is_attached(text: str, start: int, end: int) -> bool:
    """Part of a longer code: letters, digits with hyphens or a decimal point around it."""
    before, after = text[max(0, start - 2) : start], text[end : end + 2]
    return (
        re.search(r"[A-Za-z.]$|[0-9A-Za-z][-_]$", before) is not None
        or re.match(r"[A-Za-z]|-[0-9A-Za-z]|\.[1-9]|\.0[1-9]", after) is not None
    )


def _without_leading_zero(text: str) -> Iterator[Hit]:
    """A spreadsheet that took 000101-3… for a number dropped its zeros."""
    for match in SHORT_REGISTRATION.finditer(text):
        digits = "0" + match.group()
        if checksums.birth_of(digits) is not None:
            kind = "frn" if digits[6] in "5678" else "rrn"
            yield Hit(kind, f"{kind}.keyword", "refuse", *match.span())


def cards(text: str, kinds: frozenset[str]) -> Iterator[Hit]:
    for match in CARD.finditer(text):
        digits = re.sub(r"[^0-9]", "", match.group())
        if not (checksums.card_issuer(digits) and checksums.luhn_check(digits)):
            continue
        if said("card", text, match.start(), kinds):
            yield Hit("card", "card.keyword", "refuse", *match.span())
        elif not said_thing(text, match.start(), kinds):
            grouped = len(digits) != len(match.group())
            rule = "card.grouped" if grouped else "card.luhn"
            inside = len(text.strip()) > len(match.group())
            yield Hit("card", rule, "refuse", *match.span(), certain=grouped or inside)


def licences(text: str, kinds: frozenset[str]) -> Iterator[Hit]:
    for match in LICENCE.finditer(text):
        if said("driver_license", text, match.start(), kinds):
            yield Hit("driver_license", "driver_license.keyword", "refuse", *match.span())
        elif not said_thing(text, match.start(), kinds):
            yield Hit("driver_license", "driver_license.form", "refuse", *match.span())
    for match in BARE_LICENCE.finditer(text):
        if said("driver_license", text, match.start(), kinds):
            yield Hit("driver_license", "driver_license.keyword", "refuse", *match.span())


def passports(text: str, kinds: frozenset[str]) -> Iterator[Hit]:
    for match in PASSPORT.finditer(text):
        if said("passport", text, match.start(), kinds):
            yield Hit("passport", "passport.keyword", "refuse", *match.span())
    if "passport" in kinds and FOREIGN_PASSPORT.fullmatch(text.strip().upper()):
        yield Hit("passport", "passport.header", "refuse", 0, len(text))


def accounts(text: str, kinds: frozenset[str]) -> Iterator[Hit]:
    for match in ACCOUNT.finditer(text):
        length = sum(character.isdigit() for character in match.group())
        if not 10 <= length <= 16 or DAY.match(match.group()):
            continue
        start, end = match.span()
        near = BANKS.search(text, max(0, start - BANK_WINDOW), min(len(text), end + BANK_WINDOW))
        grouped = length < len(match.group())
        if "bank_account" in kinds or (near and grouped) or _account_said(text, start):
            yield Hit("bank_account", "bank_account.keyword", "refuse", start, end)
    for match in LOOSE_ACCOUNT.finditer(text):
        length = sum(character.isdigit() for character in match.group())
        if not 10 <= length <= 16 or DAY.match(match.group()):
            continue
        if "bank_account" in kinds or _account_said(text, match.start()):
            yield Hit("bank_account", "bank_account.keyword", "refuse", *match.span())

    for match in IBAN.finditer(text):
        if "bank_account" in kinds or re.search(
            "iban", text[max(0, match.start() - BANK_WINDOW) : match.start()], re.IGNORECASE
        ):
            yield Hit("bank_account", "bank_account.iban", "refuse", *match.span())


def _account_said(text: str, start: int) -> bool:
    return SAID["bank_account"].search(text, max(0, start - BANK_WINDOW), start) is not None

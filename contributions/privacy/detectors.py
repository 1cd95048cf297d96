r"""What one cell holds. Each detector reads a folded text and yields hits with their place in it.

Python's \b sees no edge between a digit and a Hangul letter, and its \d takes the digits of every
script; so edges are written out here and digits are [0-9].

A hit is `certain` by its own form or its keyword, or `bare`: digits that only the rest of the
column can turn into a finding.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from ipaddress import ip_address

from contributions.privacy import checksums
from contributions.privacy.result import Action

EDGE = r"(?<![0-9A-Za-z.])(?<![0-9]-)"
END = r"(?![0-9A-Za-z])(?!-[0-9])(?!\.[0-9]*[1-9])"
WINDOW = 20  # characters before a number in which a keyword counts

REGISTRATION = re.compile(
    r"(?<![0-9])([0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01]))"
    r"([^0-9A-Za-z가-힣]{0,3})([0-9])([0-9]{6}|[*xX●○#•]{6}|[0-9][*xX●○#•]{5})(?![0-9])"
)
SHORT_REGISTRATION = re.compile(r"(?<![0-9])([0-9]{12})(?![0-9])")
CARD = re.compile(
    EDGE + r"([0-9]{4}([ -]?)[0-9]{4}\2[0-9]{4}\2[0-9]{1,7}|3[47][0-9]{2}([ -]?)[0-9]{6}\3[0-9]{5}"
    r"|3[068][0-9]{2}([ -]?)[0-9]{6}\4[0-9]{4})" + END
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
    r"(?<![0-9A-Za-z])[MSRODGmsrodg](?:[0-9]{8}|[0-9]{3}[A-Za-z][0-9]{4})(?![0-9A-Za-z])"
)
ACCOUNT = re.compile(EDGE + r"(?:[0-9]{2,6}(?:-[0-9]{1,7}){2,3}|[0-9]{10,14})" + END)
BANKS = re.compile(
    r"은행|뱅크|계좌|국민|신한|우리|하나|농협|기업|새마을금고|수협|신협|우체국|SC제일|씨티|토스|입금|bank|account",
    re.IGNORECASE,
)
SEPARATOR = r"[ .\-)/]{0,2}"
MOBILE = re.compile(EDGE + rf"\(?01[016789]{SEPARATOR}[0-9]{{3,4}}{SEPARATOR}[0-9]{{4}}" + END)
ABROAD = re.compile(
    r"(?<![0-9A-Za-z])(?:\+|00)?82[ \-.]{0,2}\(?0?\)?[ \-.]?(?:1[016789]|2|[3-6][1-5]|70|50[0-9])"
    rf"{SEPARATOR}[0-9]{{3,4}}[ .\-]?[0-9]{{4}}" + END
)
LANDLINE = re.compile(
    EDGE + r"\(?0(?:2|3[1-3]|4[1-4]|5[1-5]|6[1-4]|70|50[0-9])[)\-.]\s?[0-9]{3,4}[\-.][0-9]{4}" + END
)
BARE_PHONE = re.compile(EDGE + r"(?:0[2-7][0-9]{7,9}|10[0-9]{8}|[2-9][0-9]{2,3}-[0-9]{4})" + END)
EMAIL = re.compile(
    r"[A-Za-z0-9][A-Za-z0-9._%+\-]*@[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)*\.[A-Za-z]{2,}"
    r"|[A-Za-z0-9][A-Za-z0-9._%+\-]*\s?(?:\(at\)|\[at\]|골뱅이)\s?[A-Za-z0-9\-]+\s?(?:\.|\(dot\)|\[dot\]|닷|점)\s?"
    r"[A-Za-z]{2,}"
)
PLATE_LETTERS = (
    "가나다라마거너더러머버서어저고노도로모보소오조구누두루무부수우주바사아자배하허호국합육해공"
)
REGION_BEFORE = "|".join(f"(?<={region})" for region in REGIONS.split("|"))
PLATE = re.compile(
    rf"(?<![0-9A-Za-z])(?:(?<![가-힣])|{REGION_BEFORE})\s?"
    rf"[0-9]{{2,3}}\s?[{PLATE_LETTERS}]\s?[0-9]{{4}}(?![0-9A-Za-z])"
)
# A flat, not the "3호" of a park, a line or a parking lot.
NO_FLAT = r"(?!\s?(?:공원|어린이|근린|소공원|광장|선|차|관|점))"
FLAT = r"(?:지하\s?)?[0-9]{1,4}호(?![0-9A-Za-z가-힣])" + NO_FLAT
ADDRESS = re.compile(
    r"[가-힣0-9]+(?:로|길)\s?[0-9]+(?:-[0-9]+)?(?:번길\s?[0-9]+(?:-[0-9]+)?)?[^0-9]{0,24}"
    rf"(?:[0-9A-Za-z가-힣]+동\s?)?(?:[0-9]+층\s?)?{FLAT}|[0-9]{{1,4}}동\s?{FLAT}"
)
ROAD = re.compile(
    r"(?<![0-9A-Za-z])(?:\+|00)?82[ \-.]{0,2}\(?0?\)?[ \-.]?(?:1[016789]|2|[3-6][1-5]|70|50[0-9])"
    rf"{SEPARATOR}[0-9]{{3,4}}[ .\-]?[0-9]{{4}}" + END
)
LANDLINE = re.compile(
    EDGE + r"\(?0(?:2|3[1-3]|4[1-4]|5[1-5]|6[1-4]|70|50[0-9])[)\-.]\s?[0-9]{3,4}[\-.][0-9]{4}" + END
)
BARE_PHONE = re.compile(EDGE + r"(?:0[2-7][0-9]{7,9}|10[0-9]{8}|[2-9][0-9]{2,3}-[0-9]{4})" + END)
EMAIL = re.compile(
    r"[A-Za-z0-9][A-Za-z0-9._%+\-]*@[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)*\.[A-Za-z]{2,}"
    r"|[A-Za-z0-9][A-Za-z0-9._%+\-]*\s?(?:\(at\)|\[at\]|골뱅이)\s?[A-Za-z0-9\-]+\s?(?:\.|\(dot\)|\[dot\]|닷|점)\s?"
    r"[A-Za-z]{2,}"
)
PLATE_LETTERS = (
    "가나다라마거너더러머버서어저고노도로모보소오조구누두루무부수우주바사아자배하허호국합육해공"
)
REGION_BEFORE = "|".join(f"(?<={region})" for region in REGIONS.split("|"))
PLATE = re.compile(
    rf"(?<![0-9A-Za-z])(?:(?<![가-힣])|{REGION_BEFORE})\s?"
    rf"[0-9]{{2,3}}\s?[{PLATE_LETTERS}]\s?[0-9]{{4}}(?![0-9A-Za-z])"
)
ADDRESS = re.compile(
    r"[가-힣0-9]+(?:로|길|동|읍|면|리)\s?[0-9]+(?:-[0-9]+)?(?:번길\s?[0-9]+(?:-[0-9]+)?)?[^0-9]{0,24}"
    r"(?:[0-9A-Za-z가-힣]+동\s?)?(?:지하\s?)?[0-9]{1,4}호|[0-9]{1,4}동\s?[0-9]{1,4}호"
)
ROAD = re.compile(r"^(.*?[가-힣0-9]+(?:로|길|동|읍|면|리))(?=\s|[0-9]|$)")
NAMED = re.compile(r"(?:성명|이름|성함)\s?[:=]\s?([가-힣]{2,5})(?![가-힣])")
BORN = re.compile(
    r"(?:생년월일|생일|birth|dob)[^0-9]{0,6}((?:19|20)[0-9]{2})[^0-9]{0,3}[0-9]{1,2}[^0-9]{0,3}[0-9]{1,2}(?![0-9])",
    re.IGNORECASE,
)
DATE = re.compile(
    r"^((?:19|20)[0-9]{2})(?:[0-9]{4}|[^0-9]{1,3}[0-9]{1,2}(?:[^0-9]{1,3}[0-9]{1,2})?)?\D{0,2}$"
    r"|^([0-9]{2})(?:0[1-9]|1[0-2])[0-3][0-9]$"
)
MAC = re.compile(r"(?<![0-9A-Za-z:])(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}(?![0-9A-Za-z:-])")
IP = re.compile(r"(?<![0-9A-Za-z가-힣.])(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?![0-9A-Za-z]|\.[0-9])")
DEVICE = re.compile(EDGE + r"[0-9]{15}" + END)
DEVICE_UUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
BUSINESS = re.compile(EDGE + r"[0-9]{3}-[0-9]{2}-[0-9]{5}" + END)

SAID = {
    "rrn": re.compile(r"주민|rrn|resident", re.IGNORECASE),
    "frn": re.compile(r"외국인|거소|frn|alien|foreigner", re.IGNORECASE),
    "passport": re.compile(r"여권|passport", re.IGNORECASE),
    "driver_license": re.compile(r"면허|licen[cs]e", re.IGNORECASE),
    "card": re.compile(r"카드|card|신용|visa|master", re.IGNORECASE),
    "bank_account": re.compile(r"계좌|account", re.IGNORECASE),
    "phone": re.compile(r"전화|연락|휴대|핸드폰|폰|tel|phone|mobile|☎|call", re.IGNORECASE),
    "device_id": re.compile(r"imei|단말", re.IGNORECASE),
    "ip": re.compile(r"ip|접속", re.IGNORECASE),
}
SAID_THING = re.compile(
    r"바코드|법인|gtin|ean|isbn|barcode|serial|seq|일련|송장|상품|제품|주문|order|센서|sensor|s/?n\b",
    re.IGNORECASE,
)
SAID_CORPORATE = re.compile(r"법인|corp", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Hit:
    """`certain` False: only a finding when the column as a whole says so."""

    type: str
    rule: str
    action: Action
    start: int
    end: int
    certain: bool = True


def detect(text: str, kinds: frozenset[str]) -> list[Hit]:
    """Hits in one folded text under a column of these kinds; no overlaps, the gravest first."""
    hits: list[Hit] = []
    for detector in DETECTORS:
        for hit in detector(text, kinds):
            if all(hit.end <= other.start or hit.start >= other.end for other in hits):
                hits.append(hit)
    return hits


def _said(kind: str, text: str, start: int, kinds: frozenset[str]) -> bool:
    return kind in kinds or SAID[kind].search(text, max(0, start - WINDOW), start) is not None


def _said_thing(text: str, start: int, kinds: frozenset[str]) -> bool:
    return "contrary" in kinds or SAID_THING.search(text, max(0, start - WINDOW), start) is not None


def _registrations(text: str, kinds: frozenset[str]) -> Iterator[Hit]:
    for match in REGISTRATION.finditer(text):
        birth, separator, seventh, tail = match.groups()
        if not tail.isdigit():
            if separator and birth_of_masked(birth, seventh):
                yield Hit("dob", "dob.masked_registration", "generalise", *match.span())
            continue
        digits = birth + seventh + tail
        born = checksums.birth_of(digits)
        if born is None:
            continue
        kind = "frn" if seventh in "5678" else "rrn"
        start, end = match.span()
        if _said("rrn", text, start, kinds) or _said("frn", text, start, kinds):
            yield Hit(kind, f"{kind}.keyword", "refuse", start, end)
            continue
        checked = checksums.registration_check(digits)
        person = checked or not checksums.has_check_digit(born)
        if _is_corporate(digits, text, start, kinds, person=person):
            continue
        thing = _said_thing(text, start, kinds)
        attached = _is_attached(text, start, end)
        if "-" in separator:
            if (attached or thing) and not checked:
                continue
            yield Hit(kind, f"{kind}.hyphen", "refuse", start, end, certain=not (thing or attached))
        elif not thing and not attached and (checked or not checksums.has_check_digit(born)):
            proof = "check_digit" if checksums.has_check_digit(born) else "recent"
            yield Hit(kind, f"{kind}.{proof}", "refuse", start, end, certain=False)
    if "rrn" in kinds or "frn" in kinds:
        yield from _without_leading_zero(text)


def birth_of_masked(birth: str, seventh: str) -> bool:
    return checksums.birth_of(birth + seventh + "000000") is not None


def _is_corporate(
    digits: str, text: str, start: int, kinds: frozenset[str], *, person: bool
) -> bool:
    """Company numbers share the form: 110111-… reads as a man born in January 1911."""
    if not checksums.corporate_check(digits):
        said = SAID_CORPORATE.search(text, max(0, start - WINDOW), start) is not None
        return ("corporate" in kinds or said) and not person
    if "corporate" in kinds or SAID_CORPORATE.search(text, max(0, start - WINDOW), start):
        return True
    # Registry offices are numbered 11 to 23; as a birth year with a digit of the 1900s that is
    # somebody of more than a hundred years.
    return 11 <= int(digits[:2]) <= 23 and (digits[6] in "1256" or not person)


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


def _cards(text: str, kinds: frozenset[str]) -> Iterator[Hit]:
    for match in CARD.finditer(text):
        digits = re.sub(r"[^0-9]", "", match.group())
        if not (checksums.card_issuer(digits) and checksums.luhn_check(digits)):
            continue
        if _said("card", text, match.start(), kinds):
            yield Hit("card", "card.keyword", "refuse", *match.span())
        elif not _said_thing(text, match.start(), kinds):
            grouped = len(digits) != len(match.group())
            rule = "card.grouped" if grouped else "card.luhn"
            yield Hit("card", rule, "refuse", *match.span(), certain=grouped)


def _licences(text: str, kinds: frozenset[str]) -> Iterator[Hit]:
    for match in LICENCE.finditer(text):
        if _said("driver_license", text, match.start(), kinds):
            yield Hit("driver_license", "driver_license.keyword", "refuse", *match.span())
        elif not _said_thing(text, match.start(), kinds):
            yield Hit("driver_license", "driver_license.form", "refuse", *match.span())
    for match in BARE_LICENCE.finditer(text):
        if _said("driver_license", text, match.start(), kinds):
            yield Hit("driver_license", "driver_license.keyword", "refuse", *match.span())


def _passports(text: str, kinds: frozenset[str]) -> Iterator[Hit]:
    for match in PASSPORT.finditer(text):
        if _said("passport", text, match.start(), kinds):
            yield Hit("passport", "passport.keyword", "refuse", *match.span())


def _phones(text: str, kinds: frozenset[str]) -> Iterator[Hit]:
    said_column = "phone" in kinds
    for pattern in (MOBILE, ABROAD, LANDLINE):
        for match in pattern.finditer(text):
            bare = match.group().isdigit()
            if bare and _said_thing(text, match.start(), kinds) and not said_column:
                continue
            if bare and pattern is ABROAD and not _said("phone", text, match.start(), kinds):
                continue
            rule = "phone.landline" if pattern is LANDLINE else "phone.mobile"
            yield Hit("phone", rule, "pseudonymise", *match.span())
    for match in BARE_PHONE.finditer(text):
        if _said("phone", text, match.start(), kinds) and not is_hotline(match.group()):
            yield Hit("phone", "phone.keyword", "pseudonymise", *match.span())


def is_hotline(text: str) -> bool:
    """Numbers of services, not of people: 15xx/16xx/18xx, 080, 1xx."""
    digits = re.sub(r"[^0-9]", "", text)
    if len(digits) == 8:
        return digits[:2] in ("15", "16", "18")
    return len(digits) <= 4 or digits.startswith("080")


def _accounts(text: str, kinds: frozenset[str]) -> Iterator[Hit]:
    for match in ACCOUNT.finditer(text):
        length = sum(character.isdigit() for character in match.group())
        if not 10 <= length <= 16:
            continue
        near = BANKS.search(text, max(0, match.start() - 15), min(len(text), match.end() + 15))
        bare = length == len(match.group())
        if (
            "bank_account" in kinds
            or (near and not bare)
            or (
                bare
                and SAID["bank_account"].search(text, max(0, match.start() - 15), match.start())
            )
        ):
            yield Hit("bank_account", "bank_account.keyword", "refuse", *match.span())


def _emails(text: str, _kinds: frozenset[str]) -> Iterator[Hit]:
    for match in EMAIL.finditer(text):
        yield Hit("email", "email.form", "pseudonymise", *match.span())


def _plates(text: str, kinds: frozenset[str]) -> Iterator[Hit]:
    for match in PLATE.finditer(text):
        if "address" not in kinds:
            yield Hit("plate", "plate.form", "pseudonymise", *match.span())


def _network(text: str, kinds: frozenset[str]) -> Iterator[Hit]:
    for match in MAC.finditer(text):
        yield Hit("mac", "mac.form", "pseudonymise", *match.span())
    for match in IP.finditer(text):
        try:
            public = ip_address(match.group()).is_global
        except ValueError:
            continue
        # 1.2.3.4 is a list of neighbourhoods or a chapter unless somebody says that it is not.
        listed = len(match.group()) == 7 and not _said("ip", text, match.start(), kinds)
        if public and not listed and "contrary" not in kinds:
            yield Hit("ip", "ip.public", "pseudonymise", *match.span())


def _devices(text: str, kinds: frozenset[str]) -> Iterator[Hit]:
    for match in DEVICE.finditer(text):
        if _said("device_id", text, match.start(), kinds) and checksums.luhn_check(match.group()):
            yield Hit("device_id", "device_id.imei", "pseudonymise", *match.span())
    if "device_id" in kinds:
        for match in DEVICE_UUID.finditer(text):
            yield Hit("device_id", "device_id.advertising", "pseudonymise", *match.span())


def _businesses(text: str, _kinds: frozenset[str]) -> Iterator[Hit]:
    for match in BUSINESS.finditer(text):
        if checksums.business_check(re.sub("-", "", match.group())):
            yield Hit("brn", "brn.check_digit", "pass", *match.span())


def _people(text: str, kinds: frozenset[str]) -> Iterator[Hit]:
    for match in NAMED.finditer(text):
        yield Hit("name", "name.keyword", "pseudonymise", *match.span(1))
    for match in BORN.finditer(text):
        yield Hit("dob", "dob.keyword", "generalise", *match.span())
    if "dob" in kinds and DATE.match(text):
        yield Hit("dob", "dob.header", "generalise", 0, len(text))
    for match in ADDRESS.finditer(text):
        yield Hit("address", "address.dwelling", "generalise", *match.span())


DETECTORS: tuple[Callable[[str, frozenset[str]], Iterator[Hit]], ...] = (
    _registrations,
    _cards,
    _licences,
    _passports,
    _devices,
    _phones,
    _businesses,
    _accounts,
    _emails,
    _plates,
    _network,
    _people,
)

"""Numbers and addresses by which a person is reached or recognised: replaced by tokens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import ip_address

from contributions.privacy import checksums
from contributions.privacy.documents import REGIONS
from contributions.privacy.hit import EDGE, END, Hit, said, said_thing, said_version

SEPARATOR = r"[\s.\-_)/]{0,3}"
MOBILE = re.compile(EDGE + rf"\(?01[016789]{SEPARATOR}[0-9]{{3,4}}{SEPARATOR}[0-9]{{4}}" + END)
ABROAD = re.compile(
    r"(?<![0-9A-Za-z])(?:\+|00)?82[ \-.]{0,2}\(?0?\)?[ \-.]?(?:1[016789]|2|[3-6][1-5]|70|50[0-9])"
    rf"{SEPARATOR}[0-9]{{3,4}}[ .\-]?[0-9]{{4}}" + END
)
LANDLINE = re.compile(
    EDGE + r"\(?0(?:2|3[1-3]|4[1-4]|5[1-5]|6[1-4]|70|50[0-9])[)\-.]\s?[0-9]{3,4}[\-.][0-9]{4}" + END
)
BARE_PHONE = re.compile(
    EDGE + r"(?:0[2-7][0-9]{7,9}|1[016789][0-9]{7,8}|0[2-7][0-9]? [0-9]{3,4} [0-9]{4}"
    r"|[2-9][0-9]{2,3}-[0-9]{4})" + END
)
LOCAL_PHONE = re.compile(r"[2-9][0-9]{6,7}")
# The host has no part of digits alone at its end; a blank on either side of the sign is a costume.
EMAIL = re.compile(
    r"[A-Za-z0-9][A-Za-z0-9._%+\-]*\s?@\s?[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)*\.[A-Za-z]{2,}"
    r"|[A-Za-z0-9](?:[A-Za-z0-9._%+\-]|\(dot\))*\s?(?:\(at\)|\[at\]|골뱅이)\s?[A-Za-z0-9\-]+"
    r"(?:\s?(?:\.|\(dot\)|\[dot\]|닷|점)\s?[A-Za-z]{2,})+"
)
PLATE_LETTERS = (
    "가나다라마거너더러머버서어저고노도로모보소오조구누두루무부수우주바사아자배하허호국합육해공"
)
REGION_BEFORE = "|".join(f"(?<={region})" for region in REGIONS.split("|"))
PLATE = re.compile(
    rf"(?<![0-9A-Za-z])(?:(?<![가-힣])|{REGION_BEFORE})\s?"
    rf"[0-9]{{2,3}}\s?[{PLATE_LETTERS}]\s?[0-9]{{4}}(?![0-9A-Za-z])"
)
HEADED_PLATE = re.compile(rf"[0-9]{{2,3}}\s?[{PLATE_LETTERS}]\s?[0-9]{{4}}")
MAC = re.compile(r"(?<![0-9A-Za-z:])(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}(?![0-9A-Za-z:-])")
DOTTED_MAC = re.compile(r"(?<![0-9A-Za-z.])(?:[0-9A-Fa-f]{4}\.){2}[0-9A-Fa-f]{4}(?![0-9A-Za-z.])")
BARE_MAC = re.compile(r"(?<![0-9A-Za-z])[0-9A-Fa-f]{12}(?![0-9A-Za-z])")
IP = re.compile(r"(?<![0-9A-Za-z가-힣.])(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?![0-9A-Za-z]|\.[0-9])")
IPV6 = re.compile(r"(?<![0-9A-Za-z:])[0-9A-Fa-f]{1,4}(?::[0-9A-Fa-f]{0,4}){3,7}(?![0-9A-Za-z:])")
DEVICE = re.compile(EDGE + r"(?:[0-9]{15}|[0-9]{2}[ -][0-9]{6}[ -][0-9]{6}[ -][0-9])" + END)
DEVICE_UUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
MAC_DIGITS, IMEI_DIGITS, UUID_LENGTH = 12, 15, 36
BUSINESS = re.compile(EDGE + r"[0-9]{3}-[0-9]{2}-[0-9]{5}" + END)
BARE_BUSINESS = re.compile(EDGE + r"[0-9]{10}" + END)


def phones(text: str, kinds: frozenset[str]) -> Iterator[Hit]:
    said_column = "phone" in kinds
    for pattern, needed in ((MOBILE, "01"), (ABROAD, "82"), (LANDLINE, "0")):
        for match in pattern.finditer(text) if needed in text else ():
            bare = match.group().isdigit()
            if bare and said_thing(text, match.start(), kinds) and not said_column:
                continue
            if bare and pattern is ABROAD and not said("phone", text, match.start(), kinds):
                continue
            rule = "phone.landline" if pattern is LANDLINE else "phone.mobile"
            yield Hit("phone", rule, "pseudonymise", *match.span())
    for match in BARE_PHONE.finditer(text):
        if said("phone", text, match.start(), kinds) and not is_hotline(match.group()):
            yield Hit("phone", "phone.keyword", "pseudonymise", *match.span())
    if said_column and LOCAL_PHONE.fullmatch(text.strip()):
        yield Hit("phone", "phone.keyword", "pseudonymise", 0, len(text))


def is_hotline(text: str) -> bool:
    """Numbers of services, not of people: 15xx/16xx/18xx, 080, 1xx, 02-120."""
    digits = re.sub(r"[^0-9]", "", text)
    if len(digits) == 8:
        return digits[:2] in ("15", "16", "18")
    return len(digits) <= 4 or re.fullmatch("0[2-6][0-9]?1[0-9]{2}|080[0-9]*", digits) is not None


def emails(text: str, _kinds: frozenset[str]) -> Iterator[Hit]:
    if not any(mark in text for mark in ("@", "(at)", "[at]", "골뱅이")):
        return
    for match in EMAIL.finditer(text):
        yield Hit("email", "email.form", "pseudonymise", *match.span())


def plates(text: str, kinds: frozenset[str]) -> Iterator[Hit]:
    # What stands around it is looked at only where one stands.
    if HEADED_PLATE.search(text) is None:
        return
    pattern = HEADED_PLATE if "plate" in kinds else PLATE
    for match in pattern.finditer(text):
        if "address" not in kinds:
            yield Hit("plate", "plate.form", "pseudonymise", *match.span())


def network(text: str, kinds: frozenset[str]) -> Iterator[Hit]:
    colons, points = text.count(":"), text.count(".")
    for match in MAC.finditer(text) if colons or "-" in text else ():
        yield Hit("mac", "mac.form", "pseudonymise", *match.span())
    for pattern in (DOTTED_MAC, BARE_MAC) if len(text) >= MAC_DIGITS else ():
        for match in pattern.finditer(text):
            dotted = pattern is DOTTED_MAC and re.search("[A-Fa-f]", match.group()) is not None
            if dotted or said("mac", text, match.start(), kinds):
                yield Hit("mac", "mac.keyword", "pseudonymise", *match.span())
    for match in IPV6.finditer(text) if colons >= 3 else ():
        if _is_public(match.group()):
            yield Hit("ip", "ip.public", "pseudonymise", *match.span())
    for match in IP.finditer(text) if points >= 3 else ():
        announced = said("ip", text, match.start(), kinds)
        # 1.2.3.4 is a list of neighbourhoods or a chapter unless somebody says that it is not.
        listed = len(match.group()) == 7 and not announced
        version = said_version(text, match.start(), kinds) and not announced
        if _is_public(match.group()) and not listed and not version:
            yield Hit("ip", "ip.public", "pseudonymise", *match.span())


def _is_public(text: str) -> bool:
    try:
        return ip_address(text).is_global
    except ValueError:
        return False


def devices(text: str, kinds: frozenset[str]) -> Iterator[Hit]:
    for match in DEVICE.finditer(text) if len(text) >= IMEI_DIGITS else ():
        digits = re.sub("[^0-9]", "", match.group())
        announced = "device" in kinds or said("device_id", text, match.start(), kinds)
        if announced and checksums.luhn_check(digits):
            yield Hit("device_id", "device_id.imei", "pseudonymise", *match.span())
    for match in DEVICE_UUID.finditer(text) if len(text) >= UUID_LENGTH else ():
        if said("device_id", text, match.start(), kinds):
            yield Hit("device_id", "device_id.advertising", "pseudonymise", *match.span())


def businesses(text: str, kinds: frozenset[str]) -> Iterator[Hit]:
    for match in BUSINESS.finditer(text):
        if checksums.business_check(re.sub("-", "", match.group())):
            yield Hit("brn", "brn.check_digit", "pass", *match.span())
    if "brn" in kinds:
        for match in BARE_BUSINESS.finditer(text):
            if checksums.business_check(match.group()):
                yield Hit("brn", "brn.check_digit", "pass", *match.span())

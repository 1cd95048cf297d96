"""One thing seen in one cell, and the words around it that speak for or against a person."""

from __future__ import annotations

import re
from dataclasses import dataclass

from contributions.privacy.result import Action

# Python's \b sees no edge between a digit and a Hangul letter, and its \d takes the digits of every
# script: edges are written out, and digits are [0-9].
EDGE = r"(?<![0-9A-Za-z])(?<![0-9]\.)(?<![0-9]-)"
END = r"(?![0-9A-Za-z])(?!-[0-9])(?!\.[0-9]*[1-9])"
WINDOW = 32  # characters before a number in which a keyword counts
THING_WINDOW = 20

SAID = {
    "rrn": re.compile(
        r"주민(?=등록|번호|\s?[:(]?\s?$)|rrn|resident\s?(?:reg|no|id|num)|jumin", re.IGNORECASE
    ),
    "frn": re.compile(r"외국인|거소|frn|alien|foreigner|\barc\b", re.IGNORECASE),
    "passport": re.compile(r"여권|passport", re.IGNORECASE),
    "driver_license": re.compile(r"면허|licen[cs]e", re.IGNORECASE),
    "card": re.compile(r"카드|card|신용|visa|master|amex", re.IGNORECASE),
    "bank_account": re.compile(r"계좌|account", re.IGNORECASE),
    "phone": re.compile(r"전화|연락|휴대|핸드폰|폰|tel|phone|mobile|☎|call", re.IGNORECASE),
    "device_id": re.compile(r"imei|단말|adid|idfa|gaid|광고\s?id|advertising", re.IGNORECASE),
    "ip": re.compile(r"(?<![A-Za-z])ip|접속", re.IGNORECASE),
    "mac": re.compile(r"(?<![A-Za-z])mac|맥\s?주소", re.IGNORECASE),
    "home": re.compile(
        r"(?<![가-힣])집|자택|거주|사는\s?곳|주소지|본가|home|my house"
        r"|(?<![a-z])liv(?:es?|ing) |resid(?:es|ing|ence)",
        re.IGNORECASE,
    ),
    "dob": re.compile(r"생년월일|출생|생일|birth|dob|born", re.IGNORECASE),
}
SAID_THING = re.compile(
    r"바코드|법인|gtin|isbn|barcode|serial|일련|시리얼|송장|상품|제품|주문|센서|운송|모델|tracking|timestamp"
    r"|(?<![a-z])(?:ean|order|seq|sensor|s/?n|ts|model)(?![a-z-])",
    re.IGNORECASE,
)
SAID_VERSION = re.compile(
    r"펌웨어|버전|빌드|version|firmware|build|release|(?<![a-z])v(?:er)?[. ]", re.IGNORECASE
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


def said(kind: str, text: str, start: int, kinds: frozenset[str]) -> bool:
    """Does the column's name, or a word shortly before, announce this kind?"""
    return kind in kinds or SAID[kind].search(text, max(0, start - WINDOW), start) is not None


def said_thing(text: str, start: int, kinds: frozenset[str]) -> bool:
    """Does the column's name, or a word shortly before, speak of a thing with a number?"""
    near = SAID_THING.search(text, max(0, start - THING_WINDOW), start)
    return "contrary" in kinds or near is not None


def thing_is_nearer(kind: str, text: str, start: int) -> bool:
    """Does a word for a thing stand between the word that announces this kind and the number?

    A text about a foreigner can tell of a bar code.
    """
    begin = max(0, start - WINDOW)
    announced = [match.end() for match in SAID[kind].finditer(text, begin, start)]
    things = [match.end() for match in SAID_THING.finditer(text, begin, start)]
    return bool(things) and max(things) > max(announced, default=start)


def said_version(text: str, start: int, kinds: frozenset[str]) -> bool:
    near = SAID_VERSION.search(text, max(0, start - THING_WINDOW), start)
    return "contrary" in kinds or near is not None


def said_corporate(text: str, start: int, kinds: frozenset[str]) -> bool:
    near = SAID_CORPORATE.search(text, max(0, start - THING_WINDOW), start)
    return "corporate" in kinds or near is not None

"""Invented people and the things that look like them: labelled cases for the personal-data gate.

Everything is drawn from a seed and made up by rule; the check digits are worked out here once more,
independently of the code under test.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

WEIGHTS = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)


@dataclass(frozen=True)
class Case:
    """`kind`: what the gate must report, "" for what it must let pass."""

    kind: str
    column: str
    text: str


def registration(draw: random.Random, *, foreign: bool = False, valid: bool = True) -> str:
    """13 digits of somebody born from 1940 to 2015."""
    year, month, day = draw.randint(1940, 2015), draw.randint(1, 12), draw.randint(1, 28)
    century = (5 if foreign else 1) + (2 if year >= 2000 else 0) + draw.randint(0, 1)
    digits = f"{year % 100:02}{month:02}{day:02}{century}{draw.randint(0, 99999):05}"
    total = sum(int(digit) * weight for digit, weight in zip(digits, WEIGHTS, strict=True))
    check = ((13 if foreign else 11) - total % 11) % 10
    return digits + str(check if valid else (check + draw.randint(1, 9)) % 10)


def recent_registration(draw: random.Random) -> str:
    """Somebody born after September 2020: the last digits mean nothing."""
    year, month = draw.randint(2021, 2025), draw.randint(1, 12)
    return (
        f"{year % 100:02}{month:02}{draw.randint(1, 28):02}"
        f"{draw.randint(3, 4)}{draw.randint(0, 999999):06}"
    )


def with_check(digits: str, weights: tuple[int, int]) -> str:
    """Append a check digit of the kind that articles (1, 3) and companies (1, 2) use."""
    total = sum(int(digit) * weights[place % 2] for place, digit in enumerate(digits))
    return digits + str((10 - total % 10) % 10)


def card(draw: random.Random) -> str:
    digits = draw.choice("45") + "".join(draw.choice("12345") for _ in range(14))
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value // 10 + value % 10
    return digits + str((10 - total % 10) % 10)


def hyphened(digits: str, *sizes: int) -> str:
    parts, start = [], 0
    for size in sizes:
        parts.append(digits[start : start + size])
        start += size
    return "-".join(parts)


def number(draw: random.Random, length: int) -> str:
    return "".join(draw.choice("0123456789") for _ in range(length))


def refused(draw: random.Random) -> Iterator[Case]:
    """What no call may receive, in the forms in which it usually comes."""
    full = registration(draw)
    foreign = registration(draw, foreign=True)
    yield Case("rrn", "비고", hyphened(full, 6, 7))
    yield Case("rrn", "비고", hyphened(registration(draw, valid=False), 6, 7))
    yield Case("rrn", "memo", f"본인은{hyphened(full, 6, 7)}입니다")
    yield Case("rrn", "주민등록번호", full)
    yield Case("rrn", "주민등록번호", recent_registration(draw))
    yield Case("rrn", "비고", f"주민번호 {registration(draw, valid=False)}")
    yield Case("rrn", "번호", full)
    yield Case("rrn", "비고", f"{full[:6]} - {full[6:]}")
    yield Case("rrn", "비고", f"{full[:6]}–{full[6:]}")
    yield Case("rrn", "비고", "".join(chr(ord(each) + 0xFEE0) for each in hyphened(full, 6, 7)))
    yield Case("rrn", "비고", f"{full[:3]}\u200b{full[3:6]}-{full[6:]}")
    yield Case("rrn", "비고", f"{full[:6]} {full[6:]}")
    yield Case("frn", "비고", hyphened(foreign, 6, 7))
    yield Case("frn", "외국인등록번호", foreign)
    yield Case("card", "비고", hyphened(card(draw), 4, 4, 4, 4))
    yield Case("card", "카드번호", card(draw))
    yield Case("card", "비고", f"신용카드 {card(draw)} 결제")
    yield Case("passport", "여권번호", f"M{number(draw, 8)}")
    yield Case("passport", "비고", f"여권 M{number(draw, 3)}A{number(draw, 4)}")
    yield Case("driver_license", "운전면허번호", f"11-{hyphened(number(draw, 10), 2, 6, 2)}")
    yield Case("driver_license", "비고", f"면허 13-{hyphened(number(draw, 10), 2, 6, 2)} 확인")
    yield Case("bank_account", "비고", f"국민은행 {hyphened('9' + number(draw, 13), 6, 2, 6)}")
    yield Case("bank_account", "계좌번호", f"110{hyphened(number(draw, 9), 0, 3, 6)}")


def rewritten(draw: random.Random) -> Iterator[Case]:
    """What may come in only without its person."""
    mobile = f"010-{draw.randint(2000, 9999)}-{number(draw, 4)}"
    yield Case("phone", "비고", mobile)
    yield Case("phone", "비고", f"연락처는{mobile}입니다")
    yield Case("phone", "비고", mobile.replace("-", ""))
    yield Case("phone", "비고", mobile.replace("-", "."))
    yield Case("phone", "비고", mobile.replace("-", " "))
    yield Case("phone", "비고", f"+82 {mobile[1:]}")
    yield Case("phone", "비고", "02-2133-" + number(draw, 4))
    yield Case("phone", "전화번호", "031)555-" + number(draw, 4))
    yield Case("phone", "비고", "0505-123-" + number(draw, 4))
    yield Case("email", "비고", f"user{number(draw, 3)}@example.co.kr")
    yield Case("email", "비고", f"문의: user.{number(draw, 2)}@example.com으로")
    yield Case("plate", "비고", f"{number(draw, 2)}가{number(draw, 4)}")
    yield Case("plate", "비고", f"서울 {number(draw, 2)}바 {number(draw, 4)}")
    yield Case("ip", "비고", f"203.248.{draw.randint(10, 250)}.{draw.randint(1, 250)}")
    yield Case("mac", "비고", "00:1A:2B:3C:4D:" + number(draw, 2))
    yield Case("dob", "생년월일", f"19{draw.randint(50, 99)}-0{draw.randint(1, 9)}-15")
    yield Case("name", "비고", "성명: 홍길동")
    yield Case("address", "비고", f"상계로 {draw.randint(1, 99)}, 101동 {draw.randint(101, 999)}호")


def harmless(draw: random.Random) -> Iterator[Case]:
    """What only looks like a person."""
    yield Case("", "바코드", with_check("880" + number(draw, 9), (1, 3)))
    yield Case("", "상품코드", with_check("978" + number(draw, 9), (1, 3)))
    yield Case("", "법인등록번호", hyphened(with_check("110111" + number(draw, 6), (1, 2)), 6, 7))
    yield Case(
        "", "비고", f"법인번호 {hyphened(with_check('110111' + number(draw, 6), (1, 2)), 6, 7)}"
    )
    yield Case("", "센서ID", f"SN-{registration(draw, valid=False)}")
    yield Case("", "측정일시", str(draw.randint(1_500_000_000_000, 1_900_000_000_000)))
    yield Case("", "측정일시", f"2024{draw.randint(10, 12)}15123045")
    yield Case("", "측정일시", "2024-01-15 12:30:45")
    yield Case("", "값", f"0.{registration(draw)}")
    yield Case("", "값", f"{draw.random() * 1000:.10f}")
    yield Case("", "위도", f"37.{number(draw, 10)}")
    yield Case("", "비고", f"{recent_registration(draw)[:6]}9{number(draw, 6)}")
    yield Case("", "비고", f"0.0101234{number(draw, 4)}")
    yield Case("", "비고", f"카드 {hyphened('4' + '0' * 14 + '1', 4, 4, 4, 4)}")
    yield Case("", "전화번호", f"1588-{number(draw, 4)}")
    yield Case("", "비고", "다산콜 120, 소방 119, 대표번호 1577-0000")
    yield Case("", "모델", f"M{number(draw, 8)}")
    yield Case("", "행정동", "종로1.2.3.4가동")
    yield Case("", "비고", "192.168.0." + str(draw.randint(1, 250)))
    yield Case("", "주소", f"서울특별시 중구 세종대로 {draw.randint(1, 300)}")
    yield Case("", "공원명", "신림동 3호 어린이공원")
    yield Case("", "측정소명", draw.choice(("종로구", "강남대로", "한강대로", "노원구")))
    yield Case("", "이름", draw.choice(("서울역", "남산공원", "강남구", "정릉천")))
    yield Case("", "주문번호", f"2411{number(draw, 2)}-{number(draw, 7)}")

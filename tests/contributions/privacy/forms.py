"""The single forms behind the labelled cells: identifiers, ways of writing, costumes."""

# ruff: noqa: E501

from __future__ import annotations

import random
import re
from collections.abc import Callable

from tests.contributions.privacy.people import hyphened, number, recent_registration, registration

FAMILY = (
    "김",
    "이",
    "박",
    "최",
    "정",
    "강",
    "조",
    "윤",
    "장",
    "임",
    "한",
    "오",
    "서",
    "신",
    "권",
    "황",
)
GIVEN = (
    "민준",
    "서연",
    "도윤",
    "지우",
    "하은",
    "준서",
    "영희",
    "철수",
    "현",
    "수빈",
    "예린",
    "성호",
    "미경",
    "정숙",
)
FIRST = ("John", "Mary", "Jisoo", "Minho", "David", "Emily", "Sarah", "Hyejin", "Robert", "Anna")
LAST = ("Smith", "Kim", "Park", "Johnson", "Lee", "Brown", "Choi", "Miller", "Jung", "Davis")
PLACES = (
    "서울숲",
    "남산공원",
    "노원구",
    "강남대로",
    "정릉천",
    "종로3가역",
    "월드컵공원",
    "City Hall",
    "보라매공원",
    "중랑천",
)
AREA = ("02", "031", "032", "033", "041", "042", "043", "044", "051", "052", "053", "054", "055",
        "061", "062", "063", "064")  # fmt: skip
ROADS = ("상계로", "세종대로", "테헤란로", "노해로", "도봉로", "한글비석로", "동일로", "월계로")
DISTRICTS = ("노원구", "도봉구", "중구", "강남구", "마포구", "은평구")
PLATE_SYLLABLES = "가나다라마거너더러머버서어저고노도로모보소오조구누두루무부수우주하허호"
FULL_WIDTH = {ord(each): ord(each) + 0xFEE0 for each in "0123456789-"}


def resident(draw: random.Random, *, valid: bool = True) -> str:
    return hyphened(registration(draw, valid=valid), 6, 7)


def child(draw: random.Random) -> str:
    return hyphened(recent_registration(draw), 6, 7)


def foreigner(draw: random.Random, *, valid: bool = True) -> str:
    return hyphened(registration(draw, foreign=True, valid=valid), 6, 7)


def passport(draw: random.Random) -> str:
    letter = draw.choice("MSRODG")
    if draw.random() < 0.5:
        return letter + number(draw, 8)
    return f"{letter}{number(draw, 3)}{draw.choice('ABCDEFGH')}{number(draw, 4)}"


def licence(draw: random.Random) -> str:
    region = draw.choice(
        ("11", "12", "13", "14", "15", "16", "17", "18", "19", "20", "21", "26", "28")
    )
    return f"{region}-{number(draw, 2)}-{number(draw, 6)}-{number(draw, 2)}"


def _luhn(digits: str) -> str:
    total = sum(
        sum(divmod(int(digit) * (2 if place % 2 == 0 else 1), 10))
        for place, digit in enumerate(reversed(digits))
    )
    return digits + str(-total % 10)


def american_card(draw: random.Random) -> str:
    return hyphened(_luhn(draw.choice(("34", "37")) + number(draw, 12)), 4, 6, 5)


def account(draw: random.Random) -> str:
    """Lengths and groups of six Korean banks."""
    sizes = draw.choice(((6, 2, 6), (3, 3, 6), (3, 4, 4, 2), (4, 3, 6), (4, 2, 7), (3, 6, 5)))
    return hyphened(draw.choice("123456789") + number(draw, sum(sizes) - 1), *sizes)


def mobile(draw: random.Random) -> str:
    prefix = draw.choice(("010",) * 9 + ("011",))
    middle = draw.randint(2000, 9999) if prefix == "010" else draw.randint(200, 999)
    return f"{prefix}-{middle}-{number(draw, 4)}"


def abroad(draw: random.Random) -> str:
    rest = f"10-{draw.randint(2000, 9999)}-{number(draw, 4)}"
    return draw.choice(("+82 ", "+82-", "+82", "0082 ")) + rest


def landline(draw: random.Random) -> str:
    return f"{draw.choice(AREA)}-{draw.randint(200, 9999)}-{number(draw, 4)}"


def virtual(draw: random.Random) -> str:
    prefix = draw.choice(("070", "0502", "0503", "0504", "0505", "0507", "0508"))
    return f"{prefix}-{draw.randint(2000, 9999)}-{number(draw, 4)}"


def local_number(draw: random.Random) -> str:
    """As neighbours write it, without the area."""
    return f"{draw.choice('2346789')}{number(draw, draw.choice((2, 3)))}-{number(draw, 4)}"


def email(draw: random.Random) -> str:
    name = draw.choice((f"{draw.choice(LAST).lower()}{number(draw, 2)}", f"j.{draw.choice(LAST).lower()}",
                        f"{draw.choice(FIRST)}_{number(draw, 3)}", f"mj-{number(draw, 4)}"))  # fmt: skip
    host = draw.choice(
        ("naver.com", "gmail.com", "hanmail.net", "seoul.go.kr", "example.co.kr", "kaist.ac.kr")
    )
    return f"{name}@{host}"


def plate(draw: random.Random) -> str:
    gap = draw.choice(("", " "))
    digits = number(draw, draw.choice((2, 3)))
    return f"{digits}{draw.choice(PLATE_SYLLABLES)}{gap}{number(draw, 4)}"


def old_plate(draw: random.Random) -> str:
    region = draw.choice(("서울", "경기", "부산", "인천"))
    gap = draw.choice(("", " "))
    return f"{region}{gap}{number(draw, 2)}{gap}{draw.choice('바사아자')}{gap}{number(draw, 4)}"


def imei(draw: random.Random) -> str:
    return _luhn(draw.choice(("35", "86", "01")) + number(draw, 12))


def grouped_imei(draw: random.Random) -> str:
    return hyphened(imei(draw), 2, 6, 6, 1)


def public_ip(draw: random.Random) -> str:
    first = draw.choice((58, 61, 110, 112, 121, 175, 203, 211, 218, 220, 223))
    return f"{first}.{draw.randint(11, 255)}.{draw.randint(11, 255)}.{draw.randint(10, 254)}"


def public_ipv6(draw: random.Random) -> str:
    return "2001:e60:" + ":".join(f"{draw.randint(1, 65535):x}" for _ in range(6))


def mac(draw: random.Random) -> str:
    octets = [f"{draw.randint(0, 255):02X}" for _ in range(6)]
    text = draw.choice((":", "-")).join(octets)
    return draw.choice((text, text.lower()))


def dotted_mac(draw: random.Random) -> str:
    return ".".join(f"{draw.randint(0, 65535):04x}" for _ in range(3))


def korean_name(draw: random.Random) -> str:
    return draw.choice(FAMILY) + draw.choice(GIVEN)


def english_name(draw: random.Random) -> str:
    return f"{draw.choice(FIRST)} {draw.choice(LAST)}"


def _born(draw: random.Random) -> tuple[int, int, int]:
    return draw.randint(1940, 2015), draw.randint(1, 12), draw.randint(1, 28)


def birthday(draw: random.Random) -> str:
    year, month, day = _born(draw)
    form = draw.choice(
        ("{}-{:02}-{:02}", "{}.{:02}.{:02}", "{}/{:02}/{:02}", "{}{:02}{:02}", "{}. {}. {}.")
    )
    return form.format(year, month, day)


def short_birthday(draw: random.Random) -> str:
    year, month, day = _born(draw)
    return f"{year % 100:02}{month:02}{day:02}"


def spoken_birthday(draw: random.Random) -> str:
    return "{}년 {}월 {}일".format(*_born(draw))


def english_birthday(draw: random.Random) -> str:
    year, _month, day = _born(draw)
    month = draw.choice(("January", "March", "May", "Jul", "Sep", "December", "Feb"))
    return draw.choice((f"{month} {day}, {year}", f"{day} {month} {year}"))


def house(draw: random.Random) -> str:
    district, road = draw.choice(DISTRICTS), draw.choice(ROADS)
    alley = draw.choice(("", f"{draw.randint(1, 90)}길 "))
    return f"서울특별시 {district} {road}{alley or ' '}{draw.randint(1, 300)}"


def dwelling(draw: random.Random) -> str:
    flat = draw.choice(("{}동 {}호", "{}동{}호", "{}-{}호", "{}동 {}호 (은빛아파트)"))
    floor_and_room = draw.randint(1, 25) * 100 + draw.randint(1, 8)
    return (
        house(draw) + draw.choice((", ", " ")) + flat.format(draw.randint(101, 120), floor_and_room)
    )


def english_dwelling(draw: random.Random) -> str:
    unit = draw.choice(("Apt {}", "#{}", "Unit {}", "Apt. 101-{}", "Room {}")).format(
        draw.randint(101, 2504)
    )
    road = draw.choice(("Sanggye-ro", "Sejong-daero", "Teheran-ro", "Dobong-ro 12-gil"))
    district = draw.choice(("Nowon-gu", "Jung-gu", "Gangnam-gu"))
    return draw.choice((f"{unit}, {draw.randint(1, 300)} {road}, {district}, Seoul",
                        f"{draw.randint(1, 300)} {road}, {unit}, {district}, Seoul"))  # fmt: skip


def position(draw: random.Random) -> str:
    gap = draw.choice((", ", ",", " "))
    return f"37.{number(draw, 5)}{draw.randint(1, 9)}{gap}12{draw.choice('67')}.{number(draw, 5)}{draw.randint(1, 9)}"


def business(draw: random.Random) -> str:
    digits = f"{draw.randint(101, 620)}{draw.choice(('81', '82', '86', '87', '05', '12'))}{number(draw, 4)}"
    total = (
        sum(int(d) * int(w) for d, w in zip(digits, "137137135", strict=True))
        + int(digits[8]) * 5 // 10
    )
    return hyphened(digits + str(-total % 10), 3, 2, 5)


def advertising(draw: random.Random) -> str:
    digits = "".join(draw.choice("0123456789abcdef") for _ in range(32))
    return hyphened(digits, 8, 4, 4, 4, 12)


def moment(draw: random.Random) -> str:
    form = draw.choice(("{}{:02}{:02}{:02}{:02}{:02}", "{}-{:02}-{:02} {:02}:{:02}:{:02}"))
    return form.format(draw.randint(2015, 2026), draw.randint(1, 12), draw.randint(1, 28),
                       draw.randint(0, 23), draw.randint(0, 59), draw.randint(0, 59))  # fmt: skip


def day(draw: random.Random) -> str:
    form = draw.choice(("{}{:02}{:02}", "{}-{:02}-{:02}", "{}.{:02}.{:02}"))
    return form.format(draw.randint(1985, 2026), draw.randint(1, 12), draw.randint(1, 28))


def spoken(draw: random.Random) -> str:
    words = "공일이삼사오육칠팔구"
    return "".join(words[int(each)] if each.isdigit() else " " for each in mobile(draw))


# Costumes: what a text becomes when somebody, or some program, dresses it up.
def full_width(_draw: random.Random, text: str) -> str:
    return text.translate(FULL_WIDTH)


def zero_width(draw: random.Random, text: str) -> str:
    place = draw.randint(1, len(text) - 2)
    return text[:place] + draw.choice("\u200b\u200c\u200d\u2060\ufeff") + text[place:]


def zero_width_everywhere(draw: random.Random, text: str) -> str:
    return draw.choice("\u200b\u2060").join(text)


def odd_dash(draw: random.Random, text: str) -> str:
    return text.replace("-", draw.choice("–—‐‑−－"))


def spaced_dash(_draw: random.Random, text: str) -> str:
    return text.replace("-", " - ")


def dots(_draw: random.Random, text: str) -> str:
    return text.replace("-", ".")


def blanks(_draw: random.Random, text: str) -> str:
    return text.replace("-", " ")


def spread(_draw: random.Random, text: str) -> str:
    """A blank behind every digit."""
    return " ".join(text.replace("-", ""))


def spread_around_dashes(_draw: random.Random, text: str) -> str:
    return " ".join(text)


def spread_by_points(draw: random.Random, text: str) -> str:
    return re.sub(r"(?<=\d)-?(?=\d)", draw.choice(".-"), text)


def underscores(_draw: random.Random, text: str) -> str:
    return text.replace("-", "_")


def slashes(_draw: random.Random, text: str) -> str:
    return text.replace("-", "/")


def between_hangul(_draw: random.Random, text: str) -> str:
    return f"번호는{text}입니다"


def circled(_draw: random.Random, text: str) -> str:
    marks = dict(zip("123456789", "①②③④⑤⑥⑦⑧⑨", strict=True), **{"0": "⓪"})
    return "".join(marks.get(each, each) for each in text)


def letters(_draw: random.Random, text: str) -> str:
    """An O for every zero, as typewriters taught."""
    return text.replace("0", "O") if "0" in text else full_width(_draw, text)


def odd_blank(draw: random.Random, text: str) -> str:
    return text.replace("-", draw.choice("\u00a0\u2003\u3000\t"))


Costume = Callable[[random.Random, str], str]
COSTUMES: tuple[Costume, ...] = (
    full_width, zero_width, zero_width_everywhere, odd_dash, spaced_dash, dots, blanks, spread,
    spread_around_dashes, spread_by_points, underscores, slashes, between_hangul, circled, letters,
    odd_blank,
)  # fmt: skip
MAIL_COSTUMES: tuple[Callable[[str], str], ...] = (
    lambda text: text.replace("@", " (at) "),
    lambda text: text.replace("@", "[at]"),
    lambda text: text.replace("@", " 골뱅이 "),
    lambda text: text.replace("@", "＠"),
    lambda text: text.replace("@", " @ "),
    lambda text: text.replace("@", "(at)").replace(".", "(dot)"),
)

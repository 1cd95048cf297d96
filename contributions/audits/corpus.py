"""Made-up cells to try the personal-data gate on: nobody's numbers, drawn from a seed.

Written from the public forms of the identifiers; check digits are worked out here once more, so
that a mistake of the gate's own arithmetic is seen. Pure: the same cells on every machine.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Final

SEED: Final = "dure-audit-corpus/2"
EACH: Final = 20
DISTRICTS: Final = ("강남구", "도봉구", "종로구", "구로구", "금천구", "서초구")
SEXES: Final = ("남성", "여성")
ORIGINS: Final = ("내국인", "외국인")
CARRIERS: Final = (
    "{district} {sex} {origin} 민원: {said}{text}",
    "{said}{text} 확인 바랍니다 ({district}, {sex}, {origin})",
    "{origin} {sex} 신청 건, {said}{text}, {district}",
)
#: Names as people of several origins bear them; each must be found alike.
NAMES: Final = ("김민준", "이서연", "남궁도윤", "제갈하은", "윤지우", "탁영희", "어수빈", "옥성호")
#: So many positions of one person draw a path.
STEPS: Final = 3
_DIGITS: Final = "0123456789"
_HEX: Final = "0123456789abcdef"
_ROADS: Final = ("테헤란로", "한빛로", "솔샘로", "새문안로", "도당로2길")


@dataclass(frozen=True)
class Cell:
    """``kind`` is what the gate must report, "" for what it must let pass.

    The text is ``carrier`` with a group of people in it; ``said`` announces ``text``.
    """

    kind: str
    carrier: str
    said: str
    text: str

    def written(self, district: int = 0, sex: int = 0, origin: int = 0) -> str:
        """The text as it would stand about somebody of these groups."""
        return self.carrier.format(
            district=DISTRICTS[district % len(DISTRICTS)],
            sex=SEXES[sex % len(SEXES)],
            origin=ORIGINS[origin % len(ORIGINS)],
            said=self.said,
            text=self.text,
        )


def registration(dice: Random, century: str, base: int) -> str:
    """A registration number whose check digit is right; the digit says sex and origin."""
    born = f"{dice.randint(50, 99)}{dice.randint(1, 12):02}{dice.randint(1, 28):02}"
    digits = born + century + _digits(dice, 5)
    total = sum(int(d) * w for d, w in zip(digits, (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5),
                                           strict=True))  # fmt: skip
    return f"{digits[:6]}-{digits[6:]}{(base - total % 11) % 10}"


def _digits(dice: Random, count: int) -> str:
    return "".join(dice.choice(_DIGITS) for _ in range(count))


def _card(dice: Random) -> str:
    digits = "4" + _digits(dice, 14)
    doubled = (int(d) * (2 if place % 2 == 0 else 1) for place, d in enumerate(digits))
    check = -sum(value - 9 if value > 9 else value for value in doubled) % 10
    whole = f"{digits}{check}"
    return "-".join(whole[at : at + 4] for at in range(0, 16, 4))


def _article(dice: Random) -> str:
    digits = "880" + _digits(dice, 9)
    total = sum(int(d) * (1 if place % 2 == 0 else 3) for place, d in enumerate(digits))
    return f"{digits}{-total % 10}"


def _phone(dice: Random) -> str:
    return f"010-{dice.randint(2000, 9999)}-{_digits(dice, 4)}"


def _email(dice: Random) -> str:
    return f"{dice.choice(('minjun', 'seoyeon', 'jiwoo'))}{_digits(dice, 3)}@example.com"


def _plate(dice: Random) -> str:
    return f"{dice.randint(100, 699)}{dice.choice('가나다라마')}{dice.randint(1000, 9999)}"


def _passport(dice: Random) -> str:
    """The form until 2021, and the one since then with a letter among the digits."""
    issued = dice.choice("MS")
    later = f"{issued}{_digits(dice, 3)}{dice.choice('ABCDEFG')}{_digits(dice, 4)}"
    return dice.choice((issued + _digits(dice, 8), later))


def _licence(dice: Random) -> str:
    area = dice.choice(("11", "13", "21", "28", "서울 ", "경기 "))
    year, rest = _digits(dice, 2), f"{_digits(dice, 6)}-{_digits(dice, 2)}"
    return f"{area}{'-' if area.isdigit() else ''}{year}-{rest}"


def _account(dice: Random) -> str:
    blocks = dice.choice(((3, 3, 6), (6, 2, 6), (3, 2, 7), (4, 3, 6)))
    return "-".join(_digits(dice, size) for size in blocks)


def _dwelling(dice: Random) -> str:
    house = f"{dice.choice(_ROADS)} {dice.randint(1, 200)}"
    flat = f"{dice.randint(1, 20) * 100 + dice.randint(1, 8)}호"
    return f"{house} {dice.choice((flat, f'{dice.randint(101, 115)}동 {flat}'))}"


def _birthday(dice: Random) -> str:
    mark = dice.choice("-.")
    month, day = f"{dice.randint(1, 12):02}", f"{dice.randint(1, 28):02}"
    return f"{dice.randint(1940, 2012)}{mark}{month}{mark}{day}"


def _latitude(dice: Random) -> str:
    return f"37.{dice.randint(43000, 70000)}"


def _longitude(dice: Random) -> str:
    return f"{dice.choice(('126', '127'))}.{_digits(dice, 4)}{dice.randint(1, 9)}"


def _address_of_a_line(dice: Random) -> str:
    """Of a range that providers of the country give to their customers."""
    return f"{dice.choice(('211', '121', '59'))}.{dice.randint(1, 250)}.{dice.randint(1, 250)}.9"


def _card_of_a_network(dice: Random) -> str:
    pairs = ["".join(dice.choice(_HEX) for _ in range(2)) for _ in range(6)]
    return dice.choice(":-").join(pairs)


def _handset(dice: Random) -> str:
    digits = "35" + _digits(dice, 12)
    doubled = (int(d) * (2 if place % 2 else 1) for place, d in enumerate(digits))
    return f"{digits}{-sum(value - 9 if value > 9 else value for value in doubled) % 10}"


def _business(dice: Random) -> str:
    digits = f"{dice.randint(101, 699)}{dice.randint(10, 79)}{_digits(dice, 4)}"
    total = sum(int(d) * w for d, w in zip(digits, (1, 3, 7, 1, 3, 7, 1, 3, 5), strict=True))
    check = -(total + int(digits[8]) * 5 // 10) % 10
    return f"{digits[:3]}-{digits[3:5]}-{digits[5:]}{check}"


#: Kind, what announces it, and a maker of one of its kind.
PERSONAL: Final[tuple[tuple[str, str, Callable[[Random], str]], ...]] = (
    ("rrn", "", lambda dice: registration(dice, dice.choice("12"), 11)),
    ("frn", "", lambda dice: registration(dice, dice.choice("56"), 13)),
    ("card", "카드번호 ", _card),
    ("phone", "", _phone),
    ("email", "", _email),
    ("plate", "", _plate),
    ("name", "성명: ", lambda dice: dice.choice(NAMES)),
    ("passport", "여권번호 ", _passport),
    ("driver_license", "면허번호 ", _licence),
    ("bank_account", "계좌 ", _account),
    ("address", "주소 ", _dwelling),
    ("dob", "생년월일 ", _birthday),
    ("geo_point", "집 위치 ", lambda dice: f"{_latitude(dice)}, {_longitude(dice)}"),
    ("ip", "접속 ", _address_of_a_line),
    ("mac", "", _card_of_a_network),
    ("device_id", "단말 ", _handset),
)
HARMLESS: Final[tuple[tuple[str, Callable[[Random], str]], ...]] = (
    ("바코드 ", _article),
    ("미세먼지 ", lambda dice: f"{dice.randint(1, 180)}.{dice.randint(0, 9)} µg/m³"),
    ("측정소 ", lambda dice: dice.choice(("종로3가역", "서울숲", "남산공원", "월드컵공원"))),
    ("측정 시각 ", lambda dice: f"2026-{dice.randint(1, 12):02}-{dice.randint(1, 28):02} 07:00"),
    ("주문번호 ", lambda dice: f"2026{_digits(dice, 8)}"),
    ("소음 ", lambda dice: f"{dice.randint(30, 99)} dB"),
    ("사업자등록번호 ", _business),
    ("펌웨어 ", lambda dice: f"{dice.randint(1, 9)}.{dice.randint(10, 40)}.{dice.randint(1, 9)}.2"),
    ("주민센터 ", lambda dice: f"{dice.choice(_ROADS)} {dice.randint(1, 200)}"),
)


def cells() -> list[Cell]:
    """All cells: ``EACH`` of every kind, and as many of each harmless sort."""
    dice = Random(SEED)  # noqa: S311  # a corpus, no secret
    made = [
        Cell(kind, dice.choice(CARRIERS), said, make(dice))
        for kind, said, make in PERSONAL
        for _ in range(EACH)
    ]
    made += [
        Cell("", dice.choice(CARRIERS), said, make(dice))
        for said, make in HARMLESS
        for _ in range(EACH)
    ]
    return made


def pairs_of_registrations() -> list[tuple[str, ...]]:
    """The same birthday and serial as men and women, Koreans and foreigners are given them."""
    dice, pairs = Random(f"{SEED}/pairs"), []  # noqa: S311  # a corpus, no secret
    for _ in range(EACH):
        seed = dice.random()
        pairs.append(
            tuple(
                registration(Random(seed), century, base)  # noqa: S311
                for century, base in (("1", 11), ("2", 11), ("5", 13), ("6", 13))
            )
        )
    return pairs


def journeys() -> dict[str, list[str]]:
    """Columns of a table: ``EACH`` people, each at ``STEPS`` places; none of them alone tells."""
    dice = Random(f"{SEED}/journeys")  # noqa: S311  # a corpus, no secret
    columns: dict[str, list[str]] = {"회원번호": [], "위도": [], "경도": []}
    for person in range(EACH):
        for _ in range(STEPS):
            for name, value in (
                ("회원번호", f"M-{person:04}"),
                ("위도", _latitude(dice)),
                ("경도", _longitude(dice)),
            ):
                columns[name].append(value)
    return columns

"""The cast of the demo city: who lives, works and decides in it.

Everyone signs in with DEMO_PASSWORD. It protects nothing: the command that creates
these people refuses to run where the settings are not those of a demo or a developer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from demo.population import Sex
from dure.accounts.roles import Role

DEMO_PASSWORD: Final = "dure-demo-2026"  # noqa: S105 - documented, and guards nothing
DOMAIN: Final = "dure.example"


@dataclass(frozen=True)
class Member:
    """A person of the demo city. `district` is a five-digit code or "" where unverified."""

    handle: str
    name: str
    role: Role
    more_roles: tuple[Role, ...] = ()
    district: str = ""
    birth_year: int | None = None
    sex: Sex | Literal[""] = ""
    firm: str = ""
    language: Literal["ko", "en"] = "ko"

    @property
    def email(self) -> str:
        return f"{self.handle}@{DOMAIN}"

    @property
    def roles(self) -> tuple[Role, ...]:
        return (self.role, *self.more_roles)


@dataclass(frozen=True)
class Firm:
    handle: str
    korean: str
    english: str
    kind: Literal["firm", "institution"] = "firm"

    @property
    def name(self) -> dict[str, str]:
        return {"ko": self.korean, "en": self.english}


def _resident(
    handle: str,
    name: str,
    district: str,
    birth_year: int,
    sex: Sex,
    language: Literal["ko", "en"] = "ko",
) -> Member:
    return Member(
        handle,
        name,
        Role.RESIDENT,
        district=district,
        birth_year=birth_year,
        sex=sex,
        language=language,
    )


MINA: Final = _resident("mina", "김민아", "11320", 1992, "F")
JOON: Final = _resident("joon", "이준", "11680", 1985, "M")
RESIDENTS: Final = (
    MINA,
    JOON,
    _resident("soonja", "박순자", "11305", 1949, "F"),
    _resident("yeongho", "최영호", "11530", 1961, "M"),
    _resident("haneul", "정하늘", "11620", 2003, "F"),
    _resident("daniel", "Daniel Kim", "11170", 1978, "M", "en"),
    _resident("jiwoo", "윤지우", "11740", 1999, "M"),
    _resident("eunkyung", "한은경", "11500", 1970, "F"),
)

HANBIT: Final = Firm("hanbit", "한빛데이터", "Hanbit Data")
NURI: Final = Firm("nuri", "누리모빌리티", "Nuri Mobility")
CENTRE: Final = Firm("urban-ai", "도시인공지능연구센터", "Urban AI Centre", "institution")
FIRMS: Final = (HANBIT, NURI, CENTRE)

HANA: Final = Member("hana", "오하나", Role.FIRM_MEMBER, firm=HANBIT.handle)
TAEYANG: Final = Member("taeyang", "문태양", Role.FIRM_MEMBER, firm=NURI.handle)
DATA_USER: Final = Member("dohyun", "신도현", Role.DATA_USER, firm=CENTRE.handle)
SEO: Final = Member("seo", "서윤서", Role.AUDITOR)
KANG: Final = Member("kang", "강민재", Role.OPERATOR, (Role.APPROVER,))
LIM: Final = Member("lim", "임수빈", Role.OPERATOR, (Role.APPROVER,))
APPROVER: Final = Member("bae", "배정훈", Role.APPROVER)
ADMIN: Final = Member("admin", "노관리", Role.ADMIN)

CAST: Final = (
    *RESIDENTS,
    HANA,
    TAEYANG,
    DATA_USER,
    SEO,
    KANG,
    LIM,
    APPROVER,
    ADMIN,
)

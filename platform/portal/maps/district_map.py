"""The district map: boundaries from the data file, shades and sentences from a call's strata."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Literal, TypedDict

from django.utils.translation import gettext as _

from contributions.strata_labels import DISTRICTS
from dure.core.language import current, localized
from portal.formatting import exact
from portal.strata import Dimension, StratumRow

Shade = Literal["1", "2", "3", "4", "low", "none"]

# Size of label text in user units: CSS sets the same sizes on wide and on narrow screens.
_FAR, _NEAR = 17, 28


class _District(TypedDict):
    code: str
    path: str
    label: list[float]
    room: list[float]


class _Boundaries(TypedDict):
    width: int
    height: int
    districts: list[_District]


@dataclass(frozen=True)
class DrawnDistrict:
    code: str
    path: str
    x: float
    y: float
    short: str
    sentence: str
    shade: Shade
    href: str
    far_label: bool
    near_label: bool
    missed: bool


@dataclass(frozen=True)
class LegendEntry:
    shade: Shade
    label: str


@dataclass(frozen=True)
class DistrictMap:
    width: int
    height: int
    districts: tuple[DrawnDistrict, ...]
    legend: tuple[LegendEntry, ...]


@cache
def _boundaries() -> _Boundaries:
    file = Path(__file__).with_name("seoul.json")
    boundaries: _Boundaries = json.loads(file.read_text(encoding="utf-8"))
    return boundaries


def shade_of(row: StratumRow | None) -> Shade:
    """Amber for under-represented districts, else blue by coverage; grey without figures."""
    if row is None or not row.target:
        return "none"
    if row.under_represented:
        return "low"
    percent = exact(row.have) * 100 / exact(row.target)
    return "1" if percent < 50 else "2" if percent < 80 else "3" if percent < 100 else "4"


def _short(name: str) -> str:
    """``도봉`` for 도봉구, ``Dobong`` for Dobong-gu; 중구 keeps its two syllables."""
    if name.endswith("-gu"):
        return name.removesuffix("-gu")
    return name.removesuffix("구") if len(name) > 2 else name


def _text_width(text: str, size: int) -> float:
    """About how wide a text is: a syllable block is one em, a Latin letter about two thirds."""
    return sum(1.0 if letter > "\u1100" else 0.66 for letter in text) * size


def _legend(shades: Iterable[Shade], priced: bool) -> tuple[LegendEntry, ...]:
    labels: dict[Shade, str] = {
        "1": _("Coverage under 50%"),
        "2": _("50–79%"),
        "3": _("80–99%"),
        "4": _("100% and more"),
    }
    if priced:
        labels = {"low": _("Under-represented (reward ×1.25 and more)"), **labels}
    if "none" in set(shades):
        labels["none"] = _("No figures")
    return tuple(LegendEntry(shade, label) for shade, label in labels.items())


def district_map(rows: Mapping[str, StratumRow], anchor: str = "district-") -> DistrictMap:
    """Draw every district; ``rows`` are the strata of the district dimension by code.

    Each district links to its row of the table on the same page (``#<anchor><code>``).
    """
    boundaries = _boundaries()
    dimension = Dimension("district", "", tuple(rows.values()))
    missed = [row.key for row in dimension.missed_most]
    drawn = []
    for district in boundaries["districts"]:
        code = district["code"]
        row = rows.get(code)
        name = localized(DISTRICTS[code])
        short = _short(name)
        x, y = district["label"]
        room, height = district["room"]
        drawn.append(
            DrawnDistrict(
                code=code, path=district["path"], x=x, y=y, short=short,
                sentence=_sentence(name, row), shade=shade_of(row), href=f"#{anchor}{code}",
                far_label=_text_width(short, _FAR) <= room + 4,
                near_label=_text_width(short, _NEAR) <= room + 4 and height > 2 * _NEAR
                and (current() == "ko" or len(short) < 8),
                missed=code in missed,
            )
        )  # fmt: skip
    dearest_first = sorted(
        (each for each in drawn if each.missed), key=lambda each: missed.index(each.code)
    )
    drawn = [_beside(each, dearest_first) for each in drawn]
    priced = any(row.multiplier is not None for row in rows.values())
    return DistrictMap(
        boundaries["width"], boundaries["height"], tuple(drawn),
        _legend((district.shade for district in drawn), priced),
    )  # fmt: skip


def _beside(district: DrawnDistrict, missed: list[DrawnDistrict]) -> DrawnDistrict:
    """With the labels for which those that are missed most leave room: these are named whether
    they have room within their borders or not, and nothing stands across their names."""
    others = missed if not district.missed else missed[: missed.index(district)]
    return replace(
        district,
        far_label=(district.missed or district.far_label) and not _across(district, others, _FAR),
        near_label=(district.missed or district.near_label)
        and not _across(district, others, _NEAR),
    )


def _across(district: DrawnDistrict, others: list[DrawnDistrict], size: int) -> bool:
    """Whether its name, in letters of this size, would touch that of one of the others."""
    return any(
        abs(district.y - other.y) < size
        and abs(district.x - other.x) * 2
        < _text_width(district.short, size) + _text_width(other.short, size)
        for other in others
    )


def _sentence(name: str, row: StratumRow | None) -> str:
    """What the shape says to those who do not see it: ``도봉구: 충족률 41%, 보상 1.8배``."""
    if row is None:
        return _("%(district)s: no figures yet") % {"district": name}
    words = {"district": name, "coverage": row.coverage_text, "times": row.multiplier_number}
    if row.multiplier is None:
        return _("%(district)s: coverage %(coverage)s") % words
    return _("%(district)s: coverage %(coverage)s, reward ×%(times)s") % words

"""What the reports of the quarters before said, beside what this one says. Pure.

A table for each section: a row a quarter, a column a figure. The numbers are those that were
published and nothing is computed anew, so that what a report withheld stays withheld here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from governance.reports.documents import (
    DIGEST,
    Column,
    Figure,
    SectionDocument,
    Table,
    Texts,
    Value,
    table,
)

KEY: Final = "trend"
PERIOD: Final = "period"
#: Two years in quarters: more do not fit beside each other on a phone.
PERIODS_MOST: Final = 8
_QUARTER: Final = {"ko": "분기", "en": "Quarter"}


@dataclass(frozen=True)
class Published:
    """The newest edition of an earlier quarter."""

    period: str
    edition: int
    sha256: str
    sections: Sequence[SectionDocument]


def quarter_name(period: str) -> Texts:
    """``2026년 4분기`` and ``Q4 2026`` for ``2026-q4``."""
    year, _dash, number = period.partition("-q")
    return {"ko": f"{year}년 {number}분기", "en": f"Q{number} {year}"}


def trend_section(
    period: str, sections: Sequence[SectionDocument], earlier: Sequence[Published]
) -> SectionDocument | None:
    """The figures of ``sections`` in the row of ``period``, below those of ``earlier`` quarters.

    ``earlier`` has the oldest first; None where there is none to compare with. A figure that a
    report did not have yet is an empty text.
    """
    compared = list(earlier)[-(PERIODS_MOST - 1) :]
    if not compared:
        return None
    rows = [(each.period, each.sections) for each in compared] + [(period, sections)]
    return {
        "key": KEY,
        "title": {"ko": "분기별 추이", "en": "From quarter to quarter"},
        "figures": [],
        "tables": [
            *(_table(section, rows) for section in sections if section["figures"]),
            _sources(compared),
        ],
        "notes": [
            {
                "ko": "이전 분기의 수는 그 분기 보고서의 가장 새 판에 실린 그대로입니다. 거기에서 "
                "가린 수는 여기에서도 가리며, 그림에서는 점선 틀로 나타냅니다. 사람 수는 "
                "분기마다 따로 세므로 더할 수 없습니다.",
                "en": "Numbers of earlier quarters are those of the newest edition of their "
                "report; what that withholds is withheld here too, and a dashed frame in "
                "drawings. People are counted anew in each quarter, so their numbers cannot be "
                "added.",
            }
        ],
    }


def _table(
    section: SectionDocument, rows: Sequence[tuple[str, Sequence[SectionDocument]]]
) -> Table:
    figures = section["figures"]
    made = table(
        section["key"],
        section["title"],
        [(PERIOD, _QUARTER), *((each["key"], each["label"]) for each in figures)],
        [
            {PERIOD: period, **_values(figures, section["key"], sections)}
            for period, sections in rows
        ],
    )
    columns: list[Column] = [made["columns"][0]]
    for each in figures:
        columns.append({"key": each["key"], "label": each["label"], "unit": each["unit"]})
    return {
        **made,
        "columns": columns,
        "words": {PERIOD: {period: quarter_name(period) for period, _ in rows}},
        "over": PERIOD,
        "recompute": {"rule": "trend"},
    }


def _values(
    figures: Sequence[Figure], key: str, sections: Sequence[SectionDocument]
) -> dict[str, Value]:
    found = {
        figure["key"]: figure["value"]
        for section in sections
        if section["key"] == key
        for figure in section["figures"]
    }
    return {figure["key"]: found.get(figure["key"], "") for figure in figures}


def _sources(compared: Sequence[Published]) -> Table:
    made = table(
        "editions",
        {"ko": "비교한 보고서", "en": "Reports compared"},
        [
            (PERIOD, _QUARTER),
            ("edition", {"ko": "판", "en": "Edition"}),
            ("sha256", {"ko": "보고서의 SHA-256", "en": "SHA-256 of the report"}),
        ],
        [
            {"period": each.period, "edition": each.edition, "sha256": each.sha256}
            for each in compared
        ],
        units={"sha256": DIGEST},
    )
    return {
        **made,
        "words": {PERIOD: {each.period: quarter_name(each.period) for each in compared}},
        "recompute": {"rule": "editions"},
    }

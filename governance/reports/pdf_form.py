"""A report in print: tagged PDF/UA in one language, the same bytes whenever it is made again.

Every number is the text of the same value that JSON and CSV hold.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dure.core.canonical import Json
from dure.core.language import city_name, localized
from dure.core.pdf import compile_pdf
from governance.reports import wording
from governance.reports.charts import Trend, bars, trends
from governance.reports.documents import DIGEST, MOMENT, Column, Figure, SectionDocument, Table

if TYPE_CHECKING:
    from governance.reports.compute import AlgorithmLine, ReportDocument

_TEMPLATE: Final = (Path(__file__).parent / "report.typ").read_text(encoding="utf-8")
#: Columns of more text than this get the room that numbers leave.
_LONG: Final = 14
#: Letters of the longest number that stands above each column of a trend.
_SHORT: Final = 8


def report_pdf(
    document: ReportDocument,
    *,
    sha256: str,
    language: str,
    previous: ReportDocument | None = None,
) -> bytes:
    """The PDF of a report in "ko" or "en"; ``previous`` is the report of the quarter before."""
    with translation.override(language):
        made = printed(document, sha256, language, previous)
        return compile_pdf(_TEMPLATE, made)


def period_title(period: str) -> str:
    """``2026년 4분기`` for ``2026-q4``, in the language in force."""
    year, _dash, number = period.partition("-q")
    return _("Quarter %(quarter)s of %(year)s") % {"quarter": number, "year": year}


def printed(
    document: ReportDocument,
    sha256: str,
    language: str,
    previous: ReportDocument | None,
) -> dict[str, Any]:  # Any: what a template reads
    """Every text of a report as it is read, in the language in force."""
    name, organisation = period_title(document["period"]), city_name()
    title = _("Transparency report, %(period)s") % {"period": name}
    earlier = _figures_of(previous)
    return {
        "title": title,
        "language": language,
        "organisation": organisation,
        "running": f"{organisation} · {title} · {document['edition']}",
        "lead": _("Computed from the records, signed, and entered in the public log."),
        "contents": _("Contents"),
        "empty": _("Nothing in this period."),
        "facts_heads": [_("Particular"), _("Value")],
        "facts": _facts(document),
        "figure_heads": [
            _("Figure"),
            name,
            period_title(previous["period"]) if previous else _("Quarter before"),
        ],
        "sections": [_section(each, language, earlier) for each in document["sections"]],
        "method": {"title": _("Method and protection"), "text": cast("Json", method(document))},
        "rules": {
            "title": _("Which rules decided"),
            "heads": [_("Rule"), _("Version"), _("SHA-256 of the code")],
            "rows": [
                [rule_text(a), a["version"], a["code_sha256"]] for a in document["algorithms"]
            ],
        },
        "check": {
            "title": _("How to check this report"),
            "text": [
                _(
                    "The signed document is the JSON form of this report; what is printed here are "
                    "its numbers. The program dure-verify, a single file, compares hash and "
                    "signature and computes the figures again, from the report itself and from "
                    "the public log."
                )
            ],
            "rows": [["SHA-256", sha256]],
        },
    }


def rule_text(line: AlgorithmLine) -> str:
    """A rule by its name, or by its identifier in reports of before names."""
    return localized(line["name"]) if "name" in line else line["id"]


def method(document: ReportDocument) -> list[str]:
    """How the figures came about and what is withheld, a paragraph each, in the language in force.

    Pages and print say the same.
    """
    threshold = document["persons_threshold"]
    return [
        _(
            "Every figure is computed from the records by the program whose code is named below; "
            "nothing is typed by hand. Times are those of the city, a quarter begins and ends at "
            "midnight in Seoul."
        ),
        ngettext(
            "Counts of fewer than %(count)s person are withheld.",
            "Counts of fewer than %(count)s people are withheld. Where a withheld number could be "
            "found by subtracting the others from a total, a second one, or the total, is "
            "withheld too.",
            threshold,
        )
        % {"count": threshold},
        _(
            "Sums of money are withheld where fewer than five share them or where one of them "
            "could work out another's part (dominance and p% rule)."
        ),
        _(
            "A later edition of the same report withholds what would tell, beside an earlier one, "
            "of fewer people than that."
        ),
        _(
            "Shares are rounded to a tenth of a per cent. On pages, amounts are cut after two "
            "decimals (won: whole), so the last digit of a sum may differ. The exact values are in "
            "the JSON form."
        ),
    ]


def _facts(document: ReportDocument) -> list[Json]:
    moment = wording.moment
    state = _("complete") if document["complete"] else _("the quarter is still running")
    facts: list[Json] = [
        [_("Period"), f"{moment(document['starts_at'])} – {moment(document['ends_at'])}"],
        [_("State"), state],
        [_("Edition"), str(document["edition"])],
        [_("Computed"), moment(document["computed_at"])],
    ]
    if superseded := document.get("supersedes"):
        facts.append(
            [_("Supersedes"), _("edition %(edition)s") % {"edition": superseded["edition"]}]
        )
    if reason := document.get("correction"):
        facts.append([_("Why corrected"), reason])
    return facts


def _figures_of(document: ReportDocument | None) -> dict[tuple[str, str], Figure]:
    sections = document["sections"] if document else []
    return {(s["key"], figure["key"]): figure for s in sections for figure in s["figures"]}


def _section(
    section: SectionDocument, language: str, earlier: dict[tuple[str, str], Figure]
) -> Json:
    def before(figure: Figure) -> str:
        found = earlier.get((section["key"], figure["key"]))
        return "–" if found is None else wording.figure_text(found, language)

    return {
        "key": section["key"],
        "title": section["title"][language],
        "figures": [
            [each["label"][language], wording.figure_text(each, language), before(each)]
            for each in section["figures"]
        ],
        "tables": [_table(table, language) for table in section["tables"]],
        "notes": [note[language] for note in section.get("notes", [])],
    }


def _table(table: Table, language: str) -> Json:
    columns = wording.shown_columns(table)
    rows = [
        [wording.cell_text(table, column, row, language) for column in columns]
        for row in table["rows"]
    ]
    numbers = [wording.is_number(table, column) for column in columns]
    return {
        "title": table["title"][language],
        "note": table.get("note", {}).get(language, ""),
        "heads": [column["label"][language] for column in columns],
        "numbers": cast("Json", numbers),
        "digests": [column.get("unit") == DIGEST for column in columns],
        "widths": _widths(columns, numbers, rows),
        "rows": cast("Json", rows),
        "charts": [
            {
                "title": chart.title,
                "alt": chart.sentence,
                "bars": [
                    {"label": bar.label, "text": bar.text, "part": int(bar.part * 1000)}
                    for bar in chart.bars
                ],
            }
            for chart in bars(table, language)
        ],
        "trends": [_trend(trend) for trend in trends(table, language)],
    }


def _trend(trend: Trend) -> Json:
    """Numbers that would run into each other stand in the table; the newest is always said."""
    fits = all(len(point.text) <= _SHORT for point in trend.points)
    return {
        "title": trend.title if fits else f"{trend.title}: {trend.points[-1].text}",
        "alt": trend.sentence,
        "points": [
            {
                "label": point.label,
                "text": point.text if fits or point.part is None else "",
                "part": -1 if point.part is None else int(point.part * 1000),
            }
            for point in trend.points
        ],
    }


def _widths(columns: list[Column], numbers: list[bool], rows: list[list[str]]) -> list[Json]:
    """0 for a column as wide as its content, else its part of what is left; one takes the rest."""
    widths = []
    for place, (column, number) in enumerate(zip(columns, numbers, strict=True)):
        longest = max((len(row[place]) for row in rows), default=0)
        fits = number or column.get("unit") == MOMENT or longest <= _LONG
        widths.append(2 if column.get("unit") == DIGEST else 0 if fits else 3)
    if not any(widths):
        texts = [place for place, number in enumerate(numbers) if not number]
        widths[texts[0] if texts else 0] = 1
    return cast("list[Json]", widths)

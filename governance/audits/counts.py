"""What an audit asks of the disclosure control of counts: a reader tries to undo it.

The reader has every edition of every report that was published and subtracts: totals and parts,
purposes of a call, editions of a quarter, quarters in a row. Written apart from what withholds, on
the bytes that were published.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from random import Random
from typing import Final, NamedTuple

from dure.core.canonical import sha256_hex
from governance.audits.data import Absent, AuditData, Share, Trial
from governance.models import Report
from governance.reports.compute import ReportDocument
from governance.reports.differencing import apart
from governance.reports.disclosure import suppress_counts
from governance.reports.documents import PERSONS, SectionDocument, Table, protected
from governance.reports.subtracting import totals_apart

#: A count from one up to below this tells of a few people.
FEW: Final = 5
#: Reports that are read, the newest.
REPORTS_MOST: Final = 40
TABLES_TRIED: Final = 500
SEED: Final = "dure-audit-tables/1"
Suppress = Callable[..., list[int | None]]


class Count(NamedTuple):
    """A count of persons as a reader finds it: where it stands and what it says."""

    place: tuple[str, ...]
    value: int | None


def disclosure_of_counts() -> AuditData:
    """What readers of all published reports can find out about a few people."""
    reports = list(Report.objects.order_by("-published_at", "-id")[:REPORTS_MOST])[::-1]
    documents = [report.document for report in reports]
    return AuditData(
        shares=tuple(_withheld(documents)),
        counterfactuals=(row_order(suppress_counts),),
        replay=_nothing_more(documents),
        conservation=(
            _as_signed(reports),
            small_counts(documents),
            totals_and_parts(documents),
            purposes_of_a_call(documents),
            editions_of_a_quarter(documents),
            quarters_in_a_row(documents),
            made_up_tables(suppress_counts),
        ),
        absent={
            "selection": Absent.NO_PERSONS,
            "measures": Absent.NO_TEST,
            "inequality": Absent.NO_REWARD,
            "reasons": Absent.ONE_REASON,
            "representation": Absent.NO_WEIGHING,
            "drift": Absent.NO_SERIES,
            "appeals": Absent.NO_OBJECTION,
        },
    )


def _few(difference: int) -> bool:
    return 1 <= difference < FEW


def _columns(table: Table) -> list[str]:
    return [column["key"] for column in table["columns"] if column.get("unit") == PERSONS]


def counts(section: SectionDocument) -> Iterator[Count]:
    """Every count of persons of a section, shown or withheld."""
    for figure in section["figures"]:
        if figure["unit"] == PERSONS:
            told = figure["value"]
            yield Count((figure["key"],), told if isinstance(told, int) else None)
    for table in section["tables"]:
        named = [c["key"] for c in table["columns"] if c.get("unit") != PERSONS]
        for row in table["rows"]:
            texts = tuple(str(row.get(name)) for name in named if isinstance(row.get(name), str))
            for column in _columns(table):
                value = row.get(column)
                yield Count((table["key"], *texts, column),
                            value if isinstance(value, int) else None)  # fmt: skip


def small_counts(documents: Sequence[ReportDocument]) -> Trial:
    """No count of one to four persons stands in a report."""
    shown = [
        count.value
        for document in documents
        for section in document["sections"]
        for count in counts(section)
        if count.value is not None
    ]
    return Trial("no-small-count-is-shown", len(shown), sum(map(_few, shown)))


def totals_and_parts(documents: Sequence[ReportDocument]) -> Trial:
    """No total less one of its parts, and no sum of parts less the total, tells of a few."""
    tried = broken = 0
    for document in documents:
        for section in document["sections"]:
            totals = {f["key"]: f["value"] for f in section["figures"] if f["unit"] == PERSONS}
            for table in section["tables"]:
                for column in _columns(table):
                    total = totals.get(column)
                    if not isinstance(total, int):
                        continue
                    cells = [row.get(column) for row in table["rows"]]
                    shown = [cell for cell in cells if isinstance(cell, int)]
                    tried += 1
                    whole = len(shown) == len(cells) > 1
                    broken += any(_few(total - cell) for cell in shown) or (
                        whole and _few(sum(shown) - total)
                    )
    return Trial("totals-tell-of-nobody", tried, broken)


def purposes_of_a_call(documents: Sequence[ReportDocument]) -> Trial:
    """No two purposes of a call differ by a few who agreed to the one alone."""
    tried = broken = 0
    for document in documents:
        for section in document["sections"]:
            for table in section["tables"]:
                if section["key"] != "consent" or table["key"] != "by-purpose":
                    continue
                agreed: dict[str, list[int]] = defaultdict(list)
                for row in table["rows"]:
                    value = row.get("given")
                    if isinstance(value, int):
                        agreed[str(row["call"])].append(value)
                for values in agreed.values():
                    for one, other in combinations(values, 2):
                        tried += 1
                        broken += _few(abs(one - other))
    return Trial("purposes-tell-of-nobody", tried, broken)


def editions_of_a_quarter(documents: Sequence[ReportDocument]) -> Trial:
    """No two editions of a quarter differ by a few in any count that both of them show."""
    tried = broken = 0
    by_period: dict[str, list[dict[tuple[str, ...], int]]] = defaultdict(list)
    for document in documents:
        by_period[document["period"]].append(
            {
                (section["key"], *count.place): count.value
                for section in document["sections"]
                # What a trend repeats was shown by the reports that it names.
                if section["key"] != "trend"
                for count in counts(section)
                if count.value is not None
            }
        )
    for editions in by_period.values():
        for one, other in combinations(editions, 2):
            for place in one.keys() & other.keys():
                tried += 1
                broken += _few(abs(one[place] - other[place]))
    return Trial("editions-tell-of-nobody", tried, broken)


def quarters_in_a_row(documents: Sequence[ReportDocument]) -> Trial:
    """All who agreed in the quarters so far, less all who withdrew, are nobody or not a few."""
    newest: dict[str, ReportDocument] = {}
    for document in sorted(documents, key=lambda each: (each["period"], each["edition"])):
        newest[document["period"]] = document
    stay: dict[tuple[str, ...], int] = defaultdict(int)
    unknown: set[tuple[str, ...]] = set()
    tried = broken = 0
    for period in sorted(newest):
        found = {
            count.place: count.value
            for section in newest[period]["sections"]
            if section["key"] == "consent"
            for count in counts(section)
        }
        for place in {place[:-1] for place in found}:
            came, went = found.get((*place, "given")), found.get((*place, "withdrawn"))
            if came is None or went is None:
                unknown.add(place)
            if place not in unknown:
                stay[place] += (came or 0) - (went or 0)
                tried += 1
                broken += _few(stay[place])
    return Trial("quarters-tell-of-nobody", tried, broken)


def made_up_tables(suppress: Suppress) -> Trial:
    """Of made-up tables whose totals are known, no withheld cell can be told to be small.

    The reader knows that every withheld cell is at least one, so that none is more than the rest of
    the total less one for each other; where that is below five, all of them are told.
    """
    broken = 0
    for table in _tables():
        shown = suppress(table, total_is_known=True)
        rest = sum(table) - sum(cell for cell in shown if cell is not None)
        hidden = sum(cell is None for cell in shown)
        spare = any(cell is not None and cell >= FEW for cell in shown)
        open_small = any(cell is not None and _few(cell) for cell in shown)
        # With nothing left that could be withheld too, it is the total that goes.
        told = hidden > 0 and rest - (hidden - 1) < FEW and spare
        broken += open_small or told
    return Trial("made-up-tables-cannot-be-solved", TABLES_TRIED, broken)


def row_order(suppress: Suppress) -> Trial:
    """Which counts are withheld does not depend on the order of the rows."""
    broken = 0
    for table in _tables():
        forth = suppress(table, total_is_known=True)
        back = suppress(table[::-1], total_is_known=True)
        # Of equal counts the first is withheld, so that values are compared and not places.
        broken += sorted(map(str, forth)) != sorted(map(str, back))
    return Trial("row-order-of-counts", TABLES_TRIED, broken)


def _tables() -> Iterator[list[int]]:
    dice = Random(SEED)  # noqa: S311  # made-up tables, no secret
    for _ in range(TABLES_TRIED):
        yield [dice.choice((0, 1, 2, 3, 4, 5, 6, 9, 14, 40)) for _ in range(dice.randint(1, 8))]


def _as_signed(reports: Sequence[Report]) -> Trial:
    """The bytes of every report are those whose hash was logged."""
    broken = sum(sha256_hex(bytes(report.body)) != report.sha256 for report in reports)
    return Trial("reports-are-as-logged", len(reports), broken)


def _nothing_more(documents: Sequence[ReportDocument]) -> Trial:
    """Withholding once more, beside the same earlier editions, withholds nothing more."""
    broken = 0
    for place, document in enumerate(documents):
        sections = [each for each in document["sections"] if each["key"] != "trend"]
        earlier = [
            each["sections"] for each in documents[:place] if each["period"] == document["period"]
        ]
        broken += apart([totals_apart(protected(each)) for each in sections], earlier) != sections
    return Trial("nothing-more-to-withhold", len(documents), broken)


def _withheld(documents: Sequence[ReportDocument]) -> Iterator[Share]:
    """The share of counts of persons that each report withholds, by section."""
    for document in documents:
        name = f"report:{document['period']}/{document['edition']}"
        for section in document["sections"]:
            found = list(counts(section))
            if found and section["key"] != "trend":
                hidden = sum(count.value is None for count in found)
                yield Share("withheld-counts", name, section["key"], hidden, len(found), None)

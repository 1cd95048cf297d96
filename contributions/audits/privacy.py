"""What an audit asks of the personal-data gate: whom it refuses, what it misses, what sways it.

Files are deleted once they are decided, so the gate is tried on a corpus that the audit makes
itself (``contributions.audits.corpus``), and on what it let through.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from typing import Final
from uuid import UUID

import pyarrow as pa
from django.db.models import Count, Exists, OuterRef

from contributions.audits import corpus
from contributions.audits.groups import groups_by, shares_by, windows
from contributions.audits.kept import LOOKED_AT, ROWS_MOST
from contributions.calls.document import declared_columns
from contributions.models import Contribution, Finding, Stage, State
from contributions.pipeline.keys import pseudonym_key
from contributions.pipeline.tables import ROW, from_parquet
from contributions.privacy import scan
from dure.core.blobs import path_of
from dure.core.models import Blob
from governance.audits.appeals import appeals_against
from governance.audits.data import Absent, AuditData, Drift, Measure, Trial

REFUSED: Final = "personal-data-refused"
#: States in which the gate has had its say.
_DECIDED: Final = (State.ACCEPTED, State.RETURNED, State.REJECTED)
#: What may not go on at all is found nearly always; of the rest a little may be missed.
RECALL_LEAST: Final = dict.fromkeys(
    ("rrn", "frn", "passport", "driver_license", "card", "bank_account"), Fraction(99, 100)
)
LEAST: Final = Fraction(95, 100)
#: What the gate does to a text, by its row.
Done = list[frozenset[str]]
Gate = Callable[[Sequence[str]], Done]
#: What the gate finds in each row of a table of several columns.
TableGate = Callable[[Mapping[str, Sequence[str]]], Done]


def personal_data_gate() -> AuditData:
    """Refused and masked, by group; recall and precision on made-up cells; what must not sway."""
    decided = Contribution.objects.filter(state__in=_DECIDED, test=False)
    refused = decided.filter(state=State.REJECTED, reason_rule=REFUSED)
    parties = set(decided.values_list("party_id", flat=True))
    turned_away = set(refused.values_list("party_id", flat=True))
    return AuditData(
        groups=groups_by(parties, parties - turned_away),
        shares=shares_by("masked", _masked()),
        measures=(*measured(reports), followed(rows_report)),
        reasons=_types(),
        counterfactuals=tuple(swayed(actions)),
        replay=_repeated(actions),
        conservation=(_refused_is_gone(), _refused_is_told(), _nothing_went_through()),
        drift=(_now_and_before(),),
        appeals=appeals_against("contribution", refused.values_list("receipt", flat=True)),
        absent={
            "inequality": Absent.NO_REWARD,
            "representation": Absent.NO_WEIGHING,
        },
    )


def reports(texts: Sequence[str]) -> Done:
    """Which types the gate finds in each text."""
    return _scanned(texts, lambda finding: finding.type)


def actions(texts: Sequence[str]) -> Done:
    """What the gate does about each text."""
    return _scanned(texts, lambda finding: finding.action)


def rows_report(columns: Mapping[str, Sequence[str]]) -> Done:
    """Which types the gate finds in each row of a table."""
    return _found_in(columns, lambda finding: finding.type)


def _scanned(texts: Sequence[str], said: Callable[..., str]) -> Done:
    return _found_in({"비고": texts}, said)


def _found_in(columns: Mapping[str, Sequence[str]], said: Callable[..., str]) -> Done:
    table = pa.table({name: pa.array(list(own), pa.string()) for name, own in columns.items()})
    found: list[set[str]] = [set() for _ in range(table.num_rows)]
    for finding in scan(table, pseudonym_key=b"audit").findings:
        if finding.row is not None and finding.action != "pass":
            found[finding.row - 1].add(said(finding))
    return [frozenset(each) for each in found]


def measured(gate: Gate) -> list[Measure]:
    """Recall of each type, and the precision of everything that is reported."""
    cells = corpus.cells()
    found = gate([cell.written(place, place // 2, place // 3) for place, cell in enumerate(cells)])
    right, there = Counter[str](), Counter[str]()
    reported = 0
    for cell, types in zip(cells, found, strict=True):
        there[cell.kind] += 1
        reported += bool(types)
        right[cell.kind] += cell.kind in types
    kinds = [kind for kind, _said, _make in corpus.PERSONAL]
    true = sum(right[kind] for kind in kinds)
    return [
        *(
            Measure(f"recall.{kind}", right[kind], there[kind], RECALL_LEAST.get(kind, LEAST))
            for kind in kinds
        ),
        Measure("precision", true, reported, LEAST),
    ]


def followed(gate: TableGate) -> Measure:
    """Recall of paths: several places of one person, which no column gives away alone."""
    found = gate(corpus.journeys())
    right = sum("trajectory" in types for types in found)
    return Measure("recall.trajectory", right, len(found), LEAST)


def swayed(gate: Gate) -> list[Trial]:
    """What the gate does about a text may not depend on whose it is.

    ``district``, ``sex``, ``origin``: the same text about somebody of another group;
    ``registration-number``: the number itself of men and women, Koreans and foreigners;
    ``row-order``: the same rows backwards.
    """
    cells = corpus.cells()
    usual = gate([cell.written() for cell in cells])
    trials = []
    for name, others in (("district", len(corpus.DISTRICTS)), ("sex", 2), ("origin", 2)):
        broken: set[int] = set()
        for other in range(1, others):
            again = gate([cell.written(**{name: other}) for cell in cells])
            broken |= {at for at, pair in enumerate(zip(usual, again, strict=True))
                       if pair[0] != pair[1]}  # fmt: skip
        trials.append(Trial(f"text-{name}", len(cells), len(broken)))
    pairs = corpus.pairs_of_registrations()
    done = [gate(list(each)) for each in zip(*pairs, strict=True)]
    unlike = sum(len(set(each)) > 1 for each in zip(*done, strict=True))
    trials.append(Trial("registration-number", len(pairs), unlike))
    backwards = gate([cell.written() for cell in reversed(cells)])[::-1]
    moved = sum(one != two for one, two in zip(usual, backwards, strict=True))
    return [*trials, Trial("row-order", len(cells), moved)]


def _repeated(gate: Gate) -> Trial:
    """The same file twice is answered twice alike."""
    texts = [cell.written() for cell in corpus.cells()]
    pairs = zip(gate(texts), gate(texts), strict=True)
    return Trial("same-file-same-findings", len(texts), sum(one != two for one, two in pairs))


def _masked() -> dict[UUID, tuple[int, int]]:
    """Files of each party in which something was masked, and all that went on from the gate."""
    found = Finding.objects.filter(contribution=OuterRef("id"), stage=Stage.PRIVACY)
    rows = (
        Contribution.objects.filter(state__in=(State.ACCEPTED, State.RETURNED), test=False)
        .annotate(masked=Exists(found))
        .values_list("party_id", "masked")
    )
    sums: dict[UUID, list[int]] = defaultdict(lambda: [0, 0])
    for party, masked in rows.iterator():
        sums[party][0] += masked
        sums[party][1] += 1
    return {party: (part, whole) for party, (part, whole) in sums.items()}


def _types() -> dict[str, int]:
    """Which rule found something, and in the files of how many contributors."""
    rows = (
        Finding.objects.filter(stage=Stage.PRIVACY, contribution__test=False)
        .values_list("rule")
        .annotate(people=Count("contribution__party", distinct=True))
        .order_by()
    )
    return {str(rule): int(people) for rule, people in rows}


def _refused() -> list[Contribution]:
    refused = Contribution.objects.filter(state=State.REJECTED, reason_rule=REFUSED)
    return list(refused.select_related("source", "records", "outcome"))


def _refused_is_gone() -> Trial:
    """Of a refused file nothing is kept."""
    refused = _refused()
    kept = sum(
        any(blob is not None and _is_kept(blob) for blob in (c.source, c.records, c.outcome))
        for c in refused
    )
    return Trial("refused-file-is-gone", len(refused), kept)


def _is_kept(blob: Blob) -> bool:
    return blob.purged_at is None or path_of(blob.id).exists()


def _refused_is_told() -> Trial:
    """Whoever was refused reads where in the file and by which rule."""
    refused = _refused()
    told = set(
        Finding.objects.filter(
            contribution__in=refused, stage=Stage.PRIVACY, params__action="refuse"
        ).values_list("contribution_id", flat=True)
    )
    return Trial("refusal-shows-its-place", len(refused), sum(c.id not in told for c in refused))


def _nothing_went_through() -> Trial:
    """What was let through holds nothing for which a file is refused, looked at once more."""
    tried = broken = 0
    newest = Contribution.objects.filter(
        state=State.ACCEPTED,
        records__isnull=False,
        records__purged_at=None,
        received__lte=ROWS_MOST,
    ).select_related("records", "call_version")
    for each in newest.order_by("-accepted_at", "id")[:LOOKED_AT]:
        table = from_parquet(each.records).drop_columns([ROW])
        declared = declared_columns(each.call_version.document)
        verdict = scan(table, pseudonym_key=pseudonym_key(each.call_id), declared=declared)
        tried += 1
        broken += verdict.refused
    return Trial("nothing-refusable-went-through", tried, broken)


def _now_and_before() -> Drift:
    before, after = windows()
    return Drift("refusals", before=_outcomes(*before), after=_outcomes(*after))


def _outcomes(start: datetime, end: datetime) -> dict[str, int]:
    decided = Contribution.objects.filter(
        state__in=_DECIDED, test=False, submitted_at__gte=start, submitted_at__lt=end
    )
    refused = decided.filter(reason_rule=REFUSED).count()
    return {"refused": refused, "taken": decided.count() - refused}

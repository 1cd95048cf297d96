"""What an audit asks of the duplicate rule: whose records it marks, and whether it does so again.

The fingerprints of what is stored are worked out once more and compared with those that are held;
records in another order, another spelling or another call are compared with what they were.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

import numpy as np
import pyarrow as pa
from django.db import connection
from django.db.models import Sum

from contributions.audits.groups import groups_by, shares_by, windows
from contributions.audits.kept import newest_kept
from contributions.duplicates import fingerprints
from contributions.models import Contribution, RecordFingerprint, State
from contributions.pipeline.duplicates import NUMERIC_TYPES, spelled
from contributions.pipeline.keys import fingerprint_key
from contributions.pipeline.quality import ACCEPTED, VERDICT
from contributions.pipeline.tables import ROW, from_parquet
from contributions.registries import settled
from governance.audits.appeals import appeals_against
from governance.audits.data import Absent, AuditData, Drift, Trial

#: Records for which others wait, by who has them, and those for which an earlier one waits.
_OVERTAKEN: Final = """
SELECT own.id, count(*), count(*) FILTER (WHERE
    (coalesce(heir.corrected_at, heir.submitted_at), heir.id)
        < (coalesce(own.corrected_at, own.submitted_at), own.id))
FROM contributions_recordfingerprint held
JOIN contributions_waitingrecord waiting
  ON waiting.call_id = held.call_id AND waiting.digest = held.digest
JOIN contributions_contribution own ON own.id = held.contribution_id
JOIN contributions_contribution heir ON heir.id = waiting.contribution_id
WHERE heir.state = 'accepted' AND heir.excluded_at IS NULL
  AND own.state = 'accepted' AND own.excluded_at IS NULL
GROUP BY own.id
"""
Print = Callable[..., list[bytes]]


class Looked(NamedTuple):
    """A contribution's accepted records as the rule reads them, and what it needs to know."""

    contribution: Contribution
    table: pa.Table
    key: list[str] | None
    numeric: list[str]


def duplicate_rule() -> AuditData:
    """Records that were marked, by group; whether who counts for what follows again."""
    decided = Contribution.objects.filter(state=State.ACCEPTED, test=False)
    parties = set(decided.values_list("party_id", flat=True))
    counted = set(decided.filter(accepted__gt=0).values_list("party_id", flat=True))
    looked = list(_looked_at())
    return AuditData(
        groups=groups_by(parties, counted),
        shares=shares_by("duplicate", _marked()),
        counterfactuals=tuple(swayed(looked, fingerprints)),
        replay=replayed(looked, fingerprints),
        conservation=(_counts_once(looked), _first_comes_first()),
        drift=(_now_and_before(),),
        appeals=appeals_against(
            "contribution", decided.filter(duplicate__gt=0).values_list("receipt", flat=True)
        ),
        absent={
            "measures": Absent.NO_TEST,
            "inequality": Absent.NO_REWARD,
            "reasons": Absent.ONE_REASON,
            "representation": Absent.NO_WEIGHING,
        },
    )


def _looked_at() -> Iterator[Looked]:
    """The newest accepted contributions whose call compares records exactly."""
    for each in newest_kept():
        document = each.call_version.document
        rule = document["duplicates"] or {}
        if not rule.get("near"):
            yield Looked(each, _accepted_rows(each, document), rule.get("key"), _numeric(document))


def _accepted_rows(
    contribution: Contribution,
    document: dict[str, Any],  # Any: the call document
) -> pa.Table:
    outcome = from_parquet(contribution.outcome)
    accepted = np.nonzero(outcome.column(VERDICT).to_numpy() == ACCEPTED)[0]
    rows = from_parquet(contribution.records).take(pa.array(accepted)).drop_columns([ROW])
    return spelled(rows, document["schema"])


def _numeric(document: dict[str, Any]) -> list[str]:  # Any: the call document
    fields = document["schema"]["fields"]
    return [field["name"] for field in fields if field.get("type") in NUMERIC_TYPES]


def _prints(looked: Looked, table: pa.Table, printed: Print, key: bytes = b"") -> list[bytes]:
    return printed(
        table,
        key=looked.key,
        digest_key=key or fingerprint_key(looked.contribution.call_id),
        numeric=looked.numeric,
    )


def replayed(looked: Collection[Looked], printed: Print) -> Trial:
    """Each record that counts has just the fingerprint that is held for its contribution."""
    broken = 0
    for each in looked:
        held = RecordFingerprint.objects.filter(contribution=each.contribution.id)
        digests = {bytes(digest) for digest in held.values_list("digest", flat=True)}
        broken += set(_prints(each, each.table, printed)) != digests
    return Trial("fingerprints-follow-again", len(looked), broken)


def swayed(looked: Collection[Looked], printed: Print) -> Iterator[Trial]:
    """What must make no difference to which records are the same, and what must make one.

    ``record-order`` and ``column-order``: the records backwards, the columns the other way round;
    ``spelling``: blanks around a value; ``calls-apart``: the same records in another call are not
    recognised, so that nobody can be followed from call to call.
    """
    broken = Counter[str]()
    for each in looked:
        own = _prints(each, each.table, printed)
        size = each.table.num_rows
        backwards = each.table.take(pa.array(range(size - 1, -1, -1), pa.int64()))
        names = each.table.column_names
        broken["record-order"] += _prints(each, backwards, printed)[::-1] != own
        broken["column-order"] += _prints(each, each.table.select(names[::-1]), printed) != own
        broken["spelling"] += _prints(each, _padded(each.table), printed) != own
        other = _prints(each, each.table, printed, key=b"another call")
        broken["calls-apart"] += not set(own).isdisjoint(other)
    for name in ("record-order", "column-order", "spelling", "calls-apart"):
        yield Trial(name, len(looked), broken[name])


def _padded(table: pa.Table) -> pa.Table:
    return pa.table(
        {
            name: pa.array(
                [None if value is None else f" {value} " for value in column.to_pylist()],
                pa.string(),
            )
            for name, column in zip(table.column_names, table.columns, strict=True)
        }
    )


def _counts_once(looked: Collection[Looked]) -> Trial:
    """A contribution counts for as many records as fingerprints are held for it, none twice."""
    broken = 0
    for each in looked:
        held = RecordFingerprint.objects.filter(contribution=each.contribution.id).count()
        broken += held != each.contribution.accepted
    return Trial("every-record-counts-once", len(looked), broken)


def _first_comes_first() -> Trial:
    """A record counts for whoever sent it first, unless it was paid to somebody before."""
    with connection.cursor() as cursor:
        cursor.execute(_OVERTAKEN)
        rows: list[tuple[UUID, int, int]] = cursor.fetchall()
    paid = settled(own for own, _waiting, _earlier in rows)
    free = [(waiting, earlier) for own, waiting, earlier in rows if own not in paid]
    return Trial(
        "first-comes-first",
        sum(waiting for waiting, _earlier in free),
        sum(earlier for _waiting, earlier in free),
    )


def _marked() -> dict[UUID, tuple[int, int]]:
    """Records of each party that were marked, and all that came so far."""
    rows = (
        Contribution.objects.filter(state=State.ACCEPTED, test=False)
        .values_list("party_id")
        .annotate(marked=Sum("duplicate"), counted=Sum("accepted"))
        .order_by()
    )
    found: dict[UUID, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for party, marked, counted in rows:
        found[party] = (int(marked), int(marked) + int(counted))
    return dict(found)


def _now_and_before() -> Drift:
    before, after = windows()
    return Drift("duplicates", before=_outcomes(*before), after=_outcomes(*after))


def _outcomes(start: datetime, end: datetime) -> dict[str, int]:
    sums = Contribution.objects.filter(
        state=State.ACCEPTED, test=False, accepted_at__gte=start, accepted_at__lt=end
    ).aggregate(duplicate=Sum("duplicate"), counted=Sum("accepted"))
    return {name: int(total or 0) for name, total in sums.items()}

"""Stage 2: personal data is masked or replaced, or the whole file is refused and purged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pyarrow as pa

from contributions.calls.document import column_names, declared_columns
from contributions.models import Contribution, Stage, State
from contributions.pipeline.endings import Ending
from contributions.pipeline.keys import pseudonym_key
from contributions.pipeline.sandbox import ending_called_for
from contributions.pipeline.under_way import part_done
from contributions.pipeline.work import (
    ROW,
    Found,
    Settle,
    Settled,
    StageWork,
    from_parquet,
)
from contributions.privacy import RULE_PACK_VERSION, scan
from contributions.privacy.prefilter import Flags


def work(contribution: Contribution) -> Settle:
    """Scan every cell, also of columns nobody asked for; what may not be taken is rejected."""
    settled = scanned(contribution)
    return lambda _contribution: settled


def cells_of(contribution: Contribution) -> pa.Table:
    """What was decoded, as the gate reads it."""
    return from_parquet(contribution.records).drop_columns([ROW])


def scanned(contribution: Contribution, worth: Sequence[Flags] | None = None) -> Settled:
    """What the gate makes of a contribution; `worth` as `scan` takes it."""
    records = from_parquet(contribution.records)
    rows = records.column(ROW)
    data = records.drop_columns([ROW])
    verdict = scan(
        data,
        pseudonym_key=pseudonym_key(contribution.call_id),
        declared=declared_columns(contribution.call_version.document),
        worth=worth,
        told=part_done,
    )
    numbers = rows.to_numpy()
    found = [
        Found(
            0 if finding.row is None else int(numbers[finding.row - 1]),
            finding.rule,
            finding.column,
            {"type": finding.type, "action": finding.action},
        )
        for finding in verdict.findings
        if finding.action != "pass"
    ]
    kinds = Counter(finding.type for finding in verdict.findings)
    total = sum(verdict.counts.values()) - (len(verdict.findings) - len(found))
    settled = Settled(
        findings=found, findings_total=total, counts={"findings": total, "types": dict(kinds)}
    )
    if verdict.refused:
        kind = next(f.type for f in verdict.findings if f.action == "refuse")
        settled.ending = Ending(State.REJECTED, "personal-data-refused", type=kind)
    elif contribution.test and (asked := ending_called_for(verdict.table)) is not None:
        settled.ending = asked
    else:
        names = column_names(contribution.call_version.document)
        if found or names != data.column_names:
            settled.records = with_columns(verdict.table, names).append_column(ROW, rows)
    return settled


def with_columns(table: pa.Table, names: list[str]) -> pa.Table:
    """The call's columns alone; those that the gate took away stand empty."""
    empty = pa.nulls(table.num_rows, pa.string())
    kept = set(table.column_names)
    return pa.table([table.column(name) if name in kept else empty for name in names], names=names)


STEP = StageWork(
    stage=Stage.PRIVACY,
    code_version=f"1/{RULE_PACK_VERSION}",
    reads=lambda contribution: contribution.records,
    work=work,
)

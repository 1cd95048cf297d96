"""Stage 2: personal data is masked or replaced, or the whole file is refused and purged."""

from __future__ import annotations

from collections import Counter

from contributions.models import Contribution, Stage, State
from contributions.pipeline.endings import Ending
from contributions.pipeline.keys import pseudonym_key
from contributions.pipeline.work import (
    ROW,
    Found,
    Settle,
    Settled,
    StageWork,
    from_parquet,
)
from contributions.privacy import RULE_PACK_VERSION, scan


def work(contribution: Contribution) -> Settle:
    """Scan every cell; what may not be taken at all ends the contribution as rejected."""
    records = from_parquet(contribution.records)
    rows = records.column(ROW)
    verdict = scan(records.drop_columns([ROW]), pseudonym_key=pseudonym_key(contribution.call_id))
    numbers = rows.to_numpy()
    found = [
        Found(
            int(numbers[finding.row - 1]) if finding.row else 0,
            finding.rule,
            finding.column,
            {"type": finding.type, "action": finding.action},
        )
        for finding in verdict.findings
    ]
    kinds = Counter(finding.type for finding in verdict.findings)
    settled = Settled(findings=found, counts={"findings": len(found), "types": dict(kinds)})
    if verdict.refused:
        kind = next((f.type for f in verdict.findings if f.action == "refuse"), "rrn")
        settled.ending = Ending(State.REJECTED, "personal-data-refused", type=kind)
    elif found:
        settled.records = verdict.table.append_column(ROW, rows)
    return lambda _contribution: settled


STEP = StageWork(
    stage=Stage.PRIVACY,
    code_version=f"1/{RULE_PACK_VERSION}",
    reads=lambda contribution: contribution.records,
    work=work,
)

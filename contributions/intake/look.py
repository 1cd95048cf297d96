"""A quick look at a file before it is taken in: columns, some rows, what the checks would say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, TypedDict

from django.utils.translation import gettext as _

from contributions import problems
from contributions.calls.document import column_names, declared_columns
from contributions.decode import Decoded, Undecodable, peek
from contributions.decode.decoder import PEEK_BYTES
from contributions.findings_text import sentence
from contributions.models import CallVersion
from contributions.pipeline.keys import pseudonym_key
from contributions.pipeline.privacy import with_columns
from contributions.privacy import scan
from contributions.row_problem import RowProblem
from contributions.schema import (
    ColumnsMismatch,
    extra_columns,
    find_faults,
    match_columns,
    unknown_columns,
)
from dure.core.problems import FieldError

#: How much of a file the look may read; a smaller file is seen whole.
HEAD_BYTES = 4 * 1024 * 1024
FINDINGS_MAX = 20


class LookFinding(TypedDict):
    """A place in the first rows and the rule it met."""

    row: int
    column: str
    rule: str
    params: dict[str, Any]  # Any: words of the rule's sentence


@dataclass(frozen=True)
class Look:
    """What the beginning of a file shows; kept with a draft as plain JSON.

    `readable` is False where a file can only be judged as a whole (Parquet, long JSON).
    """

    readable: bool
    rows_seen: int = 0
    columns_found: list[str] = field(default_factory=list)
    columns_missing: list[str] = field(default_factory=list)
    # Columns the call does not ask for: they are left out, nothing else.
    columns_unknown: list[str] = field(default_factory=list)
    findings: list[LookFinding] = field(default_factory=list)
    # The file holds something for which the whole file would be refused.
    refused: bool = False
    # Of the rows seen, those that the pipeline will set aside for what stands in them.
    rows_aside: int = 0

    @property
    def fits(self) -> bool:
        """Every column of the call is there and nothing forbids taking the file."""
        return not self.columns_missing and not self.refused

    def as_json(self) -> dict[str, Any]:  # Any: JSON
        return asdict(self)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Look:  # Any: JSON
        return cls(**kept)

    def document(self) -> dict[str, Any]:  # Any: JSON
        """For a reader, with sentences in the reader's language."""
        return {
            "readable": self.readable,
            "fits": self.fits,
            "rows_seen": self.rows_seen,
            "columns": {
                "found": self.columns_found,
                "missing": self.columns_missing,
                "unknown": self.columns_unknown,
            },
            "findings": [
                {
                    "row": finding["row"],
                    "column": finding["column"],
                    "rule": finding["rule"],
                    "message": sentence(finding["rule"], finding["params"]),
                }
                for finding in self.findings
            ],
            "refused": self.refused,
        }


def look_at(data: bytes, *, filename: str, content_type: str, version: CallVersion) -> Look:
    """Look at the beginning of a file with the eyes of a call.

    Raises FILE_EMPTY and FILE_UNREADABLE for what is certainly no table.
    """
    decoded = _first_rows(data, filename=filename, content_type=content_type)
    if decoded is None:
        return Look(readable=False)
    schema = version.document["schema"]
    found = list(decoded.table.column_names)
    try:
        table = match_columns(decoded.table, schema)
    except ColumnsMismatch as mismatch:
        missing, unknown = list(mismatch.missing), list(mismatch.unknown)
        return Look(
            readable=True,
            rows_seen=decoded.rows,
            columns_found=[name for name in found if name not in unknown],
            columns_missing=missing,
            columns_unknown=unknown,
        )
    if decoded.rows == 0:
        if len(data) >= PEEK_BYTES:
            # Where one record is longer than the look, only the pipeline sees its end.
            return Look(readable=False)
        raise problems.FILE_EMPTY.problem()
    numbers = decoded.row_numbers()
    extra = extra_columns(decoded.table, schema)
    everything = table
    for name in extra.column_names:
        everything = everything.append_column(name, extra.column(name))
    verdict = scan(
        everything,
        pseudonym_key=pseudonym_key(version.call_id),
        declared=declared_columns(version.document),
    )
    findings = [_of_row(problem) for problem in (*decoded.notices, *decoded.ragged)]
    findings += [
        {
            "row": 0 if f.row is None else int(numbers[f.row - 1]),
            "column": f.column,
            "rule": f.rule,
            "params": {"type": f.type, "action": f.action},
        }
        for f in verdict.findings
        if f.action != "pass"
    ]
    aside: set[int] = set()
    if not verdict.refused:
        clean = with_columns(verdict.table, table.column_names)
        faults = find_faults(clean, schema, row_numbers=numbers).problems
        findings += [_of_row(problem) for problem in faults]
        aside = {problem.row for problem in (*decoded.ragged, *faults) if problem.row}
    return Look(
        readable=True,
        rows_seen=decoded.rows,
        columns_found=column_names(version.document),
        columns_unknown=unknown_columns(found, schema),
        findings=findings[:FINDINGS_MAX],
        refused=verdict.refused,
        rows_aside=len(aside),
    )


def _of_row(problem: RowProblem) -> LookFinding:
    return {
        "row": problem.row,
        "column": problem.column,
        "rule": problem.rule,
        "params": dict(problem.params),
    }


def _first_rows(data: bytes, *, filename: str, content_type: str) -> Decoded | None:
    try:
        return peek(data, filename=filename, content_type=content_type)
    except Undecodable as refusal:
        if refusal.rule in ("file.empty", "file.no_rows") and len(data) < PEEK_BYTES:
            raise problems.FILE_EMPTY.problem() from None
        if refusal.rule == "file.not_previewable" or len(data) >= PEEK_BYTES:
            # A cut file may be sound as a whole; the pipeline will tell.
            return None
        message = sentence(refusal.rule, refusal.params)
        raise problems.FILE_UNREADABLE.problem(
            detail=message,
            errors=[FieldError(field="file", message=message, code=refusal.rule)],
        ) from None


def refuse_wrong_columns(look: Look) -> None:
    """Raise COLUMNS_WRONG where a column of the call is missing, naming what does not match."""
    if not look.columns_missing:
        return
    errors = [
        FieldError(
            field=name,
            message=_("The call asks for the column %(name)s.") % {"name": name},
            code="missing-column",
        )
        for name in look.columns_missing
    ] + [
        FieldError(
            field=name,
            message=_("The call does not ask for the column %(name)s.") % {"name": name},
            code="unknown-column",
        )
        for name in look.columns_unknown
    ]
    raise problems.COLUMNS_WRONG.problem(errors=errors)

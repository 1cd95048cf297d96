"""What a call would make of a sample file: the whole check, and nothing of it kept.

The same rules as in the pipeline, one after the other in memory. Only what depends on others is
left out: records that were contributed before, and the verified attributes of a contributor.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from contributions import problems
from contributions.calls.decimals import decimal
from contributions.calls.document import (
    Document,
    column_names,
    declared_columns,
    document_hash,
)
from contributions.calls.services import examined
from contributions.decode import Undecodable, decode_apart
from contributions.decode.result import Limits
from contributions.duplicates import fingerprints, first_occurrences
from contributions.findings_text import sentence
from contributions.models import CallVersion, ReferencePopulation
from contributions.near import place, resolve
from contributions.pipeline.duplicates import NUMERIC_TYPES, spelled
from contributions.pipeline.privacy import with_columns
from contributions.pipeline.quality import check_document
from contributions.pipeline.representativeness import quality_score, stratum_keys
from contributions.privacy import scan
from contributions.quality.apart import SECONDS_MAX, Unanswered, judge_apart
from contributions.reasons import reason
from contributions.representativeness import stratum_masses
from contributions.row_problem import RowProblem
from contributions.schema import ColumnsMismatch, extra_columns, find_faults, match_columns
from contributions.strata_labels import Label, dimension_label, label
from dure.accounts.acting import Actor
from dure.accounts.roles import Role

LIMITS = Limits(bytes_max=5 * 1024 * 1024, rows_max=20_000, text_bytes_max=64 * 1024 * 1024)
FINDINGS_SHOWN = 50
#: Seconds that a dry run waits for its turn.
PATIENCE_S = 10.0
BEYOND_A_TRIAL = ("file.too_large", "file.too_many_rows", "file.too_many_cells", "file.limit")


@dataclass(frozen=True)
class StratumOfTrial:
    """`mass` in thousandths of a record."""

    label: Label
    mass: int


@dataclass(frozen=True)
class DimensionOfTrial:
    label: Label
    strata: tuple[StratumOfTrial, ...]
    unmapped: int


@dataclass
class Trial:
    """How a contribution of this file would end. `state` is one of its terminal states."""

    state: str = "accepted"
    reason: str = ""
    received: int = 0
    accepted: int = 0
    quarantined: int = 0
    duplicate: int = 0
    mass: int = 0
    score: str = ""
    checks: list[dict[str, Any]] = field(default_factory=list)  # Any: see `CheckResult`
    findings: list[dict[str, Any]] = field(default_factory=list)  # Any: row, column, message
    dimensions: list[DimensionOfTrial] = field(default_factory=list)

    def end(self, state: str, rule: str, **params: object) -> Trial:
        self.state, self.reason = state, reason(rule, params) or ""
        return self

    def document(self) -> dict[str, Any]:  # Any: JSON
        """The ending as a dry run tells it, in the words of a contribution."""
        return {
            "state": self.state,
            "reason": self.reason or None,
            "counts": {
                "received": self.received,
                "accepted": self.accepted,
                "quarantined": self.quarantined,
                "duplicate": self.duplicate,
            },
            "quality": {"score": self.score or None, "checks": self.checks},
            "findings": self.findings,
        }

    def find(self, found: Sequence[RowProblem]) -> None:
        for each in found[: FINDINGS_SHOWN - len(self.findings)]:
            self.findings.append(
                {
                    "row": each.row,
                    "column": each.column,
                    "rule": each.rule,
                    "message": sentence(each.rule, dict(each.params)),
                }
            )


def try_sample(
    *, acting: Actor, document: Document, stream: BinaryIO, filename: str, content_type: str
) -> Trial:
    """Check a sample against a call that may not be published yet; nothing is stored.

    Raises 403 for whoever is no operator, CALL_INVALID with the faults of the document,
    FILE_EMPTY, FILE_UNREADABLE (also for more than 5 MB or 20,000 rows), TRIAL_UNANSWERED.
    """
    acting.require(Role.OPERATOR)
    references = {each.key: each for each in examined(document)}
    try:
        return _tried(document, references, stream, filename, content_type, SECONDS_MAX)
    except Undecodable as refusal:
        raise problems.FILE_UNREADABLE.problem(
            detail=sentence(refusal.rule, refusal.params)
        ) from None
    except Unanswered:
        raise problems.TRIAL_UNANSWERED.problem() from None


def rehearse(
    *, version: CallVersion, stream: BinaryIO, filename: str, content_type: str
) -> Trial | None:
    """How a file would end if it were handed in to a published call; nothing is stored.

    None where the answer would take too much time or memory for a dry run: above 5 MB or 20,000
    rows, or while others are being answered.
    """
    document = version.document
    references = {each.key: each for each in examined(document)}
    try:
        return _tried(document, references, stream, filename, content_type, PATIENCE_S)
    except Undecodable as refusal:
        if refusal.rule in BEYOND_A_TRIAL:
            return None
        return Trial().end("returned", refusal.rule, **refusal.params)
    except Unanswered:
        return None


def _tried(
    document: Document,
    references: Mapping[str, ReferencePopulation],
    stream: BinaryIO,
    filename: str,
    content_type: str,
    patience: float,
) -> Trial:
    trial = Trial()
    decoded = decode_apart(stream, filename=filename, content_type=content_type, limits=LIMITS)
    try:
        table = match_columns(decoded.table, document["schema"])
    except ColumnsMismatch as mismatch:
        missing, unknown = ", ".join(mismatch.missing), ", ".join(mismatch.unknown)
        return trial.end("returned", "columns-wrong", missing=missing, unknown=unknown)
    if decoded.rows == 0:
        raise problems.FILE_EMPTY.problem()
    numbers = decoded.row_numbers()
    trial.received, trial.quarantined = decoded.rows, len(decoded.ragged)
    trial.find([*decoded.notices, *decoded.ragged])
    everything = table
    extra = extra_columns(decoded.table, document["schema"])
    for name in extra.column_names:
        everything = everything.append_column(name, extra.column(name))
    clean = _through_the_gate(trial, everything, numbers, document)
    if clean is None:
        return trial
    return _judge(trial, clean, numbers, document, references, patience)


def _through_the_gate(
    trial: Trial, everything: pa.Table, numbers: npt.NDArray[np.int64], document: Document
) -> pa.Table | None:
    """The columns of the call without personal data; None where the file would be refused."""
    # A key of this moment: the pseudonyms are thrown away with the sample.
    verdict = scan(everything, pseudonym_key=os.urandom(32), declared=declared_columns(document))
    trial.find(
        [
            RowProblem(
                row=0 if found.row is None else int(numbers[found.row - 1]),
                rule=found.rule,
                column=found.column,
                params={"type": found.type, "action": found.action},
            )
            for found in verdict.findings
            if found.action != "pass"
        ]
    )
    if verdict.refused:
        kind = next(found.type for found in verdict.findings if found.action == "refuse")
        trial.end("rejected", "personal-data-refused", type=kind)
        return None
    return with_columns(verdict.table, column_names(document))


def _judge(
    trial: Trial,
    table: pa.Table,
    numbers: npt.NDArray[np.int64],
    document: Document,
    references: Mapping[str, ReferencePopulation],
    patience: float,
) -> Trial:
    typed = find_faults(table, document["schema"], row_numbers=numbers)
    judged = judge_apart(
        table,
        schema=document["schema"],
        checks=document["checks"],
        suite_id=document_hash(document),
        patience=patience,
    )
    good = ~typed.bad_rows
    aside = typed.bad_rows.copy()
    aside[good] = judged.set_aside
    q = np.zeros(len(numbers), np.int64)
    q[good] = np.clip(1000 - judged.loss, 0, 1000)
    q[aside] = 0
    trial.checks = [check_document(each) for each in judged.results]
    # The process counted rows from 1; `numbers` are those of the file.
    moved = [
        RowProblem(row=int(numbers[p.row - 1]), rule=p.rule, column=p.column, params=p.params)
        for p in judged.problems
    ]
    trial.find(sorted([*typed.problems, *moved], key=lambda each: each.row))
    trial.quarantined += int(aside.sum())
    decisive = [each for each in judged.table_failures if each.severity == "critical"]
    if decisive:
        return trial.end("returned", "table-check-failed", check=decisive[0].rule)
    tolerance = decimal(document["tolerance"])
    if Fraction(trial.quarantined, trial.received) > tolerance:
        return trial.end(
            "returned",
            "over-tolerance",
            quarantined=trial.quarantined,
            received=trial.received,
            tolerance=str(float(tolerance * 100)).removesuffix(".0"),
        )
    accepted = ~aside
    accepted[np.nonzero(accepted)[0]] = _first(table.filter(pa.array(accepted)), document)
    trial.accepted = int(accepted.sum())
    trial.duplicate = trial.received - trial.quarantined - trial.accepted
    q[~accepted] = 0
    trial.mass = int(q.sum())
    trial.score = quality_score(trial.mass, trial.received - trial.duplicate)
    trial.dimensions = _dimensions(table, accepted, q, document, references)
    if not trial.accepted:
        trial.reason = reason("nothing-left", {}) or ""
    return trial


def _first(rows: pa.Table, document: Document) -> npt.NDArray[np.bool_]:
    """By position: the rows that count, each for its repeats within the file."""
    rule = document["duplicates"] or {}
    key, digest_key = rule.get("key"), os.urandom(32)
    table = spelled(rows, document["schema"])
    numeric = [
        each["name"] for each in document["schema"]["fields"] if each.get("type") in NUMERIC_TYPES
    ]
    near = {
        name: places for name, places in (rule.get("near") or {}).items() if not key or name in key
    }
    if not near:
        prints = fingerprints(table, key=key, digest_key=digest_key, numeric=numeric)
        return first_occurrences(prints)
    placed = place(table, key=key, near=near, digest_key=digest_key, numeric=numeric)
    anchors = resolve(placed.spots, known={}, digest_key=digest_key)
    first = np.zeros(rows.num_rows, np.bool_)
    first[[row for row, at in zip(placed.first_rows.tolist(), anchors, strict=True) if at]] = True
    return first


def _dimensions(
    table: pa.Table,
    accepted: npt.NDArray[np.bool_],
    q: npt.NDArray[np.int64],
    document: Document,
    references: Mapping[str, ReferencePopulation],
) -> list[DimensionOfTrial]:
    found = []
    places = np.nonzero(accepted)[0]
    for part in document["strata"]:
        reference, dimension = references[part["reference"]], part["dimension"]
        strata = reference.dimensions[dimension]
        keys = stratum_keys(part, table, {}, table.num_rows, strata)
        masses, unmapped = stratum_masses([keys[at] for at in places], q[places].tolist(), strata)
        found.append(
            DimensionOfTrial(
                dimension_label(dimension),
                tuple(
                    StratumOfTrial(label(dimension, key, reference.labels), mass)
                    for key, mass in masses.items()
                ),
                unmapped,
            )
        )
    return found

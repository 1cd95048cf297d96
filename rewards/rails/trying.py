"""What a file of a rail would do, line by line: the same reading as taking it over, and no writing.

Lines are taken in their order, each upon what those before it would have done.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final, TypedDict
from uuid import UUID

from dure.accounts.acting import Actor
from dure.accounts.roles import Role
from dure.core import blobs
from dure.core.canonical import sha256_hex
from dure.core.clock import rfc3339
from dure.core.money import format_amount
from rewards.models import (
    BatchState,
    EventKind,
    EventOutcome,
    ImportState,
    ItemState,
    PayoutItem,
    RailEvent,
    RailImport,
)
from rewards.rails.answers import Answer, File
from rewards.rails.doubts import doubts_of
from rewards.rails.reading import (
    LEADS,
    LineDocument,
    outcome_of,
    read_answer,
    reference_kept,
    spread,
)

#: Lines that are told one by one; counts are over all of them.
LINES_TOLD: Final = 1_000
_AT_ONCE: Final = 5_000


class TrialDocument(TypedDict):
    """What a file would do; ``taken_over_at`` where this very file was taken over before.

    ``doubts`` says why a second person would have to agree (doubts.py), were it taken over by
    whoever tries it.
    """

    file_format: str
    message_id: str
    sha256: str
    taken_over_at: str | None
    doubts: list[str]
    counts: dict[str, int]
    lines: list[LineDocument]
    more: bool


def try_answer(*, acting: Actor, rail: str, content: bytes) -> TrialDocument:
    """Read a file of a rail and tell what it would do; writes nothing. Operators.

    Raises what ``reading.read_answer`` raises.
    """
    acting.require(Role.OPERATOR)
    person = acting.require_person()
    file = read_answer(rail, content)
    digest = sha256_hex(content)
    known = RailImport.objects.filter(rail=rail, sha256=digest, state=ImportState.TAKEN).first()
    lines = lines_of(rail, file)
    return {
        "file_format": file.form,
        "message_id": file.message_id[:80],
        "sha256": digest,
        "taken_over_at": rfc3339(known.decided_at or known.imported_at) if known else None,
        "doubts": [] if known else doubts_of(person.id, rail, file, lines),
        "counts": _counts(file, lines),
        "lines": lines[:LINES_TOLD],
        "more": len(lines) > LINES_TOLD,
    }


def answer_counts(answer: RailImport) -> dict[str, int]:
    """What an answer that waits would do if somebody agreed to it now; reads its file again."""
    file = read_answer(answer.rail, blobs.read(answer.file))
    return _counts(file, lines_of(answer.rail, file))


def _counts(file: File, lines: Sequence[LineDocument]) -> dict[str, int]:
    counts: Counter[str] = Counter(lines=len(file.answers))
    for line in lines:
        counts[line["outcome"]] += 1
        if line["does"]:
            counts[line["does"]] += 1
    return dict(counts)


def lines_of(rail: str, file: File) -> list[LineDocument]:
    """Every line of a file with what taking it over would make of it, in their order."""
    said, items = _said(rail, file.answers), _items(rail, file.answers)
    lines: list[LineDocument] = []
    for answer in file.answers:
        each = [answer]
        if ":" in answer.reference:  # a group or a batch
            answered = {item.uid for item in items.values() if item.state != ItemState.OPEN}
            each = spread(rail, answer, answered)
            said, items = _said(rail, each) | said, _items(rail, each) | items
        lines += (_line(answer, said, items) for answer in each)
    for number, line in enumerate(lines, start=1):
        line["line"] = number
    return lines


def _line(answer: Answer, said: dict[str, str], items: dict[str, PayoutItem]) -> LineDocument:
    """One line upon those before it; keeps what it would do in ``said`` and in ``items``."""
    item = items.get(answer.reference)
    does = ""
    if answer.external_id in said:
        same = said[answer.external_id] == answer.sha256
        outcome = "repeated" if same else "duplicate"
    else:
        said[answer.external_id] = answer.sha256
        found = outcome_of(item, answer)
        outcome = str(found)
        if item is not None and found == EventOutcome.APPLIED and answer.kind in LEADS:
            does = str(answer.kind)
            item.state = LEADS[EventKind(answer.kind)][1]
    return {
        "line": 0,
        "external_id": answer.external_id,
        "reference": answer.reference if item is not None else reference_kept(answer.reference),
        "kind": str(answer.kind),
        "amount": None if answer.amount is None else format_amount(answer.amount),
        "ours": None if item is None else format_amount(item.pays),
        "outcome": outcome,
        "does": does,
    }


def _said(rail: str, answers: Sequence[Answer]) -> dict[str, str]:
    """The hash of what was taken over under ids of these lines before."""
    found: dict[str, str] = {}
    for start in range(0, len(answers), _AT_ONCE):
        ids = [answer.external_id for answer in answers[start : start + _AT_ONCE]]
        rows = RailEvent.objects.filter(rail=rail, external_id__in=ids)
        found.update(rows.values_list("external_id", "sha256"))
    return found


def _items(rail: str, answers: Sequence[Answer]) -> dict[str, PayoutItem]:
    """Sent items by the references of these lines; one object an item, however it is written."""
    found: dict[UUID, PayoutItem] = {}
    uids: dict[str, UUID] = {}
    for answer in answers:
        try:
            uids[answer.reference] = UUID(hex=answer.reference)
        except ValueError:
            continue
    wanted = list(set(uids.values()))
    for start in range(0, len(wanted), _AT_ONCE):
        rows = PayoutItem.objects.filter(
            uid__in=wanted[start : start + _AT_ONCE],
            batch__rail=rail,
            batch__state=BatchState.SENT,
        )
        found.update((item.uid, item) for item in rows)
    return {reference: found[uid] for reference, uid in uids.items() if uid in found}

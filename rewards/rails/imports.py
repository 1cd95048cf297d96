"""Taking over what a rail has answered: each line once, whatever is sent again.

A line is known by the rail's own id. What it says is done only where it fits: the reference is one
of ours, the amount is the one that was sent, and nothing says the contrary. Everything else is kept
as it came and stands among the differences.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import Final
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from dure.accounts.acting import Actor
from dure.accounts.roles import Role
from dure.core import blobs
from dure.core.canonical import sha256_hex
from dure.core.clock import now
from dure.core.problems import INVALID, FieldError
from governance.log.services import record
from rewards.models import (
    BatchState,
    EventKind,
    EventOutcome,
    ItemState,
    PayoutBatch,
    PayoutItem,
    Rail,
    RailDuplicate,
    RailEvent,
    RailImport,
)
from rewards.problems import ANSWER_TOO_LARGE, ANSWER_UNREADABLE
from rewards.rails import answers
from rewards.rails.answers import Answer, NotAnAnswer
from rewards.rails.batches import OUTSIDE, TREASURY
from rewards.wallet.services import answer_item

#: The state that a kind of line leads to, and the one that it may start from.
LEADS: Final = {
    EventKind.SETTLED: (ItemState.OPEN, ItemState.SETTLED),
    EventKind.FAILED: (ItemState.OPEN, ItemState.FAILED),
    EventKind.RETURNED: (ItemState.SETTLED, ItemState.RETURNED),
}


def reason_text(reason: str) -> str:
    """Why a file was refused, in the reader's language."""
    return {
        "declares-entities": _("The XML declares entities or a document type."),
        "not-xml": _("The file is not well-formed XML."),
        "unknown-namespace": _("The namespace is not pain.002.001.10 or camt.053.001.08."),
        "too-deep": _("The XML is nested too deeply."),
        "too-many-lines": _("The file holds more than 50,000 lines."),
        "element-missing": _("An element that is needed is missing."),
        "currency": _("An amount is not in won."),
        "amount": _("An amount is not a number of won."),
        "date": _("A date is not written 2026-11-23."),
        "reference": _("A reference is missing or holds characters that none may hold."),
        "columns": _("The columns are not the documented ones."),
        "status": _("A status is none of settled, failed, returned and noted."),
        "not-utf-8": _("The file is neither UTF-8 nor CP949."),
        "not-csv": _("The file is not CSV."),
    }.get(reason, str(ANSWER_UNREADABLE.title))


def read_answer(rail: str, content: bytes) -> answers.File:
    """The lines of a file of a rail; ANSWER_UNREADABLE (422), ANSWER_TOO_LARGE (413), INVALID."""
    if rail not in OUTSIDE:
        raise INVALID.problem(errors=[FieldError("rail", _("Choose one that is offered."))])
    try:
        return answers.read(content, bank=rail == Rail.BANK)
    except NotAnAnswer as error:
        if error.reason == "too-large":
            raise ANSWER_TOO_LARGE.problem() from error
        message = " ".join(filter(None, (reason_text(error.reason), error.where)))
        raise ANSWER_UNREADABLE.problem(
            detail=message, errors=[FieldError("file", message, code=error.reason)]
        ) from error


@transaction.atomic
def import_answer(*, acting: Actor, rail: str, content: bytes) -> RailImport:
    """Read a file of a rail and do what it says, line by line; the same file again does nothing.

    Operators; ANSWER_UNREADABLE (422) and ANSWER_TOO_LARGE (413) before anything is written.
    """
    acting.require(Role.OPERATOR)
    importer = acting.require_person()
    file = read_answer(rail, content)
    digest = sha256_hex(content)
    with connection.cursor() as cursor:  # two people with the same file take turns
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"rewards.rail.{rail}"])
    known = RailImport.objects.filter(rail=rail, sha256=digest).first()
    if known is not None:
        return known
    source = RailImport.objects.create(
        rail=rail,
        file_format=file.form,
        file=blobs.store_bytes(content, owner=TREASURY),
        sha256=digest,
        message_id=file.message_id[:80],
        importer=importer,
        imported_at=now(),
    )
    done: Counter[str] = Counter(lines=len(file.answers))
    for answer in file.answers:
        for each in spread(rail, answer):
            outcome, kind = _take(acting, source, each)
            done[outcome] += 1
            if outcome == EventOutcome.APPLIED:
                done[kind] += 1
    source.counts = dict(done)
    source.save(update_fields=["counts"])
    for kind in LEADS:
        if done[kind]:
            record(
                kind=f"payout.{kind}",
                acting=acting,
                subject=None,
                payload={"rail": rail, "count": done[kind], "answer_sha256": digest},
            )
    return source


def spread(rail: str, answer: Answer, answered: Collection[UUID] = ()) -> list[Answer]:
    """A group that was refused, or booked as one sum, is an answer to each item without one.

    ``answered`` have one beside those whose state says so.
    """
    of, _colon, name = answer.reference.partition(":")
    batch = PayoutBatch.objects.filter(rail=rail, message_id=name, state=BatchState.SENT).first()
    if of not in ("group", "batch") or batch is None:
        return [answer]
    without = batch.items.filter(state=ItemState.OPEN).exclude(uid__in=answered)
    items = dict(without.values_list("uid", "pays"))
    if of == "batch" and (answer.kind != EventKind.SETTLED or answer.amount != sum(items.values())):
        return [answer]
    return [
        Answer(
            f"{answer.external_id}/{uid.hex}",
            uid.hex,
            answer.kind,
            pays if of == "batch" else None,
            answer.reason,
            answer.booked_on,
        )
        for uid, pays in items.items()
    ]


def _take(acting: Actor, source: RailImport, answer: Answer) -> tuple[str, str]:
    """Keep one line and do what it says if it fits; what became of it, and its kind."""
    before = RailEvent.objects.filter(rail=source.rail, external_id=answer.external_id).first()
    if before is not None:
        if before.sha256 == answer.sha256:
            return "repeated", answer.kind
        RailDuplicate.objects.get_or_create(
            event=before,
            sha256=answer.sha256,
            defaults={"source": source, "amount": answer.amount, "recorded_at": now()},
        )
        return "duplicate", answer.kind
    item = _item(source.rail, answer.reference)
    outcome = outcome_of(item, answer)
    if item and outcome == EventOutcome.APPLIED and answer.kind in LEADS:
        note = answer.reason if answer.kind != EventKind.SETTLED else answer.external_id[:80]
        state = LEADS[EventKind(answer.kind)][1]
        answer_item(acting=acting, item=item, answer=state, note=note)
    RailEvent.objects.create(
        rail=source.rail,
        external_id=answer.external_id,
        source=source,
        kind=answer.kind,
        outcome=outcome,
        reference=answer.reference if item is not None else reference_kept(answer.reference),
        item=item,
        amount=answer.amount,
        reason=answer.reason,
        sha256=answer.sha256,
        booked_on=answer.booked_on,
        recorded_at=now(),
    )
    return outcome, answer.kind


def reference_kept(reference: str) -> str:
    """A foreign reference may hold anything: enough of its hash to find it in the file."""
    return f"sha256:{sha256_hex(reference.encode())[:32]}" if reference else ""


def _item(rail: str, reference: str) -> PayoutItem | None:
    """The item that was sent under a reference."""
    try:
        uid = UUID(hex=reference)
    except ValueError:
        return None
    sent = PayoutItem.objects.select_for_update(of=("self",)).select_related("batch")
    return sent.filter(uid=uid, batch__rail=rail, batch__state=BatchState.SENT).first()


def outcome_of(item: PayoutItem | None, answer: Answer) -> EventOutcome:
    """Whether a line fits what was sent and how that stands."""
    if item is None:
        return EventOutcome.UNKNOWN
    if answer.amount is not None and answer.amount != item.pays:
        return EventOutcome.AMOUNT
    if answer.kind == EventKind.NOTED:
        return EventOutcome.APPLIED
    start, end = LEADS[EventKind(answer.kind)]
    if item.state == end or (answer.kind == EventKind.SETTLED and item.state == "returned"):
        return EventOutcome.KNOWN
    return EventOutcome.APPLIED if item.state == start else EventOutcome.CONTRADICTS

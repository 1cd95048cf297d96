"""Taking over what a rail has answered: each line once, whatever is sent again.

A line is known by the rail's own id. What it says is done only where it fits: the reference is one
of ours, the amount is the one that was sent, and nothing says the contrary. Everything else is kept
as it came and stands among the differences.
"""

from __future__ import annotations

from collections import Counter
from uuid import UUID

from django.db import connection, transaction

from dure.accounts.acting import Actor
from dure.accounts.roles import Role
from dure.core import blobs
from dure.core.canonical import sha256_hex
from dure.core.clock import now
from dure.core.problems import NOT_FOUND
from governance.log.services import record
from rewards.models import (
    BatchState,
    EventKind,
    EventOutcome,
    ImportState,
    PayoutItem,
    RailDuplicate,
    RailEvent,
    RailImport,
)
from rewards.problems import ANSWER_DECIDED, NEEDS_SECOND_PERSON
from rewards.rails.answers import Answer, File
from rewards.rails.batches import TREASURY
from rewards.rails.doubts import doubts_of
from rewards.rails.reading import LEADS, outcome_of, read_answer, reference_kept, spread
from rewards.rails.trying import lines_of
from rewards.treasury.access import require_treasury
from rewards.wallet.services import answer_item


@transaction.atomic
def import_answer(*, acting: Actor, rail: str, content: bytes) -> RailImport:
    """Read a file of a rail and do what it says, line by line; the same file again does nothing.

    Where there is a doubt (``doubts.doubts_of``) nothing of it is done yet: the answer is
    ``waiting``, with its ``doubts``, until another person brings the same file or agrees to this
    one (``agree_to_answer``). Operators; ANSWER_UNREADABLE (422) and ANSWER_TOO_LARGE (413) before
    anything is written.
    """
    acting.require(Role.OPERATOR)
    importer = acting.require_person()
    file = read_answer(rail, content)
    digest = sha256_hex(content)
    _take_turns(rail)
    living = RailImport.objects.exclude(state=ImportState.DISCARDED)
    known = living.filter(rail=rail, sha256=digest).first()
    if known is not None:
        if known.state == ImportState.WAITING and known.importer_id != importer.id:
            _agree(acting, known, file)
        return known
    doubts = doubts_of(importer.id, rail, file, lines_of(rail, file))
    source = RailImport.objects.create(
        rail=rail,
        file_format=file.form,
        file=blobs.store_bytes(content, owner=TREASURY),
        sha256=digest,
        message_id=file.message_id[:80],
        state=ImportState.WAITING if doubts else ImportState.TAKEN,
        doubts=doubts,
        importer=importer,
        imported_at=now(),
    )
    if doubts:
        _log(acting, "payout.answer_proposed", source)
    else:
        _do(acting, source, file)
    return source


@transaction.atomic
def agree_to_answer(*, acting: Actor, answer_id: UUID) -> RailImport:
    """Take over a file that waits, as a second person: it does what it says as things stand now.

    Operators; NEEDS_SECOND_PERSON (403) for whoever brought it, ANSWER_DECIDED (409), NOT_FOUND.
    """
    acting.require(Role.OPERATOR)
    source = _waiting(answer_id)
    _agree(acting, source, read_answer(source.rail, blobs.read(source.file)))
    return source


@transaction.atomic
def discard_answer(*, acting: Actor, answer_id: UUID) -> RailImport:
    """Drop a file that waits: nothing of it was done, and it is kept with who brought it.

    Operators and approvers, whoever brought it among them; ANSWER_DECIDED (409), NOT_FOUND.
    """
    require_treasury(acting)
    source = _waiting(answer_id)
    source.state, source.decided_at = ImportState.DISCARDED, now()
    source.save(update_fields=["state", "decided_at"])
    _log(acting, "payout.answer_discarded", source)
    return source


def _take_turns(rail: str) -> None:
    """Two people with the same file, or with two that speak of one payment, take turns."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"rewards.rail.{rail}"])


def _waiting(answer_id: UUID) -> RailImport:
    found = RailImport.objects.select_related("file").filter(id=answer_id).first()
    if found is None:
        raise NOT_FOUND.problem()
    _take_turns(found.rail)
    found.refresh_from_db(fields=["state"])
    if found.state != ImportState.WAITING:
        raise ANSWER_DECIDED.problem()
    return found


def _agree(acting: Actor, source: RailImport, file: File) -> None:
    confirmer = acting.require_person()
    if confirmer.id == source.importer_id:
        raise NEEDS_SECOND_PERSON.problem()
    source.state, source.confirmer, source.decided_at = ImportState.TAKEN, confirmer, now()
    source.save(update_fields=["state", "confirmer", "decided_at"])
    _log(acting, "payout.answer_agreed", source)
    _do(acting, source, file)


def _do(acting: Actor, source: RailImport, file: File) -> None:
    """Take over every line, once for all of them in the log."""
    done: Counter[str] = Counter(lines=len(file.answers))
    for answer in file.answers:
        for each in spread(source.rail, answer):
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
                payload={
                    "rail": source.rail,
                    "count": done[kind],
                    "answer_sha256": source.sha256,
                },
            )


def _log(acting: Actor, kind: str, source: RailImport) -> None:
    payload = {"rail": source.rail, "answer_sha256": source.sha256}
    record(kind=kind, acting=acting, subject=None, payload={**payload})


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
    # After the line is kept: the database lets nothing move without what says so.
    if item and outcome == EventOutcome.APPLIED and answer.kind in LEADS:
        note = answer.reason if answer.kind != EventKind.SETTLED else answer.external_id[:80]
        state = LEADS[EventKind(answer.kind)][1]
        answer_item(acting=acting, item=item, answer=state, note=note)
    return outcome, answer.kind


def _item(rail: str, reference: str) -> PayoutItem | None:
    """The item that was sent under a reference."""
    try:
        uid = UUID(hex=reference)
    except ValueError:
        return None
    sent = PayoutItem.objects.select_for_update(of=("self",)).select_related("batch")
    return sent.filter(uid=uid, batch__rail=rail, batch__state=BatchState.SENT).first()

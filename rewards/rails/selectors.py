"""Reading batches, answers and what waits, for operators."""

from __future__ import annotations

from typing import TypedDict
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from dure.core.clock import rfc3339
from dure.core.money import format_amount
from dure.core.problems import NOT_FOUND
from rewards.models import (
    ImportState,
    ItemState,
    PayoutBatch,
    PayoutItem,
    RailImport,
    Redemption,
)
from rewards.models import RedemptionState as State
from rewards.rails.batches import OUTSIDE


class ItemDocument(TypedDict):
    uid: str
    redemption: str
    number: int
    amount: str
    pays: str
    state: str
    resolved_at: str | None


class BatchDocument(TypedDict):
    """``total`` leaves wallets, in the asset; ``control_sum`` is what the file asks for, in won."""

    id: str
    rail: str
    asset: str
    state: str
    message_id: str
    count: int
    answered: int
    total: str
    control_sum: str
    execute_on: str
    file_format: str
    file_sha256: str
    proposed_at: str
    approved_at: str | None
    sent_at: str | None


class BatchWithItems(BatchDocument):
    items: list[ItemDocument]


class AnswerDocument(TypedDict):
    id: str
    rail: str
    file_format: str
    message_id: str
    sha256: str
    state: str
    doubts: list[str]
    counts: dict[str, int]
    imported_at: str
    decided_at: str | None


def batches() -> QuerySet[PayoutBatch]:
    """Batches, newest first, each with the number of items that were ``answered``."""
    answered = Count("items", filter=~Q(items__state=ItemState.OPEN))
    return (
        PayoutBatch.objects.select_related("proposer", "approver")
        .annotate(answered=answered)
        .order_by("-proposed_at", "-id")
    )


def batch_for(batch_id: UUID) -> PayoutBatch:
    """One batch; NOT_FOUND."""
    found = batches().filter(id=batch_id).first()
    if found is None:
        raise NOT_FOUND.problem()
    return found


def batch_document(batch: PayoutBatch) -> BatchDocument:
    """A batch without its items."""
    counted: int | None = getattr(batch, "answered", None)
    if counted is None:
        counted = batch.items.exclude(state=ItemState.OPEN).count()
    return {
        "id": str(batch.id),
        "rail": batch.rail,
        "asset": batch.asset,
        "state": batch.state,
        "message_id": batch.message_id,
        "count": batch.count,
        "answered": counted,
        "total": format_amount(batch.total),
        "control_sum": format_amount(batch.control_sum),
        "execute_on": batch.execute_on.isoformat(),
        "file_format": batch.file_format,
        "file_sha256": batch.file_sha256,
        "proposed_at": rfc3339(batch.proposed_at),
        "approved_at": rfc3339(batch.approved_at) if batch.approved_at else None,
        "sent_at": rfc3339(batch.sent_at) if batch.sent_at else None,
    }


def batch_with_items(batch: PayoutBatch) -> BatchWithItems:
    """A batch with every pay-out in it, in the order of the file; no names, no destinations."""
    return {
        **batch_document(batch),
        "items": [_item(item) for item in batch.items.order_by("number")],
    }


def _item(item: PayoutItem) -> ItemDocument:
    return {
        "uid": item.uid.hex,
        "redemption": str(item.redemption_id),
        "number": item.number,
        "amount": format_amount(item.amount),
        "pays": format_amount(item.pays),
        "state": item.state,
        "resolved_at": rfc3339(item.resolved_at) if item.resolved_at else None,
    }


def waiting() -> QuerySet[Redemption]:
    """Held redemptions that are in no living batch, oldest first."""
    return (
        Redemption.objects.filter(state=State.HELD)
        .exclude(payout_items__state=ItemState.OPEN)
        .order_by("requested_at", "id")
    )


def settled_redemptions() -> QuerySet[Redemption]:
    """Redemptions that a rail outside has paid, the latest first: one of them may come back."""
    return Redemption.objects.filter(state=State.SETTLED, rail__in=OUTSIDE).order_by(
        "-resolved_at", "-id"
    )


def imports() -> QuerySet[RailImport]:
    """Answers of rails, newest first."""
    return RailImport.objects.select_related("importer").order_by("-imported_at", "-id")


def waiting_answers() -> QuerySet[RailImport]:
    """Answers that wait for a second person, oldest first."""
    return (
        RailImport.objects.filter(state=ImportState.WAITING)
        .select_related("file")
        .order_by("imported_at", "id")
    )


def answer_document(answer: RailImport) -> AnswerDocument:
    """What an answer of a rail brought."""
    return {
        "id": str(answer.id),
        "rail": answer.rail,
        "file_format": answer.file_format,
        "message_id": answer.message_id,
        "sha256": answer.sha256,
        "state": answer.state,
        "doubts": answer.doubts,
        "counts": answer.counts,
        "imported_at": rfc3339(answer.imported_at),
        "decided_at": rfc3339(answer.decided_at) if answer.decided_at else None,
    }

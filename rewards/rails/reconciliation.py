"""Three books side by side: the ledger, the batches, and what the rails say.

A difference has a name that stays the same for as long as it exists, so that what an operator finds
out about it is kept beside it. Nothing here writes; differences end when the books agree, or when a
note says that they are explained.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final, NamedTuple, TypedDict

from django.db.models import Count, F, Max, Q, Sum

from dure.core.clock import now, rfc3339
from dure.core.money import Asset, format_amount
from rewards.ledger.accounts import clearing_key
from rewards.ledger.selectors import posted_by
from rewards.models import (
    BatchState,
    DifferenceNote,
    EventKind,
    EventOutcome,
    ItemState,
    PayoutBatch,
    PayoutItem,
    RailDuplicate,
    RailEvent,
    Redemption,
    RedemptionState,
)
from rewards.rails.batches import OUTSIDE
from rewards.treasury.selectors import payout_rule

KINDS: Final = (
    "missing-at-bank",
    "unknown-at-bank",
    "amount-differs",
    "contradicts",
    "duplicate",
    "paid-twice",
    "overdue",
    "hold-without-batch",
    "ledger-differs",
    "batch-differs",
)


class Difference(NamedTuple):
    """Where books disagree; amounts in sub-units of won, none where nobody names one."""

    kind: str
    subject: str
    rail: str
    since: datetime
    ours: int | None
    theirs: int | None

    @property
    def name(self) -> str:
        return f"{self.kind}:{self.subject}"


class NoteDocument(TypedDict):
    note: str
    author: str
    closes: bool
    written_at: str


class DifferenceDocument(TypedDict):
    name: str
    kind: str
    subject: str
    rail: str
    since: str
    ours: str | None
    theirs: str | None
    closed: bool
    notes: list[NoteDocument]


class BookDocument(TypedDict):
    """One rail and asset: what each of the three books holds as paid out."""

    rail: str
    asset: str
    ledger: str
    batches: str
    outside_batches: str
    sent_open: str
    rail_says: str


def differences() -> list[Difference]:
    """Every difference that there is now, by kind and then the oldest first."""
    found = [
        *_unmatched_events(),
        *_missing_at_bank(),
        *_twice(),
        *_late(),
        *_books(),
    ]
    return sorted(found, key=lambda each: (KINDS.index(each.kind), each.since, each.subject))


def _unmatched_events() -> Iterator[Difference]:
    """Lines that name nothing of ours, another amount, or the contrary; and used ids."""
    kinds = {
        EventOutcome.UNKNOWN: "unknown-at-bank",
        EventOutcome.AMOUNT: "amount-differs",
        EventOutcome.CONTRADICTS: "contradicts",
    }
    for event in RailEvent.objects.filter(outcome__in=kinds).select_related("item"):
        ours = event.item.pays if event.item else None
        kind = kinds[EventOutcome(event.outcome)]
        yield Difference(kind, str(event.id), event.rail, event.recorded_at, ours, event.amount)
    for row in RailDuplicate.objects.select_related("event"):
        yield Difference(
            "duplicate", str(row.id), row.event.rail, row.recorded_at, row.event.amount, row.amount
        )


def _missing_at_bank() -> Iterator[Difference]:
    """Paid by our books, and no line of the rail says so."""
    said = RailEvent.objects.filter(item__isnull=False, kind=EventKind.SETTLED).values("item")
    paid = PayoutItem.objects.filter(state=ItemState.SETTLED).exclude(uid__in=said)
    for item in paid.select_related("batch"):
        assert item.resolved_at is not None  # constraint
        yield Difference(
            "missing-at-bank", item.uid.hex, item.batch.rail, item.resolved_at, item.pays, None
        )


def _twice() -> Iterator[Difference]:
    """One pay-out that statements of the same form book as paid more than once."""
    rows = (
        RailEvent.objects.filter(kind=EventKind.SETTLED, item__isnull=False)
        .values("item", "item__pays", "rail", "source__file_format")
        .annotate(lines=Count("id"), total=Sum("amount"), last=Max("recorded_at"))
        .filter(lines__gt=1)
        .order_by("item")
    )
    for row in rows:
        yield Difference(
            "paid-twice",
            row["item"].hex,
            row["rail"],
            row["last"],
            row["item__pays"],
            row["total"] and int(row["total"]),
        )


def _late() -> Iterator[Difference]:
    """Sent and unanswered, or held and in no batch, for longer than the rule allows."""
    _version, rule = payout_rule()
    limit = now() - timedelta(days=rule.overdue_days)
    sent = PayoutItem.objects.filter(state=ItemState.OPEN, batch__sent_at__lt=limit)
    for item in sent.select_related("batch"):
        assert item.batch.sent_at is not None  # filtered above
        yield Difference(
            "overdue", item.uid.hex, item.batch.rail, item.batch.sent_at, item.pays, None
        )
    held = Redemption.objects.filter(
        state=RedemptionState.HELD, rail__in=OUTSIDE, requested_at__lt=limit
    ).exclude(payout_items__state=ItemState.OPEN)
    for redemption in held:
        pays = rule.worth(redemption.asset, redemption.amount - redemption.tax)
        yield Difference(
            "hold-without-batch",
            str(redemption.id),
            redemption.rail,
            redemption.requested_at,
            pays,
            None,
        )


def _books() -> Iterator[Difference]:
    """The clearing account against what redemptions say; batches against their items."""
    for book in books():
        ledger, rows = book.ledger, book.batches + book.outside
        if ledger != rows:
            subject = f"{book.rail}/{book.asset}"
            yield Difference("ledger-differs", subject, book.rail, now(), ledger, rows)
    wrong = (
        PayoutBatch.objects.annotate(paid=Sum("items__pays"), left=Sum("items__amount"))
        .filter(~Q(paid=F("control_sum")) | ~Q(left=F("total")) | Q(paid=None))
        .order_by("proposed_at")
    )
    for batch in wrong:
        yield Difference(
            "batch-differs",
            batch.message_id,
            batch.rail,
            batch.proposed_at,
            batch.control_sum,
            int(batch.paid or 0),
        )


class Book(NamedTuple):
    """Sub-units: of the asset for the ledger and both kinds of rows, of won for what rails say."""

    rail: str
    asset: str
    ledger: int
    batches: int
    outside: int
    sent_open: int
    rail_says: int


def books() -> list[Book]:
    """The three books, a line for each rail and asset."""
    keys = {
        (rail.value, asset): clearing_key(rail, asset) for rail in OUTSIDE for asset in Asset.values
    }
    ledger, batches = posted_by(list(keys.values())), _of_batches()
    outside, said = _outside_batches(), _as_rails_say()
    return [
        Book(
            rail=place[0],
            asset=place[1],
            ledger=ledger[key],
            batches=batches.get(place, (0, 0))[0],
            outside=outside.get(place, 0),
            sent_open=batches.get(place, (0, 0))[1],
            rail_says=said.get((*place, EventKind.SETTLED), 0)
            - said.get((*place, EventKind.RETURNED), 0),
        )
        for place, key in keys.items()
    ]


def _of_batches() -> dict[tuple[str, str], tuple[int, int]]:
    """By rail and asset: settled, and sent without an answer."""
    rows = (
        PayoutItem.objects.order_by()
        .values_list("batch__rail", "batch__asset")
        .annotate(
            settled=Sum("amount", filter=Q(state=ItemState.SETTLED)),
            sent=Sum("amount", filter=Q(state=ItemState.OPEN, batch__state=BatchState.SENT)),
        )
    )
    return {(rail, asset): (_sum(settled), _sum(sent)) for rail, asset, settled, sent in rows}


def _outside_batches() -> dict[tuple[str, str], int]:
    """By rail and asset: settled one at a time."""
    alone = Redemption.objects.filter(state=RedemptionState.SETTLED).exclude(
        payout_items__state=ItemState.SETTLED
    )
    rows = alone.order_by().values_list("rail", "asset").annotate(n=Sum(F("amount") - F("tax")))
    return {(rail, asset): _sum(total) for rail, asset, total in rows}


def _as_rails_say() -> dict[tuple[str, str, str], int]:
    """By rail, asset and kind of line: what rails said of items of ours."""
    rows = (
        RailEvent.objects.filter(outcome=EventOutcome.APPLIED, item__isnull=False)
        .order_by()
        .values_list("item__batch__rail", "item__batch__asset", "kind")
        .annotate(n=Sum("item__pays"))
    )
    return {(rail, asset, kind): _sum(total) for rail, asset, kind, total in rows}


def _sum(value: object) -> int:
    return int(str(value)) if value is not None else 0


def book_documents() -> list[BookDocument]:
    """The three books as decimal strings."""
    return [
        {
            "rail": book.rail,
            "asset": book.asset,
            "ledger": format_amount(book.ledger),
            "batches": format_amount(book.batches),
            "outside_batches": format_amount(book.outside),
            "sent_open": format_amount(book.sent_open),
            "rail_says": format_amount(book.rail_says),
        }
        for book in books()
    ]


def difference_documents(*, closed: bool = True) -> list[DifferenceDocument]:
    """Differences with the notes on them; without ``closed`` only those that need somebody."""
    found = differences()
    notes: dict[str, list[NoteDocument]] = {}
    rows = DifferenceNote.objects.filter(difference__in=[each.name for each in found])
    for note in rows.select_related("author"):
        notes.setdefault(note.difference, []).append(
            {
                "note": note.note,
                "author": note.author.name,
                "closes": note.closes,
                "written_at": rfc3339(note.written_at),
            }
        )
    documents = [_document(each, notes.get(each.name, [])) for each in found]
    return [each for each in documents if closed or not each["closed"]]


def _document(found: Difference, notes: list[NoteDocument]) -> DifferenceDocument:
    return {
        "name": found.name,
        "kind": found.kind,
        "subject": found.subject,
        "rail": found.rail,
        "since": rfc3339(found.since),
        "ours": None if found.ours is None else format_amount(found.ours),
        "theirs": None if found.theirs is None else format_amount(found.theirs),
        "closed": bool(notes) and notes[-1]["closes"],
        "notes": notes,
    }

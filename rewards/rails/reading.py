"""Reading what a rail has answered: its lines, and whether each fits what was sent.

Taking a file over (imports.py) and trying it (trying.py) read it alike.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final, TypedDict
from uuid import UUID

from django.utils.translation import gettext as _

from dure.core.canonical import sha256_hex
from dure.core.problems import INVALID, FieldError
from rewards.models import (
    BatchState,
    EventKind,
    EventOutcome,
    ItemState,
    PayoutBatch,
    PayoutItem,
    Rail,
)
from rewards.problems import ANSWER_TOO_LARGE, ANSWER_UNREADABLE
from rewards.rails import answers
from rewards.rails.answers import Answer, NotAnAnswer
from rewards.rails.batches import OUTSIDE

#: The state that a kind of line leads to, and the one that it may start from.
LEADS: Final = {
    EventKind.SETTLED: (ItemState.OPEN, ItemState.SETTLED),
    EventKind.FAILED: (ItemState.OPEN, ItemState.FAILED),
    EventKind.RETURNED: (ItemState.SETTLED, ItemState.RETURNED),
}


class LineDocument(TypedDict):
    """One line: what it says, and what taking it over would make of it.

    ``outcome`` is applied, known, repeated (this very line was taken over), duplicate (its id says
    something else already), unknown, amount or contradicts; ``does`` is settled, failed or returned
    where a pay-out would change, and empty where nothing would. ``ours`` is the amount that was
    sent.
    """

    line: int
    external_id: str
    reference: str
    kind: str
    amount: str | None
    ours: str | None
    outcome: str
    does: str


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


def reference_kept(reference: str) -> str:
    """A foreign reference may hold anything: enough of its hash to find it in the file."""
    return f"sha256:{sha256_hex(reference.encode())[:32]}" if reference else ""


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

"""What the steps and the differences of pay-outs are called."""

from __future__ import annotations

from django.utils.translation import gettext as _


def batch_state_text(state: str) -> str:
    """Where a batch stands."""
    return {
        "proposed": _("Waits for approval"),
        "approved": _("Approved, not sent"),
        "sent": _("Sent"),
        "discarded": _("Discarded"),
    }.get(state, state)


def item_state_text(state: str) -> str:
    """Where a pay-out of a batch stands."""
    return {
        "open": _("No answer yet"),
        "settled": _("Paid out"),
        "failed": _("Refused"),
        "returned": _("Came back after payment"),
        "discarded": _("Never sent"),
    }.get(state, state)


def difference_text(kind: str) -> str:
    """What a difference between the books means."""
    return {
        "missing-at-bank": _("Paid by our books, and the rail does not say so"),
        "unknown-at-bank": _("The rail names a payment that is not ours"),
        "amount-differs": _("The rail names another amount"),
        "contradicts": _("The rail says the contrary of what is recorded"),
        "duplicate": _("The rail has used one id for two different lines"),
        "paid-twice": _("The rail has booked one payment twice"),
        "overdue": _("Sent, and no answer for too long"),
        "hold-without-batch": _("Held for too long and in no batch"),
        "ledger-differs": _("The ledger and the redemptions disagree"),
        "batch-differs": _("A batch and its items disagree"),
    }.get(kind, kind)

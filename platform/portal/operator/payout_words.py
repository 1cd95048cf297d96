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


def event_text(kind: str) -> str:
    """What a line of an answer says."""
    return {
        "settled": _("Paid out"),
        "failed": _("Refused"),
        "returned": _("Came back after payment"),
        "noted": _("Noted only"),
    }.get(kind, kind)


def outcome_text(outcome: str, does: str) -> str:
    """What taking over a line would do."""
    if does:
        return {
            "settled": _("Records the pay-out as paid"),
            "failed": _("Records it as refused; the amount goes back to the wallet"),
            "returned": _("Records it as returned; the amount goes back to the wallet"),
        }[does]
    return {
        "applied": _("Keeps the note; nothing changes"),
        "known": _("Nothing: our books say so already"),
        "repeated": _("Nothing: this line was taken over before"),
        "duplicate": _("Nothing: its id stands for another line already; kept as a difference"),
        "unknown": _("Nothing: no pay-out of ours has this reference; kept as a difference"),
        "amount": _("Nothing: another amount was sent; kept as a difference"),
        "contradicts": _("Nothing: our books say the contrary; kept as a difference"),
    }.get(outcome, outcome)


def outcome_tone(outcome: str, does: str) -> str:
    """The colour of its mark."""
    if does:
        return "good"
    return "info" if outcome in ("applied", "known", "repeated") else "heed"

"""What the steps and the differences of pay-outs are called."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import pgettext


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


def doubt_text(doubt: str) -> str:
    """Why an answer takes a second person."""
    return {
        "gives-back": _("It brings amounts back to wallets."),
        "differs": _("A line differs from what was sent."),
        "figures": _("Its figures do not add up to those of the batch."),
        "amount-unsaid": _("It names no amount for a payment."),
        "sender": _("Whoever brings it also sent the batch."),
    }.get(doubt, doubt)


def outcome_text(outcome: str, does: str) -> str:
    """What taking over a line would do."""
    if does:
        return {
            "settled": _("The pay-out is recorded as paid."),
            "failed": _("It is recorded as refused; the amount goes back to the wallet."),
            "returned": _("It is recorded as returned; the amount goes back to the wallet."),
        }[does]
    return {
        "applied": _("The note is kept."),
        "known": _("Our books say so already."),
        "repeated": _("This line was taken over before."),
        "duplicate": _("Its id stands for another line already."),
        "unknown": _("No pay-out of ours has this reference."),
        "amount": _("Another amount was sent."),
        "contradicts": _("Our books say the contrary."),
    }.get(outcome, outcome)


def outcome_mark(outcome: str, does: str) -> str:
    """The kind of what taking over a line would do, in a word."""
    if does:
        return pgettext("line", "Changes")
    if outcome in ("applied", "known", "repeated"):
        return pgettext("line", "Nothing")
    return pgettext("line", "Difference")


def outcome_tone(outcome: str, does: str) -> str:
    """The colour of its mark."""
    if does:
        return "good"
    return "info" if outcome in ("applied", "known", "repeated") else "heed"

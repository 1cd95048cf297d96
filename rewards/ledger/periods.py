"""Closing the books of a month: from then on PostgreSQL takes no transfer into it."""

from __future__ import annotations

from django.db import connection, transaction

from dure.accounts.acting import Actor
from dure.accounts.roles import Role
from dure.core.canonical import canonical_hash
from dure.core.clock import now
from governance.log.services import record
from rewards.ledger.statements import (
    BEGINNING,
    TrialLine,
    added_up,
    canonical_lines,
    month_bounds,
    movements_by_month,
    trial_balance,
)
from rewards.models import ClosedPeriod
from rewards.problems import PERIOD_NOT_CLOSABLE


@transaction.atomic
def close_period(*, acting: Actor, month: str) -> ClosedPeriod:
    """Close a month "2026-10" that is over, once and for all; a second time changes nothing.

    Waits for postings under way and holds later ones back until it commits. Mistakes found
    afterwards are reversed in the month that is open. Operators; PERIOD_NOT_CLOSABLE (409) for a
    month that still runs or lies before one that is closed.
    """
    acting.require(Role.OPERATOR)
    try:
        _, end = month_bounds(month)
    except ValueError:
        raise PERIOD_NOT_CLOSABLE.problem() from None
    with connection.cursor() as cursor:
        cursor.execute("SELECT rewards_lock_books_for_closing()")
    closed = ClosedPeriod.objects.filter(month=month).first()
    if closed is not None:
        return closed
    moment = now()
    if end > moment or ClosedPeriod.objects.filter(ends_at__gt=end).exists():
        raise PERIOD_NOT_CLOSABLE.problem()
    lines = canonical_lines(trial_balance(end))
    closed = ClosedPeriod.objects.create(
        month=month,
        ends_at=end,
        closed_at=moment,
        actor=acting.ref,
        trial_balance_sha256=canonical_hash(lines),
        trial_balance=lines,
    )
    record(
        kind="period.closed",
        acting=acting,
        subject=None,
        payload={"month": month, "trial_balance_sha256": closed.trial_balance_sha256},
    )
    return closed


def changed_months() -> list[str]:
    """Closed months whose entries no longer add up to what they were closed with.

    Sums all entries once, month by month, whatever lines were kept.
    """
    closed = list(ClosedPeriod.objects.order_by("month"))
    if not closed:
        return []
    moved = movements_by_month(BEGINNING, closed[-1].ends_at)
    changed: list[str] = []
    lines: list[TrialLine] = []
    for period in closed:
        lines = added_up(
            lines, *(moved.pop(month) for month in sorted(moved) if month <= period.month)
        )
        if canonical_hash(canonical_lines(lines)) != period.trial_balance_sha256:
            changed.append(period.month)
    return changed

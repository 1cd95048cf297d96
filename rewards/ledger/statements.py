"""Books to read: balances at a time, statements by month, the trial balance."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection

#: Months are those of the city.
ZONE: Final = ZoneInfo("Asia/Seoul")

_BALANCE: Final = """
SELECT coalesce(sum(e.amount), 0) FROM rewards_entry e
JOIN rewards_transfer t ON t.id = e.transfer_id
WHERE e.account_id = %s AND t.effective_at < %s
"""

_LINES: Final = """
SELECT t.id, t.kind, t.reference, t.effective_at, e.amount,
       sum(e.amount) OVER (ORDER BY t.effective_at, e.version)
FROM rewards_entry e JOIN rewards_transfer t ON t.id = e.transfer_id
WHERE e.account_id = %s AND t.effective_at >= %s AND t.effective_at < %s
ORDER BY t.effective_at, e.version
"""

_TRIAL: Final = """
SELECT a.asset, a.kind, a.scope,
       coalesce(sum(e.amount) FILTER (WHERE e.amount < 0), 0),
       coalesce(sum(e.amount) FILTER (WHERE e.amount > 0), 0)
FROM rewards_entry e JOIN rewards_transfer t ON t.id = e.transfer_id
JOIN rewards_account a ON a.id = e.account_id
WHERE t.effective_at < %s GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""


class StatementLine(NamedTuple):
    """One entry, in sub-units, and what the account held after it in the order of the books."""

    transfer: UUID
    kind: str
    reference: str
    effective_at: datetime
    amount: int
    balance: int


class Statement(NamedTuple):
    """A month of an account: opening + all amounts = closing."""

    month: str
    opening: int
    lines: tuple[StatementLine, ...]
    closing: int


class TrialLine(NamedTuple):
    """Accounts of one kind together, in sub-units; wallets of all people are one line."""

    asset: str
    kind: str
    scope: str
    out: int
    into: int

    @property
    def balance(self) -> int:
        return self.into + self.out


def month_bounds(month: str) -> tuple[datetime, datetime]:
    """First moment of a month "2026-11" and of the next one; ValueError for anything else."""
    start = datetime.strptime(month, "%Y-%m").replace(tzinfo=ZONE)
    if start.strftime("%Y-%m") != month:
        raise ValueError("a month is written 2026-11")
    return start, (start + timedelta(days=32)).replace(day=1)


def balance_before(account_id: int, moment: datetime) -> int:
    """Sub-units that the books show for an account just before a moment, by effective time."""
    with connection.cursor() as cursor:
        cursor.execute(_BALANCE, [account_id, moment])
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def statement(account_id: int, month: str) -> Statement:
    """The statement of an account for a month, with a running balance."""
    start, end = month_bounds(month)
    opening = balance_before(account_id, start)
    with connection.cursor() as cursor:
        cursor.execute(_LINES, [account_id, start, end])
        lines = tuple(
            StatementLine(id_, kind, reference, moment, amount, opening + int(total))
            for id_, kind, reference, moment, amount, total in cursor.fetchall()
        )
    return Statement(month, opening, lines, lines[-1].balance if lines else opening)


def trial_balance(moment: datetime) -> list[TrialLine]:
    """What went out of and into the accounts of each kind before a moment; each asset sums to 0."""
    with connection.cursor() as cursor:
        cursor.execute(_TRIAL, [moment])
        return [
            TrialLine(asset, kind, scope, int(out), int(into))
            for asset, kind, scope, out, into in cursor.fetchall()
        ]

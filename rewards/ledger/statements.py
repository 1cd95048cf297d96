"""Books to read: balances at a time, statements by month, the trial balance."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Final, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection

from rewards.models import ClosedPeriod

#: Months are those of the city.
ZONE: Final = ZoneInfo("Asia/Seoul")
#: Before every entry.
BEGINNING: Final = datetime(1970, 1, 1, tzinfo=UTC)

# A share of a bulk posting belongs to the moment when its batch was posted. The transfer that
# later takes it into the balance moves nothing in the books, so it is left out.
MOVEMENTS: Final = """(
    SELECT e.account_id, e.transfer_id, e.seq, e.version, e.amount, e.asset, t.kind, t.reference,
           t.effective_at
    FROM rewards_entry e JOIN rewards_transfer t ON t.id = e.transfer_id
    WHERE NOT EXISTS (SELECT 1 FROM rewards_bulkfold f WHERE f.transfer_id = t.id)
    UNION ALL
    SELECT e.account_id, b.id, e.number, 0, e.amount, b.asset, b.kind, b.reference, b.posted_at
    FROM rewards_bulkentry e JOIN rewards_bulkbatch b ON b.number = e.batch AND b.state = 'posted'
    WHERE e.amount <> 0
)"""

_BALANCE: Final = f"""
SELECT coalesce(sum(amount), 0) FROM {MOVEMENTS} m
WHERE account_id = %s AND effective_at < %s
"""  # noqa: S608  # no input: both parts are constants

_LINES: Final = f"""
SELECT transfer_id, kind, reference, effective_at, amount,
       sum(amount) OVER (ORDER BY effective_at, version, transfer_id, seq)
FROM {MOVEMENTS} m
WHERE account_id = %s AND effective_at >= %s AND effective_at < %s
ORDER BY effective_at, version, transfer_id, seq
"""  # noqa: S608  # no input: both parts are constants

# What bulk postings pass through is one line: each nets to zero.
_TRIAL: Final = f"""
SELECT a.asset, a.kind, CASE WHEN a.scope LIKE 'bulk:%%' THEN 'bulk' ELSE a.scope END AS scope,
       to_char(m.effective_at AT TIME ZONE 'Asia/Seoul', 'YYYY-MM') AS month,
       coalesce(sum(m.amount) FILTER (WHERE m.amount < 0), 0),
       coalesce(sum(m.amount) FILTER (WHERE m.amount > 0), 0)
FROM {MOVEMENTS} m JOIN rewards_account a ON a.id = m.account_id
WHERE m.effective_at >= %s AND m.effective_at < %s GROUP BY 1, 2, 3, 4
"""  # noqa: S608  # no input: both parts are constants


class StatementLine(NamedTuple):
    """One entry, in sub-units, and what the account held after it in the order of the books.

    ``transfer`` of a share is its bulk posting.
    """

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


def movements_by_month(start: datetime, end: datetime) -> dict[str, list[TrialLine]]:
    """What went out of and into the accounts of each kind, month by month of the city."""
    with connection.cursor() as cursor:
        cursor.execute(_TRIAL, [start, end])
        found: dict[str, list[TrialLine]] = {}
        for asset, kind, scope, month, out, into in cursor.fetchall():
            found.setdefault(month, []).append(TrialLine(asset, kind, scope, int(out), int(into)))
    return found


def added_up(*parts: Iterable[TrialLine]) -> list[TrialLine]:
    """One trial balance out of several, in the order of its lines' names."""
    sums: dict[tuple[str, str, str], tuple[int, int]] = {}
    for line in chain(*parts):
        out, into = sums.get(line[:3], (0, 0))
        sums[line[:3]] = out + line.out, into + line.into
    return [TrialLine(*name, *sums[name]) for name in sorted(sums)]


def trial_balance(moment: datetime) -> list[TrialLine]:
    """What went out of and into the accounts of each kind before a moment; each asset sums to 0.

    Starts from the last month that was closed before, so a city's books are not summed anew.
    """
    closed = (
        ClosedPeriod.objects.filter(ends_at__lte=moment, trial_balance__isnull=False)
        .order_by("-ends_at")
        .first()
    )
    start, kept = (closed.ends_at, kept_lines(closed)) if closed else (BEGINNING, [])
    return added_up(kept, *movements_by_month(start, moment).values())


def kept_lines(closed: ClosedPeriod) -> list[TrialLine]:
    """The trial balance that a month was closed with."""
    return [
        TrialLine(asset, kind, scope, int(out), int(into))
        for asset, kind, scope, out, into in closed.trial_balance or ()
    ]


def canonical_lines(lines: Iterable[TrialLine]) -> list[list[str]]:
    """A trial balance as it is hashed and kept: amounts are text of sub-units."""
    return [[*line[:3], str(line.out), str(line.into)] for line in lines]

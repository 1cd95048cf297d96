"""The books as the treasurer reads them: months, what each held at its end, and their files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypedDict

from django.db import transaction

from dure.accounts.acting import Actor
from dure.core.clock import now, rfc3339
from dure.core.money import format_amount
from dure.core.problems import NOT_FOUND
from governance.log.services import record
from rewards.ledger.export import FORMATS, exported
from rewards.ledger.statements import ZONE, TrialLine, month_bounds, trial_balance
from rewards.models import Account, ClosedPeriod
from rewards.treasury.access import require_treasury

#: File name ending of each format; hledger reads journals.
ENDINGS: Final = {"beancount": "beancount", "csv": "csv", "hledger": "journal"}


@dataclass(frozen=True, slots=True)
class BookMonth:
    """A month "2026-10" of the books; ``over`` says that it has ended."""

    month: str
    start: datetime
    end: datetime
    over: bool
    closed: ClosedPeriod | None
    #: A later month is closed, so nothing is posted into this one either.
    shut: bool

    @property
    def state(self) -> str:
        """``running``, ``open`` until somebody closes it, or ``closed``."""
        if self.closed is not None or self.shut:
            return "closed"
        return "open" if self.over else "running"


class TrialLineDocument(TypedDict):
    asset: str
    kind: str
    scope: str
    out: str
    into: str
    balance: str


class MonthDocument(TypedDict):
    month: str
    state: str
    closed_at: str | None
    trial_balance_sha256: str | None


class MonthWithBalance(MonthDocument):
    trial_balance: list[TrialLineDocument]
    sums: dict[str, str]


def months() -> list[BookMonth]:
    """Every month since the first account was opened, the running one first."""
    first = Account.objects.order_by("id").values_list("opened_at", flat=True).first()
    start, _ = month_bounds(f"{(first or now()).astimezone(ZONE):%Y-%m}")
    closed = {period.month: period for period in ClosedPeriod.objects.all()}
    last = max((period.ends_at for period in closed.values()), default=start)
    found: list[BookMonth] = []
    while start <= now():
        name = f"{start:%Y-%m}"
        end = month_bounds(name)[1]
        found.append(BookMonth(name, start, end, end <= now(), closed.get(name), end <= last))
        start = end
    return found[::-1]


def book_month(month: str) -> BookMonth:
    """A month of the books; NOT_FOUND (404) for one before the first account or after today."""
    for found in months():
        if found.month == month:
            return found
    raise NOT_FOUND.problem()


def trial_balance_of(month: BookMonth) -> list[TrialLine]:
    """What the accounts of each kind had moved by the end of a month, or by now while it runs."""
    return trial_balance(min(month.end, now() + timedelta(seconds=1)))


def sums_of(lines: list[TrialLine]) -> dict[str, int]:
    """Sub-units of each asset over a whole trial balance: 0, or value appeared or vanished."""
    sums: dict[str, int] = {}
    for line in lines:
        sums[line.asset] = sums.get(line.asset, 0) + line.balance
    return sums


def month_document(month: BookMonth) -> MonthDocument:
    closed = month.closed
    return {
        "month": month.month,
        "state": month.state,
        "closed_at": rfc3339(closed.closed_at) if closed else None,
        "trial_balance_sha256": closed.trial_balance_sha256 if closed else None,
    }


def month_with_balance(month: BookMonth) -> MonthWithBalance:
    lines = trial_balance_of(month)
    return {
        **month_document(month),
        "trial_balance": [
            {
                "asset": line.asset,
                "kind": line.kind,
                "scope": line.scope,
                "out": format_amount(line.out),
                "into": format_amount(line.into),
                "balance": format_amount(line.balance),
            }
            for line in lines
        ],
        "sums": {asset: format_amount(total) for asset, total in sums_of(lines).items()},
    }


@transaction.atomic
def export_month(*, acting: Actor, month: str, form: str) -> Iterator[str]:
    """The entries of a month as a file, part by part; that they were taken out is on the log.

    Accounts stand under their public ids, without names. Operators and approvers; NOT_FOUND (404)
    for a month or a format that is not there.
    """
    require_treasury(acting)
    found = book_month(month)
    if form not in FORMATS:
        raise NOT_FOUND.problem()
    record(
        kind="books.exported",
        acting=acting,
        subject=None,
        payload={"month": month, "format": form},
    )
    return FORMATS[form](exported(found.start, found.end))

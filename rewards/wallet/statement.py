"""The statement of one month: what the ledger holds, line by line, and nothing computed besides.

Pending, confirmed, held and paid stand apart and are those of the end of the month, so that a month
that is over reads the same whenever it is asked for.
"""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict
from uuid import UUID

from django.db.models import Q, Sum
from django.utils.translation import gettext as _

from dure.accounts.selectors import party_name
from dure.core.clock import now, rfc3339
from dure.core.language import localized
from dure.core.money import Asset, format_amount
from dure.core.problems import NOT_FOUND
from rewards.epochs.keys import GIVEN_BACK, HELD, REWARD, reward_key
from rewards.holdback.selectors import given_back_receipts, held_receipts, waiting_at
from rewards.ledger.accounts import find_accounts, wallet_key
from rewards.ledger.statements import Statement, StatementLine, month_bounds, statement
from rewards.models import AccountKind, Entry, EpochInput, Hold, Transfer
from rewards.wallet.services import REDEMPTION, WITHHOLDING


class LineDocument(TypedDict):
    """``amount`` is signed; ``balance`` is what the wallet held after it."""

    at: str
    kind: str
    reverses: str | None
    reference: str
    receipt: str | None
    amount: str
    balance: str
    transfer: str


class SectionDocument(TypedDict):
    """A wallet in one asset: opening + into + out = closing = confirmed + held."""

    asset: str
    opening: str
    into: str
    out: str
    closing: str
    pending: str
    confirmed: str
    held: str
    paid: str
    withheld_in_year: str
    lines: list[LineDocument]


class StatementDocument(TypedDict):
    month: str
    owner: str
    complete: bool
    sections: list[SectionDocument]


def kind_text(kind: str) -> str:
    """What an entry of a wallet is about."""
    return {
        REWARD: _("Reward"),
        HELD: _("Part of a reward that was held back"),
        GIVEN_BACK: _("Given back after an objection"),
        "dividend": _("Dividend"),
        REDEMPTION: _("Taken out"),
        WITHHOLDING: _("Tax withheld"),
        "reversal": _("Reversal"),
        "unclaimed": _("Set aside, unclaimed"),
    }.get(kind, _("Other entry"))


def statement_document(party_id: UUID, month: str) -> StatementDocument:
    """A month ("2026-11") of a party's wallets; NOT_FOUND for what is no month of the past or now.

    ``complete`` says that the month is over; then the document stays as it is.
    """
    try:
        start, end = month_bounds(month)
    except ValueError:
        raise NOT_FOUND.problem() from None
    if not 2000 <= start.year <= 2200:
        raise NOT_FOUND.problem()
    keys = {asset: wallet_key(party_id, asset) for asset in Asset.values}
    accounts = find_accounts(wanted=keys.values())
    sections = [
        _section(party_id, asset, accounts[key], statement(accounts[key], month), end)
        for asset, key in keys.items()
        if key in accounts
    ]
    return {
        "month": month,
        "owner": localized(party_name(party_id)),
        "complete": end <= now(),
        "sections": sections,
    }


def _section(
    party_id: UUID, asset: str, account: int, found: Statement, end: datetime
) -> SectionDocument:
    amounts = [line.amount for line in found.lines]
    held = _held(account, end)
    year = end.replace(month=1, day=1) if end.month > 1 else end.replace(year=end.year - 1)
    withheld = _moved(account, (WITHHOLDING,), year, end)
    return {
        "asset": asset,
        "opening": format_amount(found.opening),
        "into": format_amount(sum(amount for amount in amounts if amount > 0)),
        "out": format_amount(sum(amount for amount in amounts if amount < 0)),
        "closing": format_amount(found.closing),
        "pending": format_amount(_pending(party_id, asset, end)),
        "confirmed": format_amount(found.closing - held),
        "held": format_amount(held),
        "paid": format_amount(-_moved(account, (REDEMPTION, WITHHOLDING), None, end)),
        "withheld_in_year": format_amount(-withheld),
        "lines": _lines(party_id, list(found.lines)),
    }


def _held(account: int, end: datetime) -> int:
    """Sub-units that were held back at a moment."""
    total = (
        Hold.objects.filter(source_id=account, transfer__posted_at__lt=end)
        .exclude(transfer__resolutions__posted_at__lt=end)
        .aggregate(total=Sum("amount"))["total"]
    )
    return int(total or 0)


def _moved(account: int, kinds: tuple[str, ...], start: datetime | None, end: datetime) -> int:
    """Signed sub-units of entries of some kinds, and of what reversed them, before a moment."""
    when = Q(transfer__effective_at__lt=end)
    if start is not None:
        when &= Q(transfer__effective_at__gte=start)
    about = Q(transfer__kind__in=kinds) | Q(transfer__reverses__kind__in=kinds)
    rows = Entry.objects.filter(when, about, account_id=account)
    return int(rows.aggregate(total=Sum("amount"))["total"] or 0)


def _pending(party_id: UUID, asset: str, end: datetime) -> int:
    """Rewards of epochs that were closed and not yet approved at a moment, or held back then."""
    rows = EpochInput.objects.filter(
        Q(epoch__approved_at=None) | Q(epoch__approved_at__gte=end),
        contribution__party_id=party_id,
        epoch__asset=asset,
        epoch__closed_at__lt=end,
    )
    waiting = int(rows.aggregate(total=Sum("reward"))["total"] or 0)
    return waiting + waiting_at(party_id, asset, end)


def _lines(party_id: UUID, lines: list[StatementLine]) -> list[LineDocument]:
    transfers = Transfer.objects.filter(id__in=[line.transfer for line in lines])
    known = {
        row["id"]: row for row in transfers.values("id", "idem", "reverses_id", "reverses__kind")
    }
    receipts = _receipts(party_id, lines)
    return [
        {
            "at": rfc3339(line.effective_at),
            "kind": line.kind,
            "reverses": known[line.transfer]["reverses__kind"],
            "reference": line.reference,
            "receipt": receipts.get(known[line.transfer]["idem"]),
            "amount": format_amount(line.amount),
            "balance": format_amount(line.balance),
            "transfer": str(line.transfer),
        }
        for line in lines
    ]


def _receipts(party_id: UUID, lines: list[StatementLine]) -> dict[UUID, str]:
    """Receipt numbers by the key of the transfer that paid for the contribution."""
    epochs = {line.reference.removeprefix("epoch:") for line in lines if line.kind == REWARD}
    inputs = EpochInput.objects.filter(
        epoch_id__in=epochs, contribution__party_id=party_id
    ).values_list("epoch_id", "contribution_id", "contribution__receipt")
    keys = {reward_key(epoch, contribution): receipt for epoch, contribution, receipt in inputs}
    given = given_back_receipts({line.transfer: line.kind for line in lines})
    return keys | held_receipts({party_id}, [line.transfer for line in lines]) | given


class TaxYear(TypedDict):
    """Of one asset in one year: what was taken out, what of it was withheld, what was paid."""

    asset: str
    amount: str
    withheld: str
    paid: str


class TaxDocument(TypedDict):
    year: int
    owner: str
    assets: list[TaxYear]


def tax_document(party_id: UUID, year: int) -> TaxDocument:
    """The annual summary of tax withheld, from the entries of the ledger; reversals count back."""
    if not 2000 <= year <= 2200:
        raise NOT_FOUND.problem()
    start, end = month_bounds(f"{year}-01")[0], month_bounds(f"{year}-12")[1]
    wallets = Entry.objects.filter(
        account__owner_id=party_id, account__kind=AccountKind.WALLET
    ).values_list("account_id", "asset")
    assets: list[TaxYear] = []
    for account, asset in sorted(set(wallets), key=lambda row: row[1]):
        paid = -_moved(account, (REDEMPTION,), start, end)
        withheld = -_moved(account, (WITHHOLDING,), start, end)
        if paid or withheld:
            assets.append(
                {
                    "asset": asset,
                    "amount": format_amount(paid + withheld),
                    "withheld": format_amount(withheld),
                    "paid": format_amount(paid),
                }
            )
    return {"year": year, "owner": localized(party_name(party_id)), "assets": assets}

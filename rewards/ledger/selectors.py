"""Reading the ledger."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from rewards.ledger.accounts import AccountKey
from rewards.ledger.bulk import folding
from rewards.models import Account, Balance, Entry, Transfer


class Holding(NamedTuple):
    """What an account holds, in sub-units; ``spendable`` excludes what is held back.

    ``posted`` includes shares of bulk postings that the balance has not taken in yet.
    """

    posted: int
    pending_out: int

    @property
    def spendable(self) -> int:
        return self.posted - self.pending_out


def balance(account_id: int) -> Holding:
    """What an account holds now."""
    row = Balance.objects.get(account_id=account_id)
    return Holding(row.posted + _outside(account_id), row.pending_out)


def posted(key: AccountKey) -> int:
    """Posted sub-units of an account; 0 for one that was never opened."""
    row = Balance.objects.filter(
        account__asset=key.asset,
        account__kind=key.kind,
        account__owner=key.owner,
        account__scope=key.scope,
    ).first()
    return row.posted + _outside(row.account_id) if row else 0


def _outside(account_id: int) -> int:
    return folding.unfolded([account_id]).get(account_id, 0)


def balance_at(account_id: int, version: int) -> int:
    """Posted sub-units of an account after its ``version``-th entry; 0 before the first."""
    entry = Entry.objects.filter(account_id=account_id, version=version).first()
    return entry.after if entry else 0


def transfer_with_key(key: UUID) -> Transfer | None:
    """The transfer that was posted under a key."""
    return Transfer.objects.filter(idem=key).first()


def wallets(party_id: UUID) -> QuerySet[Account]:
    """Wallet accounts of a party."""
    return Account.objects.filter(owner_id=party_id, kind="wallet").order_by("asset")


def asset_sums() -> dict[str, int]:
    """Sum of all entries per asset; anything but 0 means that value appeared or vanished."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT asset, sum(amount) FROM rewards_entry GROUP BY asset")
        return {asset: int(total) for asset, total in cursor.fetchall()}

"""Reading the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from rewards.ledger.accounts import AccountKey, find_accounts
from rewards.ledger.bulk import folding
from rewards.ledger.bulk.folding import Holding
from rewards.models import Account, Balance, Entry, Transfer


def balance(account_id: int) -> Holding:
    """What an account holds now."""
    found = folding.holdings([account_id])
    if not found:
        raise Balance.DoesNotExist
    return found[account_id]


def posted(key: AccountKey) -> int:
    """Posted sub-units of an account; 0 for one that was never opened."""
    return posted_by([key])[key]


def spendable(key: AccountKey) -> int:
    """Sub-units of an account that nothing holds back; 0 for one that was never opened."""
    account = find_accounts(wanted=[key]).get(key)
    return balance(account).spendable if account is not None else 0


def posted_by(keys: Sequence[AccountKey]) -> dict[AccountKey, int]:
    """Posted sub-units of each of these accounts; 0 for one that was never opened."""
    accounts = find_accounts(wanted=keys)
    held = folding.holdings(list(accounts.values())) if accounts else {}
    return {key: held[accounts[key]].posted if key in accounts else 0 for key in keys}


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

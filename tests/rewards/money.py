"""Small ledgers for tests: accounts with something in them."""

from __future__ import annotations

from uuid import UUID, uuid4

from dure.accounts.acting import Actor
from dure.accounts.models import Person
from dure.core.money import SUB_UNITS
from rewards.ledger import selectors
from rewards.ledger.accounts import open_accounts, source_key, wallet_key
from rewards.ledger.orders import TransferOrder
from rewards.ledger.services import post
from rewards.licences.services import record_payment
from rewards.models import Licence
from tests import cast

CLERK = Actor.system("tests")


def issuance(asset: str = "DURE") -> int:
    """The account that an asset comes from."""
    (account,) = open_accounts(wanted=[source_key(asset)]).values()
    return account


def wallet(person: Person, units: int = 0, asset: str = "DURE") -> int:
    """A person's wallet with some whole units in it."""
    (account,) = open_accounts(wanted=[wallet_key(person.party_id, asset)]).values()
    if units:
        pay(issuance(asset), account, units)
    return account


def pay(source: int, target: int, units: int, key: UUID | None = None) -> UUID:
    """Move whole units; the transfer's id."""
    order = transfer(source, target, units * SUB_UNITS, key)
    return post(acting=CLERK, transfers=[order])[0].transfer_id


def transfer(source: int, target: int, amount: int, key: UUID | None = None) -> TransferOrder:
    """An order of sub-units."""
    return TransferOrder.between(
        key=key or uuid4(), kind="test", source=source, target=target, amount=amount
    )


def units(account: int) -> int:
    """Whole units that an account holds."""
    return selectors.balance(account).posted // SUB_UNITS


def paid_by_two(licence_id: UUID) -> Licence:
    """A licence whose payment Kang noted and Lim confirmed."""
    record_payment(acting=cast.actor(cast.kang()), licence_id=licence_id)
    return record_payment(acting=cast.actor(cast.lim()), licence_id=licence_id)

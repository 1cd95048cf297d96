"""What the ledger is asked to do. Pure values: no database, no clock."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import Final, NamedTuple
from uuid import UUID, uuid5

from dure.core.money import AMOUNT_MAX

#: Root of the keys that the platform derives for transfers it orders itself.
KEYS: Final = UUID("6f9b0f0e-3a0e-5d3e-9a44-2f6a0b6c1d57")

_new: Final = tuple.__new__


class Leg(NamedTuple):
    """Sub-units into (positive) or out of (negative) an account."""

    account: int
    amount: int


class TransferOrder(NamedTuple):
    """A movement to post. ``key`` makes it happen once, however often it is ordered."""

    key: UUID
    kind: str
    legs: tuple[Leg, ...]
    reference: str = ""
    effective_at: datetime | None = None

    @classmethod
    def between(
        cls, *, key: UUID, kind: str, source: int, target: int, amount: int, reference: str = ""
    ) -> TransferOrder:
        """The common case: an amount of sub-units, above 0, from one account to another.

        Raises ValueError for any other amount: a negative one would move it the other way.
        """
        if type(amount) is not int or amount <= 0:
            raise ValueError("an amount is a whole number of sub-units above 0")
        # As Leg(source, -amount) and so on, in half the time: a batch makes thousands of them.
        legs = _new(Leg, (source, -amount)), _new(Leg, (target, amount))
        return _new(cls, (key, kind, legs, reference, None))


class Posted(NamedTuple):
    """The answer to an order: the transfer, and whether this order made it."""

    transfer_id: UUID
    created: bool


def require_meaning(orders: Collection[TransferOrder]) -> None:
    """Raise ValueError where a transfer is not one; looked at for all orders at once."""
    amounts = [leg[1] for order in orders for leg in order.legs]
    if not set(map(type, amounts)) <= {int}:
        raise ValueError("an amount is a whole number of sub-units")
    if (
        0 in amounts
        or any(sum([leg[1] for leg in order.legs]) for order in orders)
        or min([len(order.legs) for order in orders]) < 2
    ):
        raise ValueError("a transfer has legs that are not zero and sum to zero")
    if max(amounts) > AMOUNT_MAX or min(amounts) < -AMOUNT_MAX:
        raise ValueError("a leg is larger than an account can hold")


def derived_key(*parts: object) -> UUID:
    """A key that is the same whenever the same thing is ordered."""
    return uuid5(KEYS, "\x1f".join(str(part) for part in parts))


def request_hash(state: str, order: TransferOrder, *about: object) -> str:
    """Hash over everything that an order asks for, with every part's length before it."""
    effective = order.effective_at.isoformat() if order.effective_at else ""
    written = [_sized(state, order.kind, order.reference, effective)]
    for leg in order.legs:
        account, amount = str(leg[0]), str(leg[1])
        written.append(f"{len(account)}:{account}{len(amount)}:{amount}")
    written.append(_sized(*map(str, about)))
    return sha256("".join(written).encode()).hexdigest()


@lru_cache(64)
def _sized(*parts: str) -> str:
    return "".join([f"{len(text)}:{text}" for text in parts])

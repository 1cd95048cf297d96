"""Names under which epochs pay, and the lock under which they move."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.db import connection

from contributions.models import Call
from rewards.ledger.orders import derived_key

#: Kind of the transfers that pay rewards.
REWARD: Final = "reward"
#: Kind of the holds, and of the transfers that post them, of what waits of a reward.
HELD: Final = "reward.held"
#: Kind of the transfers that give back what an overruled finding had taken.
GIVEN_BACK: Final = "reward.given_back"


def reward_key(epoch_id: UUID, contribution_id: UUID) -> UUID:
    """The key under which the ledger pays a contribution in an epoch."""
    return derived_key(REWARD, epoch_id, contribution_id)


def held_key(epoch_id: UUID, contribution_id: UUID) -> UUID:
    """The key under which the ledger holds a part of a contribution's reward back."""
    return derived_key(HELD, epoch_id, contribution_id)


def given_back_key(voided: UUID) -> UUID:
    """The key under which the ledger gives back what the voiding of a hold had taken."""
    return derived_key(GIVEN_BACK, voided)


def lock_epochs(call: Call) -> None:
    """Until the transaction ends, nobody else opens, closes or corrects an epoch of the call."""
    number = int.from_bytes(call.id.bytes[:8], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])

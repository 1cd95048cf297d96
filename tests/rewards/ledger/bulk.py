"""Small bulk postings for tests: weights given by hand, chunks of four shares."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID, uuid4

from dure.accounts.models import Party
from dure.core.ids import new_id
from dure.core.money import SUB_UNITS
from rewards.ledger.accounts import AccountKey, open_accounts, wallet_key
from rewards.ledger.bulk import eligible, job, steps
from rewards.models import BulkBatch
from tests.rewards.money import CLERK, issuance, pay

KIND = "test.bulk"
if eligible.kinds.get(KIND) is None:
    eligible.kinds.register(
        KIND,
        eligible.Eligible(
            "SELECT account_id, weight FROM unnest(string_to_array(%(accounts)s, ',')::bigint[],"
            " string_to_array(%(weights)s, ',')::bigint[]) AS w (account_id, weight)"
        ),
    )


def people(count: int) -> list[int]:
    """Won wallets of so many parties."""
    parties = [Party(id=new_id(), kind=Party.Kind.PERSON) for _ in range(count)]
    Party.objects.bulk_create(parties)
    return sorted(open_accounts(wanted=[wallet_key(p.id, "KRW") for p in parties]).values())


def purse(units: int) -> int:
    """An account with whole won to share out."""
    key = AccountKey("KRW", "dividend", None, f"licence:{uuid4()}")
    account = open_accounts(wanted=[key])[key]
    if units:
        pay(issuance("KRW"), account, units)
    return account


def ordered(
    weights: Mapping[int, int],
    amount: int,
    source: int,
    *,
    chunk_bits: int = 2,
    key: UUID | None = None,
) -> BulkBatch:
    """A batch of sub-units by weight, not begun yet."""
    return steps.order(
        acting=CLERK,
        key=key or uuid4(),
        kind=KIND,
        basis={
            "accounts": ",".join(map(str, weights)),
            "weights": ",".join(map(str, weights.values())),
        },
        asset="KRW",
        source=source,
        amount=amount,
        policy_sha256="0" * 64,
        reference="test:bulk",
        chunk_bits=chunk_bits,
    )


def shared(weights: Mapping[int, int], units: int, *, chunk_bits: int = 2) -> BulkBatch:
    """A posted batch of whole won."""
    source = purse(units)
    batch = ordered(weights, units * SUB_UNITS, source, chunk_bits=chunk_bits)
    job.run(acting=CLERK, batch_id=batch.id)
    batch.refresh_from_db()
    return batch

"""Opening and finding the ledger's accounts, many at a time."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Final, NamedTuple
from uuid import UUID

from django.db import connection, transaction

from dure.core.clock import now
from dure.core.money import Asset
from rewards.models import NO_FLOOR, SOURCES, AccountKind


class AccountKey(NamedTuple):
    """What makes an account that account."""

    asset: str
    kind: str
    owner: UUID | None = None
    scope: str = ""


_INSERT: Final = """
WITH wanted AS (
    SELECT * FROM unnest(%s::text[], %s::text[], %s::uuid[], %s::text[], %s::uuid[], %s::bigint[])
        AS w (asset, kind, owner_id, scope, public_id, floor)
), opened AS (
    INSERT INTO rewards_account (asset, kind, owner_id, scope, public_id, floor, opened_at)
    SELECT asset, kind, owner_id, scope, public_id, floor, %s FROM wanted
    ORDER BY asset, kind, owner_id, scope
    ON CONFLICT DO NOTHING RETURNING id, asset, floor
)
INSERT INTO rewards_balance (account_id, asset, floor, posted, pending_out, version)
SELECT id, asset, floor, 0, 0, 0 FROM opened
"""

# Owners are compared in two ways, each by an index: "not distinct from" knows none, and would hold
# each wallet that is wanted against all wallets that there are.
_FIND: Final = """
WITH wanted AS (
    SELECT * FROM unnest(%s::text[], %s::text[], %s::uuid[], %s::text[])
        AS w (asset, kind, owner_id, scope)
)
SELECT a.id, a.asset, a.kind, a.owner_id, a.scope
FROM wanted w JOIN rewards_account a ON a.asset = w.asset AND a.kind = w.kind
    AND a.owner_id = w.owner_id AND a.scope = w.scope
UNION ALL
SELECT a.id, a.asset, a.kind, a.owner_id, a.scope
FROM wanted w JOIN rewards_account a ON a.asset = w.asset AND a.kind = w.kind
    AND a.owner_id IS NULL AND a.scope = w.scope
WHERE w.owner_id IS NULL
"""


@transaction.atomic
def open_accounts(*, wanted: Iterable[AccountKey]) -> dict[AccountKey, int]:
    """Ids of the accounts, opening those that do not exist; set-based and safe to repeat."""
    keys = sorted(set(wanted), key=lambda k: (k.asset, k.kind, str(k.owner or ""), k.scope))
    if not keys:
        return {}
    found = find_accounts(wanted=keys)
    missing = [key for key in keys if key not in found]
    if missing:
        floors = [NO_FLOOR if key.kind in SOURCES else 0 for key in missing]
        with connection.cursor() as cursor:
            ids = [uuid.uuid4() for _ in missing]
            cursor.execute(_INSERT, [*_columns(missing), ids, floors, now()])
        found = find_accounts(wanted=keys)
    return found


def find_accounts(*, wanted: Iterable[AccountKey]) -> dict[AccountKey, int]:
    """Ids of those of the accounts that exist."""
    with connection.cursor() as cursor:
        cursor.execute(_FIND, _columns(list(wanted)))
        rows = cursor.fetchall()
    return {AccountKey(asset, kind, owner, scope): id_ for id_, asset, kind, owner, scope in rows}


def _columns(keys: list[AccountKey]) -> list[list[object]]:
    return [list(column) for column in zip(*keys, strict=True)] or [[], [], [], []]


def wallet_key(party_id: UUID, asset: str) -> AccountKey:
    """The wallet of a person or an organisation in one asset."""
    return AccountKey(Asset(asset).value, AccountKind.WALLET.value, party_id)


def pool_key(call_slug: str, asset: str) -> AccountKey:
    """The pool out of which a call pays."""
    return AccountKey(Asset(asset).value, AccountKind.POOL.value, None, call_slug)


def source_key(asset: str) -> AccountKey:
    """Where an asset comes from: tokens are issued, won come from the city's treasury."""
    kind = AccountKind.ISSUANCE if asset == Asset.DURE else AccountKind.TREASURY
    return AccountKey(Asset(asset).value, kind.value)


def clearing_key(rail: str, asset: str) -> AccountKey:
    """What has left wallets towards a rail."""
    return AccountKey(Asset(asset).value, AccountKind.CLEARING.value, None, rail)

"""Funding: a call is published only together with the money it promises."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from contributions.models import CallVersion
from dure.accounts.acting import Actor
from dure.core.money import Asset, format_amount, parse_amount, with_thousands
from dure.core.problems import FieldError, Problem, ProblemKind
from rewards.epochs import facts
from rewards.epochs.pricing import parameters_of
from rewards.ledger.accounts import AccountKey, find_accounts, open_accounts, pool_key, source_key
from rewards.ledger.orders import TransferOrder, derived_key
from rewards.ledger.selectors import spendable
from rewards.ledger.services import lock, post
from rewards.models import NO_FLOOR, AccountKind, Entry
from rewards.problems import INSUFFICIENT, POOL_SHRINKS, TOO_LARGE

#: Kind of the transfers that fund pools.
FUNDING = "pool.funding"


def examine(document: Mapping[str, Any]) -> list[FieldError]:  # Any: the call document is JSON
    """What cannot be promised any more, said while the call is still being written.

    A pool that holds something keeps its asset and does not shrink.
    """
    slug, pool = str(document["slug"]), document["pool"]
    held = {
        asset: amount
        for asset in Asset.values
        for key, account in find_accounts(wanted=[pool_key(slug, asset)]).items()
        if (amount := funded(key, account))
    }
    found = []
    for asset, amount in held.items():
        said = {"held": with_thousands(format_amount(amount)), "asset": asset}
        if asset != pool["asset"]:
            message = _("The pool of this call holds %(held)s %(asset)s already: keep its asset.")
            found.append(FieldError("pool.asset", message % said, "pool-asset"))
        elif parse_amount(str(pool["amount"])) < amount:
            message = _("A promised pool is not reduced: give at least %(held)s %(asset)s.")
            found.append(FieldError("pool.amount", message % said, "pool-shrinks"))
    return found


def fund_pool(version: CallVersion, acting: Actor) -> None:
    """Bring the pool of a call up to what its version promises; in the publishing transaction.

    Once per version; a later version adds the difference. Raises POOL_SHRINKS (409) where a
    version promises less than, or another asset than, what was funded before, and METHOD_UNKNOWN
    (422) where the reward policy prices nothing, INSUFFICIENT (409) or
    TOO_LARGE (422) where the city has not so much.
    """
    facts.algorithm_of(version)
    parameters_of(version, 0)
    slug, pool = version.call.slug, version.document["pool"]
    asset, promised = str(pool["asset"]), parse_amount(str(pool["amount"]))
    source, target = source_key(asset), pool_key(slug, asset)
    ids = open_accounts(wanted=[source, target])
    # The pool's row is what two publications of one call would meet at.
    lock(acting=acting, accounts=[ids[target]])
    before = funded(target, ids[target])
    if promised < before or _has_other_pool(target):
        raise POOL_SHRINKS.problem(detail=f"{format_amount(before)} {asset}")
    if promised > before:
        order = TransferOrder.between(
            key=derived_key("pool", slug, version.number),
            kind=FUNDING,
            source=ids[source],
            target=ids[target],
            amount=promised - before,
            reference=f"call:{slug}",
        )
        try:
            post(acting=acting, transfers=[order])
        except Problem as problem:
            if problem.kind not in (INSUFFICIENT, TOO_LARGE):
                raise
            raise _without_funds(problem.kind, asset, spendable(source) - NO_FLOOR) from problem


def _without_funds(kind: ProblemKind, asset: str, left: int) -> Problem:
    """The refusal with its field named, and what is left in sub-units for pools of the asset."""
    message = _("At most %(most)s %(asset)s can be brought into pools now.")
    said = message % {"most": with_thousands(format_amount(max(left, 0))), "asset": asset}
    return kind.problem(detail=said, errors=[FieldError("pool.amount", said, kind.code)])


def funded(key: AccountKey, account_id: int) -> int:
    """Sub-units that funding has brought into a pool so far."""
    amounts = Entry.objects.filter(
        account_id=account_id, transfer__kind=FUNDING, transfer__reference=f"call:{key.scope}"
    ).values_list("amount", flat=True)
    return sum(amounts)


def _has_other_pool(key: AccountKey) -> bool:
    """Whether the call was funded in another asset before."""
    return (
        Entry.objects.filter(account__kind=AccountKind.POOL, account__scope=key.scope)
        .exclude(account__asset=key.asset)
        .exists()
    )

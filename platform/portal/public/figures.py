"""Figures of the whole city for the home page, and what a call has left."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, Sum

from contributions.totals import accepted
from dure.core.money import format_amount
from governance.log.remembering import as_of_the_log
from rewards.models import AccountKind, Balance, Epoch, EpochKind, EpochState


def city_totals() -> dict[str, Any]:  # Any: a template's context
    """Confirmed rewards by asset, and how much was accepted, as of now."""
    contributions, records = as_of_the_log("accepted", accepted)
    paid = (
        Epoch.objects.filter(state=EpochState.APPROVED)
        .values_list("asset")
        .annotate(paid=Sum("total", filter=Q(kind=EpochKind.SETTLEMENT)), back=Sum("returned"))
        .order_by("asset")
    )
    return {
        "paid": [
            {"asset": asset, "amount": format_amount(int(total or 0) - int(back))}
            for asset, total, back in paid
        ],
        "contributions": contributions,
        "records": records,
    }


def budget_left(call_slug: str, asset: str) -> str:
    """What the pool of a call still holds, as a decimal string; empty where it has no pool."""
    balance = Balance.objects.filter(
        account__kind=AccountKind.POOL, account__scope=call_slug, account__asset=asset
    ).first()
    return format_amount(balance.posted - balance.pending_out) if balance else ""

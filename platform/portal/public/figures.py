"""Figures of the whole city for the home page, and what a call has spent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q, Sum

from contributions.models import Release, ReleaseState, TrainedModel
from contributions.totals import accepted
from dure.core.money import format_amount, parse_amount
from governance.log.remembering import as_of_the_log
from rewards.dividends.city import KIND as CITY_DIVIDEND
from rewards.models import (
    AccountKind,
    Balance,
    BulkBatch,
    Dividend,
    Epoch,
    EpochKind,
    EpochState,
    Licence,
)


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


@dataclass(frozen=True)
class Yield:
    """What came of the data: releases and models as counts, won as decimal strings."""

    releases: int
    models: int
    revenue: str
    dividends: str


def city_yield() -> Yield:
    """What the data was made into, what was paid for it, and what of that went back; as of now."""
    return as_of_the_log("yield", _yield)


def _yield() -> Yield:
    paid = Licence.objects.filter(paid_at__isnull=False).aggregate(sum=Sum("total"))["sum"]
    few = Dividend.objects.aggregate(sum=Sum(F("amount") - F("rest")))["sum"]
    city = BulkBatch.objects.filter(kind=CITY_DIVIDEND).aggregate(sum=Sum("total"))["sum"]
    return Yield(
        releases=Release.objects.filter(state=ReleaseState.PUBLISHED).count(),
        models=TrainedModel.objects.filter(withdrawal=None).count(),
        revenue=format_amount(int(paid or 0)),
        dividends=format_amount(int(few or 0) + int(city or 0)),
    )


def budget_spent(call_slug: str, asset: str, budget: str) -> str:
    """What of its budget has left the pool of a call, as a decimal string; empty without a pool.

    Told in place of what is left: amounts are shown rounded down, and the two parts of a budget,
    each rounded down, would not add up to it.
    """
    balance = Balance.objects.filter(
        account__kind=AccountKind.POOL, account__scope=call_slug, account__asset=asset
    ).first()
    return format_amount(max(0, parse_amount(budget) - balance.posted)) if balance else ""

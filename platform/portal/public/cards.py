"""What a card on the list of calls says, taken from the live call document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from dure.core.language import localized
from portal.formatting import exact, number_text, percent_text
from portal.strata import Dimension, dimensions, highest_multiplier


@dataclass(frozen=True)
class OwnReward:
    """What a record from one's own district earns in a call."""

    district: str
    low: Decimal
    high: Decimal
    multiplier: str
    times: Decimal

    @property
    def fills_a_gap(self) -> bool:
        """Whether a record from there is worth more than the average one."""
        return self.times > 1


@dataclass(frozen=True)
class Collected:
    """How much of the target of a call is there; thousandths of a record, as strata have them."""

    have: Decimal
    target: Decimal

    @property
    def share_text(self) -> str:
        return percent_text(self.have, self.target)

    @property
    def have_text(self) -> str:
        return number_text(self.have / 1000, 0)

    @property
    def target_text(self) -> str:
        return number_text(self.target / 1000, 0)


@dataclass(frozen=True)
class CallCard:
    slug: str
    title: str
    description: str
    asset: str
    pool: str
    closes_at: str | None
    multiplier: str
    price_low: Decimal | None
    price_high: Decimal | None
    dimensions: tuple[Dimension, ...]
    own: OwnReward | None = None
    collected: Collected | None = None

    def dimension(self, key: str) -> Dimension | None:
        """The strata of one dimension, None where the call has no such dimension."""
        return next((found for found in self.dimensions if found.key == key), None)


def price_range(strata: Sequence[Dimension]) -> tuple[Decimal | None, Decimal | None]:
    """Lowest and highest live price of a full record; a record has one stratum a dimension.

    The price of a record is the sum over the dimensions, as the reward formula has it.
    """
    lows, highs = [], []
    for dimension in strata:
        prices = [exact(row.price) for row in dimension.rows if row.price is not None]
        if prices:
            lows.append(min(prices))
            highs.append(max(prices))
    return (sum(lows, Decimal(0)), sum(highs, Decimal(0))) if lows else (None, None)


def collected(strata: Sequence[Dimension]) -> Collected | None:
    """What all strata of a call's first dimension hold together; None where it has none.

    The strata of every dimension divide the same records, so one dimension tells it.
    """
    if not strata:
        return None
    have = sum((exact(row.have) for row in strata[0].rows), Decimal(0))
    target = sum((exact(row.target) for row in strata[0].rows), Decimal(0))
    return Collected(have, target) if target else None


def own_reward(strata: Sequence[Dimension], district: str) -> OwnReward | None:
    """The reward range of a record from one district, and its multiplier; None where the call
    does not go by districts or has no price."""
    row = next(
        (row for found in strata if found.key == "district" for row in found.rows
         if row.key == district and row.price is not None),
        None,
    )  # fmt: skip
    if row is None:
        return None
    narrowed = [
        Dimension(found.key, found.label, (row,)) if found.key == "district" else found
        for found in strata
    ]
    low, high = price_range(narrowed)
    times = exact(row.multiplier) if row.multiplier is not None else Decimal(1)
    return OwnReward(row.label, low or Decimal(0), high or Decimal(0), row.multiplier_text, times)


# Any: the call document is JSON.
def call_card(document: Mapping[str, Any], *, district: str = "") -> CallCard:
    """The card of one call; with a district also what a record from there earns."""
    strata = document.get("strata") or []
    grouped = tuple(dimensions(strata))
    low, high = price_range(grouped)
    return CallCard(
        slug=document["slug"],
        title=localized(document["title"]),
        description=localized(document["description"]),
        asset=document["pool"]["asset"],
        pool=document["pool"]["amount"],
        closes_at=document.get("closes_at"),
        multiplier=highest_multiplier(strata),
        price_low=low,
        price_high=high,
        dimensions=grouped,
        own=own_reward(grouped, district) if district else None,
        collected=collected(grouped),
    )

"""What the running epoch would pay under other rules, beside what it pays under those in force.

Nothing is written. Both outcomes come from the same frozen facts through the same settlement that
closing uses, so that the left column is what closing now would pay, to the sub-unit.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Final, TypedDict

from contributions.calls.document import faults
from contributions.models import Call, CallVersion, Contribution, ReferencePopulation
from dure.accounts.acting import Actor
from dure.accounts.roles import Role
from dure.core.canonical import Json
from dure.core.money import format_amount
from dure.core.problems import NOT_FOUND
from rewards.epochs import facts
from rewards.epochs.frozen import facts_of
from rewards.epochs.settlement import Settlement, settle
from rewards.problems import EPOCH_EMPTY, EPOCH_NOT_OPEN, PRICING_UNSOUND
from rewards.valuation.decimals import decimal_round

#: What may be tried out; every other member of a call document stays as published.
CHANGEABLE: Final = frozenset(
    {
        "method",
        "pool",
        "target_mass",
        "price_cap",
        "strata",
        "cost_multipliers",
        "intake_fill",
        "training",
        "sampling",
        "compensation",
    }
)
#: Members that one method alone reads.
OWN_MEMBERS: Final = frozenset({"training", "sampling", "compensation"})
#: A share moves when it changes by more than a tenth of what it was.
MOVED: Final = Fraction(1, 10)
ROWS_MOST: Final = 500

Document = dict[str, Any]  # Any: JSON


class Outcome(TypedDict):
    """One set of rules: the method, what all are paid, and the value reached, in [0, 1)."""

    method: str
    total: str
    value_before: str
    value_after: str


class SimulatedRow(TypedDict):
    """One contribution under both rules; shares are of each rule's total, from 0 to 1."""

    receipt: str
    records: int
    now: str
    then: str
    share_now: str
    share_then: str
    moved: bool


class PriceRow(TypedDict):
    """One stratum under both rules: the ratio of its price to the mean; null where unpriced."""

    dimension: str
    key: str
    now: str | None
    then: str | None


class Simulation(TypedDict):
    """Who gets what under the rules in force and under those that are tried out.

    ``rows`` are the at most 500 contributions whose amounts differ most; ``moved`` counts all
    whose share of the total changes by more than a tenth.
    """

    call: str
    asset: str
    contributions: int
    now: Outcome
    then: Outcome
    moved: int
    rows: list[SimulatedRow]
    prices: list[PriceRow]


def simulate(*, acting: Actor, call_slug: str, changes: Mapping[str, Json]) -> Simulation:
    """Settle what waits under the published rules and again with ``changes`` to them.

    ``changes`` are members of a call document out of CHANGEABLE. Raises NOT_FOUND, EPOCH_NOT_OPEN
    and EPOCH_EMPTY (409), PRICING_UNSOUND (422) for members that are not changeable, and what
    closing raises for rules that price nothing; only an operator may.
    """
    acting.require(Role.OPERATOR)
    call = Call.objects.select_related("published").filter(slug=call_slug).first()
    if call is None:
        raise NOT_FOUND.problem()
    version = call.published
    if version is None:
        raise EPOCH_NOT_OPEN.problem()
    if not set(changes) <= CHANGEABLE:
        raise PRICING_UNSOUND.problem()
    document = _changed(version.document, changes)
    if changes:
        known = {each.key: each.dimensions for each in ReferencePopulation.objects.all()}
        errors = faults(document, strata=known)
        if errors:
            raise PRICING_UNSOUND.problem(errors=errors)
    inputs = list(facts.waiting(call).order_by("id"))
    if not any(each.accepted for each in inputs):
        raise EPOCH_EMPTY.problem()
    changed = CallVersion(
        call=call,
        number=version.number,
        sha256=version.sha256,
        document=document,
    )
    now, then = (_settled(one, inputs) for one in (version, changed))
    return _compared(call, str(version.document["pool"]["asset"]), inputs, now, then)


def _changed(document: Document, changes: Mapping[str, Json]) -> Document:
    """The document with changes; members that only the old method reads go with it."""
    changed = {**document, **changes}
    if changed["method"] != document["method"]:
        for member in OWN_MEMBERS - set(changes):
            changed.pop(member, None)
    return changed


def _settled(version: CallVersion, inputs: list[Contribution]) -> Settlement:
    return settle(facts_of(version, {"id": "simulation", "number": 0}, inputs))


def _compared(
    call: Call, asset: str, inputs: list[Contribution], now: Settlement, then: Settlement
) -> Simulation:
    totals = (now.allocation.total, then.allocation.total)
    rows: list[tuple[int, SimulatedRow]] = []
    for item in inputs:
        name = facts.pseudonym(item.id)
        before, after = now.allocation.reward(name), then.allocation.reward(name)
        shares = _share(before, totals[0]), _share(after, totals[1])
        row: SimulatedRow = {
            "receipt": item.receipt,
            "records": item.accepted,
            "now": format_amount(before),
            "then": format_amount(after),
            "share_now": decimal_round(shares[0], 6),
            "share_then": decimal_round(shares[1], 6),
            "moved": abs(shares[1] - shares[0]) > MOVED * shares[0],
        }
        rows.append((abs(after - before), row))
    rows.sort(key=lambda pair: (-pair[0], pair[1]["receipt"]))
    return {
        "call": call.slug,
        "asset": asset,
        "contributions": len(inputs),
        "now": _outcome(now),
        "then": _outcome(then),
        "moved": sum(row["moved"] for _, row in rows),
        "rows": [row for _, row in rows[:ROWS_MOST]],
        "prices": _prices(now, then),
    }


def _share(part: int, whole: int) -> Fraction:
    return Fraction(part, whole) if whole else Fraction(0)


def _outcome(settlement: Settlement) -> Outcome:
    found = settlement.terms
    start, end = found.method.span(found.policy, found.before, found.after)
    return {
        "method": found.method.ID,
        "total": format_amount(settlement.allocation.total),
        "value_before": decimal_round(start, 6),
        "value_after": decimal_round(end, 6),
    }


def _prices(now: Settlement, then: Settlement) -> list[PriceRow]:
    before, after = now.terms.prices, then.terms.prices
    rows: list[PriceRow] = []
    for stratum in sorted({*before, *after}):
        pair = [
            decimal_round(prices[stratum].multiplier, 4) if stratum in prices else None
            for prices in (before, after)
        ]
        rows.append(
            {"dimension": stratum.dimension, "key": stratum.key, "now": pair[0], "then": pair[1]}
        )
    return rows

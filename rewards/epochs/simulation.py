"""What the running epoch would pay under other rules, beside what it pays under those in force.

Nothing is written. Both outcomes come from the same frozen facts through the same settlement that
closing uses, so that the left column is what closing now would pay, to the sub-unit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, TypedDict

from contributions.models import Call, CallVersion, StratumMass
from dure.accounts.acting import Actor
from dure.accounts.roles import Role
from dure.core.canonical import Json
from dure.core.money import format_amount
from dure.core.problems import NOT_FOUND
from rewards.epochs import facts
from rewards.epochs.settlement import FORMAT, Facts, InputFacts, Settlement, settle
from rewards.problems import EPOCH_EMPTY, EPOCH_NOT_OPEN, PRICING_UNSOUND
from rewards.valuation.decimals import decimal_round
from rewards.valuation.methods import METHODS

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
    }
)
#: A share moves when it changes by more than a tenth of what it was.
MOVED: Final = Fraction(1, 10)
ROWS_MOST: Final = 500


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


@dataclass(frozen=True, slots=True)
class _Input:
    receipt: str
    stated: InputFacts


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
    inputs = _inputs(call)
    if not inputs:
        raise EPOCH_EMPTY.problem()
    changed = CallVersion(
        call=call,
        number=version.number,
        sha256=version.sha256,
        document={**version.document, **changes},
    )
    now, then = (_settled(one, inputs) for one in (version, changed))
    return _compared(call, str(version.document["pool"]["asset"]), inputs, now, then)


def _inputs(call: Call) -> list[_Input]:
    waiting = facts.waiting(call).order_by("id")
    masses: dict[object, dict[str, dict[str, int]]] = {}
    rows = StratumMass.objects.filter(contribution__in=waiting, mass__gt=0)
    for id_, dimension, key, mass in rows.values_list(
        "contribution_id", "dimension", "key", "mass"
    ):
        masses.setdefault(id_, {}).setdefault(dimension, {})[key] = mass
    return [
        _Input(
            receipt,
            {"id": facts.pseudonym(id_), "records": accepted, "masses": masses.get(id_, {})},
        )
        for id_, receipt, accepted in waiting.values_list("id", "receipt", "accepted")
    ]


def _settled(version: CallVersion, inputs: list[_Input]) -> Settlement:
    stored = facts.running_terms(version)
    asked: Facts = {
        "format": FORMAT,
        "epoch": {"id": "simulation", "number": 0},
        "call": {
            "slug": version.call.slug,
            "version": version.number,
            "document_sha256": version.sha256,
        },
        "algorithm": stored["algorithm"],
        "parameters": stored["parameters"],
        "stock_before": stored["stock_before"],
        "records_before": stored["records_before"],
        "inputs": [item.stated for item in inputs],
    }
    return settle(asked)


def _compared(
    call: Call, asset: str, inputs: list[_Input], now: Settlement, then: Settlement
) -> Simulation:
    totals = (now.allocation.total, then.allocation.total)
    rows: list[tuple[int, SimulatedRow]] = []
    for item in inputs:
        name = item.stated["id"]
        before, after = now.allocation.reward(name), then.allocation.reward(name)
        shares = _share(before, totals[0]), _share(after, totals[1])
        row: SimulatedRow = {
            "receipt": item.receipt,
            "records": item.stated["records"],
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
    method = METHODS[found.method.ID]
    return {
        "method": method.ID,
        "total": format_amount(settlement.allocation.total),
        "value_before": decimal_round(method.value(found.policy, found.before), 6),
        "value_after": decimal_round(method.value(found.policy, found.after), 6),
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

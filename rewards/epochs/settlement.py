"""Settling an epoch: from frozen facts to its manifest, the same bytes on every machine.

Pure. The manifest is canonical JSON of the facts and of everything that follows from them. A
contribution appears under a pseudonym that only its owner is told; amounts are integers of
sub-units and exact prices are fractions ``"n/d"`` in sub-units per thousandth of a record, both as
strings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, NotRequired, TypedDict, cast

from dure.core.canonical import Json, canonical_bytes
from governance.log import merkle
from rewards.valuation.allocation import Allocation, allocate, plus
from rewards.valuation.decimals import decimal_floor
from rewards.valuation.explanation import Terms, terms
from rewards.valuation.methods import METHODS
from rewards.valuation.policy import Dimension, Policy, Stock, Stratum

FORMAT: Final = "dure-epoch-manifest/1"
#: Decimals of the value reached and of multipliers, rounded down.
PLACES: Final = 12

#: {dimension: {stratum: thousandths}}
Masses = Mapping[str, Mapping[str, int]]


class UnknownAlgorithm(ValueError):
    """The manifest was made by a rule or a version that this code does not contain."""


class DimensionFacts(TypedDict):
    """``costs`` are decimal strings by stratum, only where the call publishes multipliers."""

    name: str
    weight: str
    reference: str
    counts: dict[str, int]
    costs: NotRequired[dict[str, str]]


class Parameters(TypedDict):
    """What the call promised; pool and available in sub-units, the target in records."""

    asset: str
    pool: str
    available: str
    target_mass: int
    price_cap: str | None
    dimensions: list[DimensionFacts]
    fill_limit: NotRequired[str]


class InputFacts(TypedDict):
    id: str
    records: int
    masses: dict[str, dict[str, int]]


class EpochFacts(TypedDict):
    id: str
    number: int


class CallFacts(TypedDict):
    slug: str
    version: int
    document_sha256: str


class AlgorithmFacts(TypedDict):
    id: str
    version: str
    code_sha256: str


class Facts(TypedDict):
    """Everything that an epoch's outcome follows from."""

    format: str
    epoch: EpochFacts
    call: CallFacts
    algorithm: AlgorithmFacts
    parameters: Parameters
    stock_before: dict[str, dict[str, int]]
    records_before: int
    inputs: list[InputFacts]


@dataclass(frozen=True, slots=True)
class Settlement:
    """The outcome of an epoch; ``manifest`` is the record of it."""

    manifest: bytes
    inputs_root: str
    outputs_root: str
    allocation: Allocation
    terms: Terms


def policy_of(parameters: Parameters) -> Policy:
    """The numbers of a policy; ValueError where they make none."""
    cap, limit = parameters["price_cap"], parameters.get("fill_limit")
    return Policy(
        pool=int(parameters["pool"]),
        target_records=parameters["target_mass"],
        dimensions=tuple(
            Dimension(
                d["name"],
                Fraction(d["weight"]),
                d["counts"],
                {key: Fraction(cost) for key, cost in d.get("costs", {}).items()},
            )
            for d in parameters["dimensions"]
        ),
        price_cap=None if cap is None else Fraction(cap),
        fill_limit=None if limit is None else Fraction(limit),
    )


def settle(facts: Facts) -> Settlement:
    """Price and allocate an epoch. Raises UnknownAlgorithm and ValueError for unfit facts."""
    if facts["format"] != FORMAT:
        raise UnknownAlgorithm(f"format {facts['format']}")
    algorithm = facts["algorithm"]
    method = METHODS.get(algorithm["id"])
    if method is None or algorithm["version"] != method.VERSION:
        raise UnknownAlgorithm(f"{algorithm['id']} {algorithm['version']}")
    policy = policy_of(facts["parameters"])
    inputs = sorted(facts["inputs"], key=lambda item: item["id"])
    if len({item["id"] for item in inputs}) != len(inputs):
        raise ValueError("a contribution appears twice")
    masses = {i["id"]: method.counted(policy, i["masses"], i["records"]) for i in inputs}
    found = terms(
        method=method,
        policy=policy,
        before=stock_of(facts["stock_before"]),
        added=plus(*masses.values()),
        available=int(facts["parameters"]["available"]),
        records_before=facts["records_before"],
        records_added=sum(item["records"] for item in inputs),
    )
    allocation = allocate(
        pool=policy.pool,
        available=int(facts["parameters"]["available"]),
        prices=found.prices,
        masses=masses,
    )
    outputs = [{"id": name, "amount": str(allocation.reward(name))} for name in masses]
    roots = (_root([_json(item) for item in inputs]), _root(outputs))
    document: dict[str, Json] = {
        **_json(facts),
        "inputs": [_json(item) for item in inputs],
        "inputs_root": roots[0],
        "outputs": outputs,
        "outputs_root": roots[1],
        "prices": _prices(found),
        "totals": _totals(found, allocation),
    }
    return Settlement(canonical_bytes(document), *roots, allocation, found)


def stock_of(masses: Masses) -> dict[Stratum, int]:
    """``{dimension: {stratum: mass}}`` as a stock."""
    return {
        Stratum(dimension, key): mass
        for dimension, strata in masses.items()
        for key, mass in strata.items()
    }


def masses_of(stock: Stock) -> dict[str, dict[str, int]]:
    """A stock as ``{dimension: {stratum: mass}}``."""
    found: dict[str, dict[str, int]] = {}
    for stratum, mass in sorted(stock.items()):
        found.setdefault(stratum.dimension, {})[stratum.key] = mass
    return found


def _prices(found: Terms) -> dict[str, Json]:
    document: dict[str, dict[str, Json]] = {}
    for stratum, price in sorted(found.prices.items()):
        numerator, denominator = found.rates[stratum]
        document.setdefault(stratum.dimension, {})[stratum.key] = {
            "rate": f"{numerator}/{denominator}",
            "multiplier": decimal_floor(price.multiplier, PLACES),
        }
    return {**document}


def _totals(found: Terms, allocation: Allocation) -> dict[str, Json]:
    method, policy = found.method, found.policy
    return {
        "inputs": len(allocation.lines),
        "paid": str(allocation.total),
        "scale": f"{allocation.scale.numerator}/{allocation.scale.denominator}",
        "value_before": decimal_floor(method.value(policy, found.before), PLACES),
        "value_after": decimal_floor(method.value(policy, found.after), PLACES),
    }


def _json(facts: object) -> dict[str, Json]:
    """A typed dictionary as the plain JSON that it is."""
    return cast("dict[str, Json]", facts)


def _root(items: Sequence[Mapping[str, Json]]) -> str:
    return merkle.root([merkle.leaf_hash(canonical_bytes(item)) for item in items]).hex()

"""Settling an epoch: from frozen facts to its manifest, the same bytes on every machine.

Pure. The manifest is canonical JSON of the facts and of everything that follows from them. A
contribution appears under a pseudonym that only its owner is told; amounts are integers of
sub-units and exact prices are fractions ``"n/d"`` in sub-units per thousandth of a record, both as
strings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final, NotRequired, TypedDict, cast

from dure.core.canonical import Json, canonical_bytes
from governance.log import merkle
from rewards.valuation import institutions
from rewards.valuation.allocation import Allocation, allocate, plus
from rewards.valuation.decimals import decimal_ceil, decimal_floor
from rewards.valuation.deterrence import held_part
from rewards.valuation.explanation import Terms, terms
from rewards.valuation.methods import METHODS
from rewards.valuation.policy import Dimension, Item, Policy, Reached, Stock, Stratum

FORMAT: Final = "dure-epoch-manifest/1"
#: Decimals of the value reached and of multipliers, rounded down.
PLACES: Final = 12

#: The mean that a cap compares with is that of the strata which are not full.
CAP_OVER_OPEN: Final = "open"

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


class TrainingFacts(TypedDict):
    """What a model was asked: ``features`` are units of distance by column, the answer is ``label``
    of the ``k`` nearest ``records``. The questions are secret; their hash is published.
    """

    features: dict[str, str]
    label: str
    k: int
    questions: int
    questions_sha256: str
    records: int


class SamplingFacts(TypedDict):
    """When the drawing of orders ends: at this part of the pool, after at most so many pairs."""

    epsilon: str
    pairs: int


class CompensationFacts(TypedDict):
    """Lines of the cost of one record in sub-units, and the margin on their sum; decimals."""

    lines: dict[str, str]
    margin: str


class DeterrenceFacts(TypedDict):
    """The share of contributions that is drawn to be checked, the share of each reward that waits
    so many days, both decimals, and how many honest records stand behind each false one.
    """

    audit_rate: str
    hold_back: str
    hold_back_days: int
    records: int


class ReachedFacts(TypedDict):
    """Value reached before and after an epoch, twelve decimals; measured, not derived."""

    before: str
    after: str


class Parameters(TypedDict):
    """What the call promised; pool and available in sub-units, the target in records.

    Beside what all methods have, ``training`` and ``reached`` belong to knn, ``sampling`` to
    permutation and ``compensation`` to cost; ``deterrence`` stands where pay is held back.
    ``cap_over`` is ``open`` where the cap compares with the mean of the strata that are not full;
    manifests before there was such a rule do not have it.
    """

    asset: str
    pool: str
    available: str
    target_mass: int
    price_cap: str | None
    dimensions: list[DimensionFacts]
    fill_limit: NotRequired[str]
    cap_over: NotRequired[str]
    training: NotRequired[TrainingFacts]
    reached: NotRequired[ReachedFacts]
    sampling: NotRequired[SamplingFacts]
    compensation: NotRequired[CompensationFacts]
    deterrence: NotRequired[DeterrenceFacts]


class InputFacts(TypedDict):
    """``worth`` only where a model measured it, ``institution`` only where institutions share."""

    id: str
    records: int
    masses: dict[str, dict[str, int]]
    worth: NotRequired[int]
    institution: NotRequired[str]


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
    """The outcome of an epoch; ``manifest`` is the record of it.

    ``held`` is what waits of each reward, in sub-units; empty where nothing is held back.
    """

    manifest: bytes
    inputs_root: str
    outputs_root: str
    allocation: Allocation
    terms: Terms
    held: Mapping[str, int]


def policy_of(parameters: Parameters) -> Policy:
    """The numbers of a policy; ValueError where they make none."""
    cap, limit = parameters["price_cap"], parameters.get("fill_limit")
    reached, sampling = parameters.get("reached"), parameters.get("sampling")
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
        cap_over_open=_over_open(parameters.get("cap_over")),
        per_record=per_record(parameters.get("compensation")),
        epsilon=Fraction(sampling["epsilon"]) if sampling else Fraction(1, 1000),
        pairs=sampling["pairs"] if sampling else 200,
        reached=Reached(Fraction(reached["before"]), Fraction(reached["after"]))
        if reached
        else None,
    )


def _over_open(stated: str | None) -> bool:
    if stated not in (None, CAP_OVER_OPEN):
        raise ValueError(f"a cap over {stated}")
    return stated is not None


def per_record(compensation: CompensationFacts | None) -> Fraction | None:
    """What a record is compensated with in sub-units: its lines and the margin on them."""
    if compensation is None:
        return None
    lines = sum((Fraction(cost) for cost in compensation["lines"].values()), Fraction(0))
    return lines * (1 + Fraction(compensation["margin"]))


def item_of(stated: InputFacts) -> Item:
    """What the rule is told of an input. Raises ValueError for worth below nothing."""
    worth = stated.get("worth", 0)
    if worth < 0:
        raise ValueError(f"the worth of {stated['id']} is negative")
    return Item(stated["masses"], stated["records"], worth, stated.get("institution", ""))


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
    items = {stated["id"]: item_of(stated) for stated in inputs}
    before, inputs_root = stock_of(facts["stock_before"]), _root([_json(item) for item in inputs])
    if algorithm["id"] == institutions.ID:
        game = institutions.play(policy, before, items.values(), seed=inputs_root)
        policy, before = replace(policy, reached=game), {}
    masses = {name: method.counted(policy, item) for name, item in items.items()}
    found = terms(
        method=method,
        policy=policy,
        before=before,
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
    held = held_of(facts["parameters"].get("deterrence"), allocation)
    outputs = [_output(name, allocation.reward(name), held.get(name)) for name in masses]
    roots = (inputs_root, _root(outputs))
    document: dict[str, Json] = {
        **_json(facts),
        "inputs": [_json(item) for item in inputs],
        "inputs_root": roots[0],
        "outputs": [*outputs],
        "outputs_root": roots[1],
        "prices": _prices(found),
        "totals": _totals(found, allocation) | ({"held": str(sum(held.values()))} if held else {}),
    }
    return Settlement(canonical_bytes(document), *roots, allocation, found, held)


def _output(name: str, reward: int, held: int | None) -> dict[str, Json]:
    output: dict[str, Json] = {"id": name, "amount": str(reward)}
    return output if held is None else {**output, "held": str(held)}


def held_of(stated: DeterrenceFacts | None, allocation: Allocation) -> dict[str, int]:
    """What waits of each reward, by contribution; empty where nothing is held back."""
    if stated is None:
        return {}
    part = Fraction(stated["hold_back"])
    return {name: held_part(allocation.reward(name), part) for name in allocation.lines}


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
    start, end = found.method.span(found.policy, found.before, found.after)
    totals: dict[str, Json] = {
        "inputs": len(allocation.lines),
        "paid": str(allocation.total),
        "scale": f"{allocation.scale.numerator}/{allocation.scale.denominator}",
        "value_before": decimal_floor(start, PLACES),
        "value_after": decimal_floor(end, PLACES),
    }
    if found.method.ID == institutions.ID and found.policy.reached is not None:
        reached = found.policy.reached
        width = decimal_ceil(reached.half_width, PLACES)
        totals["interval"] = {"half_width": width, "pairs": reached.pairs}
    return totals


def _json(facts: object) -> dict[str, Json]:
    """A typed dictionary as the plain JSON that it is."""
    return cast("dict[str, Json]", facts)


def _root(items: Sequence[Mapping[str, Json]]) -> str:
    return merkle.root([merkle.leaf_hash(canonical_bytes(item)) for item in items]).hex()

"""What an epoch starts from, read out of calls, contributions and the ledger."""

from __future__ import annotations

from typing import TypedDict, cast
from uuid import UUID

from django.db.models import QuerySet, Sum

from contributions.calls.document import decimal
from contributions.models import (
    Call,
    CallVersion,
    Contribution,
    ReferencePopulation,
    State,
    StratumMass,
)
from dure.core.canonical import Json
from dure.core.money import parse_amount
from dure.core.sealing import keyed_digest
from rewards.algorithms import code_sha256
from rewards.epochs import settlement
from rewards.epochs.settlement import AlgorithmFacts, DimensionFacts, Parameters
from rewards.ledger import selectors as ledger
from rewards.ledger.accounts import pool_key
from rewards.models import Epoch, EpochKind, EpochState
from rewards.problems import METHOD_UNKNOWN, PRICING_UNSOUND
from rewards.valuation.explanation import Terms, terms
from rewards.valuation.methods import METHODS
from rewards.valuation.policy import COST_LEAST, COST_MOST, FULL_RECORD, Stock


class StoredTerms(TypedDict):
    """On what terms an epoch pays; kept with a closed epoch, computed for a running one."""

    algorithm: AlgorithmFacts
    parameters: Parameters
    stock_before: dict[str, dict[str, int]]
    stock_added: dict[str, dict[str, int]]
    records_before: int
    records_added: int


def usable(call: Call) -> QuerySet[Contribution]:
    """Contributions that count: accepted, not withdrawn, under consent in force."""
    return Contribution.objects.filter(call=call, state=State.ACCEPTED, excluded_at=None)


def waiting(call: Call) -> QuerySet[Contribution]:
    """Those that no epoch has frozen yet."""
    return usable(call).filter(epoch_input=None)


def settled(call: Call) -> QuerySet[Contribution]:
    """Those that an earlier epoch has paid or is about to pay."""
    return usable(call).filter(epoch_input__isnull=False)


def masses(contributions: QuerySet[Contribution]) -> dict[str, dict[str, int]]:
    """Sum of the masses of contributions, ``{dimension: {stratum: thousandths}}``."""
    rows = (
        StratumMass.objects.filter(contribution__in=contributions, mass__gt=0)
        .order_by("dimension", "key")
        .values_list("dimension", "key")
        .annotate(total=Sum("mass"))
    )
    found: dict[str, dict[str, int]] = {}
    for dimension, key, total in rows:
        found.setdefault(dimension, {})[key] = int(total)
    return found


def records(contributions: QuerySet[Contribution]) -> int:
    """Number of accepted records of contributions."""
    return int(contributions.aggregate(total=Sum("accepted"))["total"] or 0)


def pseudonym(contribution_id: UUID) -> str:
    """The name of a contribution in manifests; only its owner is told which it is."""
    return keyed_digest("epoch-input", contribution_id.bytes).hex()


def algorithm_of(version: CallVersion) -> AlgorithmFacts:
    """The rule that a call chose. Raises METHOD_UNKNOWN (422) for one that is not here."""
    method = METHODS.get(str(version.document["method"]))
    if method is None:
        raise METHOD_UNKNOWN.problem()
    return {"id": method.ID, "version": method.VERSION, "code_sha256": code_sha256(method.ID)}


def parameters_of(version: CallVersion, available: int) -> Parameters:
    """What a call's version promises. Raises METHOD_UNKNOWN (422) where it prices nothing.

    Beside what every call document has, two optional members decide about prices:

    ``cost_multipliers``   ``{dimension: {stratum: "1.5"}}``, decimal strings from 1 to 3, for
                           strata whose records cost more to produce.
    ``intake_fill``        decimal string: the multiple of its target at which a stratum takes no
                           more mass against money.

    Raises PRICING_UNSOUND (422) where they name what the call does not have or leave their bounds.
    """
    document = version.document
    cap = document.get("price_cap")
    parameters: Parameters = {
        "asset": str(document["pool"]["asset"]),
        "pool": str(parse_amount(str(document["pool"]["amount"]))),
        "available": str(available),
        "target_mass": int(document["target_mass"]),
        "price_cap": None if cap is None else str(cap),
        "dimensions": [_dimension(item) for item in document.get("strata") or []],
    }
    _add_pricing(parameters, document.get("cost_multipliers"), document.get("intake_fill"))
    try:
        settlement.policy_of(parameters)
    except ValueError as error:
        raise METHOD_UNKNOWN.problem() from error
    if document["method"] == "coverage" and not parameters["dimensions"]:
        raise METHOD_UNKNOWN.problem()
    return parameters


def _add_pricing(parameters: Parameters, costs: object, fill: object) -> None:
    """Take the optional members of a call document into its parameters."""
    try:
        if fill is not None:
            parameters["fill_limit"] = str(fill)
            if decimal(fill) <= 0:
                raise ValueError("intake closes at a positive fill")
        if costs is None:
            return
        if not isinstance(costs, dict):
            raise TypeError("multipliers are given by dimension")
        by_name = {dimension["name"]: dimension for dimension in parameters["dimensions"]}
        for name, multipliers in costs.items():
            dimension = by_name[name]
            if not set(multipliers) <= set(dimension["counts"]) or not all(
                COST_LEAST <= decimal(cost) <= COST_MOST for cost in multipliers.values()
            ):
                raise ValueError("a multiplier from 1 to 3 for a stratum of the reference")
            dimension["costs"] = dict(sorted(multipliers.items()))
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise PRICING_UNSOUND.problem() from error


def _dimension(item: dict[str, str]) -> DimensionFacts:
    reference = ReferencePopulation.objects.filter(key=item["reference"]).first()
    counts = reference.dimensions.get(item["dimension"]) if reference else None
    if not counts:
        raise METHOD_UNKNOWN.problem()
    return {
        "name": item["dimension"],
        "weight": str(item.get("weight", "1")),
        "reference": item["reference"],
        "counts": {str(key): int(count) for key, count in sorted(counts.items())},
    }


def available(call: Call, asset: str) -> int:
    """Sub-units that the pool still holds and no closed epoch has promised."""
    promised = Epoch.objects.filter(
        call=call, state=EpochState.CLOSED, kind=EpochKind.SETTLEMENT, asset=asset
    ).aggregate(total=Sum("total"))["total"]
    return ledger.posted(pool_key(call.slug, asset)) - int(promised or 0)


def running_terms(version: CallVersion) -> StoredTerms:
    """Terms of the running epoch of the version's call, if it closed now."""
    call = version.call
    algorithm = algorithm_of(version)
    parameters = parameters_of(version, available(call, str(version.document["pool"]["asset"])))
    before, added = settled(call), waiting(call)
    records_before, records_added = records(before), records(added)
    flat = algorithm["id"] == "flat"
    return {
        "algorithm": algorithm,
        "parameters": parameters,
        "stock_before": _everyone(records_before) if flat else masses(before),
        "stock_added": _everyone(records_added) if flat else masses(added),
        "records_before": records_before,
        "records_added": records_added,
    }


def _everyone(count: int) -> dict[str, dict[str, int]]:
    return {"all": {"all": count * FULL_RECORD}}


def terms_of(stored: StoredTerms) -> Terms:
    """Stored or running terms, with the prices that follow from them."""
    return terms(
        method=METHODS[stored["algorithm"]["id"]],
        policy=settlement.policy_of(stored["parameters"]),
        before=settlement.stock_of(stored["stock_before"]),
        added=_known(settlement.stock_of(stored["stock_added"]), stored),
        available=int(stored["parameters"]["available"]),
        records_before=stored["records_before"],
        records_added=stored["records_added"],
    )


def epoch_terms(epoch: Epoch) -> StoredTerms:
    """The terms that a closed epoch was settled on."""
    assert epoch.terms is not None  # the database keeps it with the manifest
    return cast("StoredTerms", epoch.terms)


def terms_json(stored: StoredTerms) -> dict[str, Json]:
    """Stored terms as plain JSON."""
    return cast("dict[str, Json]", dict(stored))


def _known(stock: Stock, stored: StoredTerms) -> Stock:
    """Without strata that the reference does not have: they carry no price."""
    if stored["algorithm"]["id"] == "flat":
        return stock
    counts = {d["name"]: d["counts"] for d in stored["parameters"]["dimensions"]}
    return {s: mass for s, mass in stock.items() if s.key in counts.get(s.dimension, {})}

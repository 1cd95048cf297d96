"""What a call's document promises, as the parameters that its rule prices with.

Beside what every call document has, these optional members decide about rewards:

``cost_multipliers``   ``{dimension: {stratum: "1.5"}}``, decimal strings from 1 to 3, for strata
                       whose records cost more to produce.
``intake_fill``        decimal string: the multiple of its target at which a stratum takes no more
                       mass against money. The price cap then compares with the mean of the
                       strata that are not full.
``training``           of a call with the method knn: ``{features: {column: "unit of distance"},
                       label, k, questions_sha256}``; the questions were stored before.
``sampling``           of permutation, optional: ``{epsilon: "0.001", pairs: 200}``.
``compensation``       of cost: ``{lines: {name: "won or tokens for a record"}, margin: "0.1"}``.
``deterrence``         of coverage, optional: what is held back and how much is checked
                       (rewards.epochs.pledges).
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Final

from django.utils.translation import gettext as _

from contributions.calls.decimals import decimal
from contributions.models import CallVersion, ReferencePopulation
from dure.core.money import parse_amount
from dure.core.problems import FieldError
from rewards.epochs import settlement
from rewards.epochs.pledges import deterrence_of, examine
from rewards.epochs.settlement import DimensionFacts, Parameters
from rewards.models import TrainingQuestions
from rewards.problems import METHOD_UNKNOWN, PRICING_UNSOUND
from rewards.valuation import compensation, coverage, institutions, training
from rewards.valuation.policy import COST_LEAST, COST_MOST, PAIRS_MOST

FEATURES_MOST: Final = 64
NEIGHBOURS_MOST: Final = 1_000
COST_LINES_MOST: Final = 20
#: Rules that share a pool by strata and need at least one dimension.
BY_STRATA: Final = (coverage.ID, institutions.ID)

Document = Mapping[str, Any]  # Any: JSON


class _Unsound(ValueError):
    """A member of the document that cannot price; ``field`` says which."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field, self.message = field, message


def parameters_of(version: CallVersion, available: int) -> Parameters:
    """What a call's version promises. Raises METHOD_UNKNOWN (422) where it prices nothing.

    Raises PRICING_UNSOUND (422), naming the member, where the optional ones name what the call
    does not have, leave their bounds, are missing or belong to another method.
    """
    document, method = version.document, str(version.document["method"])
    cap = document.get("price_cap")
    parameters: Parameters = {
        "asset": str(document["pool"]["asset"]),
        "pool": str(parse_amount(str(document["pool"]["amount"]))),
        "available": str(available),
        "target_mass": int(document["target_mass"]),
        "price_cap": None if cap is None else str(cap),
        "dimensions": [_dimension(item) for item in document.get("strata") or []],
    }
    if method in BY_STRATA and not parameters["dimensions"]:
        raise METHOD_UNKNOWN.problem()
    try:
        _add_fill(parameters, document.get("intake_fill"))
        _add_costs(parameters, document.get("cost_multipliers"))
        _need_own(document, method)
        if method == training.ID:
            _add_training(parameters, document)
        if method == institutions.ID:
            _add_sampling(parameters, document.get("sampling"))
        if method == compensation.ID:
            _add_compensation(parameters, document["compensation"])
        _add_deterrence(parameters, document)
    except _Unsound as error:
        raise PRICING_UNSOUND.problem(errors=[FieldError(error.field, error.message)]) from error
    try:
        settlement.policy_of(parameters)
    except ValueError as error:
        raise METHOD_UNKNOWN.problem() from error
    return parameters


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


def _need_own(document: Document, method: str) -> None:
    """Each member stands with the method that reads it, and with no other."""
    own = {
        "training": training.ID,
        "sampling": institutions.ID,
        "compensation": compensation.ID,
    }
    for member, belongs in own.items():
        given = document.get(member) is not None
        if given and belongs != method:
            message = _("Only the method %(method)s reads this.") % {"method": belongs}
            raise _Unsound(member, message)
        if not given and belongs == method and member != "sampling":
            raise _Unsound(member, _("The method %(method)s needs this.") % {"method": method})


def _add_fill(parameters: Parameters, fill: object) -> None:
    if fill is None:
        return
    if _decimal(fill, "intake_fill") <= 0:
        raise _Unsound("intake_fill", _("Intake closes at a positive fill."))
    parameters["fill_limit"] = str(fill)
    if parameters["price_cap"] is not None:
        parameters["cap_over"] = settlement.CAP_OVER_OPEN


def fill_faults(fill: object) -> list[FieldError]:
    """What is wrong with the fill at which intake closes; empty where it can price."""
    try:
        if fill is not None and _decimal(fill, "intake_fill") <= 0:
            raise _Unsound("intake_fill", _("Intake closes at a positive fill."))
    except _Unsound as error:
        return [FieldError(error.field, error.message)]
    return []


def _add_costs(parameters: Parameters, costs: object) -> None:
    """Take published multipliers into their dimensions."""
    if costs is None:
        return
    by_name = {dimension["name"]: dimension for dimension in parameters["dimensions"]}
    if not isinstance(costs, Mapping):
        raise _Unsound("cost_multipliers", _("Give multipliers by dimension and stratum."))
    for name, multipliers in costs.items():
        field = f"cost_multipliers.{name}"
        if name not in by_name or not isinstance(multipliers, Mapping):
            raise _Unsound(field, _("The call has no such dimension."))
        for key, cost in multipliers.items():
            if key not in by_name[name]["counts"]:
                raise _Unsound(f"{field}.{key}", _("The dimension has no such stratum."))
            if not COST_LEAST <= _decimal(cost, f"{field}.{key}") <= COST_MOST:
                raise _Unsound(f"{field}.{key}", _("A cost multiplier is from 1 to 3."))
        by_name[name]["costs"] = dict(sorted(multipliers.items()))


def _add_training(parameters: Parameters, document: Document) -> None:
    """What a model is asked: known columns, known questions."""
    asked, fields = document["training"], document["schema"]["fields"]
    wanted = {"features", "label", "k", "questions_sha256"}
    if not isinstance(asked, Mapping) or set(asked) != wanted:
        raise _Unsound("training", _("Give features, label, k and questions_sha256."))
    types = {str(each["name"]): str(each.get("type", "string")) for each in fields}
    features = asked["features"]
    if not isinstance(features, Mapping) or not 0 < len(features) <= FEATURES_MOST:
        raise _Unsound("training.features", _("Name 1 to 64 numeric columns with their units."))
    for name, unit in features.items():
        if types.get(str(name)) not in ("integer", "number"):
            raise _Unsound(f"training.features.{name}", _("A feature is a numeric column."))
        if _decimal(unit, f"training.features.{name}") <= 0:
            raise _Unsound(f"training.features.{name}", _("A unit of distance is positive."))
    if asked["label"] not in types or asked["label"] in features:
        raise _Unsound("training.label", _("The label is a column that is no feature."))
    if type(asked["k"]) is not int or not 0 < asked["k"] <= NEIGHBOURS_MOST:
        raise _Unsound("training.k", _("Ask 1 to 1,000 neighbours."))
    stored = TrainingQuestions.objects.filter(sha256=str(asked["questions_sha256"])).first()
    if stored is None or not {asked["label"], *features} <= set(stored.columns):
        message = _("Store questions with these columns first; their hash goes here.")
        raise _Unsound("training.questions_sha256", message)
    parameters["training"] = {
        "features": {str(name): str(unit) for name, unit in features.items()},
        "label": str(asked["label"]),
        "k": asked["k"],
        "questions": stored.rows,
        "questions_sha256": stored.sha256,
        "records": 0,
    }


def _add_deterrence(parameters: Parameters, document: Document) -> None:
    for fault in examine(document):
        raise _Unsound(fault.field, str(fault.message))
    stated = deterrence_of(document)
    if stated is not None:
        parameters["deterrence"] = stated


def _add_sampling(parameters: Parameters, sampling: object) -> None:
    if sampling is None:
        parameters["sampling"] = {"epsilon": "0.001", "pairs": 200}
        return
    if not isinstance(sampling, Mapping) or set(sampling) != {"epsilon", "pairs"}:
        raise _Unsound("sampling", _("Give epsilon and pairs."))
    if not 0 < _decimal(sampling["epsilon"], "sampling.epsilon") <= 1:
        raise _Unsound("sampling.epsilon", _("A part of the pool, above 0 and at most 1."))
    pairs = sampling["pairs"]
    if type(pairs) is not int or not 0 < pairs <= PAIRS_MOST:
        raise _Unsound("sampling.pairs", _("Draw 1 to 2,000 pairs of orders."))
    parameters["sampling"] = {"epsilon": str(sampling["epsilon"]), "pairs": pairs}


def _add_compensation(parameters: Parameters, asked: object) -> None:
    if not isinstance(asked, Mapping) or set(asked) != {"lines", "margin"}:
        raise _Unsound("compensation", _("Give the lines of the cost of a record, and margin."))
    lines = asked["lines"]
    if not isinstance(lines, Mapping) or not 0 < len(lines) <= COST_LINES_MOST:
        raise _Unsound("compensation.lines", _("Give 1 to 20 lines, each with its cost."))
    if not 0 <= _decimal(asked["margin"], "compensation.margin") <= 1:
        raise _Unsound("compensation.margin", _("A margin is from 0 to 1."))
    costs: dict[str, str] = {}
    for name, cost in sorted(lines.items()):
        _decimal(cost, f"compensation.lines.{name}")
        costs[str(name)] = str(parse_amount(str(cost)))
    if not any(int(cost) for cost in costs.values()):
        raise _Unsound("compensation.lines", _("A record is compensated with more than nothing."))
    parameters["compensation"] = {"lines": costs, "margin": str(asked["margin"])}


def _decimal(value: object, field: str) -> Fraction:
    try:
        return decimal(value)
    except ValueError:
        raise _Unsound(field, _("Give a plain decimal string such as 1.5.")) from None

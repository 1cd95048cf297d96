"""The facts that an epoch starts from: what is frozen into it, under which rules, after what.

Closing and trying rules out both start here, so that what is tried is what would be paid.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from contributions.models import CallVersion, Contribution, StratumMass
from dure.core.sealing import keyed_digest
from rewards.epochs import facts, measuring
from rewards.epochs.pricing import parameters_of
from rewards.epochs.settlement import FORMAT, EpochFacts, Facts, InputFacts, Parameters
from rewards.problems import POOL_EMPTY, TOO_MANY_INSTITUTIONS
from rewards.valuation import institutions, training
from rewards.valuation.permutation import PLAYERS_MOST


def facts_of(version: CallVersion, epoch: EpochFacts, frozen: Sequence[Contribution]) -> Facts:
    """Facts of an epoch that settles ``frozen`` under a version of their call.

    Raises what `parameters_of` raises, POOL_EMPTY (409) where the pool holds nothing any more,
    TOO_MANY_INSTITUTIONS and TRAINING_TOO_LARGE (409) where the rule cannot measure so many.
    """
    call, algorithm = version.call, facts.algorithm_of(version)
    available = facts.available(call, str(version.document["pool"]["asset"]))
    parameters = parameters_of(version, available)
    if available <= 0:
        raise POOL_EMPTY.problem()
    inputs = {each.id: stated for each, stated in zip(frozen, _inputs(frozen), strict=True)}
    method, settled = algorithm["id"], facts.settled(call)
    records_before = facts.records(settled)
    before = facts.masses(settled)
    if method in facts.BY_RECORDS:
        before = facts.everyone(records_before)
    if method == training.ID:
        before = {}
        _measure(version, parameters, frozen, inputs)
    if method == institutions.ID:
        _name_institutions(epoch["id"], frozen, inputs)
    return {
        "format": FORMAT,
        "epoch": epoch,
        "call": {
            "slug": call.slug,
            "version": version.number,
            "document_sha256": version.sha256,
        },
        "algorithm": algorithm,
        "parameters": parameters,
        "stock_before": before,
        "records_before": records_before,
        "inputs": list(inputs.values()),
    }


def _inputs(frozen: Sequence[Contribution]) -> list[InputFacts]:
    masses: dict[UUID, dict[str, dict[str, int]]] = {}
    rows = StratumMass.objects.filter(contribution__in=[each.id for each in frozen], mass__gt=0)
    for id_, dimension, key, mass in rows.values_list(
        "contribution_id", "dimension", "key", "mass"
    ):
        masses.setdefault(id_, {}).setdefault(dimension, {})[key] = mass
    return [
        {
            "id": facts.pseudonym(each.id),
            "records": each.accepted,
            "masses": masses.get(each.id, {}),
        }
        for each in frozen
    ]


def _measure(
    version: CallVersion,
    parameters: Parameters,
    frozen: Sequence[Contribution],
    inputs: dict[UUID, InputFacts],
) -> None:
    """Write into the facts what the records are worth to the model."""
    found = measuring.measure(version, parameters["training"], [each.id for each in frozen])
    parameters["training"]["records"] = found.records
    parameters["reached"] = {"before": found.before, "after": found.after}
    for id_, stated in inputs.items():
        stated["worth"] = found.worth.get(id_, 0)


def _name_institutions(
    epoch_id: str, frozen: Sequence[Contribution], inputs: dict[UUID, InputFacts]
) -> None:
    """Give each institution a pseudonym that holds in this epoch only."""
    parties = {each.party_id for each in frozen}
    if len(parties) > PLAYERS_MOST:
        raise TOO_MANY_INSTITUTIONS.problem(detail=str(len(parties)))
    for each in frozen:
        inputs[each.id]["institution"] = institution_pseudonym(epoch_id, each.party_id)


def institution_pseudonym(epoch_id: str, party_id: UUID) -> str:
    """The name of an institution in the manifest of one epoch."""
    return keyed_digest("epoch-institution", f"{epoch_id}:{party_id}".encode()).hex()

"""Answers to what the room of contributions asks: rewards and live prices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from uuid import UUID

from contributions.models import CallVersion, Contribution, State, StratumMass
from contributions.registries import Masses, PriceDocument, RewardDocument
from dure.core.money import SUB_UNITS, format_amount
from dure.core.problems import Problem
from rewards.epochs import facts
from rewards.holdback.selectors import parts_of
from rewards.models import ClaimCheck, Epoch, EpochInput, EpochState
from rewards.problems import METHOD_UNKNOWN, PRICING_UNSOUND
from rewards.valuation import flat
from rewards.valuation.allocation import Rates
from rewards.valuation.decimals import decimal_floor, decimal_round
from rewards.valuation.explanation import Measured, Terms, lines
from rewards.valuation.methods import QUOTED
from rewards.valuation.policy import FULL_RECORD, Stratum

#: Decimals of a quoted price (a sub-unit) and of a multiplier.
PRICE_PLACES = 6
MULTIPLIER_PLACES = 4


def reward(contribution: Contribution) -> RewardDocument:
    """What a contribution earns: ``pending`` until its epoch is approved, then ``confirmed``.

    A part that is held back stays pending until its day; one that went back to the pool is in
    neither. Pending is the exact amount of a closed epoch, or what the running one would pay if
    it closed now.
    """
    return rewards([contribution])[contribution.id]


def rewards(contributions: Iterable[Contribution]) -> dict[UUID, RewardDocument]:
    """``reward`` for many contributions in a handful of queries."""
    page = list(contributions)
    inputs = {
        row.contribution_id: row
        for row in EpochInput.objects.select_related("epoch").filter(contribution__in=page)
    }
    estimates = _estimates([c for c in page if c.id not in inputs and counts(c)])
    parts = parts_of(page)
    found: dict[UUID, RewardDocument] = {}
    for contribution in page:
        row = inputs.get(contribution.id)
        asset = str(contribution.call_version.document["pool"]["asset"])
        confirmed, pending = 0, estimates.get(contribution.id, 0)
        if row is not None:
            asset = row.epoch.asset
            approved = row.epoch.state == EpochState.APPROVED
            confirmed, pending = (row.reward, 0) if approved else (0, row.reward)
            if approved and (row.epoch_id, row.contribution_id) in parts:
                part = parts[row.epoch_id, row.contribution_id]
                confirmed -= part.amount - part.paid
                pending = part.amount if part.waits else 0
        found[contribution.id] = {
            "asset": asset,
            "pending": format_amount(pending),
            "confirmed": format_amount(confirmed),
        }
    return found


def settled(contributions: Iterable[UUID]) -> set[UUID]:
    """Those of these contributions that a closed or approved epoch has frozen."""
    return set(
        EpochInput.objects.filter(contribution_id__in=list(contributions)).values_list(
            "contribution_id", flat=True
        )
    )


def counts(contribution: Contribution) -> bool:
    """Whether the contribution would be settled if the epoch closed now."""
    return contribution.state == State.ACCEPTED and contribution.excluded_at is None


def pending_of(contributions: Iterable[Contribution]) -> dict[UUID, int]:
    """Sub-units that the running epochs would pay contributions that no epoch has frozen."""
    return _estimates([c for c in contributions if counts(c)])


def measured(contribution: Contribution, masses: Masses) -> Measured:
    """What checking found in a contribution."""
    return Measured(
        accepted=contribution.accepted,
        duplicate=contribution.duplicate,
        mass=contribution.mass,
        masses=masses,
    )


def masses_of(contributions: Iterable[Contribution]) -> dict[UUID, dict[str, dict[str, int]]]:
    """Masses by contribution, dimension and stratum."""
    found: dict[UUID, dict[str, dict[str, int]]] = {}
    rows = StratumMass.objects.filter(contribution__in=list(contributions), mass__gt=0)
    for id_, dimension, key, mass in rows.values_list(
        "contribution_id", "dimension", "key", "mass"
    ):
        found.setdefault(id_, {}).setdefault(dimension, {})[key] = mass
    return found


def running(contribution: Contribution) -> Terms | None:
    """Terms of the running epoch of a contribution's call; none where none runs."""
    return _running_terms([contribution], counted=True).get(contribution.call_id)


def is_quoted(version: CallVersion) -> bool:
    """Whether the rule of a call says before closing what the next record is paid.

    What a model or the orders of institutions give is measured when a settlement is closed.
    """
    return version.document["method"] in QUOTED


def _estimates(contributions: list[Contribution]) -> dict[UUID, int]:
    if not contributions:
        return {}
    masses, terms = masses_of(contributions), _running_terms(contributions, counted=False)
    return {
        c.id: sum(
            line.amount for line in lines(terms[c.call_id], measured(c, masses.get(c.id, {})))
        )
        for c in contributions
        if c.call_id in terms
    }


def _running_terms(contributions: Iterable[Contribution], *, counted: bool) -> dict[UUID, Terms]:
    calls = {c.call_id: c.call for c in contributions}
    open_calls = set(
        Epoch.objects.filter(call__in=calls, state=EpochState.OPEN).values_list(
            "call_id", flat=True
        )
    )
    return {
        id_: facts.terms_of(facts.running_terms(call.published, counted=counted))
        for id_, call in calls.items()
        if id_ in open_calls and call.published is not None and is_quoted(call.published)
    }


def prices(version: CallVersion, masses: Masses) -> dict[str, dict[str, PriceDocument]]:
    """Live price of one full record and its ratio to the mean, by dimension and stratum.

    ``masses`` is the stock of the call now, in thousandths. The price is what the next record
    would be paid if the running epoch closed with it; in whole units of the asset, rounded down.
    Empty where the rule quotes nothing before closing, and where a version in preparation lacks
    numbers of its rule: publishing names them.
    """
    if not is_quoted(version):
        return {}
    try:
        stored = facts.running_terms(version, masses, counted=False)
    except Problem as problem:
        waits = version.state in (CallVersion.State.DRAFT, CallVersion.State.PROPOSED)
        if waits and problem.kind in (METHOD_UNKNOWN, PRICING_UNSOUND):
            return {}
        raise
    terms = facts.terms_of(stored)
    if stored["algorithm"]["id"] in facts.BY_RECORDS:
        return _flat_prices(stored["parameters"]["dimensions"], terms.rates)
    found: dict[str, dict[str, PriceDocument]] = {}
    for stratum, price in terms.prices.items():
        found.setdefault(stratum.dimension, {})[stratum.key] = {
            "price": _price(terms.rates, stratum),
            "multiplier": decimal_round(price.multiplier, MULTIPLIER_PLACES),
        }
    return found


def _flat_prices(
    dimensions: Iterable[Mapping[str, object]], rates: Rates
) -> dict[str, dict[str, PriceDocument]]:
    """The same price everywhere, for a call that pays flat but still watches its coverage."""
    everywhere: PriceDocument = {"price": _price(rates, flat.EVERYONE), "multiplier": "1"}
    found: dict[str, dict[str, PriceDocument]] = {}
    for dimension in dimensions:
        strata = dimension["counts"]
        assert isinstance(strata, dict)  # DimensionFacts
        found[str(dimension["name"])] = dict.fromkeys(strata, everywhere)
    return found


def _price(rates: Rates, stratum: Stratum) -> str:
    numerator, denominator = rates[stratum]
    return decimal_floor(Fraction(numerator * FULL_RECORD, denominator * SUB_UNITS), PRICE_PLACES)


def who_decided(receipt: str) -> frozenset[UUID]:
    """Persons who proposed or approved the epoch that rewarded a contribution, or checked it.

    Whoever granted an objection to its check, or had paid what that gave back, decided too.
    """
    made = Epoch.objects.filter(inputs__contribution__receipt=receipt)
    checks = ClaimCheck.objects.filter(contribution__receipt=receipt)
    pairs = [
        *made.values_list("proposer_id", "approver_id"),
        *checks.values_list("checker_id", "decider_id"),
        *checks.values_list("overruled__granted_by_id", "overruled__approver_id"),
    ]
    return frozenset(person for pair in pairs for person in pair if person is not None)

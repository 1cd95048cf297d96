"""What an epoch starts from, read out of calls, contributions and the ledger."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Final, NotRequired, TypedDict, cast
from uuid import UUID

from django.db.models import QuerySet, Sum

from contributions.models import Call, CallVersion, Contribution, State, StratumMass
from contributions.registries import Masses
from contributions.selectors import stocks
from dure.core.canonical import Json
from dure.core.sealing import keyed_digest
from governance.log.remembering import as_of_the_log
from rewards.algorithms import code_sha256
from rewards.epochs import settlement
from rewards.epochs.pricing import parameters_of
from rewards.epochs.settlement import AlgorithmFacts, Parameters
from rewards.ledger import selectors as ledger
from rewards.ledger.accounts import pool_key
from rewards.models import Epoch, EpochKind, EpochState
from rewards.problems import METHOD_UNKNOWN
from rewards.valuation import compensation, coverage, flat
from rewards.valuation.explanation import Terms, added_stock, terms
from rewards.valuation.methods import METHODS
from rewards.valuation.policy import FULL_RECORD, Reached, Stock

#: Rules that count records, whoever they speak for.
BY_RECORDS: Final = (flat.ID, compensation.ID)


class GameFacts(TypedDict):
    """What institutions share, as fractions of the pool, and how wrong it may be."""

    before: str
    after: str
    shares: dict[str, str]
    half_width: str
    pairs: int


class StoredTerms(TypedDict):
    """On what terms an epoch pays; kept with a closed epoch, computed for a running one."""

    algorithm: AlgorithmFacts
    parameters: Parameters
    stock_before: dict[str, dict[str, int]]
    stock_added: dict[str, dict[str, int]]
    records_before: int
    records_added: int
    game: NotRequired[GameFacts]


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


def available(call: Call, asset: str) -> int:
    """Sub-units that the pool still holds and no closed epoch has promised."""
    promised = Epoch.objects.filter(
        call=call, state=EpochState.CLOSED, kind=EpochKind.SETTLEMENT, asset=asset
    ).aggregate(total=Sum("total"))["total"]
    # What waits for contributors stands on the pool and is no longer the pool's to promise.
    return ledger.spendable(pool_key(call.slug, asset)) - int(promised or 0)


def running_terms(
    version: CallVersion, stock: Masses | None = None, *, counted: bool = True
) -> StoredTerms:
    """Terms of the running epoch of the version's call, if it closed now; of quoted rules only.

    ``stock`` is the mass that counts now, in thousandths, for whoever has it already. Who asks for
    prices alone need not have the records ``counted``, which takes going through all of them: they
    are 0 then, unless the rule pays by records.
    """
    call = version.call
    algorithm = algorithm_of(version)
    parameters = parameters_of(version, available(call, str(version.document["pool"]["asset"])))
    before, added = settled(call), waiting(call)
    records_before, records_added = 0, 0
    if counted or algorithm["id"] in BY_RECORDS:
        records_before, records_added = as_of_the_log(
            f"records:{call.id}", lambda: (records(before), records(added))
        )
    if algorithm["id"] in BY_RECORDS:
        stock_before, stock_added = everyone(records_before), everyone(records_added)
    else:
        stock_before = as_of_the_log(f"settled:{call.id}", lambda: masses(before))
        # What no epoch has settled is the rest of a sum that every page of the call shows.
        now = stocks([call.id]).get(call.id, {}) if stock is None else stock
        stock_added = _beyond(now, stock_before)
    return {
        "algorithm": algorithm,
        "parameters": parameters,
        "stock_before": stock_before,
        "stock_added": stock_added,
        "records_before": records_before,
        "records_added": records_added,
    }


def _beyond(stock: Masses, before: Masses) -> dict[str, dict[str, int]]:
    """What a stock holds more than an earlier one, ``{dimension: {stratum: thousandths}}``."""
    found: dict[str, dict[str, int]] = {}
    for dimension, strata in stock.items():
        for key, mass in strata.items():
            more = mass - before.get(dimension, {}).get(key, 0)
            if more > 0:
                found.setdefault(dimension, {})[key] = more
    return found


def everyone(count: int) -> dict[str, dict[str, int]]:
    """The stock of rules that count records."""
    return {"all": {"all": count * FULL_RECORD}}


def stored_terms(asked: settlement.Facts, found: Terms) -> StoredTerms:
    """The terms of an epoch as they are kept with it once it is settled."""
    stored: StoredTerms = {
        "algorithm": asked["algorithm"],
        "parameters": asked["parameters"],
        "stock_before": settlement.masses_of(found.before),
        "stock_added": settlement.masses_of(added_stock(found)),
        "records_before": found.records_before,
        "records_added": found.records_after - found.records_before,
    }
    reached = found.policy.reached
    if reached is not None and reached.shares:
        stored["game"] = {
            "before": str(reached.before),
            "after": str(reached.after),
            "shares": {name: str(share) for name, share in reached.shares.items()},
            "half_width": str(reached.half_width),
            "pairs": reached.pairs,
        }
    return stored


def terms_of(stored: StoredTerms) -> Terms:
    """Stored or running terms, with the prices that follow from them."""
    policy, game = settlement.policy_of(stored["parameters"]), stored.get("game")
    if game is not None:
        policy = replace(policy, reached=_reached(game))
    return terms(
        method=METHODS[stored["algorithm"]["id"]],
        policy=policy,
        before=settlement.stock_of(stored["stock_before"]),
        added=_known(settlement.stock_of(stored["stock_added"]), stored),
        available=int(stored["parameters"]["available"]),
        records_before=stored["records_before"],
        records_added=stored["records_added"],
    )


def _reached(game: GameFacts) -> Reached:
    return Reached(
        before=Fraction(game["before"]),
        after=Fraction(game["after"]),
        shares={name: Fraction(share) for name, share in game["shares"].items()},
        half_width=Fraction(game["half_width"]),
        pairs=game["pairs"],
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
    if stored["algorithm"]["id"] != coverage.ID:
        return stock
    counts = {d["name"]: d["counts"] for d in stored["parameters"]["dimensions"]}
    return {s: mass for s, mass in stock.items() if s.key in counts.get(s.dimension, {})}

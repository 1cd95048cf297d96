"""Reading epochs: what was settled, and why a reward is what it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Final, TypedDict
from uuid import UUID

from django.db.models import QuerySet

from contributions.models import Contribution, ReferencePopulation
from contributions.strata_labels import Label, dimension_label, label
from dure.core.clock import rfc3339
from dure.core.money import SUB_UNITS, format_amount
from dure.core.problems import NOT_FOUND
from governance.log.selectors import log_indices
from rewards.epochs import facts, providers
from rewards.epochs.corrected import ChangeDocument, changes_of
from rewards.epochs.keys import reward_key
from rewards.holdback.selectors import HeldDocument, held_document
from rewards.ledger.selectors import transfer_with_key
from rewards.models import Epoch, EpochInput, EpochState, RewardLine
from rewards.valuation import flat, institutions, training
from rewards.valuation.allocation import Line
from rewards.valuation.decimals import decimal_floor, decimal_round
from rewards.valuation.explanation import (
    Measured,
    Terms,
    calculator_price,
    factors,
    flat_reward,
    lines,
)
from rewards.valuation.methods import QUOTED
from rewards.valuation.policy import FULL_RECORD, Prices, Stratum


class Logged(TypedDict):
    """Where the log records the two steps; null until they happened and were sequenced."""

    closed: int | None
    approved: int | None


class EpochDocument(TypedDict):
    """An epoch in public; ``total`` and ``returned`` are decimal strings of the asset.

    A reversal names the epoch it ``reverses``; its ``total`` is what that epoch had paid and
    ``returned`` what came back. ``ground`` is why it, or a rejected epoch, was wrong.
    """

    id: str
    call: str
    number: int
    kind: str
    state: str
    reverses: str | None
    ground: str | None
    opened_at: str
    closed_at: str | None
    approved_at: str | None
    asset: str | None
    total: str | None
    returned: str | None
    contributions: int
    manifest_sha256: str | None
    inputs_root: str | None
    outputs_root: str | None
    log: Logged


class FactorDocument(TypedDict):
    key: str
    value: str


class LineDocument(TypedDict):
    """One stratum of a reward; masses in thousandths of a record, prices for one full record.

    ``price`` has as many decimals as it takes for mass times price, cut after the sixth, to be the
    amount. ``price_before`` and ``price_after`` are what the next record was quoted when the epoch
    began and when it ended; null under rules that quote nothing. A rule that measures what a model
    learns has one line, whose mass is worth in 1e-12 of the whole; one that shares between
    institutions has one for the institution.
    """

    dimension: str
    dimension_label: Label
    key: str
    label: Label
    share: str
    target: int
    before: int
    after: int
    mass: int
    price: str
    price_before: str | None
    price_after: str | None
    rate: str
    multiplier: str
    capped: bool
    amount: str


class EpochReference(TypedDict):
    id: str
    number: int
    state: str
    manifest_sha256: str | None


class LedgerReference(TypedDict):
    transfer: str
    amount: str


class RewardExplanation(TypedDict):
    """Why a reward is what it is. ``state`` is ``none``, ``estimate``, ``closed``, ``approved``,
    or ``waiting`` where the rule measures only when a settlement is closed.

    ``factors`` multiply to ``reward``; ``lines`` sum to it; ``pseudonym`` is the contribution's
    name in the manifest, ``ledger`` the transfer that paid it, ``held`` what of it is held back,
    and ``changes`` what was corrected.
    """

    receipt: str
    call: str
    asset: str
    method: str
    state: str
    reward: str
    factors: list[FactorDocument]
    lines: list[LineDocument]
    flat: str
    epoch: EpochReference | None
    pseudonym: str | None
    ledger: LedgerReference | None
    held: HeldDocument | None
    changes: list[ChangeDocument]


def epochs(*, call: str | None = None) -> QuerySet[Epoch]:
    """Epochs of all calls or of one, newest first, without their manifests."""
    found = Epoch.objects.select_related("call").defer("manifest", "terms")
    if call:
        found = found.filter(call__slug=call)
    return found.order_by("-opened_at", "-id")


def epoch_for(epoch_id: UUID) -> Epoch:
    """An epoch by id, or NOT_FOUND."""
    epoch = epochs().filter(id=epoch_id).first()
    if epoch is None:
        raise NOT_FOUND.problem()
    return epoch


def running_epoch(call_slug: str) -> Epoch | None:
    """The open epoch of a call."""
    return epochs(call=call_slug).filter(state=EpochState.OPEN).first()


def waiting_for_approval() -> QuerySet[Epoch]:
    """Closed epochs that a second person has to look at."""
    return epochs().filter(state=EpochState.CLOSED)


def manifest_bytes(epoch: Epoch) -> bytes:
    """The manifest exactly as stored; NOT_FOUND for an epoch that still runs."""
    manifest = Epoch.objects.values_list("manifest", flat=True).get(id=epoch.id)
    if manifest is None:
        raise NOT_FOUND.problem()
    return bytes(manifest)


def epoch_document(epoch: Epoch) -> EpochDocument:
    """An epoch as the API and the pages show it."""
    return epoch_documents([epoch])[0]


def epoch_documents(page: Iterable[Epoch]) -> list[EpochDocument]:
    """Many epochs; their places in the log are looked up at once."""
    shown = list(page)
    entries = {e for epoch in shown for e in (epoch.closing_entry, epoch.approval_entry) if e}
    places = log_indices(entries)
    return [_epoch_document(epoch, places) for epoch in shown]


def _epoch_document(epoch: Epoch, places: Mapping[UUID, int]) -> EpochDocument:
    settled = epoch.state != EpochState.OPEN
    closing, approval = epoch.closing_entry, epoch.approval_entry
    return {
        "id": str(epoch.id),
        "call": epoch.call.slug,
        "number": epoch.number,
        "kind": epoch.kind,
        "state": epoch.state,
        "reverses": str(epoch.reverses_id) if epoch.reverses_id else None,
        "ground": epoch.ground or None,
        "opened_at": rfc3339(epoch.opened_at),
        "closed_at": rfc3339(epoch.closed_at) if epoch.closed_at else None,
        "approved_at": rfc3339(epoch.approved_at) if epoch.approved_at else None,
        "asset": epoch.asset or None,
        "total": format_amount(epoch.total) if settled else None,
        "returned": format_amount(epoch.returned) if epoch.reverses_id else None,
        "contributions": epoch.inputs_count,
        "manifest_sha256": epoch.manifest_sha256 or None,
        "inputs_root": epoch.inputs_root or None,
        "outputs_root": epoch.outputs_root or None,
        "log": {
            "closed": places.get(closing) if closing else None,
            "approved": places.get(approval) if approval else None,
        },
    }


def reward_document(contribution: Contribution) -> RewardExplanation:
    """The calculation of a reward, line by line; its sum equals the ledger entry.

    Factors are decimal strings; all but the cap are rounded to nine significant digits, and the
    cap, the last, carries what rounding and flooring took, so that their product is the reward.
    """
    masses = providers.masses_of([contribution]).get(contribution.id, {})
    measured = providers.measured(contribution, masses)
    row = EpochInput.objects.select_related("epoch").filter(contribution=contribution).first()
    if row is not None:
        terms = facts.terms_of(facts.epoch_terms(row.epoch))
        return _explained(contribution, measured, terms, _stored_lines(row), row)
    running = providers.running(contribution) if providers.counts(contribution) else None
    own = lines(running, measured) if running else ()
    return _explained(contribution, measured, running, own, None)


def _explained(
    contribution: Contribution,
    measured: Measured,
    terms: Terms | None,
    own: tuple[Line, ...],
    row: EpochInput | None,
) -> RewardExplanation:
    reward = format_amount(sum(line.amount for line in own))
    document = contribution.call_version.document
    shown = {**factors(terms, measured, own), "reward": reward} if terms else {}
    return {
        "receipt": contribution.receipt,
        "call": contribution.call.slug,
        "asset": row.epoch.asset if row else str(document["pool"]["asset"]),
        "method": str(document["method"]),
        "state": row.epoch.state if row else _standing(contribution, terms),
        "reward": reward,
        "factors": [{"key": key, "value": value} for key, value in shown.items()],
        "lines": _line_documents(terms, own, contribution) if terms else [],
        "flat": format_amount(flat_reward(terms, measured) if terms else 0),
        "epoch": _epoch_reference(row),
        "pseudonym": row.pseudonym if row else None,
        "ledger": _ledger_reference(row),
        "held": held_document(row.epoch_id, row.contribution_id) if row else None,
        "changes": changes_of(contribution),
    }


def _standing(contribution: Contribution, terms: Terms | None) -> str:
    """How a reward stands that no epoch has settled."""
    if terms is not None:
        return "estimate"
    return "waiting" if providers.counts(contribution) else "none"


def _epoch_reference(row: EpochInput | None) -> EpochReference | None:
    if row is None:
        return None
    epoch = row.epoch
    return {
        "id": str(epoch.id),
        "number": epoch.number,
        "state": epoch.state,
        "manifest_sha256": epoch.manifest_sha256,
    }


def _ledger_reference(row: EpochInput | None) -> LedgerReference | None:
    if row is None:
        return None
    transfer = transfer_with_key(reward_key(row.epoch_id, row.contribution_id))
    if transfer is None:
        return None
    moved = transfer.entries.filter(amount__gt=0).values_list("amount", flat=True)
    return {"transfer": str(transfer.id), "amount": format_amount(sum(moved))}


def _stored_lines(row: EpochInput) -> tuple[Line, ...]:
    stored = RewardLine.objects.filter(source=row).order_by("dimension", "key")
    return tuple(
        Line(
            Stratum(line.dimension, line.key),
            line.mass,
            int(line.numerator),
            int(line.denominator),
            line.amount,
        )
        for line in stored
    )


def _line_documents(
    terms: Terms, own: tuple[Line, ...], contribution: Contribution
) -> list[LineDocument]:
    shares = {
        Stratum(dimension.name, key): share
        for dimension in terms.policy.dimensions
        for key, share in dimension.shares().items()
    }
    labels = _own_labels(contribution)
    quotes = [
        terms.method.prices(terms.policy, stock, stock) if terms.method.ID in QUOTED else {}
        for stock in (terms.before, terms.after)
    ]
    return [_line_document(terms, line, shares, labels, quotes) for line in own]


def _line_document(
    terms: Terms,
    line: Line,
    shares: dict[Stratum, Fraction],
    labels: dict[str, dict[str, Label]],
    quotes: list[Prices],
) -> LineDocument:
    dimension, key = line.stratum
    share = shares.get(line.stratum, Fraction(1))
    price = terms.prices[line.stratum]
    before, after = (_quoted(terms, quote, line.stratum) for quote in quotes)
    return {
        "dimension": dimension,
        "dimension_label": _OWN_DIMENSIONS.get(dimension) or dimension_label(dimension),
        "key": key,
        "label": _OWN_STRATA.get(dimension) or label(dimension, key, labels),
        "share": decimal_round(share, 6),
        "target": int(share * terms.policy.target_mass),
        "before": terms.before.get(line.stratum, 0),
        "after": terms.after.get(line.stratum, 0),
        "mass": line.mass,
        "price": calculator_price(line, providers.PRICE_PLACES),
        "price_before": before,
        "price_after": after,
        "rate": f"{line.numerator}/{line.denominator}",
        "multiplier": decimal_round(price.multiplier, providers.MULTIPLIER_PLACES),
        "capped": price.paid < price.full,
        "amount": format_amount(line.amount),
    }


def _quoted(terms: Terms, prices: Prices, stratum: Stratum) -> str | None:
    """What the next full record of a stratum is quoted, in whole units rounded down."""
    if stratum not in prices:
        return None
    exact = terms.policy.pool * prices[stratum].paid * FULL_RECORD / SUB_UNITS
    return decimal_floor(exact, providers.PRICE_PLACES)


#: Names of what is no stratum of a population.
_OWN_DIMENSIONS: Final[Mapping[str, Label]] = {
    flat.EVERYONE.dimension: {"ko": "전체", "en": "All"},
    training.QUESTIONS.dimension: {"ko": "학습", "en": "Training"},
    institutions.INSTITUTION: {"ko": "기관", "en": "Institution"},
}
_OWN_STRATA: Final[Mapping[str, Label]] = {
    flat.EVERYONE.dimension: {"ko": "모든 기록", "en": "every record"},
    training.QUESTIONS.dimension: {"ko": "모든 질문", "en": "all questions"},
    institutions.INSTITUTION: {"ko": "이 기관", "en": "this institution"},
}


def _own_labels(contribution: Contribution) -> dict[str, dict[str, Label]]:
    """Names that the call's reference populations give their strata."""
    keys = {str(part["reference"]) for part in contribution.call_version.document["strata"]}
    found: dict[str, dict[str, Label]] = {}
    for reference in ReferencePopulation.objects.filter(key__in=keys):
        for dimension, labels in reference.labels.items():
            found.setdefault(dimension, {}).update(labels)
    return found

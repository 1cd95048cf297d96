"""What an audit asks of held-back pay: whose waits, who loses it, and that nobody chose whom.

Held parts are floored once more, the bound is computed with whole numbers, and every drawing is
drawn again from the head of the log that it names, by ``hashlib`` alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import timedelta
from fractions import Fraction
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

from django.db.models import Exists, OuterRef

from contributions.audits.groups import groups_by, shares_by
from dure.core.clock import now
from governance.audits.appeals import appeals_against
from governance.audits.data import Absent, AuditData, Share, Trial
from rewards.epochs.facts import epoch_terms
from rewards.models import (
    CheckState,
    ClaimCheck,
    ClaimDrawing,
    Epoch,
    EpochInput,
    EpochKind,
    EpochState,
    HeldReward,
    InputRelease,
    Transfer,
    TransferState,
)

#: The newest settlements that are looked into.
EPOCHS_MOST: Final = 50
#: What is due is paid by a task that runs often; later than this it was forgotten.
PAID_WITHIN: Final = timedelta(days=2)


def hold_back() -> AuditData:
    """Held, lost and drawn by group; parts, bound and drawings worked out again."""
    epochs = pledged()
    inputs = {each.id: _inputs(each) for each in epochs}
    earned = {row[1] for rows in inputs.values() for row in rows}
    lost = _lost()
    checks = ClaimCheck.objects.filter(state__in=[CheckState.UPHELD, CheckState.OVERRULED])
    return AuditData(
        groups=groups_by(earned, earned - set(lost)),
        shares=tuple(_shares(epochs, inputs)),
        reasons=_grounds(),
        counterfactuals=(_owner_plays_no_part(epochs, inputs),),
        replay=drawn_again(epochs),
        conservation=(
            parts_again(epochs, inputs),
            bound_is_reached(epochs),
            paid_on_time(),
            _lost_by_two_people(),
        ),
        appeals=appeals_against(
            "reward", checks.values_list("contribution__receipt", flat=True).distinct()
        ),
        absent={
            "measures": Absent.NO_TEST,
            "inequality": Absent.NO_REWARD,
            "representation": Absent.NO_WEIGHING,
            "drift": Absent.NO_SERIES,
        },
    )


def pledged() -> list[Epoch]:
    """The newest settlements of calls that hold pay back."""
    found = Epoch.objects.filter(
        state=EpochState.APPROVED,
        kind=EpochKind.SETTLEMENT,
        terms__parameters__deterrence__isnull=False,
    ).defer("manifest")
    return [
        each
        for each in found.order_by("-approved_at", "id")[:EPOCHS_MOST]
        if _pledge(each) is not None
    ]


def _pledge(epoch: Epoch) -> dict[str, Any] | None:  # Any: JSON
    stated = epoch_terms(epoch)["parameters"].get("deterrence")
    return dict(stated) if stated is not None else None


def _stated(epoch: Epoch) -> dict[str, Any]:  # Any: JSON
    return _pledge(epoch) or {}


#: Contribution, party and reward in sub-units.
Input = tuple[UUID, UUID, int]


def _inputs(epoch: Epoch) -> list[Input]:
    rows = EpochInput.objects.filter(epoch=epoch)
    return list(rows.values_list("contribution_id", "contribution__party_id", "reward"))


def _held(epoch: Epoch) -> dict[UUID, int]:
    return dict(HeldReward.objects.filter(epoch=epoch).values_list("contribution_id", "amount"))


def parts_again(epochs: Sequence[Epoch], inputs: dict[UUID, list[Input]]) -> Trial:
    """What waits of each reward is the published share of it, rounded down, and nothing more."""
    tried = broken = 0
    for epoch in epochs:
        share, held = Fraction(_stated(epoch)["hold_back"]), _held(epoch)
        for contribution, _party, reward in inputs[epoch.id]:
            tried += 1
            waits = reward * share.numerator // share.denominator
            broken += held.get(contribution, 0) != waits
    return Trial("held-parts-follow-again", tried, broken)


def bound_is_reached(epochs: Sequence[Epoch]) -> Trial:
    """Share checked times share held is at least (r - 1) / (r + F) at the cap of the call."""
    broken = 0
    for epoch in epochs:
        stated, parameters = _stated(epoch), epoch_terms(epoch)["parameters"]
        cap = parameters["price_cap"]
        if cap is None:
            broken += 1
            continue
        ratio, records = Fraction(cap), int(stated["records"])
        product = Fraction(stated["audit_rate"]) * Fraction(stated["hold_back"])
        broken += product * (ratio + records) < ratio - 1
    return Trial("false-claims-do-not-pay", len(epochs), broken)


def paid_on_time() -> Trial:
    """What has waited until its day was paid, went back by a finding, or waits for a decision."""
    standing = ClaimCheck.objects.filter(
        drawing__epoch=OuterRef("epoch"),
        contribution=OuterRef("contribution"),
        state__in=[CheckState.PROPOSED, CheckState.UPHELD],
    )
    due = HeldReward.objects.filter(due_at__lte=now() - PAID_WITHIN)
    late = due.filter(hold__resolutions=None).filter(~Exists(standing))
    return Trial("held-pay-comes-on-its-day", due.count(), late.count())


def _lost_by_two_people() -> Trial:
    """What went back to the pool did so by a finding of two people, or with its settlement."""
    voided = Transfer.objects.filter(pending_id=OuterRef("hold_id"), state=TransferState.VOID)
    decided = ClaimCheck.objects.filter(
        drawing__epoch=OuterRef("epoch"),
        contribution=OuterRef("contribution"),
        state__in=[CheckState.UPHELD, CheckState.OVERRULED],
        checker__isnull=False,
        decider__isnull=False,
    )
    freed = InputRelease.objects.filter(
        epoch=OuterRef("epoch"), contribution=OuterRef("contribution")
    )
    gone = HeldReward.objects.filter(Exists(voided))
    broken = gone.filter(~Exists(decided), ~Exists(freed))
    return Trial("held-pay-is-lost-by-two-people", gone.count(), broken.count())


def drawn_again(epochs: Sequence[Epoch]) -> Trial:
    """Whom a drawing names follows from the manifest and the head of the log that it names."""
    tried = broken = 0
    for drawing in ClaimDrawing.objects.filter(epoch__in=[each.id for each in epochs]):
        epoch = next(each for each in epochs if each.id == drawing.epoch_id)
        names = _pseudonyms(epoch)
        size = -(-len(names) * Fraction(_stated(epoch)["audit_rate"]) // 1)
        key = _hash("dure-sample/1", epoch.manifest_sha256, drawing.checkpoint_root,
                    drawing.population_root, str(size))  # fmt: skip
        drawn = sorted(names, key=lambda name: _hash(key, name))[:size]
        checks = ClaimCheck.objects.filter(drawing=drawing).order_by("position")
        stated = list(checks.values_list("contribution_id", flat=True))
        tried += 1
        broken += [names[name] for name in drawn] != stated or size != drawing.size
    return Trial("drawings-follow-again", tried, broken)


def _pseudonyms(epoch: Epoch) -> dict[str, UUID]:
    found: dict[str, UUID] = {}
    for model in (EpochInput, InputRelease):
        rows = model.objects.filter(epoch=epoch)
        found |= dict(rows.values_list("pseudonym", "contribution_id"))
    return found


def _hash(*lines: str) -> str:
    return sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest()


def _owner_plays_no_part(epochs: Sequence[Epoch], inputs: dict[UUID, list[Input]]) -> Trial:
    """Equal rewards of one settlement wait in equal parts, whoever they belong to."""
    tried = broken = 0
    for epoch in epochs:
        held, alike = _held(epoch), defaultdict[int, set[int]](set)
        for contribution, _party, reward in inputs[epoch.id]:
            alike[reward].add(held.get(contribution, 0))
            tried += 1
        broken += sum(len(parts) - 1 for parts in alike.values())
    return Trial("equal-rewards-wait-alike", tried, broken)


def _shares(epochs: Sequence[Epoch], inputs: dict[UUID, list[Input]]) -> Iterator[Share]:
    """Held of what was earned, lost of what was held, drawn of what was sent; by group."""
    held: dict[UUID, tuple[int, int]] = defaultdict(lambda: (0, 0))
    drawn: dict[UUID, tuple[int, int]] = defaultdict(lambda: (0, 0))
    waits: dict[UUID, tuple[int, int]] = defaultdict(lambda: (0, 0))
    checked = set(
        ClaimCheck.objects.filter(drawing__epoch__in=[each.id for each in epochs]).values_list(
            "contribution_id", flat=True
        )
    )
    lost = _lost()
    for epoch in epochs:
        parts = _held(epoch)
        for contribution, party, reward in inputs[epoch.id]:
            part = parts.get(contribution, 0)
            held[party] = (held[party][0] + part, held[party][1] + reward)
            drawn[party] = (drawn[party][0] + (contribution in checked), drawn[party][1] + 1)
            waits[party] = (waits[party][0], waits[party][1] + part)
    for party, amount in lost.items():
        if party in waits:
            waits[party] = (amount, waits[party][1])
    for name, sums in (("held", held), ("lost", waits), ("drawn", drawn)):
        yield from shares_by(name, {party: pair for party, pair in sums.items() if pair[1]})


def _lost() -> dict[UUID, int]:
    """Sub-units that upheld findings took, by party."""
    upheld = ClaimCheck.objects.filter(
        drawing__epoch=OuterRef("epoch"),
        contribution=OuterRef("contribution"),
        state=CheckState.UPHELD,
    )
    sums: dict[UUID, int] = defaultdict(int)
    rows = HeldReward.objects.filter(Exists(upheld))
    for party, amount in rows.values_list("contribution__party_id", "amount"):
        sums[party] += amount
    return dict(sums)


def _grounds() -> dict[str, int]:
    """What upheld findings found, and about how many contributors."""
    people: dict[str, set[UUID]] = defaultdict(set)
    rows = ClaimCheck.objects.filter(state=CheckState.UPHELD)
    for ground, party in rows.values_list("ground", "contribution__party_id"):
        people[ground].add(party)
    return {ground: len(parties) for ground, parties in people.items()}

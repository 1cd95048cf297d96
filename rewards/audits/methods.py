"""What an audit of a reward rule compares: reward per record by verified attribute, inequality."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import F, Sum

from contributions.audits.groups import groups_of
from contributions.models import State
from dure.accounts.models import Person
from governance.audits.appeals import appeals_against
from governance.audits.data import Absent, AuditData, AuditGroup, Drift, Representation, Trial
from rewards.audits.trials import counterfactuals, replayed
from rewards.epochs.facts import epoch_terms
from rewards.epochs.keys import REWARD
from rewards.ledger.accounts import find_accounts, pool_key
from rewards.models import (
    Entry,
    Epoch,
    EpochInput,
    EpochKind,
    EpochState,
    HeldReward,
    RewardLine,
)

#: Settlements that are looked into one by one, the newest of a rule.
EPOCHS_MOST = 50


@dataclass
class _Sums:
    people: int = 0
    selected: int = 0
    records: int = 0
    reward: int = 0
    rewards: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class _Earned:
    records: int
    mass: int
    reward: int

    @property
    def quality(self) -> str:
        """The class of quality: tenths of full mass, from 0 to 10."""
        return str(self.mass * 10 // (self.records * 1000) if self.records else 0)


def rewards_by(method: str) -> AuditData:
    """Closed epochs of one rule: of the people in them, how many earned anything, and how much."""
    inputs = EpochInput.objects.filter(contribution__call_version__document__method=method)
    earned = _earned(method)
    groups: dict[tuple[str, str], _Sums] = defaultdict(_Sums)
    matched: dict[str, dict[tuple[str, str], tuple[int, int]]] = defaultdict(dict)
    for person in Person.objects.filter(party__in=list(earned)).iterator():
        own = earned[person.party_id]
        for dimension, key in groups_of(person):
            sums = groups[dimension, key]
            sums.people += 1
            sums.selected += own.reward > 0
            sums.records += own.records
            sums.reward += own.reward
            sums.rewards.append(own.reward)
            reward, records = matched[dimension].get((key, own.quality), (0, 0))
            matched[dimension][key, own.quality] = (reward + own.reward, records + own.records)
    by_group: dict[str, dict[str, tuple[int, ...]]] = defaultdict(dict)
    for (dimension, key), sums in groups.items():
        by_group[dimension][key] = tuple(sorted(sums.rewards))
    settled = _settled(method)
    return AuditData(
        groups=tuple(
            AuditGroup(dimension, key, sums.people, sums.selected, sums.records, sums.reward)
            for (dimension, key), sums in sorted(groups.items())
        ),
        rewards=tuple(sorted(own.reward for own in earned.values())),
        by_group=by_group,
        matched=matched,
        representation=tuple(_representation(settled)),
        counterfactuals=tuple(counterfactuals(settled)),
        replay=replayed(settled),
        conservation=(_conserved(settled), _posted(settled), _entitled(method)),
        drift=tuple(_drift(settled)),
        appeals=appeals_against("reward", inputs.values_list("contribution__receipt", flat=True)),
        absent={
            "shares": Absent.NOTHING_REFUSED,
            "measures": Absent.NO_TEST,
            "reasons": Absent.NOTHING_REFUSED,
        },
    )


def _earned(method: str) -> dict[UUID, _Earned]:
    rows = (
        EpochInput.objects.filter(contribution__call_version__document__method=method)
        .values_list("contribution__party")
        .annotate(count=Sum("records"), mass=Sum("contribution__mass"), total=Sum("reward"))
        .order_by()
    )
    return {party: _Earned(int(n), int(mass), int(total)) for party, n, mass, total in rows}


def _settled(method: str) -> list[Epoch]:
    return list(
        Epoch.objects.filter(
            kind=EpochKind.SETTLEMENT,
            state=EpochState.APPROVED,
            call_version__document__method=method,
        )
        .select_related("call")
        .order_by("-approved_at", "id")[:EPOCHS_MOST]
    )


def _representation(settled: list[Epoch]) -> list[Representation]:
    """Data and pay of each call by stratum, over the settlements that are looked at."""
    data: dict[tuple[str, str, str], dict[str, int]] = defaultdict(dict)
    paid: dict[tuple[str, str, str], dict[str, int]] = defaultdict(dict)
    population: dict[tuple[str, str, str], dict[str, int]] = {}
    by_epoch = {epoch.id: epoch for epoch in settled}
    rows = (
        RewardLine.objects.filter(source__epoch__in=list(by_epoch))
        .values_list("source__epoch", "dimension", "key")
        .annotate(weight=Sum("mass"), total=Sum("amount"))
        .order_by()
    )
    for epoch_id, dimension, key, weight, total in rows:
        epoch = by_epoch[epoch_id]
        place = (epoch.call.slug, dimension, epoch.asset)
        data[place][key] = data[place].get(key, 0) + int(weight)
        paid[place][key] = paid[place].get(key, 0) + int(total)
    for epoch in settled:
        for stated in epoch_terms(epoch)["parameters"]["dimensions"]:
            place = (epoch.call.slug, stated["name"], epoch.asset)
            population.setdefault(place, dict(stated["counts"]))
    return [
        Representation(*place, data[place], paid[place], counts)
        for place, counts in sorted(population.items())
        if place in data
    ]


def _conserved(settled: list[Epoch]) -> Trial:
    """What an epoch paid is the sum of its rewards, and never more than was there."""
    sums = dict(
        EpochInput.objects.filter(epoch__in=settled)
        .values_list("epoch")
        .annotate(total=Sum("reward"))
        .order_by()
    )
    broken = 0
    for epoch in settled:
        there = int(epoch_terms(epoch)["parameters"]["available"])
        # Inputs of an epoch that was reversed later are gone; its total is not.
        if (epoch.id in sums and sums[epoch.id] != epoch.total) or not 0 <= epoch.total <= there:
            broken += 1
    return Trial("budget-conserved", len(settled), broken)


def _posted(settled: list[Epoch]) -> Trial:
    """The ledger moved or held back what the settlement says, to the sub-unit."""
    broken = 0
    for epoch in settled:
        key = pool_key(epoch.call.slug, epoch.asset)
        moved = Entry.objects.filter(
            account=find_accounts(wanted=[key]).get(key),
            transfer__kind=REWARD,
            transfer__reference=f"epoch:{epoch.id}",
        ).aggregate(total=Sum("amount"))
        waits = HeldReward.objects.filter(epoch=epoch).aggregate(total=Sum("amount"))
        broken += int(waits["total"] or 0) - int(moved["total"] or 0) != epoch.total
    return Trial("ledger-agrees", len(settled), broken)


def _entitled(method: str) -> Trial:
    """Every reward stands for a contribution that was accepted before."""
    rewarded = EpochInput.objects.filter(
        contribution__call_version__document__method=method, reward__gt=0
    )
    bad = rewarded.exclude(contribution__state__in=(State.ACCEPTED, State.WITHDRAWN))
    late = rewarded.filter(contribution__accepted_at__gt=F("epoch__closed_at"))
    return Trial("reward-has-a-contribution", rewarded.count(), (bad | late).count())


def _drift(settled: list[Epoch]) -> list[Drift]:
    """What each call paid by stratum, the newest settlement beside the one before it."""
    newest: dict[str, list[Epoch]] = defaultdict(list)
    for epoch in settled:
        newest[epoch.call.slug].append(epoch)
    found = []
    for slug, epochs in sorted(newest.items()):
        if len(epochs) < 2:
            continue
        after, before = (_paid_by_stratum(epoch) for epoch in epochs[:2])
        found += [
            Drift(f"{slug}.{name}", before[name], after[name])
            for name in sorted(before.keys() & after.keys())
        ]
    return found


def _paid_by_stratum(epoch: Epoch) -> dict[str, dict[str, int]]:
    rows = (
        RewardLine.objects.filter(source__epoch=epoch)
        .values_list("dimension", "key")
        .annotate(total=Sum("amount"))
        .order_by()
    )
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for dimension, key, total in rows:
        found[dimension][key] = int(total)
    return found

"""What an audit of a reward rule compares: reward per record by verified attribute, inequality."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Sum

from contributions.audit import groups_of
from dure.accounts.models import Person
from governance.audits.data import AuditData, AuditGroup
from rewards.models import EpochInput


@dataclass
class _Sums:
    people: int = 0
    selected: int = 0
    records: int = 0
    reward: int = 0


def rewards_by(method: str) -> AuditData:
    """Closed epochs of one rule: of the people in them, how many earned anything, and how much."""
    inputs = EpochInput.objects.filter(contribution__call_version__document__method=method)
    earned: dict[UUID, tuple[int, int]] = {
        row["contribution__party"]: (int(row["records_sum"]), int(row["reward_sum"]))
        for row in inputs.values("contribution__party")
        .annotate(records_sum=Sum("records"), reward_sum=Sum("reward"))
        .order_by()
    }
    groups: dict[tuple[str, str], _Sums] = defaultdict(_Sums)
    for person in Person.objects.filter(party__in=list(earned)).iterator():
        records, reward = earned[person.party_id]
        for group in groups_of(person):
            sums = groups[group]
            sums.people += 1
            sums.selected += reward > 0
            sums.records += records
            sums.reward += reward
    return AuditData(
        groups=tuple(
            AuditGroup(dimension, key, sums.people, sums.selected, sums.records, sums.reward)
            for (dimension, key), sums in sorted(groups.items())
        ),
        rewards=tuple(sorted(reward for _, reward in earned.values())),
    )

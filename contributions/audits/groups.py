"""Which groups of people are compared, and what a decision meant to each of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from dure.accounts.models import Person
from dure.accounts.selectors import age_band
from dure.core.clock import CITY_ZONE, now
from governance.audits.data import AuditGroup, Share

#: What is compared for drift: this many days until now with as many before.
WINDOW: Final = timedelta(days=30)


def groups_of(person: Person) -> list[tuple[str, str]]:
    """The groups that a person belongs to, as ``(dimension, key)``; unknown attributes in none."""
    groups = [("district", person.district), ("sex", person.sex)]
    if person.birth_year is not None:
        year = now().astimezone(CITY_ZONE).year
        groups.append(("age_band", age_band(person.birth_year, year)))
    return [(dimension, key) for dimension, key in groups if key]


def _members(parties: Collection[UUID]) -> Iterator[tuple[UUID, list[tuple[str, str]]]]:
    for person in Person.objects.filter(party__in=list(parties)).iterator():
        yield person.party_id, groups_of(person)


def groups_by(parties: Collection[UUID], selected: Collection[UUID]) -> tuple[AuditGroup, ...]:
    """Of the persons among ``parties``, how many of each group are ``selected``."""
    people: dict[tuple[str, str], int] = defaultdict(int)
    chosen: dict[tuple[str, str], int] = defaultdict(int)
    for party, groups in _members(parties):
        for group in groups:
            people[group] += 1
            chosen[group] += party in selected
    return tuple(
        AuditGroup(dimension, key, count, chosen[dimension, key])
        for (dimension, key), count in sorted(people.items())
    )


def shares_by(name: str, touched: Mapping[UUID, tuple[int, int]]) -> tuple[Share, ...]:
    """Of each group's units how many were touched, from ``(touched, all)`` by party."""
    sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for party, groups in _members(touched):
        part, whole = touched[party]
        for group in groups:
            own = sums[group]
            own[0] += part
            own[1] += whole
            own[2] += 1
    return tuple(
        Share(name, dimension, key, part, whole, people)
        for (dimension, key), (part, whole, people) in sorted(sums.items())
    )


def windows() -> tuple[tuple[datetime, datetime], tuple[datetime, datetime]]:
    """The time before and the time until now, as starts and ends."""
    moment = now()
    return (moment - 2 * WINDOW, moment - WINDOW), (moment - WINDOW, moment)

"""What an audit of the checks compares: who had contributions accepted, by verified attribute."""

from __future__ import annotations

from collections import defaultdict

from contributions.models import Contribution, State
from dure.accounts.models import Person
from dure.accounts.selectors import age_band
from dure.core.clock import CITY_ZONE, now
from governance.audits.data import AuditData, AuditGroup

#: States in which the checks have decided.
_DECIDED = (State.ACCEPTED, State.RETURNED, State.REJECTED)


def acceptance() -> AuditData:
    """Of the people who contributed, how many had something accepted, in each group."""
    decided = Contribution.objects.filter(state__in=_DECIDED, test=False)
    accepted = set(decided.filter(state=State.ACCEPTED).values_list("party_id", flat=True))
    people: dict[tuple[str, str], int] = defaultdict(int)
    selected: dict[tuple[str, str], int] = defaultdict(int)
    for person in Person.objects.filter(party__in=decided.values("party")).iterator():
        for group in groups_of(person):
            people[group] += 1
            selected[group] += person.party_id in accepted
    return AuditData(
        groups=tuple(
            AuditGroup(dimension, key, count, selected[dimension, key])
            for (dimension, key), count in sorted(people.items())
        )
    )


def groups_of(person: Person) -> list[tuple[str, str]]:
    """The groups that a person belongs to, as ``(dimension, key)``; unknown attributes in none."""
    groups = [("district", person.district), ("sex", person.sex)]
    if person.birth_year is not None:
        year = now().astimezone(CITY_ZONE).year
        groups.append(("age_band", age_band(person.birth_year, year)))
    return [(dimension, key) for dimension, key in groups if key]

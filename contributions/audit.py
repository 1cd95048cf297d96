"""What an audit of the checks compares: who had contributions accepted, by verified attribute."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta

from django.db.models import Count

from contributions.models import Contribution, Finding, State
from dure.accounts.models import Person
from dure.accounts.selectors import age_band
from dure.core.clock import CITY_ZONE, now
from governance.audits.appeals import appeals_against
from governance.audits.data import AuditData, AuditGroup, Drift, Trial

#: States in which the checks have decided.
_DECIDED = (State.ACCEPTED, State.RETURNED, State.REJECTED)
#: What is compared for drift: this many days until now with as many before.
_WINDOW = timedelta(days=30)


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
        ),
        reasons=_reasons(),
        conservation=(_records_add_up(), _ends_have_reasons()),
        drift=(_outcomes_now_and_before(),),
        appeals=appeals_against(
            "contribution", Contribution.objects.values_list("receipt", flat=True)
        ),
    )


def groups_of(person: Person) -> list[tuple[str, str]]:
    """The groups that a person belongs to, as ``(dimension, key)``; unknown attributes in none."""
    groups = [("district", person.district), ("sex", person.sex)]
    if person.birth_year is not None:
        year = now().astimezone(CITY_ZONE).year
        groups.append(("age_band", age_band(person.birth_year, year)))
    return [(dimension, key) for dimension, key in groups if key]


def _reasons() -> dict[str, int]:
    """By which rule records were set aside, and of how many contributors."""
    rows = (
        Finding.objects.filter(contribution__state__in=_DECIDED)
        .values_list("rule")
        .annotate(people=Count("contribution__party", distinct=True))
        .order_by()
    )
    return {str(rule): int(people) for rule, people in rows}


def _records_add_up() -> Trial:
    """Received is accepted, set aside and duplicate together, for each accepted contribution."""
    accepted = Contribution.objects.filter(state=State.ACCEPTED).values_list(
        "received", "accepted", "quarantined", "duplicate"
    )
    broken = sum(received != sum(parts) for received, *parts in accepted.iterator())
    return Trial("records-conserved", accepted.count(), broken)


def _ends_have_reasons() -> Trial:
    """Whoever was refused or sent back was told a reason."""
    ended = Contribution.objects.filter(state__in=(State.RETURNED, State.REJECTED, State.FAILED))
    return Trial("refusal-has-a-reason", ended.count(), ended.filter(reason_rule="").count())


def _outcomes_now_and_before() -> Drift:
    moment = now()
    return Drift(
        "outcomes",
        before=_outcomes(moment - 2 * _WINDOW, moment - _WINDOW),
        after=_outcomes(moment - _WINDOW, moment),
    )


def _outcomes(start: datetime, end: datetime) -> dict[str, int]:
    rows = (
        Contribution.objects.filter(
            state__in=_DECIDED, submitted_at__gte=start, submitted_at__lt=end
        )
        .values_list("state")
        .annotate(count=Count("id"))
        .order_by()
    )
    return dict(rows)

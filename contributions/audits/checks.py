"""What an audit of the checks compares: who had contributions accepted, by verified attribute."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Count, Sum

from contributions.audits.groups import groups_by, shares_by, windows
from contributions.models import Contribution, Finding, Stage, State
from governance.audits.appeals import appeals_against
from governance.audits.data import Absent, AuditData, Drift, Trial

#: States in which the checks have decided.
_DECIDED = (State.ACCEPTED, State.RETURNED, State.REJECTED)
#: States in which records were looked at one by one.
_WEIGHED = (State.ACCEPTED, State.RETURNED)


def acceptance() -> AuditData:
    """Of the people who contributed, how many had something accepted, in each group."""
    decided = Contribution.objects.filter(state__in=_DECIDED, test=False)
    accepted = set(decided.filter(state=State.ACCEPTED).values_list("party_id", flat=True))
    parties = set(decided.values_list("party_id", flat=True))
    return AuditData(
        groups=groups_by(parties, accepted),
        shares=shares_by("set-aside", _set_aside()),
        reasons=_reasons(),
        conservation=(_records_add_up(), _ends_have_reasons()),
        drift=(_outcomes_now_and_before(),),
        appeals=appeals_against(
            "contribution", Contribution.objects.values_list("receipt", flat=True)
        ),
        absent={
            "measures": Absent.NO_TEST,
            "inequality": Absent.NO_REWARD,
            "representation": Absent.NO_WEIGHING,
            "counterfactuals": Absent.NO_PERSON_GIVEN,
            "replay": Absent.NOT_KEPT,
        },
    )


def _set_aside() -> dict[UUID, tuple[int, int]]:
    """Records of each party that were set aside, and all that were checked."""
    rows = (
        Contribution.objects.filter(state__in=_WEIGHED, test=False)
        .values_list("party_id")
        .annotate(aside=Sum("quarantined"), received_in_all=Sum("received"))
        .order_by()
    )
    return {party: (int(aside), int(whole)) for party, aside, whole in rows}


def _reasons() -> dict[str, int]:
    """By which rule records were set aside, and of how many contributors."""
    rows = (
        Finding.objects.filter(
            contribution__state__in=_WEIGHED,
            contribution__test=False,
            # What the privacy gate found was masked and went on; row 0 speaks of the whole file.
            stage__in=(Stage.DECODE, Stage.QUALITY),
            row__gt=0,
        )
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
    before, after = windows()
    return Drift("outcomes", before=_outcomes(*before), after=_outcomes(*after))


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

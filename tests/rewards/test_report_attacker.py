"""A reader with every report that was ever published solves for the sums that they withhold.

What a settlement paid is an unknown. Each number that some report shows is an equation: a total of
a quarter, a call, a settlement, and what was funded less what is left. A sum that is withheld, or
would have to be, can be computed where it is a combination of these, and only there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from random import Random
from typing import Any
from uuid import UUID

import pytest
import time_machine

from contributions.calls.services import draft_call, publish_call
from contributions.models import Call
from dure.accounts import services as accounts
from dure.accounts.acting import Actor
from dure.core import outbox
from governance.reports import services
from governance.reports.dominance import is_sensitive
from governance.reports.periods import Period
from rewards.audits.sums import Reader, Row
from rewards.epochs.services import approve_epoch, close_epoch
from rewards.models import Epoch, EpochInput, EpochKind, EpochState
from tests import cast
from tests.rewards.city import contribution, dobong, document, published_call

pytestmark = pytest.mark.django_db

SUMMER = datetime(2031, 7, 2, 3, tzinfo=UTC)
SYSTEM = Actor.system("operator")


@dataclass
class City:
    """Calls in which groups of people are paid, and every report on it."""

    moment: datetime = SUMMER
    people: list[Any] = field(default_factory=list)
    published: list[dict[str, Any]] = field(default_factory=list)

    def open(self, *slugs: str) -> None:
        with time_machine.travel(self.moment, tick=True):
            published_call(slug=slugs[0])
            kang, lim = cast.actor(cast.kang()), cast.actor(cast.lim())
            for slug in slugs[1:]:
                draft_call(acting=kang, document=document(slug=slug))
                publish_call(acting=kang, slug=slug)
                publish_call(acting=lim, slug=slug)
            outbox.drain()
            for number in range(12):
                self.people.append(
                    accounts.create_person(
                        acting=SYSTEM,
                        email=f"p{number}@dure.example",
                        name="Somebody",
                        password=cast.PASSWORD,
                    )
                )

    def later(self, days: float) -> None:
        self.moment += timedelta(days=days)

    def pay(self, slug: str, people: int, *, first: int = 0) -> None:
        self.later(1)
        with time_machine.travel(self.moment, tick=True):
            call = Call.objects.get(slug=slug)
            for person in self.people[first : first + people]:
                contribution(call, person.party_id, dobong(1), accepted=1)
            epoch = close_epoch(acting=cast.actor(cast.kang()), call_slug=slug)
            approve_epoch(acting=cast.actor(cast.lim()), epoch=epoch)

    def report(self, period: str) -> dict[str, Any]:
        self.later(1)
        with time_machine.travel(self.moment, tick=True):
            report = services.publish_report(acting=SYSTEM, period=period)
        made: dict[str, Any] = dict(report.document)
        self.published.append(made)
        return made


@pytest.fixture
def city() -> City:
    made = City()
    made.open("air", "trips", "shops")
    return made


def rewards(report: dict[str, Any]) -> dict[str, Any]:
    return next(each for each in report["sections"] if each["key"] == "rewards")


def paid_until(moment: datetime) -> list[Epoch]:
    found = Epoch.objects.filter(state=EpochState.APPROVED, kind=EpochKind.SETTLEMENT)
    return list(found.filter(approved_at__lt=moment).select_related("call"))


def one(epochs: Iterable[Epoch]) -> Row:
    return {epoch.id: Fraction(1) for epoch in epochs}


def equations(report: dict[str, Any]) -> tuple[list[Row], list[tuple[str, Row]]]:
    """What a report shows, and what it withholds, as sums of what settlements paid."""
    period = Period.of(report["period"])
    ever = paid_until(datetime.fromisoformat(report["computed_at"]))
    inside = [e for e in ever if e.approved_at and period.start <= e.approved_at < period.end]
    shown: list[Row] = []
    withheld: list[tuple[str, Row]] = []

    def note(name: str, value: object, row: Row) -> None:
        if not row:
            return
        if value is None:
            withheld.append((f"{report['period']}/{report['edition']} {name}", row))
        else:
            shown.append(row)

    section = rewards(report)
    total = next(each for each in section["figures"] if each["key"] == "paid_dure")
    note("total", total["value"], one(inside))
    calls, epochs = section["tables"]
    for row in calls["rows"]:
        note(
            f"call {row['call']}", row["paid"], one(e for e in inside if e.call.slug == row["call"])
        )
        if row["left"] is not None:
            shown.append(one(e for e in ever if e.call.slug == row["call"]))
    for row in epochs["rows"]:
        note(
            f"epoch {row['epoch']}",
            row["paid"],
            one(e for e in inside if str(e.id) == row["epoch"]),
        )
    return shown, withheld


def parts_of(row: Row) -> dict[UUID, int]:
    found: dict[UUID, int] = {}
    inputs = EpochInput.objects.filter(epoch__in=list(row), reward__gt=0)
    for party, reward in inputs.values_list("contribution__party_id", "reward"):
        found[party] = found.get(party, 0) + int(reward)
    return found


def solved(city: City) -> list[str]:
    """Sensitive sums that the attacker computes, by name."""
    known: list[Row] = []
    wanted: list[tuple[str, Row]] = []
    for report in city.published:
        shown, withheld = equations(report)
        known += shown
        wanted += withheld
    moments = [datetime.fromisoformat(each["computed_at"]) for each in city.published]
    ever = paid_until(city.moment + timedelta(days=1))
    wanted += [(f"settlement of {epoch.call.slug}", one([epoch])) for epoch in ever]
    for slug in ("air", "trips", "shops"):
        for start, end in zip([SUMMER, *moments], moments, strict=False):
            between = one(
                e
                for e in ever
                if e.call.slug == slug and e.approved_at and start <= e.approved_at < end
            )
            if between:
                wanted.append((f"{slug} from {start} to {end}", between))
    attacker = Reader(known)
    return sorted(
        name for name, row in wanted if attacker.knows(row) and is_sensitive(parts_of(row))
    )


def test_the_attacker_solves_what_can_be_solved(city: City) -> None:
    """The test of the test: a report that showed everything would be taken apart."""
    city.pay("air", 6)
    city.pay("trips", 2)
    shown, withheld = equations(city.report("2031-q3"))
    small = one(epoch for epoch in paid_until(city.moment) if epoch.call.slug == "trips")
    assert not Reader(shown).knows(small)
    assert Reader([*shown, *(row for _name, row in withheld)]).knows(small)


def test_a_call_withheld_for_another_one_is_not_told_by_its_pool_next_quarter(city: City) -> None:
    """Summer withholds air only because of trips; in autumn its pool would say what it was."""
    for slug, people in (("air", 6), ("trips", 2), ("shops", 9)):
        city.pay(slug, people)
    summer = rewards(city.report("2031-q3"))
    hidden = {row["call"] for row in summer["tables"][0]["rows"] if row["paid"] is None}
    assert hidden == {"air", "trips"}
    assert next(f for f in summer["figures"] if f["key"] == "paid_dure")["value"] is not None
    city.later(95)
    for slug in ("air", "trips", "shops"):
        city.pay(slug, 8)
    autumn = rewards(city.report("2031-q4"))
    left = {row["call"]: row["left"] for row in autumn["tables"][0]["rows"]}
    assert left["air"] is None
    assert left["shops"] is not None, "of which nothing was ever withheld"
    assert solved(city) == []


def test_two_pools_of_two_quarters_tell_nothing_of_the_one_paid_in_between(city: City) -> None:
    city.pay("air", 6)
    city.report("2031-q3")
    city.later(60)
    city.pay("air", 1)
    city.later(35)
    city.pay("air", 7)
    city.report("2031-q4")
    assert solved(city) == []


def test_a_correction_that_comes_after_the_next_report_tells_nothing(city: City) -> None:
    """The summer's report is only published when the autumn's has told the pools."""
    for slug, people in (("air", 6), ("trips", 2), ("shops", 9)):
        city.pay(slug, people)
    city.later(90)
    city.report("2031-q4")
    city.report("2031-q3")
    assert solved(city) == []


def test_a_call_that_stood_still_is_not_shown_beside_the_total_of_before(city: City) -> None:
    """Air was withheld for trips; trips has grown since, air has not: its number is the old one."""
    for slug, people in (("air", 6), ("trips", 2), ("shops", 9)):
        city.pay(slug, people)
    city.report("2031-q3")
    city.pay("trips", 8)
    second = rewards(city.report("2031-q3"))
    assert {row["call"]: row["paid"] for row in second["tables"][0]["rows"]}["air"] is None
    assert solved(city) == []


def test_a_settlement_once_withheld_stays_withheld(city: City) -> None:
    """Another, smaller one would do to cover the same call now; the first is known by then."""
    city.pay("air", 7)
    city.pay("air", 2)
    city.pay("air", 9)
    city.report("2031-q3")
    city.pay("air", 5, first=7)
    city.report("2031-q3")
    assert solved(city) == []


def test_what_is_promised_to_two_people_is_not_what_is_left_less_what_is_free(city: City) -> None:
    city.pay("air", 7)
    with time_machine.travel(city.moment, tick=True):
        contribution(Call.objects.get(slug="air"), city.people[0].party_id, dobong(3), accepted=3)
        close_epoch(acting=cast.actor(cast.kang()), call_slug="air")
    row = rewards(city.report("2031-q3"))["tables"][0]["rows"][0]
    assert row["left"] is not None
    assert row["free"] is None


@pytest.mark.parametrize("seed", range(8))
def test_no_sequence_of_reports_can_be_solved(city: City, seed: int) -> None:
    dice = Random(seed)
    for quarter in ("2031-q3", "2031-q4"):
        for _ in range(dice.randint(2, 3)):
            for slug in dice.sample(["air", "trips", "shops"], dice.randint(1, 3)):
                city.pay(slug, dice.choice([1, 2, 5, 6, 7, 9]), first=dice.randint(0, 3))
            city.report(dice.choice([quarter, quarter, "2031-q3"]))
        city.moment = max(city.moment, datetime(2031, 10, 2, 3, tzinfo=UTC))
    assert solved(city) == []

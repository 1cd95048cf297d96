"""Sums over all contributions are kept with each of them, and are what adding up gives."""

from __future__ import annotations

from random import Random
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contributions import totals
from contributions.models import Call, Contribution, RunningCount, RunningMass, State, StratumMass
from contributions.selectors.calls import stocks
from contributions.withdrawal.services import withdraw
from dure.core.clock import now
from governance.integrity import integrity_document
from portal.public.figures import city_totals
from tests import cast
from tests.rewards.city import contribution, dobong, gangnam, published_call

pytestmark = pytest.mark.django_db


def added_up(call: Call) -> tuple[dict[str, dict[str, int]], tuple[int, int]]:
    """Stock and accepted numbers as adding up every contribution gives them."""
    masses: dict[str, dict[str, int]] = {}
    for row in StratumMass.objects.filter(
        contribution__call=call, contribution__state="accepted", contribution__excluded_at=None
    ):
        strata = masses.setdefault(row.dimension, {})
        strata[row.key] = strata.get(row.key, 0) + row.mass
    kept = Contribution.objects.filter(state="accepted", test=False)
    return masses, (kept.count(), sum(kept.values_list("accepted", flat=True)))


def told(call: Call) -> tuple[dict[str, dict[str, int]], tuple[int, int]]:
    return stocks([call.id]).get(call.id, {}), totals.accepted()


def well() -> bool:
    return totals.totals_check() == {"ok": True, "masses": 0, "counts": 0}


def test_what_is_accepted_counts_until_it_is_withdrawn_or_kept_out() -> None:
    call = published_call()
    mine = contribution(call, cast.mina().party_id, dobong(10), accepted=10)
    contribution(call, cast.joon().party_id, gangnam(15), accepted=15)
    assert told(call) == added_up(call)
    assert totals.accepted() == (2, 25)
    shown = city_totals()
    assert (shown["contributions"], shown["records"]) == (2, 25)
    # Kept out of every use, it was accepted nevertheless.
    Contribution.objects.filter(id=mine.id).update(excluded_at=now())
    assert told(call) == added_up(call)
    assert totals.accepted() == (2, 25)
    Contribution.objects.filter(id=mine.id).update(excluded_at=None)
    withdraw(acting=cast.actor(cast.mina()), receipt=mine.receipt)
    assert told(call) == added_up(call)
    assert totals.accepted() == (1, 15)
    assert well()


def test_a_fold_changes_no_sum_and_leaves_one_row_of_each() -> None:
    call = published_call()
    for _each in range(3):
        contribution(call, cast.mina().party_id, dobong(10), accepted=10)
    gone = contribution(call, cast.joon().party_id, gangnam(15), accepted=15)
    withdraw(acting=cast.actor(cast.joon()), receipt=gone.receipt)
    before = told(call)
    totals.fold()
    assert told(call) == before == added_up(call)
    assert RunningCount.objects.count() == 1
    keys = list(RunningMass.objects.values_list("dimension", "key"))
    assert len(keys) == len(set(keys))
    assert ("district", "11680") not in keys  # nothing is left of Gangnam
    totals.fold()
    assert told(call) == before
    assert well()


@pytest.mark.parametrize("seed", range(3))
def test_whatever_happens_in_whatever_order_the_sums_are_what_adding_up_gives(seed: int) -> None:
    draw, call = Random(seed), published_call()
    made: list[UUID] = []
    for _step in range(40):
        act = draw.choice(["more", "more", "masses", "fewer", "out", "in", "fold", "gone"])
        one = Contribution.objects.filter(id__in=made).order_by("?").first() if made else None
        if act == "more" or one is None:
            size = draw.randint(1, 9)
            place = draw.choice([dobong, gangnam])
            party = draw.choice([cast.mina, cast.joon])().party_id
            made.append(contribution(call, party, place(size), accepted=size).id)
        elif act == "masses":  # as a recount does: all go, others come, under the row's lock
            StratumMass.objects.filter(contribution=one).delete()
            StratumMass.objects.bulk_create(
                StratumMass(
                    contribution=one, dimension="district", key=key, mass=draw.randint(0, 9)
                )
                for key in ("11320", "11680")
            )
            StratumMass.objects.filter(contribution=one, key="11320").update(mass=7)
        elif act == "fewer":
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('dure.recounting', %s, true)", [str(one.id)])
            if one.state == State.ACCEPTED and one.accepted:
                Contribution.objects.filter(id=one.id).update(
                    accepted=one.accepted - 1, duplicate=one.duplicate + 1, mass=0
                )
        elif act in ("out", "in"):
            moment = now() if act == "out" else None
            Contribution.objects.filter(id=one.id).update(excluded_at=moment)
        elif act == "gone" and one.state == State.ACCEPTED:
            Contribution.objects.filter(id=one.id).update(state="withdrawn", reason_rule="x")
        elif act == "fold":
            totals.fold()
        assert told(call) == added_up(call), act
    assert well()


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO contributions_runningcount (call_id, contributions, records)"
        " SELECT id, 1, 0 FROM contributions_call",
        "DELETE FROM contributions_runningmass",
        "UPDATE contributions_runningmass SET mass = mass + 1",
    ],
)
def test_a_sum_that_is_another_is_found_by_the_integrity_check(statement: str) -> None:
    contribution(published_call(), cast.mina().party_id, dobong(10), accepted=10)
    assert integrity_document()["checks"]["totals"]["ok"] is True
    with connection.cursor() as cursor:
        cursor.execute(statement)
    assert integrity_document()["checks"]["totals"]["ok"] is False


def test_no_page_adds_up_contributions() -> None:
    call = published_call()
    contribution(call, cast.mina().party_id, dobong(10), accepted=10)
    with CaptureQueriesContext(connection) as asked:
        stocks([call.id])
        totals.accepted()
    assert len(asked) == 2
    assert not any("contributions_contribution" in query["sql"] for query in asked)

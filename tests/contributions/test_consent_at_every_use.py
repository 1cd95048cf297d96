"""Consent is asked for at the moment of each use, however it ended and before any news arrives."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection

from contributions.models import Stage
from contributions.models.contributions import STAGES
from contributions.pipeline.stages import STEPS, check
from contributions.pipeline.work import run_stage
from contributions.releases.building import build
from contributions.releases.selectors import file_for
from contributions.releases.services import build_release
from contributions.selectors import usable
from dure.accounts.models import Person
from dure.core.clock import now
from dure.core.problems import Problem
from governance.consent import endings
from governance.consent.selectors import in_force
from governance.consent.services import withdraw
from governance.models import Consent, RestrictionGround
from governance.rights.services import (
    answer_request,
    lift_restriction,
    request_right,
)
from governance.rights.work import lift_when_told
from tests.cast import actor, charlie, joon, kang, mina
from tests.contributions.seoul import air_csv, handed_in, news, published, twenty_rows
from tests.emptying import without_triggers

pytestmark = pytest.mark.django_db(transaction=True)


def hers() -> Consent:
    found = in_force(party_id=mina().party_id, scope="air-daily", purpose="city-ai")
    assert found is not None
    return found


def taken_back() -> None:
    withdraw(acting=actor(mina()), consent=hers())


def past_its_time() -> None:
    with without_triggers(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE governance_consentevent SET decided_at = decided_at - interval '9 years',"
            " valid_until = valid_until - interval '9 years' WHERE consent_id = %s",
            [hers().id],
        )


def invalidated() -> None:
    endings.end_consent(
        acting=actor(kang()), consent=hers(), ground="wrong-notice", reason="다른 고지"
    )


def restricted() -> None:
    request_right(acting=actor(mina()), kind="restriction", text="잠시 멈춰 주세요")


ENDS: list[Callable[[], None]] = [taken_back, past_its_time, invalidated, restricted]


@pytest.mark.parametrize("end", ENDS)
def test_intake_asks(end: Callable[[], None]) -> None:
    published()
    handed_in(mina(), twenty_rows())
    handed_in(mina(), twenty_rows("20261102"), purposes=())
    end()
    with pytest.raises(Problem, match="consent-missing"):
        handed_in(mina(), twenty_rows("20261103"), purposes=())


@pytest.mark.parametrize("stage", STAGES)
def test_each_stage_asks(stage: Stage) -> None:
    published()
    made = handed_in(mina(), twenty_rows())
    for step in STAGES[: STAGES.index(stage)]:
        run_stage(made.id, STEPS[step])
    taken_back()
    run_stage(made.id, STEPS[stage])
    made.refresh_from_db()
    assert (made.state, made.reason_rule) == ("withdrawn", "consent-withdrawn")
    assert made.stage == stage


@pytest.mark.parametrize("end", ENDS)
def test_releases_and_downloads_ask(end: Callable[[], None]) -> None:
    published()
    check(handed_in(mina(), twenty_rows()).id)
    check(handed_in(joon(), air_csv("2026110300,강남구,12")).id)
    first = build(build_release(acting=actor(kang()), call_slug="air-daily", purpose="city-ai").id)
    assert first.records == 21
    assert file_for(actor(charlie()), str(first.id), "data.csv")
    end()
    with pytest.raises(Problem, match="release-superseded"):
        file_for(actor(charlie()), str(first.id), "data.csv")
    assert _usable() == [joon()]
    second = build(build_release(acting=actor(kang()), call_slug="air-daily", purpose="city-ai").id)
    assert second.records == 1


def _usable() -> list[Person]:
    rows = usable("air-daily", purpose="city-ai").select_related("party__person")
    return [row.party.person for row in rows]


def test_a_restriction_is_undone_by_the_person_and_their_consents_count_again() -> None:
    published()
    check(handed_in(mina(), twenty_rows()).id)
    restricted()
    news()
    assert _usable() == []
    for stranger in (joon(), kang()):
        with pytest.raises(Problem, match="rights-request-unknown"):
            lift_restriction(
                acting=actor(stranger),
                party_id=mina().party_id,
                ground=RestrictionGround.REQUEST,
            )
    assert lift_restriction(
        acting=actor(mina()), party_id=mina().party_id, ground=RestrictionGround.REQUEST
    )
    assert _usable() == [mina()]
    assert hers()


def test_what_was_taken_back_meanwhile_stays_out_when_a_restriction_ends() -> None:
    published()
    check(handed_in(mina(), twenty_rows()).id)
    consent = hers()
    restricted()
    withdraw(acting=actor(mina()), consent=consent)
    news()
    lift_restriction(
        acting=actor(mina()), party_id=mina().party_id, ground=RestrictionGround.REQUEST
    )
    assert _usable() == []


@pytest.mark.parametrize(
    ("kind", "outcome", "used_again"),
    [
        ("objection", "granted", False),
        ("objection", "partly", False),
        ("objection", "refused", True),
        ("erasure", "refused", True),
        ("erasure", "granted", False),
        ("restriction", "refused", True),
        ("restriction", "granted", False),
    ],
)
def test_what_was_refused_is_used_again_three_days_after_its_owner_was_told(
    kind: str, outcome: str, used_again: bool
) -> None:
    """GDPR 18(3): the person is informed before. What was granted stays out of use."""
    published()
    check(handed_in(mina(), twenty_rows()).id)
    asked = request_right(acting=actor(mina()), kind=kind, text="멈춰 주세요")
    assert _usable() == []
    answer_request(acting=actor(kang()), request=asked, outcome=outcome, reason="검토했습니다")
    assert lift_when_told() == 0
    assert _usable() == []
    with time_machine.travel(now() + timedelta(days=3, minutes=1)):
        assert lift_when_told() == 0, "the news has not gone out"
        news()
        assert lift_when_told() == (1 if used_again else 0)
        assert (_usable() == [mina()]) is used_again
        assert lift_when_told() == 0


def test_who_asks_anew_after_a_refusal_waits_for_the_new_answer() -> None:
    published()
    check(handed_in(mina(), twenty_rows()).id)
    asked = request_right(acting=actor(mina()), kind="objection", text="멈춰 주세요")
    answer_request(acting=actor(kang()), request=asked, outcome="refused", reason="아니요")
    request_right(acting=actor(mina()), kind="objection", text="다시 봐 주세요")
    news()
    with time_machine.travel(now() + timedelta(days=4)):
        assert lift_when_told() == 0
        assert _usable() == []


def test_who_objected_with_success_says_themselves_when_data_is_used_again() -> None:
    published()
    check(handed_in(mina(), twenty_rows()).id)
    asked = request_right(acting=actor(mina()), kind="objection", text="멈춰 주세요")
    ends: dict[str, Any] = {"party_id": mina().party_id, "ground": RestrictionGround.OBJECTION}
    with pytest.raises(Problem, match="rights-request-unknown"):
        lift_restriction(acting=actor(mina()), **ends)
    answer_request(acting=actor(kang()), request=asked, outcome="granted", reason="예")
    with pytest.raises(Problem, match="rights-request-unknown"):
        lift_restriction(acting=actor(joon()), **ends)
    assert lift_restriction(acting=actor(mina()), **ends)
    assert _usable() == [mina()]


def test_two_grounds_are_lifted_one_by_one() -> None:
    published()
    check(handed_in(mina(), twenty_rows()).id)
    restricted()
    asked = request_right(acting=actor(mina()), kind="objection", text="사람이 봐 주세요")
    answer_request(acting=actor(kang()), request=asked, outcome="refused", reason="검토")
    news()
    with time_machine.travel(now() + timedelta(days=4)):
        assert lift_when_told() == 1
        assert _usable() == []
        lift_restriction(
            acting=actor(mina()), party_id=mina().party_id, ground=RestrictionGround.REQUEST
        )
        assert _usable() == [mina()]

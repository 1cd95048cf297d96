"""What is taken back is in no later use; what was paid stays paid."""

from __future__ import annotations

import pytest

from contributions.models import Contribution, RecordFingerprint, State
from contributions.pipeline.stages import check
from contributions.selectors import stock, usable
from contributions.withdrawal.services import withdraw
from dure.core.models import Blob, OutboxEvent
from dure.core.problems import Problem
from governance.consent.selectors import in_force
from governance.consent.services import withdraw as withdraw_consent
from governance.models import LogEntry
from tests.cast import actor, charlie, joon, mina
from tests.contributions.seoul import handed_in, news, published, twenty_rows

pytestmark = pytest.mark.django_db(transaction=True)


def take_back_consent(purpose: str) -> None:
    consent = in_force(party_id=mina().party_id, scope="air-daily", purpose=purpose)
    assert consent is not None
    withdraw_consent(acting=actor(mina()), consent=consent)


def test_mina_takes_her_contribution_back() -> None:
    published()
    made = check(handed_in(mina(), twenty_rows()).id)
    withdraw(acting=actor(mina()), receipt=made.receipt)
    made.refresh_from_db()
    assert (made.state, made.reason_rule) == ("withdrawn", "withdrawn-by-owner")
    assert stock("air-daily") == {}
    assert not usable("air-daily").exists()
    assert not Blob.objects.filter(purged_at=None).exists()
    assert LogEntry.objects.filter(kind="contribution.withdrawn").count() == 1
    withdraw(acting=actor(mina()), receipt=made.receipt)
    assert OutboxEvent.objects.filter(kind="contribution.withdrawn").count() == 1


def test_the_records_may_then_be_contributed_again() -> None:
    published()
    made = check(handed_in(mina(), twenty_rows()).id)
    withdraw(acting=actor(mina()), receipt=made.receipt)
    assert not RecordFingerprint.objects.exists()
    assert check(handed_in(joon(), twenty_rows()).id).accepted == 20


def test_what_is_still_being_checked_can_be_taken_back() -> None:
    published()
    made = handed_in(mina(), twenty_rows())
    withdraw(acting=actor(mina()), receipt=made.receipt)
    assert check(made.id).state == "withdrawn"


def test_charlie_cannot_take_it_back_and_learns_nothing() -> None:
    published()
    made = check(handed_in(mina(), twenty_rows()).id)
    for receipt in (made.receipt, "D-2026-00000000", "\x00"):
        with pytest.raises(Problem, match="contribution-unknown"):
            withdraw(acting=actor(charlie()), receipt=receipt)
    made.refresh_from_db()
    assert made.state == "accepted"


def test_what_failed_has_nothing_left_to_withdraw() -> None:
    published()
    made = handed_in(mina(), twenty_rows())
    Contribution.objects.filter(pk=made.pk).update(state=State.FAILED, reason_rule="internal")
    with pytest.raises(Problem, match="contribution-ended"):
        withdraw(acting=actor(mina()), receipt=made.receipt)


def test_a_withdrawn_consent_stops_checking_before_the_news_arrives() -> None:
    published()
    made = handed_in(mina(), twenty_rows())
    take_back_consent("city-ai")
    done = check(made.id)
    assert (done.state, done.reason_rule) == ("withdrawn", "consent-withdrawn")
    assert not Blob.objects.filter(purged_at=None).exists()


def test_a_withdrawn_consent_keeps_accepted_records_out_of_every_later_use() -> None:
    published()
    made = check(handed_in(mina(), twenty_rows()).id)
    moving = handed_in(mina(), twenty_rows("20261102"))
    take_back_consent("city-ai")
    news()
    made.refresh_from_db()
    moving.refresh_from_db()
    assert (made.state, made.accepted) == ("accepted", 20), "paid epochs keep it"
    assert made.excluded_at is not None
    assert not usable("air-daily").exists()
    assert stock("air-daily") == {}
    assert moving.state == "withdrawn"


def test_refusing_an_optional_purpose_costs_nothing() -> None:
    published()
    check(handed_in(mina(), twenty_rows(), purposes=("city-ai", "research")).id)
    take_back_consent("research")
    news()
    assert usable("air-daily").count() == 1


def test_a_use_for_a_purpose_takes_only_those_who_agree_to_it_now() -> None:
    published()
    mine = check(handed_in(mina(), twenty_rows(), purposes=("city-ai", "research")).id)
    check(handed_in(joon(), twenty_rows("20261102")).id)
    assert usable("air-daily", purpose="city-ai").count() == 2
    assert list(usable("air-daily", purpose="research")) == [mine]
    take_back_consent("research")
    assert not usable("air-daily", purpose="research").exists(), "also before the news arrives"

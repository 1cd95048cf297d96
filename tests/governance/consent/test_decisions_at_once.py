"""Two decisions at the same moment come one after the other."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.db import connection

from dure.accounts.models import Person
from governance.consent import services
from governance.models import Consent, ConsentEvent, Notice
from tests.cast import actor, kang, mina

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(runs: list[Callable[[], object]]) -> list[Exception]:
    """Runs everything at the same moment; answers what went wrong."""
    start = threading.Barrier(len(runs))
    failures: list[Exception] = []

    def run(call: Callable[[], object]) -> None:
        try:
            start.wait(20)
            call()
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(call,)) for call in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failures


def publish(en: str = "Used for research.") -> Notice:
    return services.publish_notice(
        acting=actor(kang()),
        scope="air-daily",
        purpose="city-ai",
        required=True,
        text={"ko": "연구에 이용합니다.", "en": en},
        retention_days=365,
    )


def give(person: Person, notice: Notice) -> Consent:
    return services.decide(
        acting=actor(person), party_id=person.party_id, notice=notice, granted=True, language="ko"
    )


def test_the_same_decision_twice_is_one_event() -> None:
    person, notice = mina(), publish()
    assert at_once([lambda: give(person, notice)] * 4) == []
    assert ConsentEvent.objects.count() == 1


def test_withdrawals_at_once_are_one_event() -> None:
    person, notice = mina(), publish()
    consent = give(person, notice)
    withdrawal = lambda: services.withdraw(acting=actor(person), consent=consent)  # noqa: E731
    assert at_once([withdrawal] * 4) == []
    assert list(consent.events.values_list("state", flat=True)) == ["given", "withdrawn"]


def test_the_same_notice_published_twice_is_one_version() -> None:
    kang()
    assert at_once([publish] * 4) == []
    assert Notice.objects.count() == 1

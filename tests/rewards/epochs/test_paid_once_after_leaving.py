"""Whoever was paid and erased is not paid for the same records again; after a year nobody knows."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from contributions.models import Contribution, RecordFingerprint
from contributions.pipeline.forgetting import KNOWN_FOR, forget_fingerprints
from contributions.pipeline.stages import check
from contributions.pipeline.tasks import tidy
from contributions.withdrawal.services import withdraw
from dure.accounts.models import Person
from dure.accounts.roles import Role
from dure.accounts.services import create_person
from dure.core.clock import now
from governance.erasure.services import erase
from rewards.epochs.selectors import reward_document
from rewards.ledger.accounts import wallet_key
from rewards.ledger.selectors import posted
from tests import cast
from tests.clock import set_clock
from tests.contributions.conftest import _warm_engine
from tests.contributions.seoul import air_csv, handed_in, news, published, twenty_rows
from tests.rewards.epochs.test_paid_once import settle

__all__ = ["_warm_engine"]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _own_tombstones(settings: pytest.FixtureRequest, tmp_path: Path) -> None:
    settings.TOMBSTONES = tmp_path / "tombstones.jsonl"  # type: ignore[attr-defined]


def newcomer() -> Person:
    """Somebody who opens an account after the erasure; the platform cannot know who it is."""
    return create_person(
        acting=cast.actor(cast.kang()),
        email="again@dure.example",
        name="Again",
        password="a plain test password",
        roles=[Role.RESIDENT],
        district="11320",
        birth_year=1990,
        sex="F",
    )


def paid_and_gone() -> Contribution:
    """Mina was paid for twenty records and had everything erased."""
    published()
    news()
    made = check(handed_in(cast.mina(), twenty_rows()).id)
    settle()
    assert reward_document(made)["reward"] != "0"
    erase(acting=cast.actor(cast.kang()), party_id=made.party_id)
    news()
    return made


def test_the_same_records_under_a_new_account_earn_nothing() -> None:
    paid_and_gone()
    person = newcomer()
    again = check(handed_in(person, twenty_rows()).id)
    assert (again.state, again.accepted, again.duplicate) == ("accepted", 0, 20)
    assert reward_document(again)["reward"] == "0"
    other = check(handed_in(person, air_csv("2026110300,강남구,12")).id)
    settle()
    assert reward_document(again)["reward"] == "0"
    earned = posted(wallet_key(person.party_id, "DURE"))
    assert earned > 0, "what is new is paid as ever"
    assert other.accepted == 1


def test_what_was_withdrawn_before_leaving_is_known_as_well() -> None:
    published()
    news()
    made = check(handed_in(cast.mina(), twenty_rows()).id)
    settle()
    withdraw(acting=cast.actor(cast.mina()), receipt=made.receipt)
    erase(acting=cast.actor(cast.kang()), party_id=made.party_id)
    assert check(handed_in(newcomer(), twenty_rows()).id).accepted == 0


def test_a_year_after_the_erasure_nothing_of_the_records_is_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = paid_and_gone()
    joons = check(handed_in(cast.joon(), air_csv("2026110300,강남구,12")).id)
    settle()
    before = now()
    set_clock(monkeypatch, before + KNOWN_FOR - timedelta(minutes=5))
    assert forget_fingerprints() == 0
    assert RecordFingerprint.objects.filter(contribution=made).count() == 20
    set_clock(monkeypatch, before + KNOWN_FOR + timedelta(minutes=5))
    tidy()
    assert not RecordFingerprint.objects.filter(contribution=made).exists()
    assert RecordFingerprint.objects.filter(contribution=joons).exists(), "Joon is still here"
    assert forget_fingerprints() == 0
    assert check(handed_in(newcomer(), twenty_rows()).id).accepted == 20

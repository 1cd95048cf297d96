"""A dividend for so many people that it is posted to all of them at once."""

from __future__ import annotations

import pytest

from rewards import tasks
from rewards.dividends import city
from rewards.dividends.services import pay
from rewards.ledger.accounts import wallet_key
from rewards.ledger.integrity import check_ledger
from rewards.ledger.selectors import posted
from rewards.licences.services import record_payment
from rewards.models import BulkBatch, BulkState, Dividend
from tests import cast
from tests.rewards.dividends.test_dividends import agreed, settled_city
from tests.rewards.money import CLERK

pytestmark = pytest.mark.django_db

PEOPLE = (cast.mina, cast.joon, cast.charlie)


def test_a_dividend_for_a_city_gives_everybody_what_a_small_one_gives(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settled_city()
    kang = cast.actor(cast.kang())
    small = record_payment(acting=kang, licence_id=agreed().id)
    pay(acting=CLERK, dividend_id=Dividend.objects.get(licence=small).id)
    wallets = [wallet_key(person().party_id, "KRW") for person in PEOPLE]
    once = [posted(key) for key in wallets]
    monkeypatch.setattr(city, "CITY_FROM", 1)
    large = record_payment(acting=kang, licence_id=agreed().id)
    assert [posted(key) for key in wallets] == once
    tasks.sweep_bulk()
    batch = BulkBatch.objects.get()
    assert (batch.state, batch.reference) == (BulkState.POSTED, f"licence:{large.id}")
    assert [posted(key) for key in wallets] == [2 * amount for amount in once]
    assert check_ledger()["ok"] is True

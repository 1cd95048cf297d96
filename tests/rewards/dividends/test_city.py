"""A dividend for so many people that it is posted to all of them at once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from dure.accounts.models import Person
from dure_client import dure_verify
from rewards import tasks
from rewards.dividends import city
from rewards.dividends.services import pay
from rewards.ledger.accounts import wallet_key
from rewards.ledger.integrity import check_ledger
from rewards.ledger.selectors import posted
from rewards.models import BulkBatch, BulkState, Dividend, Licence
from tests import cast
from tests.rewards.dividends.test_dividends import agreed, settled_city
from tests.rewards.money import CLERK, paid_by_two

pytestmark = pytest.mark.django_db

PEOPLE = (cast.mina, cast.joon, cast.charlie)


def test_a_dividend_for_a_city_gives_everybody_what_a_small_one_gives(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settled_city()
    small = paid_by_two(agreed().id)
    pay(acting=CLERK, dividend_id=Dividend.objects.get(licence=small).id)
    wallets = [wallet_key(person().party_id, "KRW") for person in PEOPLE]
    once = [posted(key) for key in wallets]
    monkeypatch.setattr(city, "CITY_FROM", 1)
    large = paid_by_two(agreed().id)
    assert [posted(key) for key in wallets] == once
    tasks.sweep_bulk()
    batch = BulkBatch.objects.get()
    assert (batch.state, batch.reference) == (BulkState.POSTED, f"licence:{large.id}")
    assert [posted(key) for key in wallets] == [2 * amount for amount in once]
    assert check_ledger()["ok"] is True


def paid_to(people: str, monkeypatch: pytest.MonkeyPatch) -> Licence:
    """A licence whose dividend is paid, as that of a few or of a whole city."""
    settled_city()
    if people == "city":
        monkeypatch.setattr(city, "CITY_FROM", 1)
    licence = paid_by_two(agreed().id)
    tasks.sweep_bulk()
    for dividend in Dividend.objects.filter(licence=licence):
        pay(acting=CLERK, dividend_id=dividend.id)
    return licence


def signed_in(person: Callable[[], Person]) -> Client:
    client = Client()
    client.force_login(person())
    return client


@pytest.mark.parametrize("people", ["few", "city"])
def test_each_person_finds_the_way_from_the_wallet_to_a_proof_that_an_outsider_can_check(
    people: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    licence = paid_to(people, monkeypatch)
    for person in PEOPLE:
        client = signed_in(person)
        lines = client.get("/api/v1/wallet/entries/").json()["results"]
        (line,) = [line for line in lines if line["kind"] == "dividend"]
        assert line["licence"] == str(licence.id)
        assert all(other["licence"] is None for other in lines if other is not line)
        shown = client.get(f"/api/v1/licences/{line['licence']}/dividend/").json()
        assert (shown["own"]["amount"], shown["state"]) == (line["amount"], "paid")
        said = dure_verify.check_share(shown, shown["merkle_root"])
        assert shown["own"]["line"]["amount"] in said
        with pytest.raises(dure_verify.Tampered):
            dure_verify.check_share(shown, "00" * 32)
        shown["own"]["line"]["amount"] = "1"
        with pytest.raises(dure_verify.Tampered):
            dure_verify.check_share(shown, "")
        why = f"/en/wallet/dividends/{licence.id}/?party={person().party_id}"
        assert why in client.get("/en/wallet/").content.decode()
        page = client.get(why).content.decode()
        assert f"/licences/{licence.id}/dividend/?party={person().party_id}" in page


@pytest.mark.parametrize("people", ["few", "city"])
def test_nobody_sees_the_line_of_another(people: str, monkeypatch: pytest.MonkeyPatch) -> None:
    licence = paid_to(people, monkeypatch)
    address = f"/api/v1/licences/{licence.id}/dividend/"
    seo = signed_in(cast.seo)
    assert seo.get(address).json()["own"] is None
    assert seo.get(f"{address}?party={cast.mina().party_id}").status_code == 404
    assert signed_in(cast.joon).get(f"{address}?party={cast.mina().party_id}").status_code == 404
    unknown = "00000000-0000-4000-8000-000000000000"
    assert seo.get(f"/api/v1/licences/{unknown}/dividend/").status_code == 404
    with pytest.raises(dure_verify.Unverifiable):
        dure_verify.check_share(seo.get(address).json(), "")

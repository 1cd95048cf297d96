"""Licences over HTTP: who sees and does what."""

from __future__ import annotations

import pytest

from rewards.tasks import pay_dividends
from tests import cast
from tests.rewards.city import SLUG
from tests.rewards.dividends.test_dividends import settled_city

pytestmark = pytest.mark.django_db

ASKED = {
    "call": SLUG,
    "purpose": "commercial",
    "people": 900,
    "turnover": 90_000_000,
    "balance": 80_000_000,
}


def test_a_firm_agrees_pays_and_the_residents_find_it_in_their_wallets() -> None:
    settled_city()
    hana = cast.api(cast.hana(), cast.hanbit())
    kang, lim, mina = (cast.api(each()) for each in (cast.kang, cast.lim, cast.mina))
    quote = hana.post("/api/v1/licences/quote/", ASKED, format="json").json()
    asked = {**ASKED, "party": str(cast.hanbit().party_id)}
    made = hana.post("/api/v1/licences/", asked, format="json")
    assert (made.status_code, made.json()["quote"], made.json()["state"]) == (201, quote, "agreed")
    address = made["Location"]
    assert hana.post(f"{address}payment/").status_code == 403
    assert mina.get(f"{address}dividend/").status_code == 404
    noted = kang.post(f"{address}payment/").json()
    assert (noted["state"], noted["noted_at"] is None) == ("agreed", False)
    assert kang.post(f"{address}payment/").status_code == 403
    assert lim.post(f"{address}payment/").json()["state"] == "paid"
    assert kang.post(f"{address}payment/").status_code == 409
    pay_dividends()
    own = mina.get(f"{address}dividend/").json()
    assert own["state"] == "paid"
    won = {row["asset"]: row for row in mina.get("/api/v1/wallet/").json()["balances"]}["KRW"]
    assert won["confirmed"] == own["own"]["amount"] != "0"
    assert hana.get(f"{address}dividend/").json()["own"] is None


def test_a_small_firm_pays_direct_costs_only_unless_it_belongs_to_a_large_one() -> None:
    settled_city()
    hana = cast.api(cast.hana(), cast.hanbit())
    small = {**ASKED, "people": 10, "turnover": 1, "balance": 1}
    group = [{"people": 900, "turnover": 90_000_000, "balance": 80_000_000, "share": "0.6"}]
    alone = hana.post("/api/v1/licences/quote/", small, format="json").json()
    linked = hana.post("/api/v1/licences/quote/", {**small, "others": group}, format="json").json()
    assert (alone["reduced"], linked["reduced"]) == (True, False)
    assert {line["key"] for line in alone["lines"]} == {"direct.preparation", "direct.delivery"}


def test_an_agreement_keeps_what_the_firm_told_of_its_size() -> None:
    settled_city()
    hana = cast.api(cast.hana(), cast.hanbit())
    group = [{"people": 900, "turnover": 90_000_000, "balance": 80_000_000, "share": "0.60"}]
    asked = {**ASKED, "people": 10, "others": group, "currency": "KRW"}
    made = hana.post("/api/v1/licences/", {**asked, "party": str(cast.hanbit().party_id)}, "json")
    told = {name: asked[name] for name in ("purpose", "currency", "people", "turnover", "balance")}
    assert made.json()["quote"]["asker"] == {**told, "others": [{**group[0], "share": "0.6"}]}
    (kept,) = hana.get("/api/v1/licences/").json()["results"]
    assert kept["quote"] == made.json()["quote"]


def test_who_sends_the_same_agreement_twice_owes_once() -> None:
    settled_city()
    hana, hanbit = cast.api(cast.hana(), cast.hanbit()), str(cast.hanbit().party_id)
    asked = {**ASKED, "party": hanbit}
    first = hana.post("/api/v1/licences/", asked, format="json")
    again = hana.post("/api/v1/licences/", asked, format="json")
    assert (again.status_code, again.json()) == (201, first.json())
    other = hana.post("/api/v1/licences/", {**asked, "people": 901}, format="json")
    assert other.json()["id"] != first.json()["id"]
    cast.api(cast.kang()).post(f"{first['Location']}payment/")
    later = hana.post("/api/v1/licences/", asked, format="json")
    assert later.json()["id"] != first.json()["id"]


def test_sizes_beyond_every_firm_are_refused_as_on_the_page() -> None:
    settled_city()
    hana = cast.api(cast.hana(), cast.hanbit())
    one = {"people": 1, "turnover": 1, "balance": 1, "share": "0.5"}
    for wrong in (
        {"turnover": 10**400},
        {"others": [one] * 21},
        {"others": [{**one, "people": 10**16}]},
    ):
        answer = hana.post("/api/v1/licences/quote/", {**ASKED, **wrong}, format="json")
        assert (answer.status_code, len(answer.json()["errors"])) == (400, 1)


def test_strangers_and_neighbours_see_no_licence() -> None:
    settled_city()
    hana, charlie = cast.api(cast.hana(), cast.hanbit()), cast.api(cast.charlie())
    asked = {**ASKED, "party": str(cast.hanbit().party_id)}
    address = hana.post("/api/v1/licences/", asked, format="json")["Location"]
    assert charlie.get(address).status_code == 404
    assert charlie.get(f"{address}invoice/").status_code == 404
    invoice = hana.get(f"{address}invoice/").json()
    assert sum(float(line["amount"]) for line in invoice["lines"]) == float(invoice["total"])
    assert invoice["number"].startswith("L-")
    assert charlie.get("/api/v1/licences/").json()["results"] == []
    assert charlie.post("/api/v1/licences/", asked, format="json").status_code == 404
    assert len(hana.get("/api/v1/licences/").json()["results"]) == 1
    for path in ("/api/v1/licences/", address, f"{address}dividend/"):
        assert cast.api().get(path).status_code == 401
    assert cast.api().post("/api/v1/licences/quote/", ASKED, format="json").status_code == 401


@pytest.mark.parametrize("wrong", [{"call": "nothing-here"}, {"purpose": "fun"}, {"people": -1}])
def test_what_cannot_be_quoted_is_refused(wrong: dict[str, object]) -> None:
    settled_city()
    answer = cast.api(cast.hana(), cast.hanbit()).post(
        "/api/v1/licences/quote/", {**ASKED, **wrong}, format="json"
    )
    assert answer.status_code in {400, 404}

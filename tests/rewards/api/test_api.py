"""The doors of this room: who gets in, what they find, and who is turned away."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from dure.accounts.models import Person
from dure.core.canonical import sha256_hex
from dure.core.models import OutboxEvent
from dure.core.money import SUB_UNITS
from governance.log.services import sequence
from governance.models import LogEntry
from rewards.epochs.replay import replay
from rewards.epochs.services import approve_epoch, close_epoch
from rewards.ledger.selectors import balance
from rewards.models import Epoch, Hold, Redemption, Transfer
from tests import cast
from tests.rewards.city import SLUG, contribution, dobong, published_call
from tests.rewards.money import wallet

#: The same in every process of a parallel run, which collects the tests by name.
NOBODY = "00000000-0000-4000-8000-000000000000"

pytestmark = pytest.mark.django_db

REDEMPTION = {"asset": "KRW", "amount": "100", "rail": "bank", "destination": "088-110123456789"}


def settled(person: Person | None = None) -> tuple[Epoch, str]:
    """An approved epoch in which somebody earned; and the receipt."""
    call = published_call()
    made = contribution(call, (person or cast.mina()).party_id, dobong(10), accepted=10)
    epoch = close_epoch(acting=cast.actor(cast.kang()), call_slug=SLUG)
    return approve_epoch(acting=cast.actor(cast.lim()), epoch=epoch), made.receipt


def refusal(response: Any) -> tuple[int, str]:  # Any: a test client's response
    assert response.headers["Content-Type"].startswith("application/problem+json")
    return response.status_code, response.json()["type"].rstrip("/").rsplit("/", 1)[-1]


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("get", "wallet/"),
        ("get", "wallet/entries/"),
        ("get", "redemptions/"),
        ("post", "redemptions/"),
        ("get", f"redemptions/{NOBODY}/"),
        ("post", "epochs/"),
        ("post", f"epochs/{NOBODY}/approval/"),
        ("get", "contributions/D-2026-00000000/reward/"),
    ],
)
def test_a_stranger_is_asked_to_sign_in(method: str, address: str) -> None:
    response = getattr(cast.api(), method)(f"/api/v1/{address}")
    assert refusal(response)[0] == 401


def test_mina_reads_her_wallet_and_its_entries() -> None:
    epoch, receipt = settled()
    mina = cast.api(cast.mina())
    balances = {b["asset"]: b for b in mina.get("/api/v1/wallet/").json()["balances"]}
    assert balances["DURE"] == {
        "asset": "DURE",
        "pending": "0",
        "confirmed": "66.666666",
        "paid": "0",
    }
    statement = mina.get("/api/v1/wallet/entries/").json()
    assert set(statement) == {"results", "next", "previous"}
    (entry,) = statement["results"]
    assert (entry["amount"], entry["balance"], entry["kind"]) == (
        "66.666666",
        "66.666666",
        "reward",
    )
    assert (entry["receipt"], entry["reference"]) == (receipt, f"epoch:{epoch.id}")


def test_the_statement_is_read_page_by_page() -> None:
    for _ in range(5):
        wallet(cast.mina(), 1)
    mina = cast.api(cast.mina())
    first = mina.get("/api/v1/wallet/entries/?limit=2").json()
    second = mina.get(first["next"]).json()
    third = mina.get(second["next"]).json()
    seen = [e["balance"] for page in (first, second, third) for e in page["results"]]
    assert seen == ["5", "4", "3", "2", "1"]
    assert third["next"] is None


def test_charlie_sees_an_empty_wallet_and_nothing_of_mina() -> None:
    _, receipt = settled()
    charlie = cast.api(cast.charlie())
    assert charlie.get("/api/v1/wallet/entries/").json()["results"] == []
    assert refusal(charlie.get(f"/api/v1/contributions/{receipt}/reward/"))[0] == 404
    assert refusal(charlie.get("/api/v1/contributions/D-2026-00000000/reward/"))[0] == 404
    party = cast.mina().party_id
    for address in (f"wallet/?party={party}", f"wallet/entries/?party={party}", "wallet/?party=x"):
        assert refusal(charlie.get(f"/api/v1/{address}"))[0] == 404


def test_hana_reads_the_wallet_of_the_firm_she_works_for() -> None:
    firm, hana = cast.hanbit(), cast.hana()
    client = cast.api(hana, firm)
    assert client.get("/api/v1/wallet/").status_code == 200


def test_the_reward_of_a_contribution_is_told_to_its_owner() -> None:
    _, receipt = settled()
    document = cast.api(cast.mina()).get(f"/api/v1/contributions/{receipt}/reward/").json()
    assert (document["reward"], document["state"]) == ("66.666666", "approved")
    assert document["ledger"]["amount"] == "66.666666"
    assert [line["amount"] for line in document["lines"]] == ["66.666666"]


def test_anybody_reads_epochs_and_replays_the_manifest() -> None:
    epoch, _ = settled()
    anyone = cast.api()
    listed = anyone.get(f"/api/v1/epochs/?call={SLUG}").json()["results"]
    assert [(e["number"], e["state"]) for e in listed] == [(2, "open"), (1, "approved")]
    document = anyone.get(f"/api/v1/epochs/{epoch.id}/").json()
    assert document["total"] == "66.666666"
    assert document["log"] == {"closed": None, "approved": None}
    sequence()
    places = anyone.get(f"/api/v1/epochs/{epoch.id}/").json()["log"]
    assert places["closed"] < places["approved"]
    manifest = anyone.get(f"/api/v1/epochs/{epoch.id}/manifest/")
    assert manifest.headers["Content-Type"] == "application/json"
    assert sha256_hex(manifest.content) == document["manifest_sha256"]
    assert replay(manifest.content) == manifest.content
    assert json.loads(manifest.content)["epoch"]["id"] == str(epoch.id)


def test_there_is_no_manifest_of_a_running_or_unknown_epoch() -> None:
    published_call()
    running = Epoch.objects.get()
    for address in (f"{running.id}/manifest/", f"{uuid4()}/manifest/", f"{uuid4()}/"):
        assert refusal(cast.api().get(f"/api/v1/epochs/{address}"))[0] == 404


def test_kang_closes_and_lim_approves_over_http() -> None:
    call = published_call()
    contribution(call, cast.mina().party_id, dobong(10), accepted=10)
    kang, lim, charlie = (cast.api(p()) for p in (cast.kang, cast.lim, cast.charlie))
    assert refusal(charlie.post("/api/v1/epochs/", {"call": SLUG}))[0] == 403
    closed = kang.post("/api/v1/epochs/", {"call": SLUG})
    assert closed.status_code == 201
    assert closed.json()["state"] == "closed"
    address = f"{closed.headers['Location']}approval/"
    assert refusal(kang.post(address)) == (403, "epoch-needs-second-person")
    assert refusal(charlie.post(address))[0] == 403
    assert lim.post(address).json()["state"] == "approved"
    assert refusal(lim.post(address)) == (409, "epoch-not-waiting")
    assert refusal(kang.post("/api/v1/epochs/", {"call": SLUG})) == (409, "epoch-is-empty")
    assert refusal(kang.post("/api/v1/epochs/", {}))[0] == 400
    assert refusal(kang.post("/api/v1/epochs/", {"call": "nothing"}))[0] == 404


def redeem(client: APIClient, key: str, **changes: str) -> Any:  # Any: a response
    return client.post(
        "/api/v1/redemptions/", {**REDEMPTION, **changes}, headers={"idempotency-key": key}
    )


def test_a_redemption_sent_twice_holds_once() -> None:
    wallet(cast.mina(), 500, "KRW")
    mina = cast.api(cast.mina())
    first, again = redeem(mina, "k1"), redeem(mina, "k1")
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert "destination" not in first.json()
    assert Redemption.objects.get().amount == 100 * SUB_UNITS
    assert refusal(redeem(mina, "k1", amount="200")) == (422, "idempotency-key-reused")
    listed = mina.get("/api/v1/redemptions/").json()["results"]
    assert [r["state"] for r in listed] == ["held"]
    assert mina.get(first.headers["Location"]).json() == first.json()


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"amount": "-1"}, 400),
        ({"amount": "1e3"}, 400),
        ({"amount": "0"}, 400),
        ({"amount": "0.5"}, 422),
        ({"amount": "501"}, 409),
        ({"amount": "1.0000001"}, 400),
        ({"amount": "９"}, 400),
        ({"amount": "NaN"}, 400),
        ({"amount": "9000000000000"}, 409),
        ({"amount": "9" * 14}, 400),
        ({"asset": "DURE"}, 409),
        ({"asset": "USD"}, 400),
        ({"rail": "cash"}, 400),
        ({"destination": "?"}, 400),
    ],
)
def test_a_redemption_that_cannot_be_is_refused(changes: dict[str, str], status: int) -> None:
    account, mina = wallet(cast.mina(), 500, "KRW"), cast.api(cast.mina())
    before = (Transfer.objects.count(), LogEntry.objects.count(), OutboxEvent.objects.count())
    assert refusal(redeem(mina, "k", **changes))[0] == status
    assert (Redemption.objects.count(), Hold.objects.count()) == (0, 0)
    assert before == (
        Transfer.objects.count(),
        LogEntry.objects.count(),
        OutboxEvent.objects.count(),
    )
    assert balance(account).spendable == 500 * SUB_UNITS


def test_charlie_cannot_read_minas_redemption() -> None:
    wallet(cast.mina(), 500, "KRW")
    address = redeem(cast.api(cast.mina()), "k").headers["Location"]
    charlie = cast.api(cast.charlie())
    assert refusal(charlie.get(address))[0] == 404
    assert charlie.get("/api/v1/redemptions/").json()["results"] == []
    party = cast.mina().party_id
    assert refusal(charlie.post(f"/api/v1/redemptions/?party={party}", REDEMPTION))[0] == 404

"""Notices are everybody's to read; decisions are the person's own."""

from __future__ import annotations

from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from dure.core import signing
from governance.consent import services
from governance.consent.data_integrity import is_intact
from governance.log.services import sequence
from governance.models import Notice
from tests.cast import actor, api, charlie, hana, hanbit, kang, mina

pytestmark = pytest.mark.django_db


@pytest.fixture
def notice() -> Notice:
    return publish("city-ai")


def publish(purpose: str, *, scope: str = "air-daily", en: str = "Used for research.") -> Notice:
    return services.publish_notice(
        acting=actor(kang()),
        scope=scope,
        purpose=purpose,
        required=True,
        text={"ko": "연구에 이용합니다.", "en": en},
        retention_days=365,
    )


def give(client: APIClient, notice: Notice, **more: object) -> dict[str, object]:
    response = client.post("/api/v1/consents/", {"notice": str(notice.id), "granted": True, **more})
    assert response.status_code == 201, response.content
    document: dict[str, object] = response.json()
    return document


def test_a_stranger_reads_the_newest_notices(notice: Notice) -> None:
    newer = publish("city-ai", en="Used for research only.")
    other = publish("city-ai", scope="noise")
    everything = api().get("/api/v1/notices/").json()
    assert {row["id"] for row in everything["results"]} == {str(newer.id), str(other.id)}
    assert everything["next"] is None
    one = api().get("/api/v1/notices/", {"scope": "air-daily"}).json()["results"]
    assert [(row["id"], row["version"]) for row in one] == [(str(newer.id), 2)]
    assert one[0]["text"]["ko"] == "연구에 이용합니다."


def test_a_decision_goes_round(notice: Notice) -> None:
    client = api(mina())
    consent = give(client, notice, language="en")
    assert (consent["state"], consent["scope"], consent["purpose"]) == (
        "given",
        "air-daily",
        "city-ai",
    )
    sequence()
    (listed,) = client.get("/api/v1/consents/").json()["results"]
    assert listed["id"] == consent["id"]
    assert listed["events"][0]["language"] == "en"
    assert isinstance(listed["events"][0]["log"]["index"], int)
    withdrawn = client.post(f"/api/v1/consents/{consent['id']}/withdrawal/")
    assert withdrawn.status_code == 200
    assert withdrawn.json()["state"] == "withdrawn"


def test_the_receipt_is_json_ld_and_intact(notice: Notice) -> None:
    client = api(mina())
    consent = give(client, notice)
    response = client.get(f"/api/v1/consents/{consent['id']}/receipt/")
    assert response["Content-Type"] == "application/ld+json"
    assert is_intact(response.json(), public_key=signing.public_key("receipt"))


def test_a_decision_is_proven_to_its_person_alone(notice: Notice) -> None:
    client = api(mina())
    consent = give(client, notice)
    address = f"/api/v1/consents/{consent['id']}/proof/"
    assert client.get(address).status_code == 404
    sequence()
    proof = client.get(address).json()
    assert proof["entry"]["type"] == "consent.given"
    assert proof["entry"]["leaf_hash"] == proof["proof"]["leaf_hash"]
    assert f"\n{proof['proof']['size']}\n" in proof["checkpoint"]
    values = {opening["part"]: opening["value"] for opening in proof["openings"]}
    assert values == {"actor": f"person:{mina().id}", "subject": f"party:{mina().party_id}"}
    assert api().get(address).status_code == 401
    assert api(charlie()).get(address).status_code == 404


def test_a_stranger_is_refused(notice: Notice) -> None:
    consent = give(api(mina()), notice)
    stranger = api()
    for response in (
        stranger.get("/api/v1/consents/"),
        stranger.post("/api/v1/consents/", {"notice": str(notice.id), "granted": True}),
        stranger.post(f"/api/v1/consents/{consent['id']}/withdrawal/"),
        stranger.get(f"/api/v1/consents/{consent['id']}/receipt/"),
    ):
        assert response.status_code == 401
        assert response["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("cast_member", [charlie, kang])
def test_a_neighbour_and_an_operator_see_nothing(notice: Notice, cast_member: type) -> None:
    consent = give(api(mina()), notice)
    neighbour = api(cast_member())
    assert neighbour.get("/api/v1/consents/").json()["results"] == []
    foreign = [
        neighbour.post(f"/api/v1/consents/{consent['id']}/withdrawal/"),
        neighbour.get(f"/api/v1/consents/{consent['id']}/receipt/"),
        neighbour.post(
            "/api/v1/consents/",
            {"notice": str(notice.id), "granted": True, "party": consent["party"]},
        ),
    ]
    unknown = [
        neighbour.post(f"/api/v1/consents/{uuid4()}/withdrawal/"),
        neighbour.get(f"/api/v1/consents/{uuid4()}/receipt/"),
    ]
    assert {response.status_code for response in [*foreign, *unknown]} == {404}
    assert foreign[0].json() == unknown[0].json()


def test_a_firms_key_decides_for_the_firm(notice: Notice) -> None:
    firm = hanbit()
    consent = give(api(hana(), firm), notice)
    assert consent["party"] == str(firm.party_id)
    assert api(hana()).get("/api/v1/consents/").json()["results"] == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "notice"),
        ({"notice": "x", "granted": True}, "notice"),
        ({"notice": str(uuid4())}, "granted"),
        ({"notice": str(uuid4()), "granted": True, "language": "fr"}, "language"),
    ],
)
def test_an_unclear_decision_is_none(body: dict[str, object], field: str) -> None:
    response = api(mina()).post("/api/v1/consents/", body)
    assert response.status_code == 400
    assert field in {error["field"] for error in response.json()["errors"]}


def test_unknown_and_replaced_notices_cannot_be_answered(notice: Notice) -> None:
    client = api(mina())
    unknown = client.post("/api/v1/consents/", {"notice": str(uuid4()), "granted": True})
    assert unknown.status_code == 404
    publish("city-ai", en="Another text.")
    replaced = client.post("/api/v1/consents/", {"notice": str(notice.id), "granted": True})
    assert replaced.status_code == 409
    assert replaced.json()["type"] == "/developers/errors/notice-superseded/"


def test_a_refusal_cannot_be_withdrawn(notice: Notice) -> None:
    client = api(mina())
    refused = client.post("/api/v1/consents/", {"notice": str(notice.id), "granted": False}).json()
    assert refused["state"] == "refused"
    assert client.post(f"/api/v1/consents/{refused['id']}/withdrawal/").status_code == 409


def test_lists_cost_the_same_however_long(
    notice: Notice, django_assert_max_num_queries: type
) -> None:
    client = api(mina())
    give(client, notice)
    for purpose in ("research", "maps", "noise"):
        give(client, publish(purpose))
    client.get("/api/v1/consents/")
    with django_assert_max_num_queries(9):
        assert len(client.get("/api/v1/consents/").json()["results"]) == 4

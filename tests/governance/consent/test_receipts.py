"""Every event yields a signed receipt with every field that the specifications make mandatory."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings
from django.utils import translation

from dure.core import signing
from dure.core.canonical import Json
from dure.core.problems import Problem
from dure_client import dure_verify
from governance.consent import endings, services
from governance.consent.data_integrity import is_intact
from governance.models import Consent, Notice
from tests.cast import actor, api, charlie, kang, mina

pytestmark = pytest.mark.django_db
LAB: dict[str, Json] = {"key": "han-lab", "name": {"ko": "한강연구소", "en": "Han Lab"}}
Receipt = dict[str, Any]


AIR: tuple[dict[str, str], ...] = ({"ko": "공기질 측정값", "en": "air measurements"},)


def notice(lab: dict[str, Json] = LAB, data: tuple[dict[str, str], ...] = AIR) -> Notice:
    return services.publish_notice(
        acting=actor(kang()),
        scope="air-daily",
        purpose="sharing",
        required=False,
        text={"ko": "한강연구소에 제공합니다.", "en": "Given to Han Lab."},
        retention_days=365,
        recipients=(lab,),
        data=data,
    )


def given(
    recipient: str = "han-lab",
    lab: dict[str, Json] = LAB,
    data: tuple[dict[str, str], ...] = AIR,
) -> Consent:
    return services.decide(
        acting=actor(mina()),
        party_id=mina().party_id,
        notice=notice(lab, data),
        granted=True,
        language="ko",
        recipient=recipient,
    )


def without_repeats(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    assert len({name for name, _ in pairs}) == len(pairs)
    return dict(pairs)


def receipt(consent: Consent, **query: str | int) -> Receipt:
    answer = api(mina()).get(f"/api/v1/consents/{consent.id}/receipt/", query)
    assert answer.status_code == 200, answer.content
    found: Receipt = json.loads(answer.content, object_pairs_hook=without_repeats)
    return found


def process(document: Receipt) -> Receipt:
    (only,) = document["dpv:hasRecord"]["dpv:hasProcess"]
    found: Receipt = only
    return found


def event(document: Receipt) -> Receipt:
    found: Receipt = document["dpv:hasRecord"]["dpv:hasConsentStatus"][-1]
    return found


# ISO/IEC TS 27560:2023, mandatory fields in the order of governance's reference.
MANDATORY: dict[str, Callable[[Receipt], object]] = {
    "schema version": lambda r: r["dct:hasVersion"] and r["dct:conformsTo"],
    "record id": lambda r: r["dpv:hasRecord"]["dct:identifier"],
    "receipt id": lambda r: r["dct:identifier"],
    "PII principal id": lambda r: r["dpv:hasRecord"]["dpv:hasDataSubject"]["@id"],
    "privacy notice": lambda r: process(r)["dpv:hasNotice"]["@id"],
    "language": lambda r: process(r)["dpv:hasNotice"]["dct:language"],
    "purpose": lambda r: process(r)["dpv:hasPurpose"]["dct:title"],
    "PII information": lambda r: process(r)["dpv:hasPersonalData"][0]["dct:title"],
    "PII controllers": lambda r: process(r)["dpv:hasDataController"]["@id"],
    "storage locations": lambda r: process(r)["dpv:hasStorageCondition"]["dpv:hasLocation"],
    "retention period": lambda r: process(r)["dpv:hasStorageCondition"]["dpv:hasDuration"],
    "jurisdiction": lambda r: r["dpv:hasRecord"]["dpv:hasJurisdiction"],
    "recipient third parties": lambda r: process(r)["dpv:hasRecipientThirdParty"][0]["dpv:hasName"],
    "withdrawal method": lambda r: process(r)["dpv:hasConsentControl"]["dpv:isExercisedAt"],
    "PII type": lambda r: process(r)["dpv:hasPersonalData"][0]["@type"],
    "party id": lambda r: process(r)["dpv:hasDataController"]["dpv:hasIdentifier"],
    "party address": lambda r: process(r)["dpv:hasDataController"]["dpv:hasAddress"],
    "party name": lambda r: process(r)["dpv:hasDataController"]["dpv:hasName"],
    "party contact": lambda r: process(r)["dpv:hasDataController"]["dpv:hasContact"],
    "party type": lambda r: process(r)["dpv:hasDataController"]["@type"],
    "event time": lambda r: event(r)["dpv:isIndicatedAtTime"],
    "validity duration": lambda r: event(r)["dpv:hasDuration"],
    "entity id": lambda r: event(r)["dpv:isIndicatedBy"]["@id"],
    "event type": lambda r: event(r)["dct:type"],
    "event state": lambda r: event(r)["dure:state"],
}


def test_all_25_mandatory_fields_of_27560_are_filled() -> None:
    document = receipt(given())
    assert len(MANDATORY) == 25
    assert [name for name, read in MANDATORY.items() if not read(document)] == []
    assert document["dure:profile"] == "dpv-27560:receipt"
    assert process(document)["dpv:hasRecipientThirdParty"][0]["dpv:hasName"] == "한강연구소"
    assert process(document)["dpv:hasPersonalData"][0]["dct:title"] == "공기질 측정값"
    assert process(receipt(given("")))["dpv:hasRecipientThirdParty"] == []


PARTY = ("@id", "@type", "dpv:hasIdentifier", "dpv:hasName", "dpv:hasAddress", "dpv:hasContact")


def test_every_party_is_named_and_reached_and_every_event_has_its_entity() -> None:
    reached: dict[str, Json] = {
        **LAB,
        "address": "서울 강북구 한천로 1",
        "contact": "lab@han.example",
    }
    third = process(receipt(given("han-lab", reached)))["dpv:hasRecipientThirdParty"][0]
    assert third["dpv:hasContact"] == "mailto:lab@han.example"
    assert third["dpv:hasAddress"] == "서울 강북구 한천로 1"
    unreached = process(receipt(given()))
    for party in (unreached["dpv:hasDataController"], *unreached["dpv:hasRecipientThirdParty"]):
        assert [name for name in PARTY if not party.get(name)] == []
    consent = given()
    services.withdraw(acting=actor(mina()), consent=consent)
    given()
    endings.end_consent(acting=actor(kang()), consent=consent, ground="legal-ban", reason="법령")
    stated = receipt(consent)["dpv:hasRecord"]["dpv:hasConsentStatus"]
    assert all(each["dpv:isIndicatedBy"]["@id"] for each in stated)


def test_nothing_has_the_identifier_of_another_thing_and_things_are_no_texts() -> None:
    kinds: tuple[dict[str, str], ...] = (
        {"ko": "측정값", "en": "values"},
        {"ko": "때", "en": "times"},
    )
    document = receipt(given(data=kinds))
    named = [each["@id"] for each in process(document)["dpv:hasPersonalData"]]
    assert len(set(named)) == len(named) == 2
    context = document["@context"][0]
    for term in ("dpv:hasLegalBasis", "dpv:hasJurisdiction", "dpv:hasLocation", "dpv:hasContact"):
        assert context[term] == {"@id": term, "@type": "@id"}
    services.withdraw(acting=actor(mina()), consent=Consent.objects.get())
    last = event(receipt(Consent.objects.get()))
    assert last["dpv:hasDuration"] == {"@id": "dpv:UntilEventDuration"}


@pytest.mark.parametrize("name", ["address", "contact"])
def test_what_reaches_a_recipient_is_short(name: str) -> None:
    with pytest.raises(Problem, match="notice-unfit"):
        notice({**LAB, name: "a" * 201})


def test_each_event_has_a_receipt_of_its_own_that_stays() -> None:
    consent = given()
    first = receipt(consent)
    services.withdraw(acting=actor(mina()), consent=consent)
    given()
    endings.end_consent(acting=actor(kang()), consent=consent, ground="legal-ban", reason="법령")
    assert receipt(consent, event=1) == first
    types = [event(receipt(consent, event=number))["@type"] for number in (1, 2, 3, 4)]
    assert types == [
        "dpv:ConsentGiven",
        "dpv:ConsentWithdrawn",
        "dpv:ConsentGiven",
        "dpv:ConsentRevoked",
    ]
    latest = event(receipt(consent))
    assert latest["dpv:isIndicatedBy"]["dure:role"] == "city"
    assert latest["dure:ground"] == "legal-ban"
    key = signing.public_key("receipt")
    assert all(is_intact(receipt(consent, event=n), public_key=key) for n in (1, 2, 3, 4))


@pytest.mark.parametrize("profile", ["dpv-27560", "kantara-1.1"])
def test_strangers_and_neighbours_get_no_receipt(profile: str) -> None:
    path = f"/api/v1/consents/{given().id}/receipt/"
    assert api().get(path, {"profile": profile}).status_code == 401
    assert api(charlie()).get(path, {"profile": profile}).status_code == 404
    assert api(mina()).get(path, {"profile": profile, "event": "7"}).status_code == 404
    assert api(mina()).get(path, {"profile": "other"}).status_code == 400


def test_the_kantara_receipt_has_every_required_field() -> None:
    consent = given()
    document = receipt(consent, profile="kantara-1.1")
    assert document["version"] == "KI-CR-v1.1.0"
    required = {
        "version", "jurisdiction", "consentTimestamp", "collectionMethod", "consentReceiptID",
        "piiPrincipalId", "piiControllers", "services", "policyUrl", "sensitive", "spiCat",
    }  # fmt: skip
    assert required <= set(document)
    assert document["consentTimestamp"] == int(consent.latest.decided_at.timestamp())
    assert uuid.UUID(document["consentReceiptID"]) == consent.latest.id
    assert (document["sensitive"], document["spiCat"]) == (False, [])
    (controller,) = document["piiControllers"]
    assert all(controller[name] for name in ("piiController", "contact", "address", "email"))
    ((service,), (purpose,)) = (
        document["services"],
        document["services"][0]["purposes"],
    )
    assert service["service"] == "air-daily"
    assert purpose["consentType"] == "EXPLICIT"
    assert purpose["piiCategory"] == ["공기질 측정값"]
    assert purpose["termination"]
    assert (purpose["thirdPartyDisclosure"], purpose["thirdPartyName"]) == (True, "한강연구소")
    (own,) = receipt(given(""), profile="kantara-1.1")["services"][0]["purposes"]
    assert own["thirdPartyDisclosure"] is False
    assert "thirdPartyName" not in own


@pytest.mark.parametrize("profile", ["dpv-27560", "kantara-1.1"])
def test_both_receipts_are_verified_without_the_city(profile: str, tmp_path: Path) -> None:
    consent = given()
    document = receipt(consent, profile=profile)
    keys = api().get("/api/v1/log/keys/").json()
    key = ["--key", keys["receipt_public_key"]]
    file = tmp_path / "receipt.json"
    file.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    assert dure_verify.main(["receipt", str(file), *key]) == 0
    assert dure_verify.main(["receipt", str(file)]) == 2
    text = json.dumps({**document, "jurisdiction": "EU"}, ensure_ascii=False)
    file.write_text(text, encoding="utf-8")
    assert dure_verify.main(["receipt", str(file), *key]) == 1


def test_receipts_name_the_controller_as_the_portal_does_in_the_language_of_the_decision() -> None:
    """Whoever reads it, in whatever language: a receipt is the same bytes each time."""
    consent = given()
    for language in ("ko", "en"):
        with translation.override(language):
            named = process(receipt(consent))["dpv:hasDataController"]["dpv:hasName"]
            (controller,) = receipt(consent, profile="kantara-1.1")["piiControllers"]
            assert (named, controller["piiController"]) == ("두레", "두레")
    with override_settings(ORGANISATION="새빛시"):
        named = process(receipt(consent))["dpv:hasDataController"]["dpv:hasName"]
        (controller,) = receipt(consent, profile="kantara-1.1")["piiControllers"]
        assert (named, controller["piiController"]) == ("새빛시", "새빛시")

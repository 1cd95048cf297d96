"""News from the ground reaches the log; a person gets out what governance holds."""

from __future__ import annotations

import json

import pytest
from django.db import transaction

from dure.core import outbox
from governance.consent import services as consent
from governance.log.selectors import proof_document
from governance.log.services import sequence
from governance.models import LogEntry, LogOpening
from governance.registries import data_holders
from tests.cast import actor, api, kang, mina

pytestmark = pytest.mark.django_db


def test_roles_and_keys_are_logged_without_naming_anybody() -> None:
    person = kang()
    api(person)
    outbox.drain()
    outbox.drain()
    entries = LogEntry.objects.order_by("origin_seq")
    kinds = [entry.kind for entry in entries]
    assert kinds.count("role.granted") == 2
    assert kinds.count("api_key.issued") == 1
    roles = {
        json.loads(bytes(entry.body))["payload"].get("role")
        for entry in entries
        if entry.kind == "role.granted"
    }
    assert roles == {"operator", "approver"}
    for entry in entries:
        assert str(person.id) not in bytes(entry.body).decode()
        assert str(person.party_id) not in bytes(entry.body).decode()


def test_a_person_takes_out_decisions_receipts_and_openings() -> None:
    person = mina()
    with transaction.atomic():
        notice = consent.publish_notice(
            acting=actor(kang()),
            scope="air-daily",
            purpose="city-ai",
            required=True,
            text={"ko": "고지", "en": "Notice"},
            retention_days=30,
        )
        consent.decide(
            acting=actor(person),
            party_id=person.party_id,
            notice=notice,
            granted=True,
            language="ko",
        )
    sequence()
    holder = data_holders.get("governance")
    assert holder is not None
    export = holder.export(person.party_id)
    assert isinstance(export, dict)
    assert {name: len(rows) for name, rows in export.items()} == {
        "consents": 1,
        "receipts": 1,
        "openings": 2,
        "requests": 0,
        "objections": 0,
        "accesses": 0,
    }
    entry = LogEntry.objects.get(kind="consent.given")
    proof = proof_document(entry.id, owner=person.party_id)
    assert proof is not None
    assert {opening["part"] for opening in proof["openings"]} == {"actor", "subject"}
    assert proof["checkpoint"].count("\n\n") == 1
    holder.restrict(person.party_id)
    holder.erase(person.party_id)
    holder.erase(person.party_id)
    assert not LogOpening.objects.filter(owner=person.party_id).exists()
    assert LogEntry.objects.filter(kind="consent.given").exists()


def test_there_is_no_proof_before_an_entry_has_its_place() -> None:
    consent.publish_notice(
        acting=actor(kang()),
        scope="air-daily",
        purpose="city-ai",
        required=True,
        text={"ko": "고지", "en": "Notice"},
        retention_days=30,
    )
    assert proof_document(LogEntry.objects.get().id) is None

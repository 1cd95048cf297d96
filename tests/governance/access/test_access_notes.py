"""Whoever looks at somebody's data in the administration leaves a note for that person."""

from __future__ import annotations

import pytest
from django.contrib.admin import site
from django.test import Client

from dure.accounts.acting import Actor
from dure.accounts.roles import Role
from dure.accounts.services import create_person
from governance.access.selectors import accesses_of
from governance.access.services import note_access
from governance.admin import NotesAccess
from governance.consent import services as consent
from governance.models import AccessNote
from tests.cast import PASSWORD, actor, api, charlie, kang, log_in, mina

pytestmark = pytest.mark.django_db


def test_a_look_in_the_administration_is_shown_to_the_person(client: Client) -> None:
    admin = create_person(
        acting=Actor.system("tests"),
        email="admin@dure.example",
        name="Admin Surname",
        password=PASSWORD,
        roles=[Role.ADMIN],
    )
    notice = consent.publish_notice(
        acting=actor(kang()),
        scope="air-daily",
        purpose="city-ai",
        required=True,
        text={"ko": "고지", "en": "Notice"},
        retention_days=30,
    )
    given = consent.decide(
        acting=actor(mina()),
        party_id=mina().party_id,
        notice=notice,
        granted=True,
        language="ko",
    )
    log_in(client, admin)
    assert client.get("/admin/governance/consent/").status_code == 200
    assert not AccessNote.objects.exists()
    assert client.get(f"/admin/governance/consent/{given.id}/change/").status_code == 200
    (look,) = api(mina()).get("/api/v1/accesses/").json()["results"]
    assert (look["what"], look["why"], look["role"]) == ("consent", "administration", "admin")
    assert look["subject"] == str(given.id)
    assert "Surname" not in str(look)
    assert api(charlie()).get("/api/v1/accesses/").json()["results"] == []
    assert len(accesses_of(mina().party_id)) == 1


def test_looking_at_ones_own_leaves_no_note() -> None:
    for acting in (actor(mina()), Actor.system("worker")):
        note = note_access(acting=acting, party_id=mina().party_id, what="consent", why="test")
        assert note is None
    assert not AccessNote.objects.exists()


def test_every_page_about_a_party_leaves_notes() -> None:
    for model, page in site._registry.items():
        if model._meta.app_label in ("governance", "contributions", "rewards"):
            fields = {field.name for field in model._meta.fields}
            assert ("party" not in fields) or isinstance(page, NotesAccess), model

"""Whatever page or answer shows staff something of a person leaves a note that the person reads.

Every address is walked, those of tomorrow too: an address whose places nobody gave an example for
fails here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from importlib import import_module
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.admin import site
from django.test import Client
from django.urls import URLPattern, reverse

from dure.accounts.acting import Actor
from dure.accounts.models import Person
from dure.accounts.roles import Role
from dure.accounts.services import create_person
from governance.access import services
from governance.models import AccessNote
from governance.rights.services import request_right
from rewards.rails.batches import propose_batch
from tests.cast import PASSWORD, actor, api, kang, lim, log_in, mina, seo
from tests.rewards.rails.payouts import ACCOUNT, redeem, sent_batch
from tests.stories.doors import operations, things

pytestmark = pytest.mark.django_db

CARD = "1010555020261122"
TEXT = "내 주소가 틀렸습니다"


def admin() -> Person:
    found = Person.objects.filter(email="admin@dure.example").first()
    return found or create_person(
        acting=Actor.system("tests"),
        email="admin@dure.example",
        name="Admin Surname",
        password=PASSWORD,
        roles=[Role.ADMIN],
    )


@pytest.fixture
def ids(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Something of Mina's behind every door; each look counts anew."""
    monkeypatch.setattr(services, "SAME_LOOK", timedelta(0))
    known = things()
    asked = request_right(acting=actor(mina()), kind="correction", text=TEXT)
    redeem(1000, rail="transit", destination=CARD)
    batch = sent_batch("transit")
    redeem(500, rail="transit", destination=CARD)
    propose_batch(acting=actor(kang()), rail="transit", asset="KRW")
    waiting = redeem(700)
    return known | {
        "what": "request",
        "asked_id": str(asked.id),
        "batch_id": str(batch.id),
        "redemption_id": str(waiting.id),
        "person_id": str(mina().id),
        "change_id": str(uuid4()),
        "proposal_id": str(uuid4()),
        "review_id": str(uuid4()),
        "finding_id": str(uuid4()),
        "check_id": str(uuid4()),
    }


def console() -> list[URLPattern]:
    """The addresses of the console; imported late, as they use converters of the portal's."""
    import_module("portal.urls")
    found: list[URLPattern] = import_module("portal.operator.urls").urlpatterns
    return found


def addresses(ids: dict[str, str]) -> Iterator[str]:
    """Every address of the console, the administration and the API."""
    for pattern in console():
        places = {name: ids[name] for name in pattern.pattern.converters}
        yield reverse(f"portal:{pattern.name}", kwargs=places)
    for operation in operations():
        if operation.method == "get":
            yield operation.address(ids)
    for model in site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        yield reverse(f"{name}_changelist")
        for key in model._default_manager.values_list("pk", flat=True)[:20]:
            yield reverse(f"{name}_change", args=[key])
            yield reverse(f"{name}_history", args=[key])


@pytest.mark.parametrize("staff", [kang, lim, seo, admin], ids=lambda who: who.__name__)
def test_what_shows_a_person_is_noted_for_that_person(
    staff: Callable[[], Person], ids: dict[str, str]
) -> None:
    reader = staff()
    browser = log_in(Client(), reader)
    person = mina()
    marks = [
        text.encode()
        for text in (person.name, person.email, CARD, TEXT, ACCOUNT, str(person.party_id))
    ]
    shown, unnoted = [], []
    for address in addresses(ids):
        before = AccessNote.objects.filter(party=person.party_id, by=reader).count()
        answer: Any = browser.get(address)  # Any: Django's test client
        assert answer.status_code < 500, address
        content = b"".join(answer) if answer.streaming else answer.content
        if answer.status_code == 200 and any(mark in content for mark in marks):
            shown.append(address)
            if AccessNote.objects.filter(party=person.party_id, by=reader).count() == before:
                unnoted.append(address)
    assert unnoted == []
    # The walk does see what it is looking for.
    assert shown or staff not in (kang, admin)
    looks = api(person).get("/api/v1/accesses/").json()["results"]
    assert bool(looks) == bool(shown)


def test_a_list_that_is_loaded_again_is_the_same_look() -> None:
    parties = [mina().party_id, mina().party_id]
    for expected in (1, 0):
        noted = services.note_accesses(
            acting=actor(kang()), party_ids=parties, what="redemption", why="payment"
        )
        assert noted == expected
    assert services.note_accesses(
        acting=actor(lim()), party_ids=parties, what="redemption", why="payment"
    )
    for nobody in (actor(mina()), Actor.system("worker")):
        assert (
            services.note_accesses(
                acting=nobody, party_ids=parties, what="redemption", why="payment"
            )
            == 0
        )

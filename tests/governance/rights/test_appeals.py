"""Who is refused objects to the answer; somebody else decides, and may open the request again."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from dure.core import clock
from dure.core.models import OutboxEvent
from dure.core.problems import Problem
from governance.models import Objection, Restriction, RightsRequest
from governance.rights import services
from governance.rights.work import lift_when_told
from tests.cast import actor, api, charlie, kang, lim, log_in, mina

pytestmark = pytest.mark.django_db
OBJECTIONS = "/api/v1/objections/"


def refused(kind: str = "correction", outcome: str = "refused") -> RightsRequest:
    """Mina asked for something, and Kang answered."""
    asked = services.request_right(acting=actor(mina()), kind=kind, text="My district is wrong.")
    return services.answer_request(
        acting=actor(kang()), request=asked, outcome=outcome, reason="It is right."
    )


def appealed(request: RightsRequest) -> Objection:
    answer = api(mina()).post(
        OBJECTIONS, {"subject_kind": "request", "subject_id": str(request.id), "text": "It is not."}
    )
    assert answer.status_code == 201, answer.content
    assert answer.json()["subject"] == {"kind": "request", "id": str(request.id)}
    return Objection.objects.get(id=answer.json()["id"])


@pytest.mark.parametrize("outcome", ["refused", "partly"])
def test_a_granted_appeal_opens_the_request_again_with_its_words(outcome: str) -> None:
    before = refused(outcome=outcome)
    appeal = appealed(before)
    with pytest.raises(Problem, match="own-decision"):
        services.answer_objection(
            acting=actor(kang()), objection=appeal, outcome="granted", reason="No."
        )
    services.answer_objection(
        acting=actor(lim()), objection=appeal, outcome="granted", reason="She is right."
    )
    again = RightsRequest.objects.get(state="received")
    assert (again.kind, again.party_id) == (before.kind, mina().party_id)
    assert again.received_at > before.received_at
    mine = api(mina()).get(f"/api/v1/rights-requests/{again.id}/").json()
    assert mine["text"] == "My district is wrong."
    before.refresh_from_db()
    assert before.state == outcome, "the answer stands as it was given"
    services.answer_request(
        acting=actor(lim()), request=again, outcome="granted", reason="Corrected."
    )


def test_a_refused_appeal_changes_nothing() -> None:
    appeal = appealed(refused())
    services.answer_objection(
        acting=actor(lim()), objection=appeal, outcome="refused", reason="It stays so."
    )
    assert RightsRequest.objects.count() == 1


def test_an_erasure_that_is_open_again_stops_every_use_again() -> None:
    appeal = appealed(refused(kind="erasure"))
    OutboxEvent.objects.update(dispatched_at=clock.now())
    with time_machine.travel(clock.now() + timedelta(days=4)):
        assert lift_when_told() == 1
    assert not Restriction.objects.filter(lifted_at=None).exists()
    services.answer_objection(
        acting=actor(lim()), objection=appeal, outcome="granted", reason="She may leave."
    )
    assert Restriction.objects.filter(party_id=mina().party_id, lifted_at=None).count() == 1


def test_what_was_asked_again_meanwhile_is_not_opened_twice() -> None:
    appeal = appealed(refused())
    services.request_right(acting=actor(mina()), kind="correction", text="Once more.")
    services.answer_objection(
        acting=actor(lim()), objection=appeal, outcome="granted", reason="She is right."
    )
    assert RightsRequest.objects.filter(state="received").count() == 1


def test_only_a_refusal_of_ones_own_is_objected_to() -> None:
    open_one = services.request_right(acting=actor(mina()), kind="correction", text="x")
    wish = {"subject_kind": "request", "text": "No."}
    for subject, person in ((str(open_one.id), mina()), ("x", mina())):
        answer = api(person).post(OBJECTIONS, {**wish, "subject_id": subject})
        assert answer.status_code == 422, answer.content
    services.answer_request(
        acting=actor(kang()), request=open_one, outcome="granted", reason="Corrected."
    )
    granted = api(mina()).post(OBJECTIONS, {**wish, "subject_id": str(open_one.id)})
    assert granted.status_code == 422
    theirs = refused(kind="explanation")
    assert (
        api(charlie()).post(OBJECTIONS, {**wish, "subject_id": str(theirs.id)}).status_code == 422
    )


def test_mina_objects_on_the_page_of_her_rights(client: Client) -> None:
    request = refused()
    page = f"/en/me/requests/{request.id}/objection/"
    browser = log_in(client, mina())
    assert f'href="{page}"' in browser.get("/en/me/rights/").content.decode()
    assert "It is right." in browser.get(page).content.decode()
    empty = browser.post(page, {"text": " "})
    assert empty.status_code == 422
    assert '<a href="#text">' in empty.content.decode()
    assert browser.post(page, {"text": "It is not."})["Location"] == "/en/me/rights/"
    assert Objection.objects.get().subject_kind == "request"
    log_in(browser, charlie())
    assert browser.get(page).status_code == 404

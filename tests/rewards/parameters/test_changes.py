"""What a call pays by changes openly: with its effect, by two people, and into the log."""

from __future__ import annotations

import json
import re
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import translation

from contributions.calls.services import publish_call, revise_call
from contributions.models import Call, CallVersion
from dure.core.canonical import sha256_hex
from dure.core.clock import now
from dure.core.problems import NOT_FOUND, Problem
from governance.models import LogEntry
from rewards.epochs.services import approve_epoch, close_epoch
from rewards.models import ChangeState, ParameterChange
from rewards.parameters.selectors import change_document
from rewards.parameters.services import approve_change, propose_change
from rewards.problems import CHANGE_NOT_OPEN, CHANGE_REASON, SAME_PERSON
from tests import cast
from tests.rewards.city import SLUG, contribution, dobong, published_call

pytestmark = pytest.mark.django_db
PAGE = "/en/console/parameters/"


def propose(**changes: Any) -> ParameterChange:  # Any: members of a call document
    return propose_change(
        acting=cast.actor(cast.kang()),
        call_slug=SLUG,
        changes=changes or {"target_mass": 50},
        reason="Fewer records came than we hoped for.",
    )


def approve(change: ParameterChange) -> ParameterChange:
    return approve_change(acting=cast.actor(cast.lim()), change_id=change.id)


def payload(kind: str) -> dict[str, Any]:  # Any: JSON
    found: dict[str, Any] = json.loads(bytes(LogEntry.objects.get(kind=kind).body))["payload"]
    return found


def test_the_effect_that_was_approved_is_the_effect_that_is_paid() -> None:
    call = published_call()
    contribution(call, cast.mina().party_id, dobong(5), accepted=5)
    change = propose()
    effect = change_document(change)["effect"]
    assert (effect["contributions"], effect["now"]["total"] != effect["then"]["total"]) == (1, True)
    assert "rows" not in effect, "receipts are nobody else's business"
    assert payload("parameter.proposed")["effect_sha256"] == sha256_hex(bytes(change.effect))
    call.refresh_from_db()
    assert call.published is not None
    assert call.published.document["target_mass"] == 100, "nothing is in force yet"
    approve(change)
    call.refresh_from_db()
    assert call.published is not None
    assert call.published.document["target_mass"] == 50
    logged = payload("parameter.activated")
    assert logged["parameters"] == ["target_mass"]
    assert logged == payload("parameter.approved")
    epoch = close_epoch(acting=cast.actor(cast.kang()), call_slug=SLUG)
    approve_epoch(acting=cast.actor(cast.lim()), epoch=epoch)
    change.refresh_from_db()
    assert change.effect_at_approval is not None
    told = json.loads(bytes(change.effect_at_approval))["then"]["total"]
    assert epoch.total == int(float(told) * 1_000_000)


def test_an_approver_sees_the_effect_of_that_moment() -> None:
    call = published_call()
    change = propose()
    assert change_document(change)["effect"]["contributions"] == 0
    contribution(call, cast.mina().party_id, dobong(5), accepted=5)
    assert change_document(approve(change))["effect"]["contributions"] == 1


def test_one_person_alone_changes_nothing() -> None:
    published_call()
    change = propose()
    with pytest.raises(Problem) as refused:
        approve_change(acting=cast.actor(cast.kang()), change_id=change.id)
    assert refused.value.kind is SAME_PERSON
    with pytest.raises(DatabaseError, match="four_eyes"), transaction.atomic():
        ParameterChange.objects.filter(id=change.id).update(
            state=ChangeState.ACTIVATED,
            approver=change.proposer,
            decided_at=now(),
            activation_entry=uuid4(),
            effect_at_approval=b"{}",
        )
    for person in (cast.mina(), cast.seo()):
        with pytest.raises(Problem) as refused:
            approve_change(acting=cast.actor(person), change_id=change.id)
        assert refused.value.kind.status == 403
    assert not LogEntry.objects.filter(kind="parameter.activated").exists()


def test_a_later_proposal_takes_the_place_of_an_earlier_one() -> None:
    published_call()
    first, second = propose(), propose(target_mass=60)
    first.refresh_from_db()
    assert first.state == ChangeState.SUPERSEDED
    with pytest.raises(Problem) as refused:
        approve(first)
    assert refused.value.kind is CHANGE_NOT_OPEN
    revise_call(acting=cast.actor(cast.kang()), slug=SLUG, changes={"tolerance": "0.3"})
    with pytest.raises(Problem) as refused:
        approve(second)
    assert refused.value.kind is CHANGE_NOT_OPEN, "the call is being revised otherwise"
    with pytest.raises(Problem) as refused:
        approve_change(acting=cast.actor(cast.lim()), change_id=uuid4())
    assert refused.value.kind is NOT_FOUND


@pytest.mark.parametrize(
    "changes",
    [
        {"target_mass": 100},
        {"title": {"ko": "x", "en": "x"}},
        {"price_cap": "-1"},
        {"target_mass": 0},
        {"target_mass": "many"},
        {"target_mass": 10**30},
        {"pool": {"asset": "DURE", "amount": "much"}},
        {"method": "mine"},
        {"intake_fill": "0"},
    ],
)
def test_what_is_no_change_or_prices_nothing_is_refused(changes: dict[str, Any]) -> None:
    call = published_call()
    contribution(call, cast.mina().party_id, dobong(5), accepted=5)
    with pytest.raises(Problem) as refused, transaction.atomic():
        propose(**changes)
    assert 400 <= refused.value.kind.status < 500
    assert not ParameterChange.objects.exists()
    assert Call.objects.get().versions.count() == 1


@pytest.mark.parametrize("reason", ["", "   ", "가" * 501, "a\x00b"])
def test_a_change_has_a_reason(reason: str) -> None:
    published_call()
    with pytest.raises(Problem) as refused:
        propose_change(
            acting=cast.actor(cast.kang()), call_slug=SLUG, changes={"target_mass": 5},
            reason=reason,
        )  # fmt: skip
    assert refused.value.kind is CHANGE_REASON


@pytest.mark.parametrize(
    "statement",
    [
        {"effect_sha256": "0" * 64},
        {"reason": "another"},
        {"changes": {}},
    ],
)
def test_what_was_proposed_stands(statement: dict[str, Any]) -> None:
    published_call()
    propose()
    with pytest.raises(DatabaseError, match="stands"), transaction.atomic():
        ParameterChange.objects.update(**statement)
    with pytest.raises(DatabaseError, match="stands"), transaction.atomic():
        ParameterChange.objects.all().delete()


def test_the_page_proposes_shows_the_effect_and_lets_another_approve(client: Client) -> None:
    call = published_call()
    contribution(call, cast.mina().party_id, dobong(5), accepted=5)
    for stranger in (cast.mina(), cast.charlie(), cast.seo()):
        cast.log_in(client, stranger)
        assert client.get(PAGE).status_code in (403, 404)
        assert client.post(PAGE, {"call": SLUG}).status_code in (403, 404)
    cast.log_in(client, cast.kang())
    wrong = client.post(PAGE, {"call": SLUG, "target_mass": "", "reason": "why"})
    assert wrong.status_code == 422
    assert "Nothing would change" in wrong.content.decode()
    typed = {"call": SLUG, "target_mass": "1050", "pool": "", "reason": "<b>why</b>"}
    refused = client.post(PAGE, {**typed, "target_mass": "x"})
    assert refused.status_code == 422
    said = refused.content.decode()
    assert '<a href="#target_mass">' in said
    assert 'aria-describedby="hint-target_mass error-target_mass" aria-invalid="true"' in said
    assert "send the call again" not in said
    assert client.post(PAGE, typed)["Location"] == PAGE
    page = client.get(PAGE).content.decode()
    assert "&lt;b&gt;why&lt;/b&gt;" in page
    assert "Another person has to approve it" in page
    assert "Shares that move" in page
    assert "<strong>1,050</strong>" in page
    change = ParameterChange.objects.get()
    approval = f"{PAGE}{change.id}/approval/"
    assert client.post(approval).status_code == 422
    cast.log_in(client, cast.lim())
    assert client.post(approval)["Location"] == PAGE
    assert "In force" in client.get(PAGE).content.decode()
    assert client.post(f"{PAGE}{uuid4()}/approval/").status_code == 404
    assert client.post(PAGE, {**typed, "call": "nobody"}).status_code == 404


def test_everything_that_is_wrong_is_named_at_once_and_nothing_typed_is_lost(
    client: Client,
) -> None:
    published_call()
    cast.log_in(client, cast.kang())
    typed = {"target_mass": "x", "price_cap": "none", "pool": "-3", "intake_fill": "0"}
    answer = client.post(PAGE, {"call": SLUG, **typed, "reason": " "})
    assert answer.status_code == 422
    said = answer.content.decode()
    linked = re.findall(r'<a href="#([a-z_]+)">', said.partition('role="alert"')[2])
    assert list(dict.fromkeys(linked)) == [*typed, "reason"], "each of them, in their order"
    for name, text in typed.items():
        assert f'id="error-{name}"' in said
        assert f'name="{name}" value="{text}"' in said
    assert "Say why the call pays by something else." in said
    long = client.post(PAGE, {"call": SLUG, "target_mass": "50", "reason": "x" * 501})
    assert "Say it in at most 500 characters." in long.content.decode()
    assert not ParameterChange.objects.exists()


def republished(**changes: Any) -> None:  # Any: members of a call document
    """The ordinary way: a revised call, published by two people over the API."""
    kang, lim = cast.api(cast.kang()), cast.api(cast.lim())
    address = f"/api/v1/calls/{SLUG}/"
    assert kang.patch(address, changes, format="json").status_code == 200
    for program in (kang, lim):
        answer = program.post(f"{address}publication/")
        assert answer.status_code in (200, 202), answer.content


def test_a_revised_call_that_pays_otherwise_is_simulated_and_logged_as_well() -> None:
    call = published_call()
    contribution(call, cast.mina().party_id, dobong(5), accepted=5)
    republished(target_mass=50, tolerance="0.3")
    change = ParameterChange.objects.get()
    assert change.changes == {"target_mass": {"before": 100, "after": 50}}
    assert (change.state, change.proposer, change.approver) == (
        ChangeState.ACTIVATED, cast.kang(), cast.lim(),
    )  # fmt: skip
    assert change_document(change)["effect"]["contributions"] == 1
    assert payload("parameter.proposed")["effect_sha256"] == change.effect_sha256
    assert payload("parameter.activated")["change"] == str(change.id)


def test_a_revised_call_that_pays_as_before_needs_no_simulation() -> None:
    published_call()
    republished(tolerance="0.3")
    assert not ParameterChange.objects.exists()


def test_a_change_that_was_proposed_without_its_effect_is_not_published() -> None:
    published_call()
    kang, lim = cast.actor(cast.kang()), cast.actor(cast.lim())
    version = revise_call(acting=kang, slug=SLUG, changes={"target_mass": 50})
    CallVersion.objects.filter(id=version.id).update(
        state=CallVersion.State.PROPOSED, proposer=cast.kang(), proposed_at=now()
    )
    with pytest.raises(Problem) as refused:
        publish_call(acting=lim, slug=SLUG)
    assert refused.value.kind is CHANGE_NOT_OPEN
    assert Call.objects.get().published_id != version.id


def test_a_change_goes_through_the_api_from_proposal_to_force() -> None:
    """Kang proposes with a reason, Lim approves, and anybody reads what it does and why."""
    call = published_call()
    contribution(call, cast.mina().party_id, dobong(5), accepted=5)
    wanted = {"call": SLUG, "changes": {"target_mass": 50}, "reason": "Fewer came."}
    address = "/api/v1/parameters/"
    kang, lim = cast.api(cast.kang()), cast.api(cast.lim())
    unsaid = kang.post(address, wanted | {"reason": " "}, content_type="application/json")
    assert unsaid.status_code == 400
    proposed = kang.post(address, wanted, content_type="application/json")
    assert proposed.status_code == 201, proposed.content
    one = proposed["Location"]
    assert proposed.json()["effect"]["contributions"] == 1
    assert kang.post(f"{one}approval/").status_code == 403
    assert cast.api(cast.mina()).post(f"{one}approval/").status_code == 403
    assert cast.api().get(one).json()["state"] == "proposed"
    assert lim.post(f"{one}approval/").status_code == 200
    read = cast.api().get(one).json()
    assert (read["state"], read["reason"]) == ("activated", "Fewer came.")
    assert "Kang" not in json.dumps(read), "who decided is in the log as a commitment alone"
    assert lim.post(f"{one}approval/").status_code == 409
    listed = cast.api().get(address, {"call": SLUG}).json()["results"]
    assert [each["id"] for each in listed] == [read["id"]]
    assert cast.api().get(address, {"call": "trips\x00"}).json()["results"] == []
    assert cast.api().get(f"{address}{uuid4()}/").status_code == 404


def test_a_revised_call_says_why_too() -> None:
    published_call()
    revise_call(acting=cast.actor(cast.kang()), slug=SLUG, changes={"target_mass": 70})
    address = f"/api/v1/calls/{SLUG}/publication/"
    kang = cast.api(cast.kang())
    long = kang.post(address, {"reason": "x" * 501}, content_type="application/json")
    assert long.status_code == 422
    assert long.json()["type"].endswith("/call-reason-unfit/")
    said = {"reason": "The council asked for a smaller target."}
    assert kang.post(address, said, content_type="application/json").status_code == 202
    (change,) = cast.api().get("/api/v1/parameters/").json()["results"]
    assert change["reason"] == said["reason"]
    version = CallVersion.objects.get(number=2)
    with pytest.raises(DatabaseError), transaction.atomic():
        CallVersion.objects.filter(id=version.id).update(reason="Something else.")


def test_the_console_asks_why_a_call_changes() -> None:
    published_call()
    revise_call(acting=cast.actor(cast.kang()), slug=SLUG, changes={"target_mass": 70})
    browser = cast.log_in(Client(), cast.kang())
    page = f"/en/console/calls/{SLUG}/"
    assert 'name="reason"' in browser.get(page).content.decode()
    assert browser.post(page, {"version": "2", "reason": "A smaller target."}).status_code == 302
    assert ParameterChange.objects.get().reason == "A smaller target."
    assert "A smaller target." in browser.get(page).content.decode()


def test_a_revised_call_says_why_or_says_that_it_does_not(client: Client) -> None:
    published_call()
    revise_call(acting=cast.actor(cast.kang()), slug=SLUG, changes={"target_mass": 50})
    page = f"/en/console/calls/{SLUG}/"
    cast.log_in(client, cast.kang())
    for unsaid in ("", "   "):
        answer = client.post(page, {"version": "2", "reason": unsaid})
        assert answer.status_code == 422
        assert 'aria-invalid="true"' in answer.content.decode()
    assert not ParameterChange.objects.exists(), "nothing was proposed"
    # A program may leave it out, as ever; then that is what everybody reads.
    publish_call(acting=cast.actor(cast.kang()), slug=SLUG)
    change = ParameterChange.objects.get()
    with translation.override("en"):
        assert change_document(change)["reason"] == "No reason was given."
    with translation.override("ko"):
        assert change_document(change)["reason"] == "이유를 밝히지 않았습니다."
    assert "No reason was given." in client.get(page).content.decode()
    assert "No reason was given." in client.get(PAGE).content.decode()

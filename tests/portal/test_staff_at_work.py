"""Roles under four eyes and the pipeline's board: daily work without the administration."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from contributions.models import Contribution
from contributions.pipeline.sweep import take_up
from dure.accounts.models import Person, RoleGrant
from dure.core import outbox
from dure.core.clock import now
from governance.models import AccessNote, LogEntry, Proposal
from tests import cast
from tests.clock import set_clock
from tests.portal import city

pytestmark = pytest.mark.django_db
PEOPLE = "/en/console/people/"
PIPELINE = "/en/console/pipeline/"


def client_of(person: Person) -> Client:
    return cast.log_in(Client(), person)


def of(person: Person) -> str:
    return f"{PEOPLE}{person.id}/"


def roles(person: Person) -> set[str]:
    return set(RoleGrant.objects.filter(person=person).values_list("role", flat=True))


def test_a_role_is_given_by_two_and_the_log_says_so() -> None:
    kang, lim, charlie = client_of(cast.kang()), client_of(cast.lim()), cast.charlie()
    assert (
        '<td class="only-wide" data-label="For which calls">all</td>'
        in kang.get(PEOPLE).content.decode()
    )
    found = kang.post(PEOPLE, {"email": "Charlie@dure.example "})
    assert found["Location"] == of(charlie)
    assert AccessNote.objects.filter(party_id=charlie.party_id, what="account").exists()
    asked = {"change": "grant", "role": "auditor", "until": "2099-01-31"}
    assert kang.post(of(charlie), asked).status_code == 302
    assert "auditor" not in roles(charlie)
    proposal = Proposal.objects.get()
    kang.post(f"{PEOPLE}proposals/{proposal.id}/")
    assert "auditor" not in roles(charlie), "the proposer is one person, not two"
    assert "Give: Auditor, until 31 January 2099" in lim.get(PEOPLE).content.decode()
    lim.post(f"{PEOPLE}proposals/{proposal.id}/")
    assert RoleGrant.objects.get(person=charlie, role="auditor").until is not None
    while outbox.drain():
        pass
    kinds = set(LogEntry.objects.values_list("kind", flat=True))
    assert {"act.proposed", "act.approved", "role.granted"} <= kinds


def test_a_role_is_ended_by_two_and_never_the_last_ones() -> None:
    kang, lim, seo = client_of(cast.kang()), client_of(cast.lim()), cast.seo()
    kang.post(of(seo), {"change": "end", "role": "auditor"})
    lim.post(f"{PEOPLE}proposals/{Proposal.objects.get().id}/")
    assert "auditor" not in roles(seo)
    refused = kang.post(of(cast.lim()), {"change": "end", "role": "operator"})
    assert refused.status_code == 422
    assert "Too few people would be left" in refused.content.decode()


def test_nobody_decides_about_their_own_role() -> None:
    kang, lim = client_of(cast.kang()), client_of(cast.lim())
    own = kang.post(of(cast.kang()), {"change": "grant", "role": "admin"})
    assert own.status_code == 422
    kang.post(of(cast.lim()), {"change": "grant", "role": "admin"})
    lim.post(f"{PEOPLE}proposals/{Proposal.objects.get().id}/")
    assert "admin" not in roles(cast.lim())


def test_a_proposal_lapses_and_faults_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    kang, charlie = client_of(cast.kang()), cast.charlie()
    for wrong, words in (
        ({"change": "grant", "role": "resident"}, "role"),
        ({"change": "grant", "role": "operator", "until": "soon"}, "Give a day such as"),
        ({"change": "grant", "role": "operator", "until": "2020-01-01"}, "Give a day to come"),
        ({"change": "end", "role": "operator"}, "already so"),
    ):
        answer = kang.post(of(charlie), wrong)
        assert answer.status_code == 422
        assert words in answer.content.decode()
    kang.post(of(charlie), {"change": "grant", "role": "operator"})
    waiting = Proposal.objects.get()
    later = now() + timedelta(days=15)
    set_clock(monkeypatch, later)
    assert str(waiting.id) not in kang.get(PEOPLE).content.decode()
    lim = client_of(cast.lim())
    assert lim.post(f"{PEOPLE}proposals/{waiting.id}/").status_code == 404
    # The same proposed by the other one after the lapse is a new proposal, no agreement.
    lim.post(of(charlie), {"change": "grant", "role": "operator"})
    assert "operator" not in roles(charlie)
    assert Proposal.objects.count() == 2
    assert kang.post(PEOPLE, {"email": "nobody@dure.example"}).status_code == 422


def test_a_contribution_that_stands_still_is_tried_again_or_ended() -> None:
    city.open_call()
    receipt = city.contribution_of(cast.mina()).receipt
    kang = client_of(cast.kang())
    held = Contribution.objects.filter(receipt=receipt)
    held.update(lease_until=now() + timedelta(minutes=1), claim=cast.kang().id)
    kang.post(f"{PIPELINE}{receipt}/again/")
    assert "is being checked, or has ended" in kang.get(PIPELINE).content.decode()
    held.update(lease_until=now() - timedelta(minutes=1), attempts=2)
    kang.post(f"{PIPELINE}{receipt}/again/")
    assert held.get().attempts == 0
    assert [row[0] for row in take_up()] == [held.get().id]
    kang.post(f"{PIPELINE}{receipt}/aside/")
    assert (held.get().state, held.get().reason_rule) == ("failed", "set-aside-by-operator")
    assert "a member of staff ended the attempt" in kang.get(PIPELINE).content.decode()
    assert LogEntry.objects.filter(kind="contribution.failed").exists()


def test_strangers_and_residents_find_none_of_it() -> None:
    city.open_call()
    receipt = city.contribution_of(cast.mina()).receipt
    for address in (PEOPLE, of(cast.seo()), PIPELINE):
        assert Client().get(address).status_code == 302
        assert client_of(cast.mina()).get(address).status_code == 404
        assert client_of(cast.seo()).get(address).status_code == 404
    for address in (f"{PIPELINE}{receipt}/again/", f"{PIPELINE}{receipt}/aside/", of(cast.seo())):
        assert client_of(cast.mina()).post(address, {"change": "end"}).status_code == 404
    assert Contribution.objects.get().state == "received"

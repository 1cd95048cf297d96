"""Letters say what happened, to whom it happened, once, and only to those who want them."""

from __future__ import annotations

import re
from smtplib import SMTPServerDisconnected
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.db import IntegrityError, transaction
from django.test import Client

from contributions.models import Contribution, State
from contributions.news import tell
from dure.accounts.acting import Actor
from dure.accounts.services import erase_person
from dure.core.outbox import drain
from governance.models import Objection
from governance.rights.services import answer_objection
from portal.letters import post
from portal.letters.holder import PortalHolder
from portal.letters.letter import Letter, as_message
from portal.models import LetterKind, UnwantedLetters, WaitingLetter
from tests import cast
from tests.rewards import city as rewarding

pytestmark = pytest.mark.django_db


def accept(contribution: Contribution) -> None:
    """The news that the pipeline has in the end."""
    with transaction.atomic():
        tell(contribution, acting=Actor.system("worker"), event="accepted")


def letters_go_out() -> None:
    drain()
    post.send_waiting()


@pytest.fixture
def contribution() -> Contribution:
    """Mina's, accepted with three rows."""
    call = rewarding.published_call()
    return rewarding.contribution(call, cast.mina().party_id, rewarding.dobong(3), accepted=3)


def test_a_letter_says_what_became_of_a_contribution(contribution: Contribution) -> None:
    accept(contribution)
    letters_go_out()
    (message,) = mail.outbox
    assert message.to == [cast.mina().email]
    assert message.subject == f"기여 {contribution.receipt} 인정 안내"
    assert isinstance(message, EmailMultiAlternatives)
    ((page, kind),) = message.alternatives
    assert kind == "text/html"
    for text in (str(message.body), str(page)):
        assert contribution.receipt in text
        assert f"/c/{contribution.receipt}/" in text
        assert "/me/letters/" in text
    assert message.extra_headers["Auto-Submitted"] == "auto-generated"


def test_a_letter_goes_out_once_however_often_the_news_comes(contribution: Contribution) -> None:
    accept(contribution)
    letters_go_out()
    event = WaitingLetter.objects.get()
    post.put_by(
        people=[cast.mina()],
        kind=LetterKind.CONTRIBUTIONS,
        event=event.event,
        about=event.about,
    )
    letters_go_out()
    letters_go_out()
    assert len(mail.outbox) == 1
    event.refresh_from_db()
    assert event.sent
    assert event.done_at is not None


def test_nobody_gets_letters_they_did_not_want(contribution: Contribution) -> None:
    client = cast.log_in(Client(), cast.mina())
    page = client.get("/en/me/letters/").content.decode()
    assert page.count(" checked") == 5
    client.post("/en/me/letters/", {"kind": ["rewards", "answers"]})
    page = client.get("/en/me/letters/").content.decode()
    assert page.count(" checked") == 2
    accept(contribution)
    letters_go_out()
    assert mail.outbox == []
    client.post("/en/me/letters/", {"kind": ["contributions", "nonsense"]})
    assert set(UnwantedLetters.objects.values_list("kind", flat=True)) == {
        "rewards", "expiry", "redemptions", "answers",
    }  # fmt: skip


def test_choices_are_each_persons_own() -> None:
    cast.log_in(Client(), cast.joon()).post("/en/me/letters/", {})
    assert not UnwantedLetters.objects.filter(person=cast.mina()).exists()
    assert Client().get("/en/me/letters/").status_code == 302


def test_a_letter_about_somebody_elses_contribution_is_never_sent(
    contribution: Contribution,
) -> None:
    post.put_by(
        people=[cast.joon()],
        kind=LetterKind.CONTRIBUTIONS,
        event="contribution.accepted",
        about=contribution.id,
    )
    assert post.send_waiting() == 0
    assert mail.outbox == []
    assert WaitingLetter.objects.get().done_at is not None


def test_a_letter_never_tells_of_what_is_no_longer_so(contribution: Contribution) -> None:
    accept(contribution)
    drain()
    Contribution.objects.filter(id=contribution.id).update(
        state=State.WITHDRAWN, reason_rule="tests"
    )
    assert post.send_waiting() == 0
    assert mail.outbox == []


def test_a_relay_that_fails_is_asked_again_later_and_not_for_ever(
    contribution: Contribution, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_arguments: Any, **_named: Any) -> int:
        raise SMTPServerDisconnected("gone")

    with time_machine.travel("2030-11-20T09:00:00Z", tick=False) as clock:
        accept(contribution)
        drain()
        with monkeypatch.context() as patched:
            patched.setattr(EmailMultiAlternatives, "send", broken)
            assert post.send_waiting() == 0
            assert post.send_waiting() == 0
        assert WaitingLetter.objects.get().attempts == 1
        clock.shift(121)
        assert post.send_waiting() == 1
        names = {message.extra_headers["Message-ID"] for message in mail.outbox}
        assert len(names) == 1
    WaitingLetter.objects.update(
        done_at=None, sent=False, attempts=post.ATTEMPTS_MAX - 1, next_at="2026-01-01T00:00:00Z"
    )
    monkeypatch.setattr(EmailMultiAlternatives, "send", broken)
    post.send_waiting()
    row = WaitingLetter.objects.get()
    assert row.done_at is not None
    assert not row.sent


def test_a_worker_that_died_while_sending_leaves_the_letter_to_the_next(
    contribution: Contribution, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def killed(*_arguments: Any, **_named: Any) -> int:
        raise Killed

    with time_machine.travel("2030-11-20T09:00:00Z", tick=False) as clock:
        accept(contribution)
        drain()
        with monkeypatch.context() as patched:
            patched.setattr(EmailMultiAlternatives, "send", killed)
            with pytest.raises(Killed):
                post.send_waiting()
        assert post.send_waiting() == 0
        clock.shift(121)
        assert post.send_waiting() == 1


def test_an_erased_person_gets_no_letter(contribution: Contribution) -> None:
    accept(contribution)
    drain()
    erase_person(party_id=cast.mina().party_id)
    assert post.send_waiting() == 0
    assert mail.outbox == []


def test_people_take_their_choices_along_and_leave_none_behind() -> None:
    mina = cast.mina()
    post.choose(acting=cast.actor(mina), wanted=["answers"])
    held = PortalHolder().export(mina.party_id)
    assert isinstance(held, dict)
    assert held["addresses"] == [{"address": mina.email, "confirmed": True}]
    assert held["unwanted_letters"] == ["contributions", "expiry", "redemptions", "rewards"]
    for _again in range(2):
        PortalHolder().erase(mina.party_id)
    assert not UnwantedLetters.objects.exists()


def test_a_confirmed_reward_comes_with_its_amount() -> None:
    call = rewarding.published_call()
    rewarding.contribution(call, cast.mina().party_id, rewarding.dobong(3), accepted=3)
    rewarding.contribution(call, cast.joon().party_id, rewarding.dobong(3), accepted=3)
    client = Client()
    cast.log_in(client, cast.kang()).post(f"/console/epochs/{rewarding.SLUG}/closing/")
    epoch = re.search(r"/console/epochs/[0-9a-f-]{36}/", client.get("/console/").content.decode())
    assert epoch is not None
    cast.log_in(client, cast.lim()).post(f"{epoch[0]}approval/")
    letters_go_out()
    letters = {message.to[0]: message for message in mail.outbox}
    assert set(letters) == {cast.mina().email, cast.joon().email}
    wallet = cast.api(cast.mina()).get("/api/v1/wallet/").json()
    confirmed = next(b["confirmed"] for b in wallet["balances"] if b["asset"] == "DURE")
    whole = confirmed.partition(".")[0]
    assert f"{int(whole):,}" in str(letters[cast.mina().email].body)


def test_an_answered_objection_comes_with_its_reason(contribution: Contribution) -> None:
    client = cast.log_in(Client(), cast.mina())
    path = f"/en/c/{contribution.receipt}/objection/"
    client.post(path, {"subject": "contribution", "text": "Row 3 was right."})
    asked = Objection.objects.get()
    answer_objection(
        acting=cast.actor(cast.lim()),
        objection=asked,
        outcome="granted",
        reason="<b>You are right.</b>",
    )
    letters_go_out()
    (message,) = mail.outbox
    assert message.subject == "이의 신청에 답변드립니다"
    assert "<b>You are right.</b>" in str(message.body)
    assert isinstance(message, EmailMultiAlternatives)
    assert "&lt;b&gt;You are right." in str(message.alternatives[0][0])


def test_a_name_with_line_breaks_forges_no_header() -> None:
    message = as_message(Letter("One\r\nBcc: evil@dure.example", ("text",)), to="mina@dure.example")
    assert message.subject == "One Bcc: evil@dure.example"
    assert "\nBcc:" not in message.message().as_string()


def test_the_database_keeps_each_letter_once_and_its_states_apart() -> None:
    mina, about = cast.mina(), uuid4()
    made = {"person": mina, "event": "x", "about": about, "kind": LetterKind.REWARDS}
    WaitingLetter.objects.create(**made)
    for wrong in (
        made,
        {**made, "event": "y", "kind": "gossip"},
        {**made, "event": "z", "sent": True},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            WaitingLetter.objects.create(**wrong)
    with pytest.raises(IntegrityError), transaction.atomic():
        UnwantedLetters.objects.create(person=mina, kind=LetterKind.GUARDIANSHIP)

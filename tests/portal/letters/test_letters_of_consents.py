"""Whoever gave a consent that the city ends hears of it by letter, whatever letters they chose."""

from __future__ import annotations

import pytest
from django.core import mail
from django.db import IntegrityError, transaction

from dure.core import outbox
from governance.consent.endings import end_consent
from governance.consent.services import decide as decide_for
from governance.consent.services import withdraw
from portal.letters.post import send_waiting
from portal.models import LetterKind, UnwantedLetters, WaitingLetter
from tests.cast import actor, hana, kang, mina
from tests.governance.consent import test_guardians as stories
from tests.governance.consent.test_lifecycle import decide, notice

pytestmark = pytest.mark.django_db


def test_mina_is_told_which_use_ended_and_why() -> None:
    given = decide(notice())
    outbox.drain()
    mail.outbox.clear()
    end_consent(acting=actor(kang()), consent=given, ground="court-order", reason="판결")
    outbox.drain()
    send_waiting()
    (letter,) = mail.outbox
    assert letter.to == [mina().email]
    assert "시가 동의를 종료" in letter.subject
    assert "법원" in str(letter.body)
    assert "/me/consents/" in str(letter.body)
    assert "판결" not in str(letter.body), "the reason is the file's, the ground is hers"
    outbox.drain()
    send_waiting()
    assert len(mail.outbox) == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        UnwantedLetters.objects.create(person=mina(), kind=LetterKind.CONSENTS)


def test_what_she_withdraws_herself_is_no_news() -> None:
    given = decide(notice())
    withdraw(acting=actor(mina()), consent=given)
    outbox.drain()
    assert not WaitingLetter.objects.filter(kind=LetterKind.CONSENTS).exists()


def test_the_guardian_who_gave_it_is_told_too_but_not_of_what_she_took_back() -> None:
    haru = stories.child()
    stories.linked(haru)
    first = stories.decide(mina(), haru)
    withdraw(acting=actor(mina()), consent=first)
    outbox.drain()
    send_waiting()
    mail.outbox.clear()
    given = stories.decide(mina(), haru)
    end_consent(acting=actor(kang()), consent=given, ground="court-order", reason="판결")
    outbox.drain()
    send_waiting()
    assert {letter.to[0] for letter in mail.outbox} == {haru.email, mina().email}
    told = next(str(letter.body) for letter in mail.outbox if letter.to == [mina().email])
    assert haru.name in told


def test_what_a_guardian_takes_back_is_no_act_of_the_city() -> None:
    haru = stories.child()
    stories.linked(haru)
    given = stories.decide(mina(), haru)
    outbox.drain()
    send_waiting()
    mail.outbox.clear()
    withdraw(acting=actor(mina()), consent=given)
    outbox.drain()
    send_waiting()
    assert mail.outbox == []


def test_the_members_of_a_firm_are_told_of_its_consent() -> None:
    firm = hana().memberships.get().organisation
    given = decide_for(
        acting=actor(hana()), party_id=firm.party_id, notice=notice(), granted=True, language="ko"
    )
    outbox.drain()
    send_waiting()
    mail.outbox.clear()
    end_consent(acting=actor(kang()), consent=given, ground="legal-ban", reason="금지")
    outbox.drain()
    send_waiting()
    (letter,) = mail.outbox
    assert letter.to == [hana().email]
    assert "한빛" in str(letter.body)

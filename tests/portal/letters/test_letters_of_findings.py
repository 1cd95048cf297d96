"""Whoever loses pay that waited is told why, and how to object, whatever letters they chose."""

from __future__ import annotations

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.utils.translation import override

from dure.accounts.models import Person
from dure.core import outbox
from dure.core.money import format_amount
from portal.formatting import amount_text
from portal.letters.post import send_waiting
from portal.models import ALWAYS, LetterKind, UnwantedLetters, WaitingLetter
from rewards.holdback.checks import decide_finding
from rewards.models import EpochInput, HeldReward
from tests import cast
from tests.rewards.holdback.test_drawn_checks import drawn, found

pytestmark = pytest.mark.django_db


def test_the_owner_gets_a_letter_with_the_reason_and_where_to_object() -> None:
    _epoch, check = drawn()
    held = HeldReward.objects.get(contribution=check.contribution)
    outbox.drain()
    mail.outbox.clear()
    WaitingLetter.objects.all().delete()
    found(check)
    decide_finding(acting=cast.actor(cast.lim()), check_id=check.id, upheld=True)
    outbox.drain()
    send_waiting()
    (letter,) = mail.outbox
    owner = Person.objects.get(party_id=check.contribution.party_id)
    assert letter.to == [owner.email]
    assert "강남구에서 잰 값입니다." in str(letter.body)
    with override("ko"):
        assert amount_text(format_amount(held.amount), "DURE") in str(letter.body)
    assert f"/c/{check.contribution.receipt}/objection/" in str(letter.body)
    # Nobody can wish it away.
    assert LetterKind.FINDINGS in ALWAYS
    with pytest.raises(IntegrityError), transaction.atomic():
        UnwantedLetters.objects.create(person=owner, kind=LetterKind.FINDINGS)


def test_a_letter_about_a_reward_tells_apart_what_is_confirmed_and_what_waits() -> None:
    _epoch, check = drawn()
    mail.outbox.clear()
    outbox.drain()
    send_waiting()
    owner = Person.objects.get(party_id=check.contribution.party_id)
    held = HeldReward.objects.get(contribution=check.contribution)
    reward = EpochInput.objects.get(contribution=check.contribution).reward
    letter = next(one for one in mail.outbox if one.to == [owner.email] and "확정" in one.subject)
    with override("ko"):
        confirmed = amount_text(format_amount(reward - held.amount), "DURE")
        waits = amount_text(format_amount(held.amount), "DURE")
        together = amount_text(format_amount(reward), "DURE")
    assert confirmed in letter.subject
    assert together not in letter.subject
    assert "까지 보류" in str(letter.body)
    assert waits in str(letter.body)
    assert together in str(letter.body)


def test_a_dismissed_finding_is_no_news() -> None:
    _epoch, check = drawn()
    outbox.drain()
    WaitingLetter.objects.all().delete()
    found(check)
    decide_finding(acting=cast.actor(cast.lim()), check_id=check.id, upheld=False)
    outbox.drain()
    assert not WaitingLetter.objects.exists()

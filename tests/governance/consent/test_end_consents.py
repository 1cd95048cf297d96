"""Operators end consents from a terminal: there is no other door to it."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command

from governance.models import ConsentMeasure
from tests.cast import charlie, joon, kang, lim, mina
from tests.governance.consent.test_lifecycle import decide, in_force, notice

pytestmark = pytest.mark.django_db


def end(*arguments: str, who: str) -> None:
    call_command("end_consents", *arguments, "--as", who)


def test_a_wrong_notice_ends_its_consents_when_a_second_person_approves(
    capsys: pytest.CaptureFixture[str],
) -> None:
    about = notice()
    decide(about)
    decide(about, who=joon())
    named = ("--notice", "air-daily/city-ai/1", "--ground", "wrong-notice", "--reason", "오기")
    end(*named, who=kang().email)
    found = re.search("[0-9a-f-]{36}", capsys.readouterr().out)
    assert found is not None
    assert in_force() is not None
    for who in (kang().email, charlie().email):
        with pytest.raises(CommandError):
            end("--approve", found[0], who=who)
    with pytest.raises(CommandError):
        end(*named, who=lim().email)
    end("--approve", found[0], who=lim().email)
    assert "2 (" in capsys.readouterr().out
    assert in_force() is None
    assert ConsentMeasure.objects.get().approved_by == lim()


def test_one_consent_ends_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    given = decide(notice())
    one = ("--consent", str(given.id), "--reason", "판결")
    with pytest.raises(CommandError, match="--ground"):
        end(*one, who=kang().email)
    with pytest.raises(CommandError):
        end(*one, "--ground", "court-order", who=mina().email)
    end(*one, "--ground", "court-order", who=kang().email)
    assert "1 (" in capsys.readouterr().out
    assert in_force() is None
    with pytest.raises(CommandError):
        end(*one, "--ground", "court-order", who=kang().email)


@pytest.mark.parametrize(
    "what",
    [
        ("--consent", str(uuid4())),
        ("--approve", str(uuid4())),
        ("--notice", "air-daily/city-ai"),
        ("--notice", "air-daily/city-ai/²"),
        ("--notice", "air-daily/city-ai/2"),
        ("--notice", "nothing"),
    ],
)
def test_what_there_is_not_is_said(what: tuple[str, str]) -> None:
    notice()
    with pytest.raises(CommandError):
        end(*what, "--ground", "legal-ban", "--reason", "법령", who=kang().email)

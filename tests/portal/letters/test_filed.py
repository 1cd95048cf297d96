"""Letters of a trial city lie in a folder: those to somebody who is erased go with them."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from portal.letters import contents, post
from portal.letters.filed import remove_letters_to
from portal.letters.holder import PortalHolder
from portal.letters.letter import Letter
from portal.models import LetterKind, WaitingLetter
from tests import cast

BACKEND = "django.core.mail.backends.filebased.EmailBackend"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(settings, "EMAIL_URL", "files")
    monkeypatch.setattr(settings, "EMAIL_FILE_PATH", str(tmp_path))
    return tmp_path


def filed(*to: str) -> None:
    letter = EmailMessage("두레", "안녕하세요", to=list(to), connection=get_connection(BACKEND))
    letter.send()


@pytest.mark.django_db
def test_letters_to_who_leaves_are_removed_and_nobody_elses(folder: Path) -> None:
    mina, joon = cast.mina(), cast.joon()
    filed(f"민아 <{mina.email}>")
    filed(mina.email.upper())
    filed(joon.email)
    PortalHolder().erase(mina.party_id)
    (left,) = folder.glob("*.log")
    assert joon.email in left.read_text()
    PortalHolder().erase(mina.party_id)
    assert left.exists()


@pytest.mark.django_db
def test_a_letter_that_was_under_way_when_somebody_left_is_removed_too(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer to the request to be erased is sent while the erasure is carried out."""
    mina = cast.mina()
    post.put_by(people=[mina], kind=LetterKind.ANSWERS, event="rights.answered", about=uuid4())

    def while_it_is_written(letter: WaitingLetter) -> tuple[str, Letter]:
        PortalHolder().erase(mina.party_id)
        return mina.email, Letter("답변드립니다", ("지웁니다",))

    monkeypatch.setattr(settings, "EMAIL_BACKEND", BACKEND)
    monkeypatch.setattr(contents, "letter_of", while_it_is_written)
    assert post.send_waiting() == 1
    assert list(folder.glob("*.log")) == []


def test_where_a_relay_is_set_no_file_is_looked_at(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filed("mina@dure.example")
    with monkeypatch.context() as patch:
        patch.setattr(settings, "EMAIL_URL", "smtp://relay.example")
        assert remove_letters_to({"mina@dure.example"}) == 0
    assert remove_letters_to(()) == 0
    assert remove_letters_to({"mina@dure.example"}) == 1

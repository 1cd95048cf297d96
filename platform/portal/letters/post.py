"""Putting letters by and sending them: each once, again after a failure, never for ever."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import timedelta
from smtplib import SMTPException
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import translation

from dure.accounts.acting import Actor
from dure.accounts.models import Person
from dure.core.clock import now
from portal.letters import contents
from portal.letters.filed import remove_letters_to
from portal.letters.letter import as_message
from portal.letters.places import host
from portal.models import ALWAYS, LetterKind, UnwantedLetters, WaitingLetter

logger = logging.getLogger(__name__)

ATTEMPTS_MAX = 8
#: While one worker sends a letter no other takes it; longer than a relay may take to answer.
LEASE = timedelta(minutes=2)
BATCH = 50
#: How long it stays known that a letter went out, so that the same event cannot send it again.
KEPT = timedelta(days=90)


def put_by(*, people: Iterable[Person], kind: LetterKind, event: str, about: UUID) -> int:
    """Letters to those who want this kind; in the caller's transaction, and once for ever.

    Answers how many people it is for.
    """
    wanted = [person for person in people if person.is_active]
    if kind not in ALWAYS:
        refused = set(
            UnwantedLetters.objects.filter(person__in=wanted, kind=kind).values_list(
                "person_id", flat=True
            )
        )
        wanted = [person for person in wanted if person.id not in refused]
    WaitingLetter.objects.bulk_create(
        [WaitingLetter(person=one, kind=kind, event=event, about=about) for one in wanted],
        ignore_conflicts=True,
        batch_size=1000,
    )
    return len(wanted)


@transaction.atomic
def choose(*, acting: Actor, wanted: Iterable[str]) -> None:
    """Which kinds of letters the acting person gets from now on."""
    person = acting.require_person()
    choosable = {kind.value for kind in LetterKind} - {kind.value for kind in ALWAYS}
    unwanted = choosable - set(wanted)
    UnwantedLetters.objects.filter(person=person).exclude(kind__in=unwanted).delete()
    UnwantedLetters.objects.bulk_create(
        [UnwantedLetters(person=person, kind=kind) for kind in sorted(unwanted)],
        ignore_conflicts=True,
    )


def unwanted_by(person: Person) -> frozenset[str]:
    return frozenset(UnwantedLetters.objects.filter(person=person).values_list("kind", flat=True))


def send_waiting(limit: int = BATCH) -> int:
    """Sends what is due, oldest first; answers how many letters went out."""
    due = (
        WaitingLetter.objects.filter(done_at=None, next_at__lte=now())
        .order_by("next_at")
        .values_list("id", flat=True)[:limit]
    )
    return sum(_send(letter_id) for letter_id in list(due))


def forget_old() -> int:
    """Removes the marks of letters that went out long ago."""
    count, _kinds = WaitingLetter.objects.filter(done_at__lt=now() - KEPT).delete()
    return count


def _send(letter_id: UUID) -> bool:
    """Sends one letter that nobody else has taken."""
    moment = now()
    taken = WaitingLetter.objects.filter(id=letter_id, done_at=None, next_at__lte=moment).update(
        next_at=moment + LEASE, attempts=F("attempts") + 1
    )
    if not taken:
        return False
    row = WaitingLetter.objects.select_related("person").get(id=letter_id)
    try:
        address = _sent(row)
    except (OSError, SMTPException) as error:
        logger.warning("a letter was not sent: %s", type(error).__name__)
        late = row.attempts >= ATTEMPTS_MAX
        WaitingLetter.objects.filter(id=row.id).update(
            next_at=now() + timedelta(minutes=2**row.attempts), done_at=now() if late else None
        )
        return False
    done = WaitingLetter.objects.filter(id=row.id).update(done_at=now(), sent=bool(address))
    if address and not done:
        # Whoever it is to was erased while it was written.
        remove_letters_to({address})
    return bool(address)


def _sent(row: WaitingLetter) -> str:
    """To which address the letter went out; one whose subject is gone meanwhile does not: empty."""
    if not row.person.is_active:
        return ""
    with translation.override(row.person.language):
        found = contents.letter_of(row)
        if found is None:
            return ""
        address, letter = found
        # The same name at every attempt: a relay that got it twice can tell.
        headers = {"Message-ID": f"<{row.id}@{host()}>"}
        as_message(letter, to=address, headers=headers).send()
    return address

"""Letters that are to be sent, and which of them a person does not want."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class LetterKind(models.TextChoices):
    """What a letter tells of; everybody chooses for each kind but those that always come."""

    CONTRIBUTIONS = "contributions"
    REWARDS = "rewards"
    EXPIRY = "expiry"
    REDEMPTIONS = "redemptions"
    ANSWERS = "answers"
    GUARDIANSHIP = "guardianship"
    MEMBERSHIP = "membership"
    WEBHOOKS = "webhooks"
    FINDINGS = "findings"
    RECALLS = "recalls"
    CONSENTS = "consents"


#: Somebody else waits for the answer, a program of one's own has stopped, pay was taken back, rows
#: that one holds have to be deleted, or the city has ended a consent.
ALWAYS = (
    LetterKind.GUARDIANSHIP,
    LetterKind.MEMBERSHIP,
    LetterKind.WEBHOOKS,
    LetterKind.FINDINGS,
    LetterKind.RECALLS,
    LetterKind.CONSENTS,
)


class WaitingLetter(models.Model):
    """One letter to one person about one event: names what it is about and holds no text.

    What it says is read when it is sent, so that nothing personal waits here.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey("accounts.Person", models.CASCADE, related_name="+")
    kind = models.CharField(max_length=16, choices=LetterKind.choices)
    event = models.CharField(max_length=40)
    about = models.UUIDField()
    made_at = models.DateTimeField(db_default=Now())
    next_at = models.DateTimeField(db_default=Now())
    attempts = models.PositiveSmallIntegerField(default=0)
    done_at = models.DateTimeField(null=True, blank=True)
    sent = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "event", "about"], name="letter_once"),
            models.CheckConstraint(
                name="letter_kind_known", condition=Q(kind__in=LetterKind.values)
            ),
            models.CheckConstraint(
                name="letter_sent_is_done", condition=Q(sent=False) | Q(done_at__isnull=False)
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["next_at"], condition=Q(done_at=None), name="letter_to_send"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class UnwantedLetters(models.Model):
    """A kind of letters that a person asked not to get."""

    person = models.ForeignKey("accounts.Person", models.CASCADE, related_name="unwanted_letters")
    kind = models.CharField(max_length=16, choices=LetterKind.choices)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "kind"], name="letters_unwanted_once"),
            models.CheckConstraint(
                name="letters_unwanted_kind",
                condition=Q(kind__in=LetterKind.values)
                & ~Q(kind__in=[kind.value for kind in ALWAYS]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.kind}"

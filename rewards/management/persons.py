"""Commands act for a person, who must be allowed to do what the command does."""

from __future__ import annotations

from django.core.management.base import CommandError

from dure.accounts.acting import Actor
from dure.accounts.models import Person


def acting_as(email: str) -> Actor:
    """The actor for an active account's e-mail address."""
    person = Person.objects.filter(email=email.lower(), is_active=True).first()
    if person is None:
        raise CommandError("There is no active account with this e-mail address.")
    return Actor.for_person(person)

"""What commands share that a person gives."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management.base import CommandError
from django.utils.translation import gettext as _

from dure.accounts.acting import Actor
from dure.accounts.models import Person
from dure.core.problems import Problem


def acting_as(email: str) -> Actor:
    """The person of the active account with this address; CommandError if there is none."""
    person = Person.objects.filter(email=email.lower(), is_active=True).first()
    if person is None:
        raise CommandError(_("No active account has this e-mail address."))
    return Actor.for_person(person)


@contextmanager
def problems_as_errors() -> Iterator[None]:
    """A problem ends a command with its title and detail, not with a traceback."""
    try:
        yield
    except Problem as problem:
        raise CommandError(f"{problem.kind.title}: {problem.detail}") from problem

"""What commands share that a person gives."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from dure.accounts.acting import Actor
from dure.accounts.models import Person
from dure.core.problems import Problem

P = ParamSpec("P")
C = TypeVar("C", bound=BaseCommand)


def acting_as(email: str) -> Actor:
    """The person with this address; raises CommandError if there is nobody."""
    person = Person.objects.filter(email=email.lower()).first()
    if person is None:
        raise CommandError(_("Nobody has this e-mail address."))
    return Actor.for_person(person)


def problems_as_errors(
    handle: Callable[Concatenate[C, P], None],
) -> Callable[Concatenate[C, P], None]:
    """A problem ends a command with its title and detail, not with a traceback."""

    @wraps(handle)
    def handled(command: C, *args: P.args, **options: P.kwargs) -> None:
        try:
            handle(command, *args, **options)
        except Problem as problem:
            raise CommandError(f"{problem.kind.title}: {problem.detail}") from problem

    return handled

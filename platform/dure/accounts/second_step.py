"""Whether somebody has more than a password between others and their account."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpRequest

from dure.accounts.models import Person

_COUNTS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def lacks_second_step(person: Person) -> bool:
    """Whether the work of a person for the city has to wait until they set up a second step.

    Never where the settings do not ask for it: a city on a laptop has passwords alone.
    """
    if not settings.STAFF_SECOND_STEP:
        return False
    return not Authenticator.objects.filter(user=person, type__in=_COUNTS).exists()


def may_administer(request: HttpRequest) -> bool:
    """Who may open the reference-data administration."""
    user = request.user
    return (
        isinstance(user, Person)
        and user.is_active
        and user.is_staff
        and not lacks_second_step(user)
    )

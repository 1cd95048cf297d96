"""What follows from what the account machinery does."""

from __future__ import annotations

from typing import Any

from allauth.account.signals import email_confirmed
from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_reset
from django.dispatch import receiver
from django.http import HttpRequest

from dure.accounts.invitations import send_invitation
from dure.accounts.models import Person


@receiver(email_confirmed, dispatch_uid="portal.accounts.write_to_guardian")
def write_to_guardian(email_address: Any, **_more: object) -> None:
    """A child's guardian hears of it only when the child's own address is made sure of."""
    person = email_address.user
    if isinstance(person, Person) and person.said_born_on is not None:
        send_invitation(child=person)


@receiver(
    [authenticator_added, authenticator_removed, authenticator_reset],
    dispatch_uid="portal.accounts.new_session_name",
)
def new_session_name(request: HttpRequest, **_more: object) -> None:
    """Whoever knew the session's name before knows nothing afterwards."""
    if hasattr(request, "session"):
        request.session.cycle_key()

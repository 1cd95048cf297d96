"""What the portal holds about a person: how they sign in, and which letters they want."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator

from dure.accounts.models import Person
from dure.core.canonical import Json
from portal.letters.filed import remove_letters_to
from portal.letters.post import unwanted_by
from portal.models import UnwantedLetters, WaitingLetter


class PortalHolder:
    """Addresses, second steps by kind and choices; never a secret or a key."""

    def export(self, party_id: UUID) -> Json:
        person = Person.objects.filter(party_id=party_id).first()
        if person is None:
            return {}
        addresses = EmailAddress.objects.filter(user=person).order_by("email")
        steps = Authenticator.objects.filter(user=person).order_by("id")
        born = person.said_born_on
        return {
            "addresses": [
                {"address": str(one.email), "confirmed": bool(one.verified)} for one in addresses
            ],
            "second_steps": [str(one.type) for one in steps],
            "unwanted_letters": cast("Json", sorted(unwanted_by(person))),
            "said_born_on": born.isoformat() if born else None,
        }

    def restrict(self, party_id: UUID) -> None:
        """Letters tell people about their own affairs; they are no use of their data."""

    def erase(self, party_id: UUID) -> None:
        """Letters that wait are not sent, those that were filed are gone, and so are choices."""
        known = EmailAddress.objects.filter(user__party_id=party_id).values_list("email", flat=True)
        own = Person.objects.filter(party_id=party_id).values_list("email", flat=True)
        # In this order: one that is written meanwhile finds no row any more, and removes itself.
        WaitingLetter.objects.filter(person__party_id=party_id).delete()
        remove_letters_to({*known, *own})
        UnwantedLetters.objects.filter(person__party_id=party_id).delete()

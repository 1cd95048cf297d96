"""Which records may be in a release, and whom it may reach: consent, asked at the moment of use.

Three cases, where a notice names third parties as recipients of a purpose:

- A *licensed release for a recipient* holds records of those alone who consent to that recipient,
  and reaches the organisation that the notice names, nobody else.
- A *licensed release for no recipient* reaches licensees whom no notice names, as long as nobody
  in it was told by name who receives the data.
- An *open release* reaches everybody, hence also a recipient to whom somebody said no: whoever
  said no to any is not in it.

Where no notice names anybody, the consent to the purpose decides alone.
"""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db.models import Q, QuerySet

from contributions.models import Call, Contribution, Release, ReleaseKind
from contributions.selectors import usable
from governance.consent.disclosure import (
    declining_parties,
    keys_of,
    parties_told_by_name,
    purposes_with_recipients,
)
from governance.consent.selectors import consenting_parties


def releasable(release: Release) -> QuerySet[Contribution]:
    """Contributions that may be in a release at this moment; to be asked at every use."""
    about = {"scope": release.call.slug, "purpose": release.purpose}
    good = usable(release.call.slug, purpose=release.purpose)
    if release.kind == ReleaseKind.OPEN:
        return good.exclude(party__in=declining_parties(**about))
    if release.recipient:
        return good.filter(party__in=consenting_parties(**about, recipient=release.recipient))
    return good


def reaches(release: Release, parties: Collection[UUID]) -> bool:
    """Whether a licensed release may reach one of these parties, all of whom hold a licence."""
    return any(_reaches(release, party_id) for party_id in parties)


def _reaches(release: Release, party_id: UUID) -> bool:
    about = {"scope": release.call.slug, "purpose": release.purpose}
    keys = keys_of(**about, party_id=party_id)
    if release.recipient or keys:
        # Who is named gets what was made for them: of others in it, consent was never asked.
        return release.recipient in keys
    told = parties_told_by_name(**about)
    return not release.members.filter(contribution__party__in=told).exists()


def within_reach(call: Call, party_id: UUID | None) -> QuerySet[Contribution] | None:
    """Contributions whose records a licence may bring to a party now, for any purpose.

    None where no notice of the call names recipients: then there is nothing to tell apart.
    """
    named = purposes_with_recipients(call.slug)
    if not named or call.published is None:
        return None
    found = Q(pk__in=[])
    for purpose in (asked["key"] for asked in call.published.document["purposes"]):
        found |= _may_reach(call.slug, purpose, party_id)
    return usable(call.slug).filter(found)


def _may_reach(scope: str, purpose: str, party_id: UUID | None) -> Q:
    keys = keys_of(scope=scope, purpose=purpose, party_id=party_id) if party_id else frozenset()
    consenting = Q(party__in=consenting_parties(scope=scope, purpose=purpose))
    if not keys:
        return consenting & ~Q(party__in=parties_told_by_name(scope=scope, purpose=purpose))
    to_them = Q(pk__in=[])
    for key in sorted(keys):
        to_them |= Q(party__in=consenting_parties(scope=scope, purpose=purpose, recipient=key))
    return consenting & to_them

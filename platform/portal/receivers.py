"""News that somebody gets a letter about; put by together with the note that it was heard."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from contributions.models import Release
from contributions.releases.holders import holders_before, holders_of
from dure.accounts.models import Invitation, Membership, Person, WebhookEndpoint
from dure.accounts.roles import MemberRole
from dure.core.outbox import Event, receiver
from governance.models import ConsentEvent, DecidedBy
from portal.letters.post import put_by
from portal.models import LetterKind
from rewards.models import CheckState, ClaimCheck

AT_ONCE = 1000


def _people_of(party_id: str) -> list[Person]:
    """The person of a party, or the members of an organisation."""
    person = Person.objects.filter(party_id=party_id).first()
    if person is not None:
        return [person]
    members = Membership.objects.filter(organisation__party_id=party_id).select_related("person")
    return [member.person for member in members]


def _put_by(kind: LetterKind, event: Event, about: str) -> None:
    if put_by(
        people=_people_of(str(event.payload["party"])),
        kind=kind,
        event=event.kind,
        about=UUID(about),
    ):
        _nudge()


def _nudge() -> None:
    from dure.core.nudge import nudge
    from portal.tasks import post_letters  # loads Celery, which the web needs only here

    transaction.on_commit(partial(nudge, post_letters))


def tell_contributor(event: Event) -> None:
    _put_by(LetterKind.CONTRIBUTIONS, event, str(event.payload["contribution"]))


def tell_of_redemption(event: Event) -> None:
    _put_by(LetterKind.REDEMPTIONS, event, str(event.payload["redemption"]))


def tell_of_answer(event: Event) -> None:
    _put_by(LetterKind.ANSWERS, event, event.subject)


for _state in ("accepted", "returned", "rejected", "failed"):
    receiver(f"contribution.{_state}", name="portal.letters")(tell_contributor)
for _state in ("settled", "returned"):
    receiver(f"redemption.{_state}", name="portal.letters")(tell_of_redemption)
for _kind in ("objection.answered", "rights.answered"):
    receiver(_kind, name="portal.letters")(tell_of_answer)


def tell_of_an_ended_consent(event: Event) -> None:
    """To whoever gave it and decides for them, where nobody asked them; a guardian revokes, too."""
    ended = ConsentEvent.objects.filter(consent_id=UUID(event.subject), decided_by=DecidedBy.CITY)
    last = ended.order_by("-position").first()
    if last is None:
        return
    party = str(event.payload["party"])
    deciding = Person.objects.filter(
        wards__child__party_id=party, wards__confirmed_at__isnull=False, wards__ended_at=None
    )
    people = [*_people_of(party), *deciding]
    if put_by(people=people, kind=LetterKind.CONSENTS, event=event.kind, about=last.id):
        _nudge()


for _kind in ("consent.invalidated", "consent.revoked"):
    receiver(_kind, name="portal.letters")(tell_of_an_ended_consent)


@receiver("unclaimed.warned", name="portal.letters")
def warn_of_expiry(event: Event) -> None:
    _put_by(LetterKind.EXPIRY, event, str(event.payload["unclaimed"]))


@receiver("epoch.approved", name="portal.letters")
def tell_of_rewards(event: Event) -> None:
    """Everybody whose contribution earned something; in pieces, for an epoch may have many."""
    epoch = UUID(str(event.payload["epoch"]))
    people = (
        Person.objects.filter(
            party__contributions__epoch_input__epoch_id=epoch,
            party__contributions__epoch_input__reward__gt=0,
        )
        .distinct()
        .order_by("id")
    )
    batch: list[Person] = []
    for person in people.iterator(chunk_size=AT_ONCE):
        batch.append(person)
        if len(batch) == AT_ONCE:
            put_by(people=batch, kind=LetterKind.REWARDS, event=event.kind, about=epoch)
            batch = []
    put_by(people=batch, kind=LetterKind.REWARDS, event=event.kind, about=epoch)
    _nudge()


@receiver("claim.finding_decided", name="portal.letters")
def tell_of_a_finding(event: Event) -> None:
    """To whoever loses pay that waited; a dismissed finding changes nothing for them."""
    found = ClaimCheck.objects.filter(id=event.subject, state=CheckState.UPHELD)
    check = found.select_related("contribution").first()
    if check is None:
        return
    people = _people_of(str(check.contribution.party_id))
    if put_by(people=people, kind=LetterKind.FINDINGS, event=event.kind, about=check.id):
        _nudge()


@receiver("claim.finding_overruled", name="portal.letters")
def tell_of_what_is_given_back(event: Event) -> None:
    """To whoever gets back what a finding had taken."""
    found = ClaimCheck.objects.filter(id=event.subject, state=CheckState.OVERRULED)
    check = found.select_related("contribution").first()
    if check is None:
        return
    people = _people_of(str(check.contribution.party_id))
    if put_by(people=people, kind=LetterKind.FINDINGS, event=event.kind, about=check.id):
        _nudge()


@receiver("release.superseded", name="portal.letters")
def tell_of_a_recall(event: Event) -> None:
    """To everybody who holds rows that have to be deleted."""
    release = UUID(event.subject)
    _tell_holders(event, release, holders_of(release))


@receiver("release.patched", name="portal.letters")
def tell_of_a_patch(event: Event) -> None:
    """To everybody who holds what the patch takes the place of."""
    patch = Release.objects.get(id=event.subject)
    _tell_holders(event, patch.id, holders_before(patch))


def _tell_holders(event: Event, release: UUID, parties: list[UUID]) -> None:
    """In pieces: what is open to everybody may have many holders."""
    told = 0
    for first in range(0, len(parties), AT_ONCE):
        some = parties[first : first + AT_ONCE]
        people = Person.objects.filter(
            Q(party_id__in=some) | Q(memberships__organisation__party_id__in=some)
        ).distinct()
        told += put_by(people=people, kind=LetterKind.RECALLS, event=event.kind, about=release)
    if told:
        _nudge()


@receiver("guardian.invited", name="portal.letters")
def ask_guardian(event: Event) -> None:
    invitation = UUID(str(event.payload["invitation"]))
    people = _people_of(str(event.payload["party"]))
    if put_by(people=people, kind=LetterKind.GUARDIANSHIP, event=event.kind, about=invitation):
        _nudge()


@receiver("member.invited", name="portal.letters")
def invite_member(event: Event) -> None:
    """To the invited address; the event carries the id alone, the address stays in the row."""
    found = Invitation.objects.select_related("invited_by").filter(id=event.subject).first()
    if found is None:  # forgotten meanwhile
        return
    inviting = [found.invited_by]
    if put_by(people=inviting, kind=LetterKind.MEMBERSHIP, event=event.kind, about=found.id):
        _nudge()


@receiver("webhook.disabled", name="portal.letters")
def tell_of_disabled_webhook(event: Event) -> None:
    """To the owners, each time that an endpoint is given up."""
    found = WebhookEndpoint.objects.filter(id=event.subject, disabled_at__isnull=False).first()
    if found is None or found.disabled_at is None:
        return
    owners = Membership.objects.filter(
        organisation_id=found.organisation_id, role=MemberRole.OWNER
    ).select_related("person")
    people = [owner.person for owner in owners]
    name = f"{event.kind} {int(found.disabled_at.timestamp())}"
    if put_by(people=people, kind=LetterKind.WEBHOOKS, event=name, about=found.id):
        _nudge()

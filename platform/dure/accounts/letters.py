"""Letters about accounts: written here, sent once the fact that they tell of is committed."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import send_mail
from django.utils import translation
from django.utils.translation import gettext as _

from dure.accounts.models import Invitation, Person, WebhookEndpoint
from dure.accounts.roles import MemberRole
from dure.core.clock import CITY_ZONE, now
from dure.core.language import localized
from dure.core.outbox import Event, receiver


def address_of(path: str, language: str) -> str:
    """A page's address as a letter carries it, in the reader's language."""
    return f"{settings.PUBLIC_URL}{'/en' if language == 'en' else ''}{path}"


@receiver("member.invited", name="accounts.letters.invitation")
def send_invitation(event: Event) -> None:
    """Tell the invited address; the event carries the id alone, the address stays in the row."""
    invitation = (
        Invitation.objects.select_related("organisation", "invited_by")
        .filter(id=event.subject, ended_at=None, expires_at__gt=now())
        .first()
    )
    if invitation is None:  # accepted, taken back or forgotten meanwhile
        return
    known = Person.objects.filter(email=invitation.email).first()
    language = known.language if known else invitation.invited_by.language
    with translation.override(language):
        words = {
            "by": invitation.invited_by.name,
            "organisation": localized(invitation.organisation.name),
            "until": invitation.expires_at.astimezone(CITY_ZONE).date().isoformat(),
            "link": address_of(f"/firm/invitations/{invitation.id}/", language),
            "email": invitation.email,
        }
        send_mail(
            subject=_("%(by)s invites you to act for %(organisation)s") % words,
            message=_(
                "%(by)s invites you to act for %(organisation)s on Dure.\n\n"
                "To accept or decline, log in as %(email)s and open:\n%(link)s\n\n"
                "The invitation is open until %(until)s. If you do not know the sender, do nothing."
            )
            % words,
            from_email=None,
            recipient_list=[invitation.email],
        )


@receiver("webhook.disabled", name="accounts.letters.webhook_disabled")
def send_disabled(event: Event) -> None:
    """Tell the owners that an endpoint was given up, each in their language."""
    endpoint = (
        WebhookEndpoint.objects.select_related("organisation")
        .filter(id=event.subject, removed_at=None, disabled_at__isnull=False)
        .first()
    )
    if endpoint is None:
        return
    owners = endpoint.organisation.memberships.filter(role=MemberRole.OWNER)
    for owner in owners.select_related("person"):
        language = owner.person.language
        with translation.override(language):
            words = {
                "organisation": localized(endpoint.organisation.name),
                "url": endpoint.url,
                "link": address_of(
                    f"/firm/webhooks/{endpoint.id}/?organisation={endpoint.organisation_id}",
                    language,
                ),
            }
            send_mail(
                subject=_("A webhook of %(organisation)s was disabled") % words,
                message=_(
                    "Nothing could be delivered to %(url)s any more, so no news is sent there now."
                    "\n\nWhat was tried, and a way to begin again:\n%(link)s"
                )
                % words,
                from_email=None,
                recipient_list=[owner.person.email],
            )

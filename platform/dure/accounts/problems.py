"""What can be wrong with accounts, guardians, organisations, keys and webhooks."""

from __future__ import annotations

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from dure.core.problems import Problem, ProblemKind

GUARDIAN_UNKNOWN = ProblemKind(
    "guardian-unknown",
    404,
    _("There is no such guardian"),
    _("A guardian needs an account of their own with a verified year of birth."),
)
GUARDIAN_ASKED = ProblemKind(
    "guardian-asked",
    409,
    _("This guardian has been asked already"),
    _("The guardian answers after logging in, on the page about consents."),
)
NOT_A_CHILD = ProblemKind(
    "not-a-child",
    422,
    _("Only a child under 14 needs a guardian"),
    _("Check the date of birth; from 14 on everybody decides for themselves."),
)
SCOPE_MISSING = ProblemKind(
    "scope-missing",
    403,
    _("The key does not open this"),
    _("Use a key that has the scope; on the page of keys you can make one."),
)
LIVE_NOT_REVIEWED = ProblemKind(
    "live-access-not-reviewed",
    409,
    _("Live keys wait for a review"),
    _("Ask for live access on the page of keys. Test keys work meanwhile."),
)
REVIEW_ASKED = ProblemKind(
    "live-access-asked",
    409,
    _("Live access has been asked for already"),
    _("Wait for the decision; it is shown on the page of keys."),
)
REVIEW_DECIDED = ProblemKind(
    "live-access-decided",
    409,
    _("This request was decided already"),
    _("Reload the list of requests."),
)
KEYS_ENOUGH = ProblemKind(
    "too-many-keys",
    409,
    _("There are as many keys as there may be"),
    _("Revoke a key that is not used any more."),
)
OWNER_NEEDED = ProblemKind(
    "owner-needed",
    409,
    _("An organisation needs an owner"),
    _("Make somebody else an owner first."),
)
OWNERS_ONLY = ProblemKind(
    "owners-only",
    403,
    _("Only owners may do this"),
    _("Ask an owner of the organisation; they are named on the page of members."),
)
MEMBER_ALREADY = ProblemKind(
    "already-a-member",
    409,
    _("This person is a member already"),
    _("Change the role on the page of members instead."),
)
INVITED_ALREADY = ProblemKind(
    "already-invited",
    409,
    _("This address is invited already"),
    _("Take the open invitation back before you send another."),
)
INVITATIONS_ENOUGH = ProblemKind(
    "too-many-invitations",
    409,
    _("Too many invitations are open"),
    _("Take back some that are not needed."),
)
INVITATION_OVER = ProblemKind(
    "invitation-over",
    404,
    _("There is no such invitation for you"),
    _("It was taken back, has expired or is for another address. Ask for a new one."),
)
WEBHOOK_ADDRESS = ProblemKind(
    "webhook-address",
    422,
    _("No news can be sent to this address"),
    _("Give an https address that everybody on the internet can reach."),
)
WEBHOOKS_ENOUGH = ProblemKind(
    "too-many-webhooks",
    409,
    _("There are as many endpoints as there may be"),
    _("Remove an endpoint that is not needed any more."),
)
WEBHOOK_OFF = ProblemKind(
    "webhook-disabled",
    409,
    _("This endpoint is disabled"),
    _("Enable it again before you send it something."),
)


def scope_missing(scope: str) -> Problem:
    """What a key is told that was not made for this."""
    text = gettext("This key does not open “%(scope)s”.")
    return SCOPE_MISSING.problem(detail=text % {"scope": scope})

"""What can be wrong with a decision about consent."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from dure.core.problems import ProblemKind

CONSENT_MISSING = ProblemKind(
    "consent-missing",
    422,
    _("A required consent is missing"),
    _("Read the notice and agree to the required purpose, or do not take part in this call."),
)
CONSENT_UNKNOWN = ProblemKind(
    "consent-unknown",
    404,
    _("There is no such consent of yours"),
    _("Check the number; you see only your own decisions."),
)
NOTICE_UNKNOWN = ProblemKind(
    "notice-unknown",
    404,
    _("There is no such notice"),
    _("List the notices of the call and answer one of those."),
)
NOTICE_SUPERSEDED = ProblemKind(
    "notice-superseded",
    409,
    _("This notice has been replaced"),
    _("Read the new version of the notice and decide about that one."),
)
NOTICE_UNFIT = ProblemKind(
    "notice-unfit",
    422,
    _("The notice cannot be published"),
    _("A notice says one purpose in Korean and in English, and for how long data is kept."),
)
CONSENT_NOT_GIVEN = ProblemKind(
    "consent-not-given",
    409,
    _("There is nothing to withdraw"),
    _("Only a consent that was given can be withdrawn."),
)
RECIPIENT_UNKNOWN = ProblemKind(
    "recipient-unknown",
    422,
    _("The notice names no such recipient"),
    _("Decide about a recipient that the notice names, or about the city's own use."),
)
NOTICE_ENDED = ProblemKind(
    "notice-ended",
    409,
    _("This notice is no longer used"),
    _("The city has ended the consents to it. You will be asked again when there is a new notice."),
)
CONSENT_REVOKED = ProblemKind(
    "consent-revoked",
    409,
    _("The city revoked this consent"),
    _("You will be asked again when there is a new notice."),
)
GUARDIAN_NEEDED = ProblemKind(
    "guardian-needed",
    403,
    _("A guardian decides for a child under 14"),
    _("Ask your guardian; they decide after logging in, on the page about consents."),
)
MEASURE_UNKNOWN = ProblemKind(
    "consent-measure-unknown",
    404,
    _("There is no such measure"),
    _("Check the number; a measure that was carried out stands."),
)
MEASURE_WAITS = ProblemKind(
    "consent-measure-waits",
    409,
    _("A measure on this notice waits for approval already"),
    _("Let a second person approve it first."),
)
MEASURE_UNFIT = ProblemKind(
    "consent-measure-unfit",
    422,
    _("The measure cannot be taken"),
    _("Name one of the known grounds and give a reason in one to 2,000 characters."),
)
MEASURE_OWN = ProblemKind(
    "consent-measure-own",
    403,
    _("A second person has to approve this"),
    _("Ask another approver: whoever proposed it cannot approve it."),
)

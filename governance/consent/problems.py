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

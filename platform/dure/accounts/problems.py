"""What can be wrong with asking or being a guardian."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from dure.core.problems import ProblemKind

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
    _("The guardian answers after signing in, on the page about consents."),
)
NOT_A_CHILD = ProblemKind(
    "not-a-child",
    422,
    _("Only a child under 14 needs a guardian"),
    _("Check the date of birth; from 14 on everybody decides for themselves."),
)

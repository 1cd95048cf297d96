"""What can be wrong with asking for the data of many people."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from dure.core.problems import ProblemKind

DISCLOSURE_UNKNOWN = ProblemKind(
    "disclosure-unknown",
    404,
    _("There is no such disclosure"),
    _("Check the number; only whoever asked for it opens it, while their access lasts."),
)
DISCLOSURE_UNFIT = ProblemKind(
    "disclosure-unfit",
    422,
    _("The disclosure cannot be asked for"),
    _("Give a reason in one to 2,000 characters."),
)
DISCLOSURE_WAITS = ProblemKind(
    "disclosure-waits",
    409,
    _("A second person has not approved it yet"),
    _("It can be opened once an approver agrees."),
)
DISCLOSURE_OVER = ProblemKind(
    "disclosure-over",
    410,
    _("The time of this disclosure is over"),
    _("Ask again, with the reason why it is needed for longer."),
)
DISCLOSURE_OWN = ProblemKind(
    "disclosure-own",
    403,
    _("Nobody approves what they asked for"),
    _("Ask another approver."),
)

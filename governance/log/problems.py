"""What can be wrong with a question to the log."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from dure.core.problems import ProblemKind

ENTRY_UNKNOWN = ProblemKind(
    "log-entry-unknown",
    404,
    _("The log has no such entry yet"),
    _("Entries are numbered from 0 and get their number within seconds; try again shortly."),
)
RANGE_UNFIT = ProblemKind(
    "log-range-unfit",
    400,
    _("The log cannot prove that"),
    _("Ask with sizes from 1 up to the size of the latest checkpoint, the smaller one first."),
)
LOG_EMPTY = ProblemKind(
    "log-empty",
    404,
    _("The log has no checkpoint yet"),
    _("The first checkpoint is signed with the first entry."),
)

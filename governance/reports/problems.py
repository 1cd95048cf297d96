"""What can be wrong with a question about transparency reports."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from dure.core.problems import ProblemKind

REPORT_UNKNOWN = ProblemKind(
    "report-unknown",
    404,
    _("There is no report of that period"),
    _("List the reports and choose one of their periods, such as 2026-q4."),
)
PERIOD_UNFIT = ProblemKind(
    "period-unfit",
    400,
    _("That is not a reporting period"),
    _("A period is a quarter that has begun, written like 2026-q4."),
)

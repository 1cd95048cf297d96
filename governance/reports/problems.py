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
FORM_UNKNOWN = ProblemKind(
    "report-form-unknown",
    404,
    _("This edition of the report does not have that form"),
    _("Editions that were published before have JSON and CSV only. Ask for one of those."),
)
EDITION_UNFIT = ProblemKind(
    "report-edition-unfit",
    400,
    _("That is not an edition"),
    _("Editions are numbered from 1. Leave the number away for the newest one."),
)
CORRECTION_TOO_LONG = ProblemKind(
    "report-correction-too-long",
    422,
    _("The reason for the correction is too long"),
    _("Say in at most 500 characters why there is another edition."),
)

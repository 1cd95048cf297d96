"""What can be wrong with an audit case, a sample, a finding or its answer."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from dure.core.problems import ProblemKind

CASE_UNKNOWN = ProblemKind(
    "audit-case-unknown",
    404,
    _("There is no such case"),
    _("Check the address; auditors see their own cases."),
)
MANDATE_OVER = ProblemKind(
    "audit-mandate-over",
    403,
    _("Your mandate has ended"),
    _("What it gave access to is closed. Ask the city for a new mandate to examine more."),
)
CASE_CLOSED = ProblemKind(
    "audit-case-closed",
    409,
    _("The case is closed"),
    _("Nothing more goes into it. Open a new case."),
)
CASE_UNFIT = ProblemKind(
    "audit-case-unfit",
    422,
    _("The case cannot be opened so"),
    _("Say what is examined, choose its scope, and give a last day within your mandate."),
)
SAMPLE_UNKNOWN = ProblemKind(
    "audit-sample-unknown",
    404,
    _("There is no such sample"),
    _("Check the address; auditors see the samples of their own cases."),
)
SAMPLE_UNFIT = ProblemKind(
    "audit-sample-unfit",
    422,
    _("The sample cannot be drawn so"),
    _("Choose a population, a size within it, and the hash of a seed of your own."),
)
SAMPLE_WAITS = ProblemKind(
    "audit-sample-waits",
    409,
    _("The log has not signed your commitment yet"),
    _("It does so within a minute. Load the page again, then draw."),
)
SEED_OTHER = ProblemKind(
    "audit-seed-other",
    422,
    _("This is not the seed that you committed to"),
    _("Enter it exactly as it was, without spaces before or after."),
)
REPLAY_UNFIT = ProblemKind(
    "audit-replay-unfit",
    422,
    _("The outcome cannot be recorded so"),
    _("Choose how it ended, and give the hash of the manifest as your tool printed it."),
)
FINDING_UNKNOWN = ProblemKind(
    "audit-finding-unknown",
    404,
    _("There is no such finding"),
    _("Check the address."),
)
FINDING_UNFIT = ProblemKind(
    "audit-finding-unfit",
    422,
    _("The finding cannot be published so"),
    _("Choose kind and severity, say what was found, and name evidence from the log."),
)
FINDING_OVER = ProblemKind(
    "audit-finding-over",
    409,
    _("This finding was corrected by another one"),
    _("Answer or correct the newest one."),
)
ANSWER_UNFIT = ProblemKind(
    "audit-answer-unfit",
    422,
    _("The answer cannot be given so"),
    _("Choose an answer and give a reason; where something is mended, say by which day."),
)
ANSWER_OWN = ProblemKind(
    "audit-answer-own",
    403,
    _("Nobody answers their own finding"),
    _("Ask a colleague."),
)

"""What can be wrong with a request or an objection."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from dure.core.problems import ProblemKind

REQUEST_UNKNOWN = ProblemKind(
    "rights-request-unknown",
    404,
    _("There is no such request of yours"),
    _("Check the number; you see only your own requests."),
)
REQUEST_OPEN = ProblemKind(
    "rights-request-open",
    409,
    _("You have asked for this already"),
    _("Your request is being worked on; the answer comes by the date it shows."),
)
FAREWELL_UNFIT = ProblemKind(
    "farewell-unfit",
    422,
    _("Nothing of this kind is asked here"),
    _("Only who asks to be erased says what becomes of the balance."),
)
OBJECTION_UNKNOWN = ProblemKind(
    "objection-unknown",
    404,
    _("There is no such objection of yours"),
    _("Check the number; you see only your own objections."),
)
OBJECTION_OPEN = ProblemKind(
    "objection-open",
    409,
    _("You have objected to this decision already"),
    _("A human looks at it; the answer comes by the date your objection shows."),
)
SUBJECT_UNKNOWN = ProblemKind(
    "objection-subject-unknown",
    422,
    _("There is no such decision about you"),
    _("Name the receipt number of your contribution or the identifier of an algorithm."),
)
TEXT_UNFIT = ProblemKind(
    "rights-text-unfit",
    422,
    _("The text is missing or too long"),
    _("Write what you want in one to 4,000 characters."),
)
ANSWERED_ALREADY = ProblemKind(
    "rights-answered-already",
    409,
    _("This has been answered already"),
    _("An answer stands; whoever disagrees may ask again."),
)
OWN_REQUEST = ProblemKind(
    "rights-own-request",
    403,
    _("Nobody answers their own request"),
    _("Ask another operator to answer it."),
)
EXPORT_UNREADY = ProblemKind(
    "export-unready",
    404,
    _("There is no file to download yet"),
    _("It is being put together; look again in a moment."),
)
EXPORT_EXPIRED = ProblemKind(
    "export-expired",
    410,
    _("The file has expired"),
    _("Ask for an export again; a new file is made within minutes."),
)
IDENTITY_UNCONFIRMED = ProblemKind(
    "identity-unconfirmed",
    403,
    _("The password is not right"),
    _("Type the password you log in with. After five tries you have to wait fifteen minutes."),
)
OWN_DECISION = ProblemKind(
    "rights-own-decision",
    403,
    _("Nobody examines their own decision"),
    _("Ask somebody who took no part in the decision to answer."),
)
AMOUNT_UNFIT = ProblemKind(
    "objection-amount-unfit",
    422,
    _("No amount can be named in this answer"),
    _(
        "An amount goes with an objection to a reward that is granted in part. Leave it out of "
        "any other answer."
    ),
)

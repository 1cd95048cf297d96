"""What can be wrong with a request for a release, and why one was not published."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from dure.core.problems import ProblemKind, Text

RELEASE_UNKNOWN = ProblemKind(
    code="release-unknown",
    status=404,
    title=_("There is no such release"),
    advice=_("Choose one of the releases in the catalogue."),
)
RELEASE_FILE_UNKNOWN = ProblemKind(
    code="release-file-unknown",
    status=404,
    title=_("The release has no such file"),
    advice=_("The release names its files."),
)
RELEASE_SUPERSEDED = ProblemKind(
    code="release-superseded",
    status=410,
    title=_("This release is no longer given out"),
    advice=_(
        "Somebody whose records are in it has withdrawn. Use a newer release, and delete the "
        "rows on the recall list from your copy."
    ),
)
RELEASE_PENDING = ProblemKind(
    code="release-pending",
    status=409,
    title=_("This release is already being built"),
    advice=_("Wait until it is finished; then another can be built."),
)
RELEASE_KIND_UNKNOWN = ProblemKind(
    code="release-kind-unknown",
    status=422,
    title=_("There is no such kind of release"),
    advice=_("A release is open or licensed."),
)
LICENCE_NEEDED = ProblemKind(
    code="licence-needed",
    status=403,
    title=_("This release needs a licence"),
    advice=_("Ask for a licence; its price follows published rules."),
)

RELEASE_NOT_FOR_YOU = ProblemKind(
    code="release-not-for-you",
    status=403,
    title=_("This release may not reach you"),
    advice=_(
        "Its contributors decide by name who receives their records. Ask the city for the release "
        "of those who agreed to you."
    ),
)
LICENCE_SUSPENDED = ProblemKind(
    code="licence-suspended",
    status=403,
    title=_("This licence is suspended"),
    advice=_(
        "Rows that were recalled had to be deleted within 30 days. Delete them and say so on the "
        "page of the licence; then the files open again."
    ),
)
NOTHING_RECALLED = ProblemKind(
    code="nothing-recalled",
    status=409,
    title=_("This release is not recalled"),
    advice=_("There is nothing to delete of it."),
)
MODEL_UNKNOWN = ProblemKind(
    code="model-unknown",
    status=404,
    title=_("There is no such model"),
    advice=_("Choose one of those that you told of."),
)
MODELS_FULL = ProblemKind(
    code="models-full",
    status=409,
    title=_("You told of very many models of this release"),
    advice=_("Withdraw entries that were a mistake, or ask the city."),
)
OPEN_FOR_ONE: Text = _("What is for one recipient is given out under a licence.")

_REASONS: dict[str, Text] = {
    "nothing-to-release": _("No accepted record may be used for this purpose at present."),
    "disclosure": _("Too many records would have to be suppressed to protect the people in them."),
    "internal": _("The release could not be built because of an error of ours."),
}


def release_reason(rule: str) -> Text:
    """Why a release was not published, as a sentence; empty where it was."""
    return _REASONS.get(rule, "")

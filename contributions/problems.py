"""What can be wrong with a request to this room, and what to do about it."""

from __future__ import annotations

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from contributions.decode.formats import NAMES
from dure.core.problems import ProblemKind

CALL_UNKNOWN = ProblemKind(
    code="call-unknown",
    status=404,
    title=_("There is no such call"),
    advice=_("Choose one of the open calls."),
)
CALL_TAKEN = ProblemKind(
    code="call-taken",
    status=409,
    title=_("A call of this name exists already"),
    advice=_("Change the existing call, or choose another slug."),
)
CALL_CHANGED = ProblemKind(
    code="call-changed",
    status=409,
    title=_("Somebody saved another version meanwhile"),
    advice=_("Look at the newest version, and make your changes there."),
)
CALL_REASON = ProblemKind(
    code="call-reason-unfit",
    status=422,
    title=_("The reason for the new version is too long"),
    advice=_("Say in at most 500 characters why the call changes."),
)
CALL_INVALID = ProblemKind(
    code="call-invalid",
    status=422,
    title=_("The call cannot be published as written"),
    advice=_("Correct the fields named below and send the call again."),
)
CALL_CLOSED = ProblemKind(
    code="call-closed",
    status=409,
    title=_("The call is not open"),
    advice=_("Contribute while the call is open, or choose another call."),
)
FOUR_EYES = ProblemKind(
    code="second-person-needed",
    status=409,
    title=_("A second person has to approve"),
    advice=_("Ask another operator who neither wrote nor proposed this version."),
)
NOTHING_TO_PUBLISH = ProblemKind(
    code="nothing-to-publish",
    status=409,
    title=_("Every version of this call is published or closed"),
    advice=_("Change the call first; the change can then be published."),
)
REFERENCE_UNKNOWN = ProblemKind(
    code="reference-unknown",
    status=404,
    title=_("There is no such reference population"),
    advice=_("Choose a registered reference population."),
)
REFERENCE_INVALID = ProblemKind(
    code="reference-invalid",
    status=422,
    title=_("The reference population is not sound"),
    advice=_("Correct the fields named below and register it again."),
)
REFERENCE_IN_USE = ProblemKind(
    code="reference-in-use",
    status=409,
    title=_("A call relies on this reference population"),
    advice=_("Register the new counts under a new key."),
)
CONTRIBUTION_UNKNOWN = ProblemKind(
    code="contribution-unknown",
    status=404,
    title=_("There is no such contribution"),
    advice=_("Check the receipt number and who you are logged in as."),
)
CONTRIBUTION_ENDED = ProblemKind(
    code="contribution-ended",
    status=409,
    title=_("This contribution can no longer be withdrawn"),
    advice=_("It holds no data any more; there is nothing left to withdraw."),
)
NOT_CORRECTABLE = ProblemKind(
    code="not-correctable",
    status=409,
    title=_("This contribution cannot be corrected"),
    advice=_("Only what was returned can be corrected, while its file is kept. Send a new one."),
)
NO_ROWS_TO_CORRECT = ProblemKind(
    code="no-rows-to-correct",
    status=409,
    title=_("The file was not read as rows, so single rows cannot be corrected"),
    advice=_("Send the whole file again."),
)
NOTHING_CHANGED = ProblemKind(
    code="nothing-changed",
    status=422,
    title=_("No row was changed"),
    advice=_("Correct at least one cell and send the rows again."),
)
ROW_NUMBERS_MISSING = ProblemKind(
    code="row-numbers-missing",
    status=422,
    title=_("The rows have no numbers"),
    advice=_("Download the rows that were set aside, correct them and send that file."),
)
NOTHING_TO_CANCEL = ProblemKind(
    code="nothing-to-cancel",
    status=409,
    title=_("Checking has ended already"),
    advice=_("What was accepted can be withdrawn instead."),
)
NO_PREVIEW_YET = ProblemKind(
    code="no-preview",
    status=409,
    title=_("There is nothing to preview"),
    advice=_("Rows can be seen once personal data has been checked, until the file is gone."),
)
NOT_FOR_PARTY = ProblemKind(
    code="not-your-organisation",
    status=403,
    title=_("You may not contribute for this party"),
    advice=_("Sign in as a member of the organisation, or use its key."),
)
FILE_MISSING = ProblemKind(
    code="file-missing",
    status=422,
    title=_("There is no file"),
    advice=_("Choose the file you want to contribute."),
)
FILE_TOO_LARGE = ProblemKind(
    code="file-too-large",
    status=413,
    title=_("The file is too large"),
    advice=_("Split the file, or send it as Parquet."),
)
FILE_EMPTY = ProblemKind(
    code="file-empty",
    status=422,
    title=_("The file holds no records"),
    advice=_("Check that the file has a header and at least one row."),
)
FILE_UNREADABLE = ProblemKind(
    code="file-unreadable",
    status=422,
    title=_("The file could not be read as a table"),
    advice=format_lazy(_("Send one of {formats}."), formats=", ".join(NAMES)),
)
STILL_AT_WORK = ProblemKind(
    code="still-at-work",
    status=409,
    title=_("The contribution is being checked, or has ended"),
    advice=_("Look at the list again; what a worker holds is let go by itself."),
)
TRIAL_UNANSWERED = ProblemKind(
    code="trial-unanswered",
    status=503,
    title=_("The sample could not be checked now"),
    advice=_("Try a smaller sample, or try again in a minute."),
)
COLUMNS_WRONG = ProblemKind(
    code="columns-wrong",
    status=422,
    title=_("The columns are not those of the call"),
    advice=_("Compare your header with the columns the call asks for."),
)
PURPOSE_UNKNOWN = ProblemKind(
    code="purpose-unknown",
    status=422,
    title=_("The call has no such purpose"),
    advice=_("Name only purposes that the call asks consent for."),
)
PHOTO_MISSING = ProblemKind(
    code="photo-missing",
    status=422,
    title=_("There is no photo"),
    advice=_("Choose at least one photo."),
)
PHOTO_REFUSED = ProblemKind(
    code="photo-refused",
    status=422,
    title=_("A photo could not be taken"),
    advice=_("Send JPEG, PNG or WebP photos as your camera makes them."),
)
PHOTOS_TOO_MANY = ProblemKind(
    code="photos-too-many",
    status=422,
    title=_("There are too many photos"),
    advice=_("Send fewer photos; those that are there stay."),
)
PHOTOS_CLOSED = ProblemKind(
    code="photos-closed",
    status=409,
    title=_("This contribution takes no more photos"),
    advice=_("It was withdrawn or refused. Send a new contribution."),
)
PHOTO_UNKNOWN = ProblemKind(
    code="photo-unknown",
    status=404,
    title=_("There is no such photo"),
    advice=_("Look at the list of photos of the contribution."),
)
UPLOAD_UNKNOWN = ProblemKind(
    code="upload-unknown",
    status=404,
    title=_("There is no such upload"),
    advice=_("It was used, given up or expired. Begin a new upload."),
)
UPLOAD_INCOMPLETE = ProblemKind(
    code="upload-incomplete",
    status=409,
    title=_("The upload is not complete"),
    advice=_("Send the rest of the file first."),
)
UPLOADS_TOO_MANY = ProblemKind(
    code="uploads-too-many",
    status=409,
    title=_("Too many uploads are open"),
    advice=_("Finish one of them or give it up."),
)
OFFSET_CONFLICT = ProblemKind(
    code="offset-conflict",
    status=409,
    title=_("The upload stands at another place"),
    advice=_("Ask where it stands and go on from there."),
)
CHECKSUM_MISMATCH = ProblemKind(
    code="checksum-mismatch",
    status=460,
    title=_("The bytes that arrived are not those that were sent"),
    advice=_("Nothing was kept. Send this piece again."),
)
PIECE_TYPE = ProblemKind(
    code="upload-piece-type",
    status=415,
    title=_("A piece of an upload has another media type"),
    advice=_("Send it as application/offset+octet-stream."),
)
PIECE_TOO_LARGE = ProblemKind(
    code="upload-piece-too-large",
    status=413,
    title=_("The piece is too large"),
    advice=_("Send no more than is missing, and at most 16 MB with a checksum."),
)
TUS_VERSION = ProblemKind(
    code="tus-version",
    status=412,
    title=_("This version of the protocol for uploads is not spoken here"),
    advice=_("Send the header Tus-Resumable: 1.0.0."),
)
DRAFT_UNKNOWN = ProblemKind(
    code="draft-unknown",
    status=404,
    title=_("There is no such draft"),
    advice=_("Start again from the page of the call."),
)

"""Why a contribution ended as it did, in one sentence that its owner can act on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from contributions.findings_text import readable, sentence

_SENTENCES: Mapping[str, str | Promise] = {
    "columns-wrong": _(
        "The columns are not those of the call (missing: %(missing)s; not asked for: "
        "%(unknown)s). Correct the header and send the file again."
    ),
    "personal-data-refused": _(
        "The file holds identifiers that nobody may collect, such as resident registration "
        "numbers. It was refused and deleted; remove them and send it again."
    ),
    "over-tolerance": _(
        "%(quarantined)s of %(received)s rows were set aside; the call accepts at most "
        "%(tolerance)s %%. Correct the rows below and send the file again."
    ),
    "table-check-failed": _("The file as a whole does not pass the check %(check)s."),
    "all-duplicates": _("Every record was contributed before, so none was added."),
    "nothing-left": _("Every row was set aside, so none was added."),
    "correction-unfit": _(
        "The corrected rows do not fit the file: each needs the number of a row of the file in "
        "the column dure:row, once, and the columns of the call. Send them again."
    ),
    "cancelled-by-owner": _("You cancelled this contribution before it was checked."),
    "set-aside-by-operator": _(
        "The file could not be checked on our side, and a member of staff ended the attempt. "
        "Please send it again, or ask us why."
    ),
    "withdrawn-by-owner": _("You withdrew this contribution."),
    "erased": _("The contribution was erased at its owner’s request."),
    "consent-withdrawn": _("The consent to %(purpose)s was withdrawn, so the data is not used."),
    "test-rejected": _("The test file asked to be refused, so it was."),
    "test-returned": _("The test file asked to be returned, so it was."),
    "test-failed": _("The test file asked to fail, so it did."),
    "internal": _(
        "Something went wrong on our side three times. Nothing is wrong with your file; please "
        "send it again."
    ),
    "deadline": _("Checking did not end in time, which is our fault. Please send the file again."),
}


def reason(rule: str, params: Mapping[str, Any]) -> str | None:  # Any: words of the sentence
    """The sentence of a reason in the reader's language; None where there is no reason."""
    if not rule:
        return None
    text = _SENTENCES.get(rule)
    if text is None:
        return sentence(rule, params)
    return str(text) % {"missing": "–", "unknown": "–", **_shown(params)}


def _shown(params: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value if value != "" else "–" for name, value in readable(params).items()}

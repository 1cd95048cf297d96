"""What rights and looks at data are called, for those concerned and those who answer."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from governance.access.selectors import AccessDocument


def right_text(kind: str) -> str:
    """What a right is called."""
    return {
        "access": _("See my data"),
        "export": _("Download my data"),
        "correction": _("Have something corrected"),
        "erasure": _("Have my data erased"),
        "restriction": _("Stop the use of my data"),
        "objection": _("Stop automated decisions about me"),
        "explanation": _("Have a decision explained"),
        "human_review": _("Have a human decide again"),
    }.get(kind, kind)


def effects(kind: str, *, asks_of_wallet: bool = False) -> list[str]:
    """What using a right brings about, the most important first."""
    return {
        "correction": [
            _("A member of staff corrects what is wrong and answers within 10 days."),
            _("What the log proves stays; a correction is added to it."),
        ],
        "restriction": [
            _("From this moment your data is kept and no longer used."),
            _("Releases that hold your data can no longer be downloaded."),
            _("You can undo this at any time under “My rights”."),
        ],
        "objection": [
            _("Until a human has answered, your data is kept and not used for any decision."),
            _("The answer comes within 30 days, with reasons."),
            _(
                "Granted, it stays so until you say otherwise; refused, you are told three days"
                " before your data is used again."
            ),
        ],
        "explanation": [
            _("A human explains which data and rules led to a decision, within 30 days.")
        ],
        "human_review": [
            _("A human who took no part in a decision makes it again, within 30 days.")
        ],
        "erasure": [
            _("Your account, your files and the keys to everything you wrote are destroyed."),
            _("From this moment your data is not used; everything is gone within 10 days."),
            _("Releases that hold your data are called back from everybody who has them."),
            _("Confirmed rewards stay yours. You say below what becomes of your wallet.")
            if asks_of_wallet
            else _("Confirmed rewards stay yours."),
            _("Totals that cannot be traced to you stay, and payment records as tax law asks."),
            _("This cannot be undone. You can take part again with a new account."),
        ],
    }[kind]


def law_text(code: str) -> str:
    """The article that a clock rests on: ``개인정보 보호법 제35조의2`` for ``PIPA 35-2``."""
    article, _dash, branch = code.removeprefix("PIPA ").partition("-")
    if branch:
        words = _("Personal Information Protection Act, art. %(article)s-%(branch)s")
        return words % {"article": article, "branch": branch}
    return _("Personal Information Protection Act, art. %(article)s") % {"article": article}


def look_text(look: AccessDocument) -> dict[str, str]:
    """What somebody looked at, why and in which role, in words."""
    what = {
        "rights request": _("A request of yours"),
        "objection": _("An objection of yours"),
        "consent": _("A consent of yours"),
        "contribution": _("A contribution of yours"),
        "redemption": _("A pay-out of yours"),
        "disclosure": _("Data given to an examiner"),
        "payout-file": _("The file with which you were paid"),
        "photo": _("A photo of yours"),
        "photos": _("The list of your photos"),
        "download": _("That you downloaded data"),
        "model": _("That you trained a model on data"),
        "account": _("Your account"),
        "membership": _("A membership of yours"),
        "licence": _("A licence of yours"),
    }.get(look["what"], look["what"])
    why = {
        "answering": _("to answer you"),
        "administration": _("administration"),
        "support": _("to help you"),
        "audit": pgettext("why", "for an audit"),
        "disclosure": _("a disclosure that two persons approved"),
        "payment": _("to pay out"),
        "invoicing": _("to receive your payment"),
        "review": _("to check it"),
        "recall": _("to recall data"),
        "roles": _("to decide about a role"),
    }.get(look["why"], look["why"])
    role = {
        "admin": _("Administrator"),
        "operator": _("City staff"),
        "approver": _("City staff"),
        "auditor": _("Auditor"),
    }.get(look["role"], _("City staff"))
    return {"what_text": what, "why_text": why, "role_text": role}

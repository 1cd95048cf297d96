"""Why a pay-out came back, in the words of its owner.

Banks answer with codes of the external status reason list of ISO 20022 (ExternalStatusReason1Code,
ExternalReturnReason1Code); an operator writes a sentence, which stays as it is.
"""

from __future__ import annotations

from django.utils.translation import gettext as _


def reason_in_words(reason: str) -> str:
    """``The account is closed. (AC04)``; a sentence or a code that is not known stays as it is."""
    known = {
        "AC01": _("The account number is not right."),
        "AC03": _("The account number is not right."),
        "AC04": _("The account is closed."),
        "AC06": _("The account is blocked."),
        "AC14": _("The kind of account cannot take this payment."),
        "AG01": _("Payments to this account are not allowed."),
        "AM02": _("The amount is above what the bank takes."),
        "AM05": _("The bank takes it for a payment that it had before."),
        "BE01": _("The name does not belong to the account."),
        "BE05": _("The bank does not know who pays."),
        "MD07": _("The bank says that the owner has died."),
        "RC01": _("The bank's number is not right."),
        "MS02": _("The owner of the account refused it; no reason was given."),
        "MS03": _("The bank refused it; no reason was given."),
        "NARR": _("The bank refused it; no reason was given."),
        "other": _("The bank or the operator refused it; no reason was given."),
    }.get(reason)
    if known is None:
        return reason
    return known if reason == "other" else f"{known} ({reason})"

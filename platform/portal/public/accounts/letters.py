"""What is written to somebody about their account: codes to confirm, and what was changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from portal.letters.letter import Letter


def account_letter(kind: str, context: Mapping[str, Any]) -> Letter:  # Any: allauth's context
    """The letter of a kind that the account machinery asks for; an unknown kind raises KeyError."""
    code = str(context.get("code", ""))
    if code:
        subject, first, second = _code_words(kind)
        return Letter(subject, (first, second, _ignore()), code=code)
    if kind == "account_already_exists":
        return Letter(
            _("You already have an account"),
            (
                _(
                    "Somebody, probably you, tried to open an account with this address."
                    " There is one already: log in, or choose a new password."
                ),
                _ignore(),
            ),
            link=str(context["password_reset_url"]),
        )
    if kind == "unknown_account":
        return Letter(
            _("There is no account with this address"),
            (
                _(
                    "Somebody, probably you, tried to log in with this address. It belongs to no"
                    " account: use another address, or open an account."
                ),
                _ignore(),
            ),
            link=str(context["signup_url"]),
        )
    subject = _changes()[kind]
    return Letter(subject, (subject + ".", _was_it_you()))


def _code_words(kind: str) -> tuple[str, str, str]:
    minutes = _("Type it on the page that asked for it. It holds for a few minutes, and once.")
    match kind:
        case "login_code":
            return _("Your code to log in"), _("This code logs you in:"), minutes
        case "password_reset_code":
            return (
                _("Your code for a new password"),
                _("This code lets you choose a new password:"),
                minutes,
            )
        case _:
            return (
                _("Confirm your e-mail address"),
                _("This code shows that the address is yours:"),
                minutes,
            )


def _changes() -> dict[str, str]:
    return {
        "email_changed": _("The e-mail address of your account was changed"),
        "email_confirm": _("An e-mail address of your account was confirmed"),
        "email_deleted": _("An e-mail address was taken out of your account"),
        "password_changed": _("Your password was changed"),
        "password_set": _("A password was set for your account"),
        "password_reset": _("Your password was replaced by a new one"),
        "recovery_codes_generated": _("New recovery codes were made for your account"),
        "totp_activated": _("An authenticator app now protects your account"),
        "totp_deactivated": _("The authenticator app was taken off your account"),
        "webauthn_added": _("A passkey was added to your account"),
        "webauthn_removed": _("A passkey was taken off your account"),
    }


def _ignore() -> str:
    return _("If it was not you, leave this letter: nothing happens without the code or the link.")


def _was_it_you() -> str:
    return _(
        "If it was you, all is well. If it was not, choose a new password at once"
        " and log out everywhere, on the page about your login."
    )

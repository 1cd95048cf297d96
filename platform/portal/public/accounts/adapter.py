"""How the account machinery speaks and acts here: our letters, our words, our people."""

from __future__ import annotations

import logging
from smtplib import SMTPException
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from django.contrib import messages
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.forms import BaseForm
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dure.accounts.acting import Actor
from dure.accounts.invitations import name_guardian
from dure.accounts.models import Person
from dure.accounts.roles import Role
from dure.accounts.services import create_person
from dure.core.language import current
from portal.letters.letter import as_message
from portal.public.accounts.letters import account_letter

logger = logging.getLogger(__name__)

_MISMATCH = gettext_lazy("The e-mail address and the password do not fit together.")
_TOO_MANY = gettext_lazy("Too many attempts. Wait five minutes, then try again.")
_WRONG_CODE = gettext_lazy("The code does not fit. Type the newest one, or ask for another.")


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": _MISMATCH,
        "email_password_mismatch": _MISMATCH,
        "invalid_login": _MISMATCH,
        "duplicate_email": gettext_lazy("This is your address already."),
        "enter_current_password": gettext_lazy("This is not your present password."),
        "incorrect_password": gettext_lazy("This is not your password."),
        "incorrect_code": _WRONG_CODE,
        "invalid_or_expired_key": _WRONG_CODE,
        "invalid_password_reset": _WRONG_CODE,
        "too_many_login_attempts": _TOO_MANY,
        "rate_limited": _TOO_MANY,
        "same_as_current": gettext_lazy("This is the present one; choose another."),
    }

    @transaction.atomic
    def save_user(
        self, request: HttpRequest, user: AbstractBaseUser, form: BaseForm, commit: bool = True
    ) -> Person:
        """A new resident, whose address is still to be confirmed."""
        told = form.cleaned_data
        person = create_person(
            acting=Actor.system("portal"),
            email=told["email"],
            name=told["name"],
            password=told.get("password1") or None,
            language=current(),
            roles=[Role.RESIDENT],
            address_confirmed=False,
            said_born_on=told.get("born_on"),
        )
        # The machinery writes down the address itself, with the code that confirms it.
        EmailAddress.objects.filter(user=person).delete()
        if told.get("guardian"):
            name_guardian(
                acting=Actor.for_person(person), child=person, guardian_email=told["guardian"]
            )
        return person

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """A letter of ours; where the relay does not answer, the page says so."""
        letter = account_letter(template_prefix.rpartition("/")[2], context)
        try:
            as_message(letter, to=email).send()
        except (OSError, SMTPException) as error:
            logger.error("a letter about an account was not sent: %s", type(error).__name__)
            if self.request is not None:
                text = _("The e-mail could not be sent just now. Ask for it again in a minute.")
                messages.error(self.request, text)

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        message_context: dict[str, Any] | None = None,
        extra_tags: str = "",
        message: str | None = None,
    ) -> None:
        """Our own words, and only where a page does not say it already."""
        known = {
            "email_confirmation_failed": _("The address could not be confirmed."),
            "email_confirmed": _("The address is confirmed."),
            "email_deleted": _("The address was taken out."),
            "password_changed": _("Your password was changed."),
            "password_set": _("Your password is set."),
            "recovery_codes_generated": _("New recovery codes were made."),
            "totp_activated": _("The authenticator app protects your account now."),
            "totp_deactivated": _("The authenticator app no longer protects your account."),
            "webauthn_added": _("The passkey was added."),
            "webauthn_removed": _("The passkey was taken off."),
        }
        name = (message_template or "").rpartition("/")[2].removesuffix(".txt")
        text = message or known.get(name)
        if text:
            messages.add_message(request, level, text, extra_tags=extra_tags)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("mfa_index")

    def get_email_verification_redirect_url(self, email_address: EmailAddress) -> str:
        """A changed address is shown where it was changed; a new account begins at home."""
        signed_in = self.request is not None and self.request.user.is_authenticated
        return reverse("mfa_index") if signed_in else reverse("portal:login")

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Failures count by address and sender: whoever guesses locks out nobody but themselves."""
        email = str(credentials.get("email") or credentials.get("username") or "").lower()
        return f"{self.get_client_ip(request)}:{email}"

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        words = {
            "reauthenticate": _("Use your password"),
            "mfa_reauthenticate": _("Use a code of your authenticator app"),
            "mfa_reauthenticate:webauthn": _("Use a passkey"),
        }
        found: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        return [{**method, "description": words[method["id"]]} for method in found]

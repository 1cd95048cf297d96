"""The forms about signing in, with our labels; what they check is the machinery's."""

from __future__ import annotations

import hashlib
from typing import Any, ClassVar

from allauth.account import forms as account
from allauth.mfa.base import forms as second
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.core.cache import cache
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrPromise

from dure.accounts.ages import AGE_OF_OWN_CONSENT, reaches
from dure.core.clock import now

Text = str | StrPromise
PASSWORD_MAX, CODE_MAX = 128, 40
#: A code of an app holds for three periods of 30 seconds; it is refused for longer than that.
CODE_MEMORY_S = 180

_EMAIL = _("E-mail address")
_PASSWORD = _("Password")
_NEW_PASSWORD = _("New password")
_CODE = _("Code")
_LENGTH = _("At least 10 characters; a few unusual words are easy to remember.")
_FILL_IN: dict[str, Text] = {
    "email": _("Enter your e-mail address."),
    "login": _("Enter your e-mail address."),
    "password": _("Enter your password."),
    "code": _("Enter the code."),
    "name": _("Enter a name."),
}


class Worded(forms.Form):
    """Labels, hints and demands of our own in the place of the machinery's."""

    labels: ClassVar[dict[str, Text]] = {}
    hints: ClassVar[dict[str, Text]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        for name, field in self.fields.items():
            field.label = self.labels.get(name, field.label)
            field.help_text = self.hints.get(name, "")
            for loud in ("placeholder", "autofocus"):
                field.widget.attrs.pop(loud, None)
            field.error_messages["required"] = _FILL_IN.get(name, _("Please fill this in."))
            if isinstance(field, forms.EmailField):
                field.error_messages["invalid"] = _(
                    "Enter an e-mail address such as name@example.org."
                )
                for check in field.validators:
                    if getattr(check, "code", "") == "invalid":
                        check.message = field.error_messages["invalid"]  # type: ignore[attr-defined]
                field.widget.attrs |= {"inputmode": "email", "maxlength": "254"}
            if isinstance(field.widget, forms.PasswordInput):
                field.widget.attrs["maxlength"] = str(PASSWORD_MAX)
                field.validators.append(MaxLengthValidator(PASSWORD_MAX))
            if name == "code":
                field.validators.append(MaxLengthValidator(CODE_MAX))
                field.widget.attrs |= {"autocomplete": "one-time-code", "spellcheck": "false"}


class LoginForm(Worded, account.LoginForm):  # type: ignore[misc]  # allauth ships no types
    labels = {"login": _EMAIL, "password": _PASSWORD}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].widget.attrs["autocomplete"] = "username webauthn"

    def add_prefix(self, field_name: str) -> str:
        """Programs that fill in this page know the field by this name."""
        return super().add_prefix("username" if field_name == "login" else field_name)


class SignupForm(Worded, account.SignupForm):  # type: ignore[misc]
    """Asks for no more than an account needs; of a child also who decides with it."""

    labels = {"email": _EMAIL, "password1": _("Password (you may leave it empty)")}
    hints = {
        "email": _("We send a code there to confirm it."),
        "password1": _(
            "At least 10 characters. Without one you log in with a code by e-mail or a passkey."
        ),
    }
    name = forms.CharField(
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    age = forms.ChoiceField(
        choices=[("14", _("14 or older")), ("child", _("Under 14"))],
        widget=forms.RadioSelect,
    )
    born_on = forms.DateField(
        required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    guardian = forms.EmailField(required=False, max_length=254)
    field_order = ["name", "email", "password1", "age", "born_on", "guardian"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words: dict[str, tuple[Text, Text]] = {
            "name": (_("Name"), _("What we call you; it need not be your full name.")),
            "age": (_("Your age"), _("Under 14, a guardian decides about your data with you.")),
            "born_on": (_("Date of birth"), ""),
            "guardian": (_("E-mail address of your guardian"), ""),
        }
        for name, (label, hint) in words.items():
            self.fields[name].label, self.fields[name].help_text = label, hint
        self.fields["born_on"].error_messages["invalid"] = _("Write the date as 2014-05-31.")
        self.fields["age"].error_messages["required"] = _("Choose one of the two.")

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or {}
        if told.get("age") != "child":
            # What is not needed is not kept.
            self.cleaned_data = {**told, "born_on": None, "guardian": ""}
            return self.cleaned_data
        born, guardian = told.get("born_on"), told.get("guardian")
        if not born and "born_on" not in self.errors:
            self.add_error("born_on", _("Under 14 we need your date of birth."))
        elif born and (born > now().date() or reaches(AGE_OF_OWN_CONSENT, born) <= now()):
            self.add_error("born_on", _("This date is not that of somebody under 14."))
        if not guardian and "guardian" not in self.errors:
            self.add_error("guardian", _("Under 14 we need the address of your guardian."))
        elif guardian and guardian.lower() == (told.get("email") or "").lower():
            self.add_error("guardian", _("Enter your guardian's address, not your own."))
        return told


class RequestCodeForm(Worded, account.RequestLoginCodeForm):  # type: ignore[misc]
    labels = {"email": _EMAIL}


class RecoveryForm(Worded, account.ResetPasswordForm):  # type: ignore[misc]
    labels = {"email": _EMAIL}


class LoginCodeForm(Worded, account.ConfirmLoginCodeForm):  # type: ignore[misc]
    labels = {"code": _CODE}


class RecoveryCodeForm(Worded, account.ConfirmPasswordResetCodeForm):  # type: ignore[misc]
    labels = {"code": _CODE}


class AddressCodeForm(Worded, account.ConfirmEmailVerificationCodeForm):  # type: ignore[misc]
    labels = {"code": _CODE}


class RecoveredPasswordForm(Worded, account.ResetPasswordKeyForm):  # type: ignore[misc]
    labels = {"password1": _NEW_PASSWORD, "password2": _("New password once more")}
    hints = {"password1": _LENGTH}


class ChangePasswordForm(Worded, account.ChangePasswordForm):  # type: ignore[misc]
    labels = {
        "oldpassword": _("Present password"),
        "password1": _NEW_PASSWORD,
        "password2": _("New password once more"),
    }
    hints = {"password1": _LENGTH}


class SetPasswordForm(Worded, account.SetPasswordForm):  # type: ignore[misc]
    labels = {"password1": _NEW_PASSWORD, "password2": _("New password once more")}
    hints = {"password1": _LENGTH}


class NewAddressForm(Worded, account.AddEmailForm):  # type: ignore[misc]
    labels = {"email": _("New e-mail address")}
    hints = {"email": _("We send a code there. Until it is confirmed, your present one stays.")}


class OncePasswordForm(Worded, account.ReauthenticateForm):  # type: ignore[misc]
    labels = {"password": _PASSWORD}


class _OnlyOnce(Worded):
    """A code of an app that was accepted is refused afterwards, as long as it would hold."""

    labels = {"code": _CODE}
    hints = {"code": _("Six digits from your app, or one of your recovery codes.")}

    def clean_code(self) -> str:
        given = str(self.cleaned_data["code"])
        self.cleaned_data["code"] = "".join(given.split())
        code: str = super().clean_code()  # type: ignore[misc]  # of the form it is mixed into
        person = self.user.pk  # type: ignore[attr-defined]
        mark = hashlib.sha256(f"{person}|{code}".encode()).hexdigest()
        if not cache.add(f"second-step-used|{mark}", 1, CODE_MEMORY_S):
            raise forms.ValidationError(
                _("The code does not fit. Each code works once; try the next.")
            )
        return code


class SecondStepForm(_OnlyOnce, second.AuthenticateForm):  # type: ignore[misc]
    pass


class OnceCodeForm(_OnlyOnce, second.ReauthenticateForm):  # type: ignore[misc]
    pass


class AppForm(Worded, totp.ActivateTOTPForm):  # type: ignore[misc]
    labels = {"code": _("Code that the app shows")}
    hints = {"code": _("Six digits")}


class PasskeyForm(Worded, webauthn.AddWebAuthnForm):  # type: ignore[misc]
    labels = {"name": _("Name of the passkey"), "passwordless": _("Log in with it alone")}
    hints = {"name": _("So that you tell your devices apart.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].max_length = 60  # type: ignore[attr-defined]
        self.fields["name"].widget.attrs["maxlength"] = "60"
        self.fields["credential"].error_messages["required"] = _(
            "The passkey was not made. Try again, or use an authenticator app."
        )


class PasskeyNameForm(Worded, webauthn.EditWebAuthnForm):  # type: ignore[misc]
    labels = {"name": _("Name of the passkey")}

    def clean_name(self) -> str:
        return str(self.cleaned_data["name"])[:60]

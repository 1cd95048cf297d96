"""Addresses about signing in. Their names are those that the account machinery asks for."""

from __future__ import annotations

from allauth.account import views as account
from allauth.mfa.base import views as second
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as app
from allauth.mfa.webauthn import views as passkeys
from django.urls import path

from portal.public.accounts.dressing import dressed
from portal.public.accounts.pages import signing_out_everywhere
from portal.public.signing_in import login, logout

urlpatterns = [
    path("login/", login, name="account_login"),
    path("logout/", logout, name="account_logout"),
    path("login/closed/", dressed(account.account_inactive), name="account_inactive"),
    path(
        "login/code/",
        dressed(account.request_login_code),
        name="account_request_login_code",
    ),
    path(
        "login/code/confirm/",
        dressed(account.confirm_login_code),
        name="account_confirm_login_code",
    ),
    path("login/second-step/", dressed(second.authenticate), name="mfa_authenticate"),
    path("login/passkey/", dressed(passkeys.login_webauthn), name="mfa_login_webauthn"),
    path("signup/", dressed(account.signup), name="account_signup"),
    path(
        "signup/confirm/",
        dressed(account.email_verification_sent),
        name="account_email_verification_sent",
    ),
    path("recovery/", dressed(account.password_reset), name="account_reset_password"),
    path(
        "recovery/code/",
        dressed(account.confirm_password_reset_code),
        name="account_confirm_password_reset_code",
    ),
    path(
        "recovery/password/",
        dressed(account.complete_password_reset),
        name="account_complete_password_reset",
    ),
    path(
        "recovery/done/",
        dressed(account.password_reset_from_key_done),
        name="account_password_reset_completed",
    ),
    path("me/signin/", dressed(second.index), name="mfa_index"),
    path("me/signin/address/", dressed(account.email), name="account_email"),
    path("me/signin/password/", dressed(account.password_change), name="account_change_password"),
    path("me/signin/password/new/", dressed(account.password_set), name="account_set_password"),
    path("me/signin/once-more/", dressed(account.reauthenticate), name="account_reauthenticate"),
    path("me/signin/once-more/code/", dressed(second.reauthenticate), name="mfa_reauthenticate"),
    path(
        "me/signin/once-more/passkey/",
        dressed(passkeys.reauthenticate_webauthn),
        name="mfa_reauthenticate_webauthn",
    ),
    path("me/signin/everywhere/", signing_out_everywhere, name="sign_out_everywhere"),
    path("me/signin/app/", dressed(app.activate_totp), name="mfa_activate_totp"),
    path("me/signin/app/end/", dressed(app.deactivate_totp), name="mfa_deactivate_totp"),
    path("me/signin/codes/", dressed(codes.view_recovery_codes), name="mfa_view_recovery_codes"),
    path(
        "me/signin/codes/new/",
        dressed(codes.generate_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
    path(
        "me/signin/codes/file/",
        dressed(codes.download_recovery_codes),
        name="mfa_download_recovery_codes",
    ),
    path("me/signin/passkeys/", dressed(passkeys.list_webauthn), name="mfa_list_webauthn"),
    path("me/signin/passkeys/new/", dressed(passkeys.add_webauthn), name="mfa_add_webauthn"),
    path(
        "me/signin/passkeys/<int:pk>/name/",
        dressed(passkeys.edit_webauthn),
        name="mfa_edit_webauthn",
    ),
    path(
        "me/signin/passkeys/<int:pk>/end/",
        dressed(passkeys.remove_webauthn),
        name="mfa_remove_webauthn",
    ),
]

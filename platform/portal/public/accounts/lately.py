"""Making sure of who asks, also of somebody without a password: by how lately they signed in."""

from __future__ import annotations

import time

from allauth.account.internal.flows.login import get_authentication_records
from django.http import HttpRequest
from django.utils.translation import gettext as _

from dure.accounts.acting import Actor
from governance.rights import problems
from governance.rights.identity import confirm_identity

#: A code or a passkey that was used so lately stands for the password that somebody lacks.
LATELY_S = 10 * 60


def make_sure(request: HttpRequest) -> None:
    """The password once more; without one, a code or passkey used within ten minutes.

    Raises the problem IDENTITY_UNCONFIRMED.
    """
    acting = Actor.of(request)
    person = acting.require_person()
    if person.has_usable_password():
        confirm_identity(acting=acting, password=request.POST.get("password", ""))
        return
    records = get_authentication_records(request, person)
    if not records or time.time() - records[-1]["at"] >= LATELY_S:
        raise problems.IDENTITY_UNCONFIRMED.problem(
            _("Log out and log in again with a new code; then ask within ten minutes.")
        )

"""What the account machinery lacks: signing out everywhere at once."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import logout as end_session
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from dure.accounts.acting import Actor
from dure.accounts.services import end_sessions
from portal.doors import signed_in


@require_POST
@signed_in
def signing_out_everywhere(request: HttpRequest) -> HttpResponseBase:
    """Ends every session of the person, this one too."""
    end_sessions(acting=Actor.of(request))
    end_session(request)
    messages.success(request, _("You are logged out everywhere."))
    return redirect("portal:login")

"""Logging in and out."""

from __future__ import annotations

from allauth.account.views import LoginView
from django.contrib.auth import logout as end_session
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from portal.public.accounts.dressing import dressed

#: An address and a password; then, for whoever has one, the second step.
login = dressed(LoginView.as_view(template_name="portal/public/login.html"))


@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    end_session(request)
    return redirect("portal:home")

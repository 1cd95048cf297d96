"""Logging in and out."""

from __future__ import annotations

from django.contrib.auth import login as start_session
from django.contrib.auth import logout as end_session
from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from portal.error_summary import summary_of_form


class LoginForm(AuthenticationForm):
    """E-mail address and password; says no more than that the two do not fit."""

    error_messages = {
        "invalid_login": _("The e-mail address and the password do not fit together."),
        "inactive": _("The e-mail address and the password do not fit together."),
    }

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed through as given
        email, password = self.fields["username"], self.fields["password"]
        email.label = _("E-mail address")
        email.widget.attrs |= {"autocomplete": "username", "inputmode": "email", "autofocus": False}
        password.label = _("Password")
        for field in (email, password):
            field.error_messages["required"] = _("Please fill this in.")
        email.error_messages["required"] = _("Enter your e-mail address.")
        password.error_messages["required"] = _("Enter your password.")


def _safe_next(request: HttpRequest) -> str:
    """Where to go after logging in: only to an address of our own."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    hosts = {request.get_host()}
    if url_has_allowed_host_and_scheme(wanted, hosts, require_https=request.is_secure()):
        return wanted
    return reverse("portal:home")


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def login(request: HttpRequest) -> HttpResponseBase:
    if request.user.is_authenticated:
        return redirect(_safe_next(request))
    form = LoginForm(request, data=request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        start_session(request, form.get_user())
        return redirect(_safe_next(request))
    context = {
        "form": form,
        "next": request.POST.get("next") or request.GET.get("next") or "",
        "problems": summary_of_form(form) if form.errors else None,
    }
    status = 422 if form.errors else 200
    return render(request, "portal/public/login.html", context, status=status)


@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    end_session(request)
    return redirect("portal:home")

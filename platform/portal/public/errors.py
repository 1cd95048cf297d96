"""Error pages in the reader's language; the one for our own faults needs nothing to work."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.messages import get_messages
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotAllowed,
    HttpResponseServerError,
    JsonResponse,
)
from django.shortcuts import redirect, render
from django.template import loader
from django.utils.translation import gettext as _

from dure.core.problem_handler import CONTENT_TYPE, is_unstorable
from dure.core.problems import BY_STATUS, SERVER, ProblemKind
from portal.doors import page_above
from portal.public.unsent import came_from_us, fields_of, offer

API = "/api/"


def _problem(kind: ProblemKind) -> HttpResponse:
    return JsonResponse(kind.problem().document(), status=kind.status, content_type=CONTENT_TYPE)


def _page(
    request: HttpRequest, status: int, heading: str, text: str, above: str = ""
) -> HttpResponse:
    if request.path.startswith(API):  # programs read what a view of the API would have said
        return _problem(BY_STATUS[status])
    context = {"heading": heading, "text": text, "above": above}
    return render(request, "portal/public/error.html", context, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(
        request, 400, _("We could not understand the request"),
        _("Go back and try again. Nothing was changed."),
    )  # fmt: skip


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(
        request, 403, _("You may not open this page"),
        _("Log in with another account, or ask the people who run the platform."),
    )  # fmt: skip


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(
        request, 404, _("There is no such page"),
        _("Check the address or the number. You see only what is yours or public."),
    )  # fmt: skip


def too_many(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(
        request, 429, _("Too many attempts"),
        _("Wait a few minutes, then try again. Nothing was changed."),
    )  # fmt: skip


class FormOnly:
    """Middleware: who opens the address of a form gets a page, where Django answers with nothing.

    It happens to whoever logs in again in the middle of a form, and to old links. A page that a
    form answered with stands at such an address too; who is led back to it, goes one further up.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        answer = self.get_response(request)
        if not isinstance(answer, HttpResponseNotAllowed) or answer.content:
            return answer
        if len(get_messages(request)):  # led back here by a step that says why not
            return redirect(page_above(request.path))
        page = _page(
            request, 405, _("This address only receives a form"),
            _("Nothing was sent and nothing was changed. Go back to the page with the form, check "
              "what you had entered and send it again."),
            above=page_above(request.path),
        )  # fmt: skip
        page["Allow"] = answer["Allow"]
        return page


class OnlyText:
    """Middleware: what holds a character that is no text is refused, wherever it was typed."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        return bad_request(request, error) if is_unstorable(error) else None


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form of before the last login: offered again, with what was typed, where it is ours."""
    if came_from_us(request) and not request.path.startswith(API) and request.POST:
        kept = {"fields": fields_of(request), "files": bool(request.FILES)}
        path = request.get_full_path()
        page = offer(
            request, kept | {"path": path, "sends_to": path}, _("The form is out of date"),
            _("You logged in again since the page was opened. Nothing was sent and nothing was "
              "changed; look at what you typed and send it once more."),
        )  # fmt: skip
        page.status_code = 403
        return page
    return _page(
        request, 403, _("The form is out of date"),
        _("You logged in again since the page was opened, or your browser takes no cookies. "
          "Nothing was changed. Go back, reload the page and send the form again."),
    )  # fmt: skip


def server_error(request: HttpRequest) -> HttpResponse:
    """Rendered without the request, so that whatever broke cannot break this page too."""
    if request.path.startswith(API):
        return _problem(SERVER)
    return HttpResponseServerError(loader.render_to_string("portal/public/server_error.html"))

"""The machinery's pages in the portal's dress: an error summary, 422 for a refused form."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path

from django.conf import settings
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponseBase
from django.template.response import TemplateResponse
from django.views.decorators.cache import never_cache

from dure.accounts.acting import Actor
from dure.accounts.second_step import lacks_second_step
from portal.doors import may_operate
from portal.error_summary import summary_of_form

Page = Callable[..., HttpResponseBase]


def letters_folder() -> str:
    """Where letters lie that are sent to nobody: in a trial city only, else empty."""
    if settings.SECURE or settings.EMAIL_URL != "files":
        return ""
    folder = Path(settings.EMAIL_FILE_PATH)
    return f"{folder.parent.name}/{folder.name}"


def dressed(page: Page) -> Page:
    """A page of the account machinery, never kept by a cache on the way."""

    @never_cache
    @wraps(page)
    def shown(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        response = page(request, *args, **kwargs)
        if isinstance(response, TemplateResponse) and not response.is_rendered:
            context = response.context_data or {}
            context["letters_folder"] = letters_folder()
            actor = Actor.of(request)
            context["staff_step_missing"] = (
                actor.person is not None and may_operate(actor) and lacks_second_step(actor.person)
            )
            form = context.get("form")
            if isinstance(form, BaseForm) and form.errors:
                context["problems"] = summary_of_form(form)
                if response.status_code == 200:
                    response.status_code = 422
            response.context_data = context
        return response

    return shown

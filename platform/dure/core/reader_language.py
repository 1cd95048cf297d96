"""The language of an answer: pages have it in their address, programs ask for it by header."""

from __future__ import annotations

from django.http import HttpRequest
from django.middleware.locale import LocaleMiddleware
from django.utils import translation

API_PREFIX = "/api/"


class ReaderLanguage(LocaleMiddleware):
    """Django's own, except that the API follows ``Accept-Language``.

    Where pages in the default language have no prefix, Django takes every address without one for
    that language, whatever the header says.
    """

    def process_request(self, request: HttpRequest) -> None:
        if not request.path_info.startswith(API_PREFIX):
            super().process_request(request)
            return
        translation.activate(translation.get_language_from_request(request))
        request.LANGUAGE_CODE = translation.get_language()

"""Addresses as letters name them: whole, and in the language at work."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse
from django.utils.translation import override

from dure.core.language import current


def host() -> str:
    """The name of this place in the identifiers of letters."""
    return urlsplit(settings.PUBLIC_URL).hostname or "localhost"


def whole(path: str) -> str:
    """The whole address of a path of ours."""
    return settings.PUBLIC_URL.rstrip("/") + path


def address_of(name: str, *arguments: object) -> str:
    """The whole address of a page, in the language at work."""
    with override(current()):
        return whole(reverse(name, args=arguments))

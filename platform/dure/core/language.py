"""Texts that are data: every one exists in Korean and English."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.conf import settings
from django.utils import translation
from django.utils.translation import pgettext


def current() -> str:
    """``"ko"`` or ``"en"``: the language of the reader."""
    return "en" if (translation.get_language() or "ko").startswith("en") else "ko"


def localized(texts: Mapping[str, str]) -> str:
    """The text in the reader's language, or in the other one when it is missing."""
    chosen = current()
    return texts.get(chosen) or texts.get("ko") or texts.get("en") or ""


def in_both(said: Callable[[], str]) -> dict[str, str]:
    """What ``said`` answers in Korean and in English, as ``{"ko": …, "en": …}``."""
    texts = {}
    for language in ("ko", "en"):
        with translation.override(language):
            texts[language] = said()
    return texts


def city_name() -> str:
    """What the city calls its platform; the name it comes with is told in the reader's language."""
    return pgettext("brand", settings.ORGANISATION)


def city_address() -> str:
    """Where the city can be written to, as its post office writes it in the reader's language."""
    if current() == "ko":
        return str(settings.ORGANISATION_ADDRESS_KO)
    return str(settings.ORGANISATION_ADDRESS)


def city_name_in(language: str) -> str:
    """``city_name`` in a language, whoever reads: for what is signed and must stay the same."""
    with translation.override(language):
        return city_name()

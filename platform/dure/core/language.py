"""Texts that are data: every one exists in Korean and English."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils import translation


def current() -> str:
    """``"ko"`` or ``"en"``: the language of the reader."""
    return "en" if (translation.get_language() or "ko").startswith("en") else "ko"


def localized(texts: Mapping[str, str]) -> str:
    """The text in the reader's language, or in the other one when it is missing."""
    chosen = current()
    return texts.get(chosen) or texts.get("ko") or texts.get("en") or ""

"""What the purposes of data use are called, in the language in force."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext as _

from dure.core.language import localized

LABEL_LENGTH_MAX: Final = 80


def purpose_label(key: str, texts: Mapping[str, str]) -> str:
    """What a purpose is called: by name, or by the first sentence of its notice in ko and en."""
    known = {
        "city-ai": _("City AI and policy"),
        "research": _("Research in the public interest"),
        "open-data": _("Open data"),
        "statistics": _("Official statistics"),
    }
    if key in known:
        return known[key]
    lines = localized(texts).strip().splitlines() or [key]
    sentence = lines[0].split(". ")[0].rstrip(".")
    return sentence if len(sentence) <= LABEL_LENGTH_MAX else f"{sentence[:LABEL_LENGTH_MAX]}…"

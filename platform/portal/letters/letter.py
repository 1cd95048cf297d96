"""One letter: what it says, and how it becomes an e-mail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.translation import get_language, override

from dure.core.language import city_name

SUBJECT_MAX = 150
#: RFC 3834: nobody's out-of-office answer comes back.
AUTOMATIC = {"Auto-Submitted": "auto-generated"}


@dataclass(frozen=True)
class Letter:
    """Texts in the language of whoever reads it; ``code`` stands alone in a line."""

    subject: str
    paragraphs: tuple[str, ...]
    code: str = ""
    link: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    footing: str = ""
    #: Where it is not the one at work.
    language: str = ""


def as_message(
    letter: Letter, *, to: str, headers: Mapping[str, str] | None = None
) -> EmailMultiAlternatives:
    """The e-mail; what a person wrote into a subject stays in one line of bounded length."""
    subject = " ".join(letter.subject.split())[:SUBJECT_MAX]
    letter = replace(letter, subject=subject)
    with override(letter.language or get_language()):
        context = {"letter": letter, "city": city_name(), "contact": settings.CONTACT_EMAIL}
        plain, page = (
            render_to_string(f"portal/letters/letter.{form}", context) for form in ("txt", "html")
        )
    message = EmailMultiAlternatives(
        subject, plain, to=[to], headers={**AUTOMATIC, **(headers or {})}
    )
    message.attach_alternative(page, "text/html")
    return message

"""Why a picture is not taken, in the reader's language."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext as _


def sentence(rule: str) -> str:
    """The sentence of a rule of `contributions.photos`."""
    match rule:
        case "photo.too_large":
            return _("The photo is larger than %(megabytes)d MB.") % {
                "megabytes": settings.PHOTO_SIZE_MAX // 2**20
            }
        case "photo.unknown_format":
            return _("This is no JPEG, PNG or WebP photo.")
        case "photo.suffix":
            return _("The ending of the file's name does not fit what is in the file.")
        case "photo.truncated":
            return _("The photo ends too early. Take or choose it again.")
        case "photo.too_many_pixels":
            return _("The photo has too many pixels. Make it smaller.")
        case "photo.polyglot":
            return _("Another file is hidden behind the photo.")
        case "photo.unusual":
            return _("The photo uses a rare form. Save it as a plain JPEG or PNG.")
        case _other:
            return _("The photo is damaged.")

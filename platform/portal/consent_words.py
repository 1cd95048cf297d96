"""What decisions on consent are called, and why the city ended one."""

from __future__ import annotations

from django.utils.translation import gettext as _


def state_text(state: str) -> str:
    """What a decision is called."""
    return {
        "given": _("Consent given"),
        "refused": _("Consent refused"),
        "renewed": _("Consent renewed"),
        "withdrawn": _("Consent withdrawn"),
        "expired": _("Consent expired"),
        "invalidated": _("Consent invalid"),
        "revoked": _("Consent revoked"),
    }.get(state, state)


def ground_text(ground: str) -> str:
    """Why the city ended a consent; empty where it did not."""
    return {
        "wrong-notice": _("The city ended this consent because its notice was wrong."),
        "not-informed": _("The city ended this consent because you had not been told enough."),
        "no-authority": _("The city ended this consent because whoever gave it could not."),
        "legal-ban": _("The city ended this consent because the law forbids the use."),
        "court-order": _("The city ended this consent because a court ordered it."),
        "call-ended": _("The city ended this consent because the call has ended."),
    }.get(ground, "")

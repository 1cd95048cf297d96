"""The consent receipt of the Kantara Initiative, version 1.1.0, signed like our own.

Field names and their order are those of the specification (section 4 and its JSON schema); the
proof is a member of its own, as the schema allows further members.
"""

from __future__ import annotations

from typing import cast

from django.conf import settings

from dure.core.canonical import Json
from dure.core.clock import rfc3339
from dure.core.language import city_name_in
from governance.consent.receipt import (
    address,
    events_until,
    kinds_of_data,
    recipient_names,
    signed,
)
from governance.models import STANDING, Consent, ConsentEvent

VERSION = "KI-CR-v1.1.0"
PROFILE = "kantara-1.1"


def kantara_receipt(consent: Consent, position: int | None = None) -> dict[str, Json]:
    """The signed receipt of an event, the same bytes each time it is asked for.

    ``consentTimestamp`` counts whole seconds since 1970. Raises IndexError for an event that
    there is not.
    """
    event = events_until(consent, position)[-1]
    language = event.language
    document: dict[str, Json] = {
        "version": VERSION,
        "jurisdiction": "KR",
        "consentTimestamp": int(event.decided_at.timestamp()),
        "collectionMethod": "web form or API, signed in; decided by "
        + ("a guardian" if event.decided_by == "guardian" else event.decided_by),
        "consentReceiptID": str(event.id),
        "language": language,
        "piiPrincipalId": str(consent.party_id),
        "piiControllers": [
            {
                "piiController": city_name_in(language),
                "onBehalf": False,
                "contact": settings.CONTACT_EMAIL,
                "address": {
                    "addressCountry": "KR",
                    "streetAddress": settings.ORGANISATION_ADDRESS,
                },
                "email": settings.CONTACT_EMAIL,
                "phone": settings.CONTACT_PHONE,
                "piiControllerUrl": settings.PUBLIC_URL,
            }
        ],
        "policyUrl": address("/privacy/" if language == "ko" else "/en/privacy/"),
        "services": [
            {"service": consent.notice.scope, "purposes": [_purpose(consent, event)]},
        ],
        "sensitive": False,
        "spiCat": [],
        "state": event.state,
        "notice": {
            "version": consent.notice.version,
            "sha256": consent.notice.sha256,
            "text": consent.notice.text[language],
        },
    }
    return signed(document, created=rfc3339(event.decided_at))


def _purpose(consent: Consent, event: ConsentEvent) -> dict[str, Json]:
    language = event.language
    third = recipient_names(consent, language)
    stated: dict[str, Json] = {
        "purpose": consent.notice.purpose,
        "purposeCategory": [_category(consent)],
        "consentType": "EXPLICIT",
        "piiCategory": cast("Json", [kind[language] for kind in kinds_of_data(consent)]),
        "primaryPurpose": consent.notice.required,
        "termination": _termination(consent, event),
        "thirdPartyDisclosure": bool(third),
    }
    # The specification asks for the name exactly where there is a disclosure.
    if third:
        stated["thirdPartyName"] = third[0]
    return stated


def _category(consent: Consent) -> str:
    if consent.recipient:
        return "3rd Party Sharing"
    return "Core Function" if consent.notice.required else "Optional Use"


def _termination(consent: Consent, event: ConsentEvent) -> str:
    if event.state in STANDING and event.valid_until is not None:
        way = address(f"/api/v1/consents/{consent.id}/withdrawal/")
        return f"{rfc3339(event.valid_until)} or on withdrawal at {way}"
    return rfc3339(event.decided_at)

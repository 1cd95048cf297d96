"""The consent receipt: ISO/IEC TS 27560:2023 in JSON-LD with the W3C Data Privacy Vocabulary 2.

Profile ``dpv-27560:receipt``. Every mandatory field of the specification is filled from what the
platform knows; nothing in it names a guardian, only that one decided.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings

from dure.core import signing
from dure.core.canonical import Json
from dure.core.clock import rfc3339
from dure.core.language import city_name_in
from governance.consent.data_integrity import secure
from governance.models import Consent, ConsentEvent, ConsentState, DecidedBy

SCHEMA = "https://w3id.org/dpv/schema/dpv-27560#receipt"
SPECIFICATION = "ISO/IEC TS 27560:2023"
PROFILE = "dpv-27560:receipt"
_CONTEXT: list[Json] = [
    {
        "dct": "http://purl.org/dc/terms/",
        "dpv": "https://w3id.org/dpv#",
        "dpv-27560": "https://w3id.org/dpv/schema/dpv-27560#",
        "loc": "https://w3id.org/dpv/loc#",
        "dure": "https://dure.example/ns#",
        "xsd": "http://www.w3.org/2001/XMLSchema#",
        # What these name is a thing and not a text.
        **{
            term: {"@id": term, "@type": "@id"}
            for term in (
                "dct:conformsTo",
                "dct:type",
                "dpv:hasContact",
                "dpv:hasJurisdiction",
                "dpv:hasLegalBasis",
                "dpv:hasLocation",
                "dpv:isExercisedAt",
            )
        },
    }
]
_STATUS = {
    ConsentState.GIVEN: "dpv:ConsentGiven",
    ConsentState.REFUSED: "dpv:ConsentRefused",
    ConsentState.RENEWED: "dpv:RenewedConsentGiven",
    ConsentState.WITHDRAWN: "dpv:ConsentWithdrawn",
    ConsentState.EXPIRED: "dpv:ConsentExpired",
    ConsentState.INVALIDATED: "dpv:ConsentInvalidated",
    ConsentState.REVOKED: "dpv:ConsentRevoked",
}
_WHO = {
    DecidedBy.SELF: "dpv:DataSubject",
    DecidedBy.GUARDIAN: "dpv:GuardianOfDataSubject",
    DecidedBy.CITY: "dpv:DataController",
    DecidedBy.PLATFORM: "dpv:DataController",
}
#: What data a consent is about where its notice names no kinds.
DEFAULT_DATA = {
    "ko": "이 모집에 낸 기록과 그 출처",
    "en": "the records handed in to this call and where they come from",
}


def events_until(consent: Consent, position: int | None) -> list[ConsentEvent]:
    """The events of a consent up to a position, oldest first; all of them without one.

    Raises IndexError where there is no such event.
    """
    events = sorted(consent.events.all(), key=lambda event: event.position)
    if position is None:
        return events
    if not 1 <= position <= len(events):
        raise IndexError(position)
    return events[:position]


def receipt_document(consent: Consent, position: int | None = None) -> dict[str, Json]:
    """The signed receipt of an event (the latest without ``position``), the same bytes each time.

    The signature is an eddsa-jcs-2022 proof by the platform's receipt key. Raises IndexError
    where there is no such event.
    """
    events = events_until(consent, position)
    latest = events[-1]
    path = f"/api/v1/consents/{consent.id}/receipt/"
    document: dict[str, Json] = {
        "@context": _CONTEXT,
        "@id": address(f"{path}?event={latest.position}"),
        "@type": "dpv:ConsentReceipt",
        "dct:conformsTo": SCHEMA,
        "dct:hasVersion": SPECIFICATION,
        "dure:profile": PROFILE,
        "dct:identifier": f"{consent.id}/{latest.position}",
        "dct:issued": rfc3339(latest.decided_at),
        "dpv:hasRecord": _record(consent, events),
    }
    return signed(document, created=rfc3339(latest.decided_at))


def signed(document: dict[str, Json], *, created: str) -> dict[str, Json]:
    """The document with a proof by the platform's receipt key."""
    return secure(
        document,
        created=created,
        public_key=signing.public_key("receipt"),
        sign=lambda message: signing.sign(message, key="receipt"),
    )


def kinds_of_data(consent: Consent) -> list[dict[str, str]]:
    """The kinds of data in both languages, never empty."""
    return [dict(kind) for kind in consent.notice.data] or [DEFAULT_DATA]


def recipient_names(consent: Consent, language: str) -> list[str]:
    """Names of the third parties that a consent is about: one, or none."""
    return [str(named["name"][language]) for named in _recipients(consent)]


def _recipients(consent: Consent) -> list[dict[str, Any]]:  # Any: JSON of the notice
    return [named for named in consent.notice.recipients if named["key"] == consent.recipient]


def address(path: str) -> str:
    """The full address of a path of the platform."""
    return f"{settings.PUBLIC_URL.rstrip('/')}{path}"


def _record(consent: Consent, events: list[ConsentEvent]) -> dict[str, Json]:
    return {
        "@type": "dpv:ConsentRecord",
        "dct:identifier": str(consent.id),
        "dct:hasVersion": SPECIFICATION,
        "dpv:hasDataSubject": {"@id": _subject(consent), "@type": "dpv:DataSubject"},
        "dpv:hasJurisdiction": "loc:KR",
        "dpv:hasProcess": [_process(consent, events[-1])],
        "dpv:hasConsentStatus": [_event(consent, event) for event in events],
    }


def _subject(consent: Consent) -> str:
    return f"urn:uuid:{consent.party_id}"


def _process(consent: Consent, latest: ConsentEvent) -> dict[str, Json]:
    notice, language = consent.notice, latest.language
    data: list[Json] = [
        {
            "@id": f"dure:call/{notice.scope}/data/{number}",
            "@type": "dpv:PersonalData",
            "dct:title": kind[language],
        }
        for number, kind in enumerate(kinds_of_data(consent), start=1)
    ]
    recipients: list[Json] = [
        {
            "@id": f"dure:recipient/{named['key']}",
            "@type": "dpv:ThirdParty",
            "dpv:hasIdentifier": named["key"],
            "dpv:hasName": named["name"][language],
            # Where the notice does not say how to reach it, the city passes on what is written.
            "dpv:hasAddress": named.get("address") or settings.ORGANISATION_ADDRESS,
            "dpv:hasContact": _contact(named.get("contact") or settings.CONTACT_EMAIL),
        }
        for named in _recipients(consent)
    ]
    return {
        "@type": "dpv:Process",
        "dpv:hasPurpose": {
            "@id": f"dure:{notice.scope}/{notice.purpose}",
            "@type": "dpv:Purpose",
            "dct:title": notice.purpose,
            "dure:required": notice.required,
        },
        "dpv:hasNotice": {
            "@id": f"urn:uuid:{notice.id}",
            "@type": "dpv:ConsentNotice",
            "dct:hasVersion": str(notice.version),
            "dct:issued": rfc3339(notice.published_at),
            "dct:language": language,
            "dct:description": notice.text[language],
            "dure:sha256": notice.sha256,
        },
        "dpv:hasPersonalData": data,
        "dpv:hasDataController": {
            "@id": settings.PUBLIC_URL,
            "@type": "dpv:DataController",
            "dpv:hasIdentifier": settings.LOG_ORIGIN,
            "dpv:hasName": city_name_in(language),
            "dpv:hasAddress": settings.ORGANISATION_ADDRESS,
            "dpv:hasContact": _contact(settings.CONTACT_EMAIL),
        },
        # Empty: the data does not leave the city.
        "dpv:hasRecipientThirdParty": recipients,
        "dpv:hasLegalBasis": "dpv:Consent",
        "dpv:hasStorageCondition": {
            "@type": "dpv:StorageCondition",
            "dpv:hasDuration": _days(notice.retention_days),
            "dpv:hasLocation": "loc:KR",
        },
        "dpv:hasConsentControl": {
            "@type": "dpv:WithdrawConsent",
            "dpv:isExercisedAt": address(f"/api/v1/consents/{consent.id}/withdrawal/"),
        },
    }


def _event(consent: Consent, event: ConsentEvent) -> dict[str, Json]:
    who = DecidedBy(event.decided_by)
    stated: dict[str, Json] = {
        "@type": _STATUS[ConsentState(event.state)],
        "dct:identifier": str(event.id),
        "dct:type": "dpv:ExplicitlyExpressedConsent",
        "dure:state": event.state,
        "dpv:isIndicatedAtTime": rfc3339(event.decided_at),
        "dpv:isIndicatedBy": _indicated_by(consent, who),
        # Until the named moment, or until the next event.
        "dpv:hasDuration": {"@type": "xsd:dateTime", "@value": rfc3339(event.valid_until)}
        if event.valid_until
        else {"@id": "dpv:UntilEventDuration"},
        "dct:language": event.language,
        "dure:logEntry": str(event.log_entry_id),
    }
    if event.ground:
        stated["dure:ground"] = event.ground
    if event.signal:
        stated["dure:signal"] = event.signal
    return stated


def _indicated_by(consent: Consent, who: DecidedBy) -> dict[str, Json]:
    """The role, and an identifier: of a guardian one that means nothing outside this consent."""
    if who is DecidedBy.SELF:
        entity = _subject(consent)
    elif who is DecidedBy.GUARDIAN:
        entity = f"urn:uuid:{consent.id}#guardian"
    else:
        entity = settings.PUBLIC_URL
    return {"@id": entity, "@type": _WHO[who], "dure:role": who.value}


def _contact(reached: str) -> str:
    """An address of the web as it is; anything else is where letters go."""
    return reached if ":" in reached else f"mailto:{reached}"


def _days(count: int) -> dict[str, Json]:
    return {"@type": "xsd:duration", "@value": f"P{count}D"}

"""The consent receipt: ISO/IEC TS 27560 in JSON-LD with the W3C Data Privacy Vocabulary.

Only what the platform knows is stated. Fields of the specification that only the city could
fill are listed under ``dure:notStated`` instead of being filled with something.
"""

from __future__ import annotations

from uuid import UUID

from django.conf import settings

from dure.core import signing
from dure.core.canonical import Json
from dure.core.clock import rfc3339
from governance.consent.data_integrity import secure
from governance.models import Consent, ConsentEvent, ConsentState

SCHEMA = "https://w3id.org/dpv/schema/dpv-27560#receipt"
_CONTEXT: list[Json] = [
    {
        "dct": "http://purl.org/dc/terms/",
        "dpv": "https://w3id.org/dpv#",
        "loc": "https://w3id.org/dpv/loc#",
        "dure": "https://dure.example/ns#",
        "xsd": "http://www.w3.org/2001/XMLSchema#",
    }
]
_STATUS = {
    ConsentState.GIVEN: "dpv:ConsentGiven",
    ConsentState.REFUSED: "dpv:ConsentRefused",
    ConsentState.WITHDRAWN: "dpv:ConsentWithdrawn",
}
_NOT_STATED: tuple[Json, ...] = (
    "dpv:hasAddress",
    "dpv:hasContact",
    "dpv:hasRecipientThirdParty",
)


def receipt_document(consent: Consent) -> dict[str, Json]:
    """The signed receipt for the consent as it stands, the same bytes each time it is asked for.

    The signature is an eddsa-jcs-2022 proof by the platform's receipt key.
    """
    events = sorted(consent.events.all(), key=lambda event: event.position)
    latest = events[-1]
    document: dict[str, Json] = {
        "@context": _CONTEXT,
        "@id": _address(f"/api/v1/consents/{consent.id}/receipt/"),
        "@type": "dpv:ConsentReceipt",
        "dct:conformsTo": SCHEMA,
        "dct:identifier": f"{consent.id}/{latest.position}",
        "dct:issued": rfc3339(latest.decided_at),
        "dpv:hasRecord": _record(consent, events),
        "dure:notStated": list(_NOT_STATED),
    }
    return secure(
        document,
        created=rfc3339(latest.decided_at),
        public_key=signing.public_key("receipt"),
        sign=lambda message: signing.sign(message, key="receipt"),
    )


def _record(consent: Consent, events: list[ConsentEvent]) -> dict[str, Json]:
    return {
        "@type": "dpv:ConsentRecord",
        "dct:identifier": str(consent.id),
        "dpv:hasDataSubject": {"@id": f"urn:uuid:{consent.party_id}", "@type": "dpv:DataSubject"},
        "dpv:hasJurisdiction": "loc:KR",
        "dpv:hasProcess": [_process(consent, events[-1])],
        "dpv:hasConsentStatus": [_event(event, consent.party_id) for event in events],
    }


def _process(consent: Consent, latest: ConsentEvent) -> dict[str, Json]:
    notice = consent.notice
    return {
        "@type": "dpv:Process",
        "dpv:hasPurpose": {
            "@id": f"dure:{notice.scope}/{notice.purpose}",
            "@type": "dpv:Purpose",
            "dure:required": notice.required,
        },
        "dpv:hasNotice": {
            "@id": f"urn:uuid:{notice.id}",
            "@type": "dpv:ConsentNotice",
            "dct:hasVersion": str(notice.version),
            "dct:issued": rfc3339(notice.published_at),
            "dct:language": latest.language,
            "dct:description": notice.text[latest.language],
            "dure:sha256": notice.sha256,
        },
        "dpv:hasPersonalData": {"@id": f"dure:call/{notice.scope}", "@type": "dpv:PersonalData"},
        "dpv:hasDataController": {
            "@id": settings.PUBLIC_URL,
            "@type": "dpv:DataController",
            "dpv:hasIdentifier": settings.LOG_ORIGIN,
        },
        "dpv:hasLegalBasis": "dpv:Consent",
        "dpv:hasStorageCondition": {
            "@type": "dpv:StorageCondition",
            "dpv:hasDuration": {"@type": "xsd:duration", "@value": f"P{notice.retention_days}D"},
            "dpv:hasLocation": "loc:KR",
        },
        "dpv:hasConsentControl": {
            "@type": "dpv:WithdrawConsent",
            "dpv:isExercisedAt": _address(f"/api/v1/consents/{consent.id}/withdrawal/"),
        },
    }


def _event(event: ConsentEvent, party_id: UUID) -> dict[str, Json]:
    return {
        "@type": _STATUS[ConsentState(event.state)],
        "dct:identifier": str(event.id),
        "dpv:isIndicatedAtTime": rfc3339(event.decided_at),
        "dpv:isIndicatedBy": f"urn:uuid:{party_id}",
        "dpv:hasDuration": "dpv:UntilEventDuration",
        "dct:language": event.language,
        "dure:logEntry": str(event.log_entry_id),
    }


def _address(path: str) -> str:
    return f"{settings.PUBLIC_URL.rstrip('/')}{path}"

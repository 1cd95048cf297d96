"""The register in the forms of other registers, with exactly their field names.

``nl``: Publicatiestandaard 1.0.0 (NL); ``ats``: Algorithmic Transparency Standard 0.3.1
(Eurocities); ``atrs``: Algorithmic Transparency Recording Standard 1.1 (UK). Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from dure.core.canonical import Json
from governance.algorithms.records import NON_DISCRIMINATION, RISKS
from governance.registries import AlgorithmEntry

#: Longest texts of the Publicatiestandaard, by field; every other text ends at 2,499.
NL_LENGTHS = {"name": 99, "description_short": 350, "technical_operation": 4999}
NL_LENGTH = 2499


@dataclass(frozen=True)
class Publisher:
    """Who answers for the algorithm, and where its record and code are."""

    organization: str
    names: Mapping[str, str]  # the organization in ko and en
    contact: str
    website: str
    published: str  # YYYY-MM-DD
    changed: str  # YYYY-MM-DD
    code_sha256: str
    phone: str = ""
    dpia_url: str = ""  # where the city has published its assessments; empty while it has not
    aia_url: str = ""


def _text(texts: Mapping[str, str], length: int = NL_LENGTH) -> str:
    return str(texts.get("en", ""))[:length]


def _risks(entry: AlgorithmEntry) -> str:
    return _text(entry.risks or RISKS)


def _page(entry: AlgorithmEntry, publisher: Publisher) -> str:
    return f"{publisher.website}/en/algorithms/{entry.id}/"


APPEAL: Final = {
    "ko": "누구나 누리집이나 API에서 결정에 이의를 신청하거나 설명을 요구할 수 있으며, 사람이 "
    "30일 안에 답합니다.",
    "en": "Anybody may object to a decision or ask for an explanation in the portal or through the "
    "API; a human answers within thirty days.",
}
SUBJECTS: Final = {
    "ko": "데이터를 기여하거나 이용하는 사람, 기업, 기관",
    "en": "People, firms and institutions that contribute data or use it",
}
NO_TRAINING: Final = {
    "ko": "학습 데이터가 없습니다. 규칙은 공개된 식이며 데이터에서 배우지 않습니다.",
    "en": "None: the rule is a published formula and is not learned from data.",
}
CONNECTED: Final = (
    "What was handed in to the call, the reference populations that it names, and attributes that "
    "the city verified; no other source is connected."
)
CONSIDERATIONS = (
    "A rule that can be recomputed by hand was preferred to a learned model, and the same rule "
    "applies to everybody."
)


@dataclass(frozen=True)
class Assessment:
    """One impact assessment that can be read."""

    name: str
    description: str
    day: str  # YYYY-MM-DD, empty where the city's document says it
    link: str


def _self_check(entry: AlgorithmEntry) -> str:
    found = "possibly of high impact" if entry.automated else "not of high impact"
    return (
        "The city's self-check under article 33 of Korea's AI Basic Act finds this rule "
        f"{found}; it stands in the record, with the plan for its risks."
    )


def _dpia(publisher: Publisher) -> str:
    if publisher.dpia_url:
        return "The city's data protection impact assessment of this platform is published."
    return (
        "The city has not published a data protection impact assessment of this rule. Its data, "
        "its risks and what is done about them stand in this record."
    )


def _aia(entry: AlgorithmEntry, publisher: Publisher) -> str:
    if publisher.aia_url:
        said = "The city's algorithmic impact assessment of this platform is published."
    else:
        said = "The city has not published an algorithmic impact assessment of this rule."
    return f"{said} {_self_check(entry)}"


def assessments(entry: AlgorithmEntry, publisher: Publisher) -> list[Assessment]:
    """What can be read of impact assessments: what the city published, and the self-check."""
    page = _page(entry, publisher)
    found = [
        Assessment(
            "Self-check of high impact (Korea, AI Basic Act, article 33)",
            _self_check(entry),
            publisher.published,
            page,
        )
    ]
    if publisher.aia_url:
        found.insert(
            0,
            Assessment(
                "Algorithmic Impact Assessment (AIA)",
                _aia(entry, publisher),
                "",
                publisher.aia_url,
            ),
        )
    if publisher.dpia_url:
        found.insert(
            0,
            Assessment(
                "Data Protection Impact Assessment (DPIA)",
                _dpia(publisher),
                "",
                publisher.dpia_url,
            ),
        )
    return found


def nl(entry: AlgorithmEntry, publisher: Publisher) -> dict[str, Json]:
    """The Dutch Publicatiestandaard 1.0.0."""
    read = assessments(entry, publisher)
    return {
        "name": _text(entry.name, NL_LENGTHS["name"]),
        "description_short": _text(entry.purpose, NL_LENGTHS["description_short"]),
        "organization": publisher.organization,
        "theme": ["Organisatie en bedrijfsvoering"],
        "status": "In gebruik" if entry.in_use_since else "In ontwikkeling",
        "start_date": entry.in_use_since or publisher.published[:7],
        "contact": publisher.contact,
        "link": _page(entry, publisher),
        "publication_category": "Impactvolle algoritmes (Categorie B)",
        "source_link": f"{publisher.website}/api/v1/algorithms/{entry.id}/",
        "purpose_and_impact": _text(entry.purpose),
        "considerations": CONSIDERATIONS,
        "human_intervention": _text(entry.human_oversight),
        "risk_management": _risks(entry),
        "legal_basis": _text(entry.legal_basis),
        "impact_assessments": [each.name for each in read],
        "impact_assessment_link": read[0].link,
        "impact_assessment_explanation": f"{_dpia(publisher)} {_aia(entry, publisher)}",
        "data": _text(entry.data),
        "technical_operation": _text(entry.how, NL_LENGTHS["technical_operation"]),
        "supplier": publisher.organization,
        "language": "en",
        "schema": "1.0.0",
        "source_id": entry.id,
        "search_terms": [entry.id],
    }


def ats(entry: AlgorithmEntry, publisher: Publisher) -> dict[str, Json]:
    """The Eurocities Algorithmic Transparency Standard 0.3.1, all of its 49 fields."""
    page = _page(entry, publisher)
    record: dict[str, Json] = {
        "name": _text(entry.name),
        "description_short": _text(entry.purpose),
        "organization": publisher.organization,
        "department": publisher.organization,
        "contact_email": publisher.contact,
        "contact_phone": publisher.phone or "not published",
        "contact_name": publisher.organization,
        "area": "city",
        "domain": "data",
        "website": page,
        "status": "operational" if entry.in_use_since else "development",
        "remark": "The record is generated from the version that runs.",
    }
    record |= {
        "decision_making_process": _text(entry.how),
        "goal": _text(entry.purpose),
        "impact": _text(entry.purpose),
        "risks": _risks(entry),
        "risk_category": "limited risk",
        "proportionality": CONSIDERATIONS,
        "lawful_basis": _text(entry.legal_basis),
        "documentation": page,
        "training_data": _text(NO_TRAINING),
        "source_data": _text(entry.data),
        "data_bias": _text(entry.non_discrimination or NON_DISCRIMINATION),
        "connected_data_sources": CONNECTED,
        "DPIA_description": _dpia(publisher),
        "DPIA_url": publisher.dpia_url,
    }
    record |= {
        "algorithm_type": "rule-based",
        "description": _text(entry.how),
        "methods_and_models": _text(entry.how),
        "performance": "Exact arithmetic; every audit is published with the record.",
        "alternatives_considered": CONSIDERATIONS,
        "product_information": f"version {entry.version}, SHA-256 {publisher.code_sha256}",
        "codebase_url": f"{publisher.website}/api/v1/algorithms/{entry.id}/",
        "product_page": page,
        "AIA_description": _aia(entry, publisher),
        "AIA_url": publisher.aia_url or page,
        "monitoring": "Audits are repeated and logged; a change of the code is logged at once.",
        "type": "prescriptive",
        "human_intervention": _text(entry.human_oversight),
        "objection_procedure": _text(APPEAL),
        "rollback": "An earlier version can be put back; a wrong payment is reversed by a new one.",
    }
    return record | {
        "standard_version": "0.3.1",
        "uuid": str(uuid5(NAMESPACE_URL, page)),
        "lang": "en",
        "publication_date": publisher.published,
        "last_change_date": publisher.changed,
        "revision_date": publisher.changed,
        "revision_note": f"version {entry.version}",
        "keywords": entry.id,
    }


def atrs(entry: AlgorithmEntry, publisher: Publisher) -> dict[str, Json]:
    """The UK Algorithmic Transparency Recording Standard 1.1; starred fields are lists."""
    page, read = _page(entry, publisher), assessments(entry, publisher)
    return {
        "name": _text(entry.name),
        "description": _text(entry.purpose),
        "website": page,
        "contact_email": publisher.contact,
        "organisation": publisher.organization,
        "team": publisher.organization,
        "senior_responsible_owner": publisher.organization,
        "external_supplier": [],
        "external_supplier_identifier": [],
        "external_supplier_role": [],
        "data_access_terms": [],
        "scope": _text(entry.purpose),
        "benefit": _text(entry.purpose),
        "alternatives_considered": CONSIDERATIONS,
        "model_type": "rule-based",
        "frequency_usage": "continuous",
        "phase": "production" if entry.in_use_since else "pre-deployment",
        "maintenance": "A change is a new version; version and code hash are logged.",
        "system_architecture": f"Open source; SHA-256 of the code {publisher.code_sha256}",
        "process_integration": _text(entry.how),
        "provided_information": "The decision with its reasons, and where each figure comes from.",
        "human_decisions": _text(entry.human_oversight),
        "required_training": "Operators are instructed before they are given the role.",
        "appeals_and_review": _text(APPEAL),
        "source_data_name": [entry.id],
        "source_data_description": [_text(entry.data)],
        "source_data_url": [page],
        "data_collection": [_text(entry.data)],
        "data_sharing_agreements": [],
        "data_access_and_storage": ["Encrypted under a key of each contributor."],
        "impact_assessment_name": [each.name for each in read],
        "impact_assessment_description": [each.description for each in read],
        "impact_assessment_date": [each.day or "as the document says" for each in read],
        "impact_assessment_link": [each.link for each in read],
        "risk_name": ["Unequal treatment"],
        "risk_description": [_risks(entry)],
        "risk_mitigation": ["Repeated audits by group, published rules, review by a human."],
    }


def korea(entry: AlgorithmEntry, publisher: Publisher) -> dict[str, Json]:
    """What the AI Basic Act and article 37-2 of the Personal Information Protection Act ask."""
    return {
        "ai_basic_act": {
            # High impact needs a listed area, a major effect and a fully automatic decision.
            "high_impact_selfcheck": "possibly" if entry.automated else "no",
            "confirmed_by_msit": False,
            "notice_text": dict(entry.purpose),
            "risk_plan": dict(entry.risks or RISKS),
            "explanation_plan": {
                "final_result": dict(entry.purpose),
                "main_criteria": dict(entry.how),
                "training_data_outline": dict(NO_TRAINING),
            },
            "user_protection": dict(APPEAL),
            "human_supervisor": {
                "name": dict(publisher.names),
                "contact": publisher.contact,
            },
            "document_retention_until": _years_later(publisher.changed, 5),
        },
        "pipa37_2": {
            "applies": entry.automated,
            "basis": dict(entry.legal_basis),
            "purpose": dict(entry.purpose),
            "subject_scope": dict(SUBJECTS),
            "data_types_relation": dict(entry.data),
            "considerations_procedure": dict(entry.how),
            "sensitive_or_child": False,
            "how_to_exercise": dict(APPEAL),
            "sla_days": 30,
        },
    }


STANDARDS: Mapping[str, Callable[[AlgorithmEntry, Publisher], dict[str, Json]]] = {
    "nl": nl,
    "ats": ats,
    "atrs": atrs,
}


def _years_later(day: str, years: int) -> str:
    return f"{int(day[:4]) + years}{day[4:].replace('-02-29', '-02-28')}"

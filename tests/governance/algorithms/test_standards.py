"""The register in the forms of other registers: their fields, the required ones, their lengths."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import override_settings

from dure.accounts.acting import Actor
from dure.core import clock
from governance.algorithms.services import record_algorithms
from governance.algorithms.standards import NL_LENGTH, NL_LENGTHS
from governance.registries import algorithms
from tests.cast import api

pytestmark = pytest.mark.django_db

NL_REQUIRED = {
    "name",
    "description_short",
    "organization",
    "theme",
    "status",
    "start_date",
    "contact",
    "publication_category",
    "purpose_and_impact",
    "considerations",
    "human_intervention",
    "risk_management",
    "impact_assessments",
    "data",
    "technical_operation",
    "supplier",
    "language",
    "schema",
}
NL_OPTIONAL = {
    "end_date",
    "link",
    "source_link",
    "legal_basis",
    "legal_basis_link",
    "legal_basis_title",
    "processing_register_link",
    "impact_assessment_link",
    "impact_assessment_explanation",
    "data_source_link",
    "data_source_title",
    "source_code_link",
    "source_id",
    "search_terms",
}
ATS = {
    "name",
    "description_short",
    "organization",
    "department",
    "contact_email",
    "contact_phone",
    "contact_name",
    "area",
    "domain",
    "website",
    "status",
    "remark",
    "decision_making_process",
    "goal",
    "impact",
    "risks",
    "risk_category",
    "proportionality",
    "lawful_basis",
    "documentation",
    "training_data",
    "source_data",
    "data_bias",
    "connected_data_sources",
    "DPIA_description",
    "DPIA_url",
    "algorithm_type",
    "description",
    "methods_and_models",
    "performance",
    "alternatives_considered",
    "product_information",
    "codebase_url",
    "product_page",
    "AIA_description",
    "AIA_url",
    "monitoring",
    "type",
    "human_intervention",
    "objection_procedure",
    "rollback",
    "standard_version",
    "uuid",
    "lang",
    "publication_date",
    "last_change_date",
    "revision_date",
    "revision_note",
    "keywords",
}
ATRS = {
    "name",
    "description",
    "website",
    "contact_email",
    "organisation",
    "team",
    "senior_responsible_owner",
    "external_supplier",
    "external_supplier_identifier",
    "external_supplier_role",
    "data_access_terms",
    "scope",
    "benefit",
    "alternatives_considered",
    "model_type",
    "frequency_usage",
    "phase",
    "maintenance",
    "system_architecture",
    "process_integration",
    "provided_information",
    "human_decisions",
    "required_training",
    "appeals_and_review",
    "source_data_name",
    "source_data_description",
    "source_data_url",
    "data_collection",
    "data_sharing_agreements",
    "data_access_and_storage",
    "impact_assessment_name",
    "impact_assessment_description",
    "impact_assessment_date",
    "impact_assessment_link",
    "risk_name",
    "risk_description",
    "risk_mitigation",
}
IDS = [entry.id for _, entry in algorithms.items()]


def document(algorithm: str, standard: str) -> dict[str, object]:
    answer = api().get(f"/api/v1/algorithms/{algorithm}/", {"standard": standard})
    assert answer.status_code == 200, answer.content
    found: dict[str, object] = answer.json()
    return found


@pytest.mark.parametrize("algorithm", IDS)
def test_the_dutch_form_has_what_it_must_and_fits(algorithm: str) -> None:
    found = document(algorithm, "nl")
    assert set(found) >= NL_REQUIRED
    assert set(found) <= NL_REQUIRED | NL_OPTIONAL
    for name in NL_REQUIRED:
        assert found[name], name
    for name, value in found.items():
        if isinstance(value, str):
            assert len(value) <= NL_LENGTHS.get(name, NL_LENGTH), name
    assert found["status"] in ("In ontwikkeling", "In gebruik", "Buiten gebruik")
    assert re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", str(found["start_date"]))
    assert "(Categorie" in str(found["publication_category"])
    assert isinstance(found["theme"], list)


@pytest.mark.parametrize("algorithm", IDS)
def test_the_european_form_has_its_forty_nine_fields(algorithm: str) -> None:
    found = document(algorithm, "ats")
    assert set(found) == ATS
    assert len(found) == 49
    assert found["status"] == "operational"
    assert found["risk_category"] in (
        "minimal risk", "limited risk", "high risk", "unacceptable",
    )  # fmt: skip
    assert found["algorithm_type"] in ("self-learning", "rule-based", "hybrid")
    assert found["type"] in ("descriptive", "diagnostic", "predictive", "prescriptive")
    assert found["standard_version"] == "0.3.1"


@pytest.mark.parametrize("algorithm", IDS)
def test_the_british_form_has_its_thirty_seven_fields(algorithm: str) -> None:
    found = document(algorithm, "atrs")
    assert set(found) == ATRS
    assert len(found) == 37
    assert all(isinstance(found[name], list) for name in found if name.startswith("risk_"))


def test_an_unknown_form_and_an_unknown_algorithm_are_refused() -> None:
    wrong = api().get(f"/api/v1/algorithms/{IDS[0]}/", {"standard": "iso"})
    assert (wrong.status_code, wrong.json()["type"]) == (
        400,
        "/developers/errors/algorithm-standard-unknown/",
    )
    for path in ("nothing/?standard=nl", "nothing/audits/"):
        assert api().get(f"/api/v1/algorithms/{path}").status_code == 404


@pytest.mark.parametrize("algorithm", IDS)
def test_what_the_city_has_not_published_is_said_and_nothing_is_left_empty(
    algorithm: str,
) -> None:
    european, dutch, british = (document(algorithm, each) for each in ("ats", "nl", "atrs"))
    assert [name for name, value in european.items() if not value] == ["DPIA_url"]
    assert "not published a data protection" in str(european["DPIA_description"])
    assert "not published an algorithmic impact" in str(european["AIA_description"])
    assert "article 33" in str(european["AIA_description"])
    assert european["contact_phone"] == "+82-2-120"
    page = f"/en/algorithms/{algorithm}/"
    assert str(european["AIA_url"]).endswith(page)
    assert dutch["impact_assessments"] == british["impact_assessment_name"]
    assert "not published" in str(dutch["impact_assessment_explanation"])
    assert str(dutch["impact_assessment_link"]).endswith(page)


@override_settings(
    DPIA_URL="https://city.example/dpia", AIA_URL="https://city.example/aia", CONTACT_PHONE=""
)
def test_what_the_city_has_published_is_linked() -> None:
    european, dutch, british = (document(IDS[0], each) for each in ("ats", "nl", "atrs"))
    assert european["DPIA_url"] == dutch["impact_assessment_link"] == "https://city.example/dpia"
    assert european["AIA_url"] == "https://city.example/aia"
    assert "not published" not in str(european["DPIA_description"])
    assert european["contact_phone"] == "not published"
    parallel = [british[f"impact_assessment_{part}"] for part in
                ("name", "description", "date", "link")]  # fmt: skip
    assert all(isinstance(each, list) and len(each) == 3 for each in parallel)
    assert dutch["impact_assessments"] == parallel[0]
    links = british["impact_assessment_link"]
    assert isinstance(links, list)
    assert links[:2] == ["https://city.example/dpia", "https://city.example/aia"]


@pytest.mark.parametrize("algorithm", IDS)
def test_the_korean_record_has_what_both_acts_ask(algorithm: str) -> None:
    found = api().get(f"/api/v1/algorithms/{algorithm}/").json()["korea"]
    assert set(found["ai_basic_act"]) == {
        "high_impact_selfcheck", "confirmed_by_msit", "notice_text", "risk_plan",
        "explanation_plan", "user_protection", "human_supervisor", "document_retention_until",
    }  # fmt: skip
    assert set(found["ai_basic_act"]["explanation_plan"]) == {
        "final_result", "main_criteria", "training_data_outline",
    }  # fmt: skip
    assert set(found["pipa37_2"]) == {
        "applies", "basis", "purpose", "subject_scope", "data_types_relation",
        "considerations_procedure", "sensitive_or_child", "how_to_exercise", "sla_days",
    }  # fmt: skip
    assert found["pipa37_2"]["sla_days"] == 30
    act = found["ai_basic_act"]
    assert act["human_supervisor"]["name"] == {"ko": "두레", "en": "Dure"}
    for texts in (
        act["notice_text"],
        act["risk_plan"],
        act["user_protection"],
        *act["explanation_plan"].values(),
        *(
            found["pipa37_2"][name]
            for name in (
                "basis",
                "purpose",
                "subject_scope",
                "data_types_relation",
                "considerations_procedure",
                "how_to_exercise",
            )
        ),
    ):
        assert re.search("[가-힣]", texts["ko"]), "an act of Korea asks in Korean"
        assert texts["en"]
        assert not re.search("[가-힣]", texts["en"])


@pytest.mark.parametrize("algorithm", IDS)
def test_no_form_cuts_a_text_short(algorithm: str) -> None:
    for standard in ("nl", "ats", "atrs"):
        for name, value in document(algorithm, standard).items():
            if isinstance(value, str):
                limit = NL_LENGTHS.get(name, NL_LENGTH) if standard == "nl" else NL_LENGTH
                assert len(value) < limit, (standard, name)


def test_a_record_is_stale_until_the_code_that_runs_is_logged() -> None:
    path = f"/api/v1/algorithms/{IDS[0]}/"
    assert api().get(path).json()["stale"] is True
    record_algorithms(acting=Actor.system("tests"))
    assert api().get(path).json()["stale"] is False


def test_nobody_changes_an_audit() -> None:
    refused = pytest.raises(DatabaseError, match="append-only")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM governance_algorithmaudit")


def test_a_record_that_was_registered_after_midnight_is_kept_from_that_day_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 11, 28, 15, 30, tzinfo=UTC))
    found = api().get(f"/api/v1/algorithms/{IDS[0]}/").json()
    assert found["korea"]["ai_basic_act"]["document_retention_until"] == "2031-11-29"

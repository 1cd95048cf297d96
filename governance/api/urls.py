"""Addresses below ``/api/v1/``."""

from __future__ import annotations

from django.urls import path

from governance.api import (
    case_views,
    consent_views,
    disclosure_views,
    guardian_views,
    log_views,
    register_views,
    rights_views,
)

app_name = "governance_api"

urlpatterns = [
    path("notices/", consent_views.NoticeList.as_view(), name="notices"),
    path("consents/", consent_views.ConsentList.as_view(), name="consents"),
    path(
        "consents/<uuid:consent_id>/withdrawal/",
        consent_views.ConsentWithdrawal.as_view(),
        name="consent-withdrawal",
    ),
    path(
        "consents/<uuid:consent_id>/receipt/",
        consent_views.ConsentReceipt.as_view(),
        name="consent-receipt",
    ),
    path(
        "consents/<uuid:consent_id>/proof/",
        consent_views.ConsentProof.as_view(),
        name="consent-proof",
    ),
    path("guardianships/", guardian_views.GuardianshipList.as_view(), name="guardianships"),
    path(
        "guardianships/<uuid:guardianship_id>/confirmation/",
        guardian_views.GuardianshipConfirmation.as_view(),
        name="guardianship-confirmation",
    ),
    path(
        "guardianships/<uuid:guardianship_id>/end/",
        guardian_views.GuardianshipEnd.as_view(),
        name="guardianship-end",
    ),
    path("log/keys/", log_views.Keys.as_view(), name="log-keys"),
    path("log/entries/<int:index>/", log_views.Entry.as_view(), name="log-entry"),
    path("log/entries/<int:index>/proof/", log_views.Proof.as_view(), name="log-proof"),
    path("log/consistency/", log_views.Consistency.as_view(), name="log-consistency"),
    path("algorithms/", register_views.AlgorithmList.as_view(), name="algorithms"),
    path(
        "algorithms/<slug:algorithm_id>/",
        register_views.AlgorithmDetail.as_view(),
        name="algorithm",
    ),
    path(
        "algorithms/<slug:algorithm_id>/audits/",
        register_views.AlgorithmAudits.as_view(),
        name="algorithm-audits",
    ),
    path("reports/", register_views.ReportList.as_view(), name="reports"),
    path("reports/<slug:period>/", register_views.ReportDetail.as_view(), name="report"),
    path("rights-requests/", rights_views.RightsRequestList.as_view(), name="rights-requests"),
    path(
        "rights-requests/<uuid:request_id>/",
        rights_views.RightsRequestDetail.as_view(),
        name="rights-request",
    ),
    path(
        "rights-requests/<uuid:request_id>/answer/",
        rights_views.RightsRequestAnswer.as_view(),
        name="rights-request-answer",
    ),
    path(
        "rights-requests/<uuid:request_id>/export/",
        rights_views.RightsRequestExport.as_view(),
        name="rights-request-export",
    ),
    path("objections/", rights_views.ObjectionList.as_view(), name="objections"),
    path(
        "objections/<uuid:objection_id>/",
        rights_views.ObjectionDetail.as_view(),
        name="objection",
    ),
    path(
        "objections/<uuid:objection_id>/answer/",
        rights_views.ObjectionAnswer.as_view(),
        name="objection-answer",
    ),
    path("accesses/", rights_views.AccessList.as_view(), name="accesses"),
    path("cases/", case_views.CaseList.as_view(), name="cases"),
    path("cases/<uuid:case_id>/", case_views.CaseDetail.as_view(), name="case"),
    path("cases/<uuid:case_id>/findings/", case_views.CaseFindings.as_view(), name="case-findings"),
    path("findings/", case_views.FindingList.as_view(), name="findings"),
    path("findings/<uuid:finding_id>/", case_views.FindingDetail.as_view(), name="finding"),
    path("disclosures/", disclosure_views.DisclosureList.as_view(), name="disclosures"),
    path(
        "disclosures/<uuid:disclosure_id>/",
        disclosure_views.DisclosureDetail.as_view(),
        name="disclosure",
    ),
    path(
        "disclosures/<uuid:disclosure_id>/approval/",
        disclosure_views.DisclosureApproval.as_view(),
        name="disclosure-approval",
    ),
    path("integrity/", register_views.Integrity.as_view(), name="integrity"),
]

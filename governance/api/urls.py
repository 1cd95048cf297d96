"""Addresses below ``/api/v1/``."""

from __future__ import annotations

from django.urls import path

from governance.api import consent_views, log_views, register_views

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
    path("reports/", register_views.ReportList.as_view(), name="reports"),
    path("reports/<slug:period>/", register_views.ReportDetail.as_view(), name="report"),
    path("integrity/", register_views.Integrity.as_view(), name="integrity"),
]

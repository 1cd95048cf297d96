"""Addresses of this room below /api/v1/."""

from __future__ import annotations

from django.urls import path

from contributions.api.calls import CallList, CallPublication, CallView
from contributions.api.contributions import (
    ContributionFindings,
    ContributionList,
    ContributionView,
    ContributionWithdrawal,
)
from contributions.api.corrections import ContributionCorrections
from contributions.api.references import ReferenceList, ReferenceView

app_name = "contributions-api"

urlpatterns = [
    path("calls/", CallList.as_view(), name="calls"),
    path("calls/<slug:slug>/", CallView.as_view(), name="call"),
    path("calls/<slug:slug>/publication/", CallPublication.as_view(), name="call-publication"),
    path("references/", ReferenceList.as_view(), name="references"),
    path("references/<slug:key>/", ReferenceView.as_view(), name="reference"),
    path("contributions/", ContributionList.as_view(), name="contributions"),
    path("contributions/<str:receipt>/", ContributionView.as_view(), name="contribution"),
    path(
        "contributions/<str:receipt>/findings/",
        ContributionFindings.as_view(),
        name="contribution-findings",
    ),
    path(
        "contributions/<str:receipt>/corrections/",
        ContributionCorrections.as_view(),
        name="contribution-corrections",
    ),
    path(
        "contributions/<str:receipt>/withdrawal/",
        ContributionWithdrawal.as_view(),
        name="contribution-withdrawal",
    ),
]

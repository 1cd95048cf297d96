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
from contributions.api.photos import ContributionPhoto, ContributionPhotos
from contributions.api.progress import (
    ContributionCancellation,
    ContributionDuplicates,
    ContributionPreview,
    ContributionProgress,
    ContributionQuality,
    Feeds,
)
from contributions.api.references import ReferenceList, ReferenceView
from contributions.api.releases import (
    Catalogue,
    ReleaseDownload,
    ReleaseList,
    ReleaseRecalls,
    ReleaseRecipients,
    ReleaseView,
)
from contributions.api.representativeness import CallRepresentativeness
from contributions.api.trained import ReleaseModels, ReleaseModelWithdrawal
from contributions.api.uploads import Uploads, UploadView

app_name = "contributions-api"

urlpatterns = [
    path("calls/", CallList.as_view(), name="calls"),
    path("calls/<slug:slug>/", CallView.as_view(), name="call"),
    path("calls/<slug:slug>/publication/", CallPublication.as_view(), name="call-publication"),
    path(
        "calls/<slug:slug>/representativeness/",
        CallRepresentativeness.as_view(),
        name="call-representativeness",
    ),
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
        "contributions/<str:receipt>/progress/",
        ContributionProgress.as_view(),
        name="contribution-progress",
    ),
    path(
        "contributions/<str:receipt>/quality/",
        ContributionQuality.as_view(),
        name="contribution-quality",
    ),
    path(
        "contributions/<str:receipt>/duplicates/",
        ContributionDuplicates.as_view(),
        name="contribution-duplicates",
    ),
    path(
        "contributions/<str:receipt>/preview/",
        ContributionPreview.as_view(),
        name="contribution-preview",
    ),
    path(
        "contributions/<str:receipt>/cancellation/",
        ContributionCancellation.as_view(),
        name="contribution-cancellation",
    ),
    path(
        "contributions/<str:receipt>/photos/",
        ContributionPhotos.as_view(),
        name="contribution-photos",
    ),
    path(
        "contributions/<str:receipt>/photos/<uuid:photo_id>",
        ContributionPhoto.as_view(),
        name="contribution-photo",
    ),
    path("uploads/", Uploads.as_view(), name="uploads"),
    path("uploads/<uuid:upload_id>/", UploadView.as_view(), name="upload"),
    path("feeds/", Feeds.as_view(), name="feeds"),
    path(
        "contributions/<str:receipt>/withdrawal/",
        ContributionWithdrawal.as_view(),
        name="contribution-withdrawal",
    ),
    path("releases/", ReleaseList.as_view(), name="releases"),
    path("releases/<str:release_id>/", ReleaseView.as_view(), name="release"),
    path("releases/<str:release_id>/recalls/", ReleaseRecalls.as_view(), name="release-recalls"),
    path(
        "releases/<str:release_id>/recipients/",
        ReleaseRecipients.as_view(),
        name="release-recipients",
    ),
    path("releases/<uuid:release_id>/models/", ReleaseModels.as_view(), name="release-models"),
    path(
        "releases/<uuid:release_id>/models/<uuid:model_id>/withdrawal/",
        ReleaseModelWithdrawal.as_view(),
        name="release-model-withdrawal",
    ),
    path(
        "releases/<str:release_id>/files/<str:name>",
        ReleaseDownload.as_view(),
        name="release-file",
    ),
    path("catalog.jsonld", Catalogue.as_view(), name="catalogue"),
]

"""Releases, the catalogue and representativeness over HTTP."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import quote

from django.http import FileResponse, HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import SAFE_METHODS, AllowAny, BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from contributions.api.bodies import document_of
from contributions.api.shapes import Document, TwoLanguages
from contributions.models import Release, ReleaseKind, ReleaseState
from contributions.releases.recipients import note_download, recipients_document
from contributions.releases.selectors import (
    catalogue_document,
    file_for,
    recall_document,
    release_document,
    release_documents,
    release_for,
    releases_for,
)
from contributions.releases.services import build_release
from dure.accounts.acting import Actor
from dure.core.blobs import open_blob
from dure.core.pagination import CursorPages
from dure.core.problem_shapes import problems


class ReleaseFileShape(Document):
    name = serializers.CharField()
    media_type = serializers.CharField()
    bytes = serializers.IntegerField()
    sha256 = serializers.CharField()
    url = serializers.CharField()


class ReleaseLogShape(Document):
    index = serializers.IntegerField(allow_null=True, help_text="Null until it is sequenced.")


class RecipientOfReleaseShape(Document):
    key = serializers.SlugField()
    name = TwoLanguages()


class SuccessorShape(Document):
    release = serializers.UUIDField()
    url = serializers.CharField()

    def get_fields(self) -> dict[str, serializers.Field]:  # type: ignore[type-arg]  # as inherited
        # A serializer has an attribute `label` of its own.
        return {**super().get_fields(), "label": serializers.CharField()}


class ReleaseShape(Document):
    id = serializers.UUIDField()
    call = serializers.SlugField()
    call_version = serializers.IntegerField()
    title = TwoLanguages()
    description = TwoLanguages()
    licence = serializers.CharField()
    purpose = serializers.SlugField()
    kind = serializers.ChoiceField(choices=ReleaseKind.choices)
    recipient = RecipientOfReleaseShape(
        allow_null=True, help_text="The third party of the notice for whom alone it is."
    )
    version = serializers.IntegerField(
        allow_null=True, help_text="1, 2, 3 … of the call, purpose, kind and recipient."
    )
    patch = serializers.IntegerField(
        help_text="1, 2, 3 … of the patches that the system builds of recalled versions, else 0."
    )
    patch_of = serializers.UUIDField(
        allow_null=True, help_text="The recalled release whose remaining records it holds."
    )
    successor = SuccessorShape(
        allow_null=True, help_text="What is given out in place of a recalled release."
    )
    state = serializers.ChoiceField(choices=ReleaseState.choices)
    reason = serializers.CharField(allow_null=True)
    reason_code = serializers.CharField(allow_null=True)
    reason_params = serializers.DictField(child=serializers.IntegerField())
    records = serializers.IntegerField()
    contributors = serializers.IntegerField()
    models = serializers.IntegerField(
        help_text="How many models were trained on it, as those who trained them say."
    )
    measures = serializers.JSONField(help_text="Disclosure, weights and references.")
    files = ReleaseFileShape(many=True)
    log = ReleaseLogShape()
    requested_at = serializers.DateTimeField()
    published_at = serializers.DateTimeField(allow_null=True)
    superseded_at = serializers.DateTimeField(
        allow_null=True, help_text="The first withdrawal of somebody whose records are in it."
    )

    def get_fields(self) -> dict[str, serializers.Field]:  # type: ignore[type-arg]  # as inherited
        # A serializer has an attribute `label` of its own.
        version = serializers.CharField(allow_null=True, help_text="Number and patch, as in 2.1.")
        return {**super().get_fields(), "label": version}


class ReleaseRequest(Document):
    call = serializers.SlugField()
    purpose = serializers.SlugField()
    kind = serializers.ChoiceField(choices=ReleaseKind.choices, default=ReleaseKind.OPEN.value)
    recipient = serializers.SlugField(
        default="",
        help_text="Key of a recipient that the call names for the purpose: a licensed release of "
        "those who consent to them, for them alone.",
    )


class RecallShape(Document):
    release = serializers.UUIDField()
    status = serializers.ChoiceField(choices=ReleaseState.choices)
    superseded_at = serializers.DateTimeField(allow_null=True)
    rows = serializers.ListField(
        child=serializers.CharField(), help_text="`row_id` of the rows to delete."
    )
    successor = SuccessorShape(allow_null=True, help_text="What is given out in its place.")


class RecipientShape(Document):
    party = serializers.UUIDField()
    name = TwoLanguages()
    last_download = serializers.DateTimeField()
    must_delete = serializers.BooleanField()
    attested_at = serializers.DateTimeField(
        allow_null=True, help_text="When it said that the recalled rows are deleted."
    )


class RecipientsShape(Document):
    release = serializers.UUIDField()
    status = serializers.ChoiceField(choices=ReleaseState.choices)
    rows = serializers.IntegerField(help_text="Rows that have to be deleted.")
    recalls = serializers.CharField(help_text="Address of the list of those rows.")
    recipients = RecipientShape(many=True)


class Latest(CursorPages):
    ordering = ("-requested_at", "-id")


class ReleaseList(GenericAPIView[Any]):
    queryset = Release.objects.none()
    serializer_class = ReleaseShape
    pagination_class = Latest

    def get_permissions(self) -> list[BasePermission]:
        return [AllowAny() if self.request.method in SAFE_METHODS else IsAuthenticated()]

    @extend_schema(operation_id="releases_list", responses=ReleaseShape(many=True))
    def get(self, request: Request) -> Response:
        """Releases, newest first; operators also see those that wait or were refused."""
        page = self.paginate_queryset(releases_for(Actor.of(request)))
        return self.get_paginated_response(release_documents(page or []))

    @extend_schema(
        operation_id="releases_build",
        request=ReleaseRequest,
        responses={
            202: ReleaseShape,
            **problems(403, 404, 409, 422),
        },
    )
    def post(self, request: Request) -> Response:
        """Have a release built from the records that may be used for a purpose (operators)."""
        asked = document_of(request)
        release = build_release(
            acting=Actor.of(request),
            call_slug=str(asked.get("call", "")),
            purpose=str(asked.get("purpose", "")),
            kind=str(asked.get("kind", ReleaseKind.OPEN.value)),
            recipient=str(asked.get("recipient") or ""),
        )
        location = f"/api/v1/releases/{release.id}/"
        return Response(release_document(release), status=202, headers={"Location": location})


class ReleaseView(GenericAPIView[Any]):
    queryset = Release.objects.none()
    serializer_class = ReleaseShape
    permission_classes = [AllowAny]

    @extend_schema(operation_id="releases_read", responses={200: ReleaseShape, **problems(404)})
    def get(self, request: Request, release_id: str) -> Response:
        """One release with its files and measures."""
        return Response(release_document(release_for(Actor.of(request), release_id)))


class ReleaseDownload(GenericAPIView[Any]):
    queryset = Release.objects.none()
    serializer_class = ReleaseShape
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="releases_file",
        responses={
            (200, "application/octet-stream"): OpenApiTypes.BINARY,
            **problems(403, 404, 410),
        },
    )
    def get(self, request: Request, release_id: str, name: str) -> FileResponse:
        """A file of a release: open ones for everybody, others with a licence."""
        actor = Actor.of(request)
        file = file_for(actor, release_id, name)
        note_download(acting=actor, file=file)
        answer = FileResponse(open_blob(file.blob), content_type=file.media_type)
        answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(file.name)}"
        answer["Content-Length"] = str(file.size)
        # A copy kept on the way would outlive a withdrawal.
        answer["Cache-Control"] = "no-store"
        answer["Repr-Digest"] = f"sha-256=:{_base64(file.sha256)}:"
        return answer


def _base64(digest: str) -> str:

    return base64.b64encode(bytes.fromhex(digest)).decode()


class ReleaseRecalls(GenericAPIView[Any]):
    queryset = Release.objects.none()
    serializer_class = RecallShape
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="releases_recalls",
        responses={200: RecallShape, **problems(403, 404)},
    )
    def get(self, request: Request, release_id: str) -> Response:
        """Rows that whoever holds the release has to delete; for licensees where it is licensed."""
        return Response(recall_document(Actor.of(request), release_id))


class ReleaseRecipients(GenericAPIView[Any]):
    queryset = Release.objects.none()
    serializer_class = RecipientsShape

    @extend_schema(
        operation_id="releases_recipients",
        responses={
            200: RecipientsShape,
            **problems(401, 403, 404),
        },
    )
    def get(self, request: Request, release_id: str) -> Response:
        """Who downloaded a release and whether they have to delete rows of it (operators)."""
        return Response(recipients_document(Actor.of(request), release_id))


class Catalogue(GenericAPIView[Any]):
    queryset = Release.objects.none()
    serializer_class = ReleaseShape
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="catalogue_read",
        responses={
            (200, "application/ld+json"): OpenApiResponse(
                OpenApiTypes.OBJECT, description="A dcat:Catalog of the releases (DCAT 3)."
            )
        },
    )
    def get(self, _request: Request) -> HttpResponse:
        """The catalogue as DCAT in JSON-LD, for harvesters."""
        body = json.dumps(catalogue_document(), ensure_ascii=False)
        return HttpResponse(body, content_type="application/ld+json")

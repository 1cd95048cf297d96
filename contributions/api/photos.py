"""Photographs of a contribution over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from contributions.api.shapes import Document
from contributions.evidence.arriving import keep_in_memory, sent_photos
from contributions.evidence.selectors import (
    MEDIA_TYPES,
    photo_document,
    photo_for,
    photos_for,
)
from contributions.evidence.services import SentPhoto, add_photos
from contributions.models import Photo
from dure.accounts.acting import Actor
from dure.core.blobs import read
from dure.core.canonical import canonical_hash, sha256_hex
from dure.core.idempotency import run_idempotently
from dure.core.problem_shapes import problems

RECEIPT = OpenApiParameter(
    "receipt", OpenApiTypes.STR, OpenApiParameter.PATH, description="Receipt number."
)


class PhotoShape(Document):
    id = serializers.UUIDField()
    format = serializers.ChoiceField(choices=sorted(MEDIA_TYPES))
    width = serializers.IntegerField(help_text="Pixels as stored.")
    height = serializers.IntegerField(help_text="Pixels as stored.")
    size = serializers.IntegerField(help_text="Bytes without metadata.")
    sha256 = serializers.CharField(help_text="Of the bytes without metadata.")
    added_at = serializers.DateTimeField()


class PhotoUpload(Document):
    photo = serializers.ListField(child=serializers.FileField())


class ContributionPhotos(GenericAPIView[Any]):
    queryset = Photo.objects.none()
    serializer_class = PhotoShape
    parser_classes = [MultiPartParser]
    pagination_class = None

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Request:
        # Before authentication, which may read the form for its token.
        keep_in_memory(request)
        return super().initialize_request(request, *args, **kwargs)

    @extend_schema(
        operation_id="contributions_photos",
        parameters=[RECEIPT],
        responses={200: PhotoShape(many=True), **problems(404)},
    )
    def get(self, request: Request, receipt: str) -> Response:
        """The photos of a contribution, oldest first."""
        photos = photos_for(Actor.of(request), receipt)
        return Response([photo_document(each) for each in photos])

    @extend_schema(
        operation_id="contributions_photos_add",
        parameters=[RECEIPT, OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER)],
        request={"multipart/form-data": PhotoUpload},
        responses={
            201: PhotoShape(many=True),
            **problems(404, 409, 413, 422),
        },
    )
    def post(self, request: Request, receipt: str) -> Response:
        """Add photos (JPEG, PNG, WebP) as evidence; whatever is no picture is taken away."""
        actor = Actor.of(request)
        person = actor.require_person()
        sent = sent_photos(request.FILES)
        digests = [sha256_hex(each.data) for each in sent]
        return run_idempotently(
            actor=person.id,
            key=request.headers.get("Idempotency-Key"),
            request_hash=canonical_hash({"photos of": receipt[:40], "sha256": digests}),
            run=lambda: _added(actor, receipt, sent),
        )


def _added(actor: Actor, receipt: str, sent: list[SentPhoto]) -> Response:
    photos = add_photos(acting=actor, receipt=receipt, sent=sent)
    return Response([photo_document(each) for each in photos], status=201)


class ContributionPhoto(GenericAPIView[Any]):
    queryset = Photo.objects.none()
    serializer_class = PhotoShape

    @extend_schema(
        operation_id="contributions_photo",
        parameters=[RECEIPT],
        responses={
            **{(200, media_type): OpenApiTypes.BINARY for media_type in MEDIA_TYPES.values()},
            **problems(404),
        },
    )
    def get(self, request: Request, receipt: str, photo_id: UUID) -> HttpResponse:
        """One photo, for its owner and for operators who review; their looks are noted."""
        return photo_file(photo_for(Actor.of(request), receipt, photo_id))


def photo_file(photo: Photo) -> HttpResponse:
    """The picture as an answer that no cache keeps and no browser takes for anything else."""
    answer = HttpResponse(read(photo.blob), content_type=MEDIA_TYPES[photo.format])
    answer["Content-Disposition"] = f'inline; filename="{photo.id}.{photo.format}"'
    answer["Cache-Control"] = "private, no-store"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer

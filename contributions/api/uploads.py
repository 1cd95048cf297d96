"""Resumable uploads over HTTP as tus 1.0.0 has them, so that any tus client can be used.

Core protocol with the extensions creation, checksum, termination and expiration.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, UnreadablePostError
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import AllowAny, BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from contributions import problems
from contributions.api.shapes import Document
from contributions.models import Upload
from contributions.uploads import tus
from contributions.uploads.selectors import upload_document, upload_for, uploads_of
from contributions.uploads.services import append, begin, terminate
from dure.accounts.acting import Actor
from dure.core.pagination import CursorPages
from dure.core.problem_shapes import problems as refusals
from dure.core.problems import INVALID, FieldError

#: Bytes that are kept in one go; an interruption costs no more than these.
PIECE_BYTES = 8 * 1024 * 1024
#: Bytes whose checksum is compared before any of them counts, held in memory until then.
CHECKED_BYTES_MAX = 16 * 1024 * 1024
OVERRIDABLE = ("PATCH", "DELETE", "HEAD")


class UploadShape(Document):
    id = serializers.UUIDField()
    filename = serializers.CharField(allow_blank=True)
    length = serializers.IntegerField(help_text="Bytes.")
    offset = serializers.IntegerField(help_text="Bytes that arrived.")
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()


class NewestFirst(CursorPages):
    ordering = ("-created_at", "-id")


def _header(name: str, *, required: bool = True) -> OpenApiParameter:
    return OpenApiParameter(name, str, OpenApiParameter.HEADER, required=required)


class TusView(GenericAPIView[Any]):
    """What every answer of the protocol carries, and the version check of every request."""

    queryset = Upload.objects.none()
    serializer_class = UploadShape

    def get_permissions(self) -> list[BasePermission]:
        return [AllowAny() if self.request.method == "OPTIONS" else IsAuthenticated()]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        plain = request.method in ("OPTIONS", "GET")
        if not plain and request.headers.get("Tus-Resumable") != tus.VERSION:
            raise problems.TUS_VERSION.problem(headers={"Tus-Version": tus.VERSION})

    def finalize_response(
        self, request: Request, response: Any, *args: Any, **kwargs: Any
    ) -> Response:
        answer = super().finalize_response(request, response, *args, **kwargs)
        answer["Tus-Resumable"] = tus.VERSION
        answer["Cache-Control"] = "no-store"
        return answer

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, tus.Unsound):
            exc = INVALID.problem(errors=[FieldError(field=str(exc), message=INVALID.advice)])
        return super().handle_exception(exc)

    @extend_schema(exclude=True)
    def options(self, request: Any, *args: Any, **kwargs: Any) -> Response:  # Any: a DRF request
        return Response(
            status=204,
            headers={
                "Tus-Version": tus.VERSION,
                "Tus-Extension": tus.EXTENSIONS,
                "Tus-Max-Size": str(settings.UPLOAD_SIZE_MAX),
                "Tus-Checksum-Algorithm": ",".join(tus.ALGORITHMS),
            },
        )


class Uploads(TusView):
    pagination_class = NewestFirst

    @extend_schema(operation_id="uploads_list", responses={200: UploadShape(many=True)})
    def get(self, request: Request) -> Response:
        """Your open uploads, newest first."""
        page = self.paginate_queryset(uploads_of(Actor.of(request)))
        return self.get_paginated_response([upload_document(each) for each in page or []])

    @extend_schema(
        operation_id="uploads_begin",
        parameters=[
            _header("Tus-Resumable"),
            _header("Upload-Length"),
            _header("Upload-Metadata", required=False),
        ],
        request=None,
        responses={
            201: None,
            **refusals(400, 409, 412, 413),
        },
    )
    def post(self, request: Request) -> Response:
        """Begin a resumable upload (tus creation); `filename`, `filetype`, `party` as metadata."""
        actor = Actor.of(request)
        said = tus.metadata(request.headers.get("Upload-Metadata"))
        upload = begin(
            acting=actor,
            party_id=_party(actor, said.get("party", "")),
            length=tus.number("Upload-Length", request.headers.get("Upload-Length")),
            filename=said.get("filename", ""),
            content_type=said.get("filetype", ""),
        )
        location = f"/api/v1/uploads/{upload.id}/"
        return Response(status=201, headers={"Location": location, **_standing(upload)})


class UploadView(TusView):
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        # For those behind proxies that know GET and POST only; the protocol asks for it.
        wanted = request.headers.get("X-HTTP-Method-Override", "").upper()
        if request.method == "POST" and wanted in OVERRIDABLE:
            request.method = wanted
        return super().dispatch(request, *args, **kwargs)

    @extend_schema(operation_id="uploads_read", responses={200: UploadShape, **refusals(404)})
    def get(self, request: Request, upload_id: UUID) -> Response:
        """Where an upload stands; `HEAD` answers the same in the headers of tus."""
        return Response(upload_document(upload_for(Actor.of(request), upload_id)))

    def head(self, request: Request, upload_id: UUID) -> Response:
        upload = upload_for(Actor.of(request), upload_id)
        return Response(headers={"Upload-Length": str(upload.length), **_standing(upload)})

    @extend_schema(
        operation_id="uploads_continue",
        parameters=[
            _header("Tus-Resumable"),
            _header("Upload-Offset"),
            _header("Upload-Checksum", required=False),
        ],
        request={tus.PIECE_TYPE: OpenApiTypes.BINARY},
        responses={
            204: None,
            **refusals(400, 404, 409, 412, 413, 415),
        },
    )
    def patch(self, request: Request, upload_id: UUID) -> Response:
        """Send bytes from an offset on; a checksum that does not fit answers 460."""
        actor = Actor.of(request)
        if (request.content_type or "").partition(";")[0].strip() != tus.PIECE_TYPE:
            raise problems.PIECE_TYPE.problem()
        offset = tus.number("Upload-Offset", request.headers.get("Upload-Offset"))
        claimed = tus.checksum(request.headers.get("Upload-Checksum"))
        announced = request.META.get("CONTENT_LENGTH") or "0"
        size = int(announced) if announced.isdigit() else 0
        upload = upload_for(actor, upload_id)
        # Both are examined again under the lock; here they spare the reading.
        if upload.offset != offset:
            raise problems.OFFSET_CONFLICT.problem(headers={"Upload-Offset": str(upload.offset)})
        if offset + size > upload.length or (claimed and size > CHECKED_BYTES_MAX):
            raise problems.PIECE_TOO_LARGE.problem()
        at_once = size if claimed else PIECE_BYTES
        while size > 0:
            piece = _read(request, min(at_once, size))
            if claimed and not claimed.fits(piece):
                raise problems.CHECKSUM_MISMATCH.problem()
            upload = append(acting=actor, upload_id=upload_id, offset=offset, piece=piece)
            if not piece:
                break
            offset, size = offset + len(piece), size - len(piece)
        return Response(status=204, headers=_standing(upload))

    @extend_schema(
        operation_id="uploads_terminate",
        parameters=[_header("Tus-Resumable")],
        responses={204: None, **refusals(404, 412)},
    )
    def delete(self, request: Request, upload_id: UUID) -> Response:
        """Give an upload up; what arrived is purged."""
        terminate(acting=Actor.of(request), upload_id=upload_id)
        return Response(status=204)


def _standing(upload: Upload) -> dict[str, str]:
    return {
        "Upload-Offset": str(upload.offset),
        "Upload-Expires": tus.http_date(upload.expires_at),
    }


def _read(request: Request, size: int) -> bytes:
    """Up to `size` bytes of the body; fewer where the line broke, and what arrived is kept."""
    parts: list[bytes] = []
    while size > 0:
        try:
            part = request._request.read(min(size, 256 * 1024))
        except (UnreadablePostError, OSError):
            break
        if not part:
            break
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def _party(actor: Actor, named: str) -> UUID:
    if not named:
        assert actor.party_id is not None, "whoever is signed in has a party"
        return actor.party_id
    try:
        return UUID(named)
    except ValueError:
        raise tus.Unsound("Upload-Metadata") from None

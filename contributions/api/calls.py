"""Calls over HTTP."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import SAFE_METHODS, AllowAny, BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from contributions import problems
from contributions.api.bodies import document_of
from contributions.api.shapes import CallDraft, CallShape, PublicationRequest
from contributions.calls.services import draft_call, publish_call, revise_call
from contributions.models import Call
from contributions.selectors import (
    call_document,
    call_documents,
    open_calls,
    published_version,
    version_in_preparation,
)
from dure.accounts.acting import Actor
from dure.accounts.roles import Role
from dure.core.pagination import CursorPages
from dure.core.problem_shapes import problems as refusals

PREPARERS = (Role.OPERATOR, Role.APPROVER)


class BySlug(CursorPages):
    ordering = "slug"


class PublicReading(GenericAPIView[Any]):
    """Anybody reads; whoever writes is signed in (services ask for the role)."""

    def get_permissions(self) -> list[BasePermission]:
        return [AllowAny() if self.request.method in SAFE_METHODS else IsAuthenticated()]


class CallList(PublicReading):
    queryset = Call.objects.none()
    serializer_class = CallShape
    pagination_class = BySlug

    @extend_schema(operation_id="calls_list", responses=CallShape(many=True))
    def get(self, request: Request) -> Response:
        """Open calls with the live state of their strata."""
        page = self.paginate_queryset(open_calls())
        return self.get_paginated_response(call_documents(page or []))

    @extend_schema(
        operation_id="calls_draft",
        request=CallDraft,
        responses={
            201: CallShape,
            **refusals(403, 409, 422),
        },
    )
    def post(self, request: Request) -> Response:
        """Draft a call (operators)."""
        call = draft_call(acting=Actor.of(request), document=document_of(request))
        version = version_in_preparation(call.slug)
        assert version is not None, "a drafted call has its first version"
        location = f"/api/v1/calls/{call.slug}/"
        return Response(call_document(version), status=201, headers={"Location": location})


class CallView(PublicReading):
    queryset = Call.objects.none()
    serializer_class = CallShape
    lookup_field = "slug"

    @extend_schema(
        operation_id="calls_read",
        parameters=[
            OpenApiParameter(
                "preparing", bool, description="The version in preparation (operators)."
            )
        ],
        responses={200: CallShape, **refusals(404)},
    )
    def get(self, request: Request, slug: str) -> Response:
        """A published call; operators also read what is in preparation."""
        actor = Actor.of(request)
        if any(actor.has(role) for role in PREPARERS):
            version = version_in_preparation(slug)
            published = Call.objects.filter(slug=slug, published__isnull=False).exists()
            if version is not None and (not published or "preparing" in request.query_params):
                return Response(call_document(version))
        return Response(call_document(published_version(slug)))

    @extend_schema(
        operation_id="calls_revise",
        request=CallDraft(partial=True),
        responses={
            200: CallShape,
            **refusals(403, 404, 409, 422),
        },
    )
    def patch(self, request: Request, slug: str) -> Response:
        """Change some fields: a new version, to be published like the first (operators)."""
        changes = document_of(request)
        if changes.get("slug", slug) != slug:
            raise problems.CALL_TAKEN.problem()
        version = revise_call(acting=Actor.of(request), slug=slug, changes=changes)
        return Response(call_document(version))


class CallPublication(GenericAPIView[Any]):
    queryset = Call.objects.none()
    serializer_class = CallShape
    lookup_field = "slug"

    @extend_schema(
        operation_id="calls_publish",
        request=PublicationRequest,
        responses={
            200: CallShape,
            202: CallShape,
            **refusals(403, 404, 409, 422),
        },
    )
    def post(self, request: Request, slug: str) -> Response:
        """Propose publication (202), or as a second person approve it (200)."""
        reason = document_of(request).get("reason", "") if request.data else ""
        if not isinstance(reason, str):
            raise problems.CALL_REASON.problem()
        version = publish_call(acting=Actor.of(request), slug=slug, reason=reason)
        done = version.state == version.State.PUBLISHED
        return Response(call_document(version), status=200 if done else 202)

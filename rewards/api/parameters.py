"""Changes of what calls pay by, over HTTP: public to read, proposed and approved by two people."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import AllowAny, BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from dure.accounts.acting import Actor
from dure.core.pagination import CursorPages
from dure.core.problem_shapes import problems
from rewards.api.document_view import DocumentView
from rewards.api.shapes import ParameterChangeRequest, ParameterChangeShape
from rewards.models import ParameterChange
from rewards.parameters import selectors
from rewards.parameters.services import approve_change, propose_change


class ChangePages(CursorPages):
    ordering = ("-proposed_at", "-id")


class ParameterChangeList(DocumentView):
    queryset = ParameterChange.objects.none()
    serializer_class = ParameterChangeShape
    pagination_class = ChangePages

    def get_permissions(self) -> list[BasePermission]:
        """Anybody reads; who is signed in may ask for a change."""
        return [AllowAny() if self.request.method == "GET" else IsAuthenticated()]

    @extend_schema(
        operation_id="parameters_list",
        parameters=[OpenApiParameter("call", str, description="Slug of a call.")],
        responses=ParameterChangeShape(many=True),
        auth=[],
    )
    def get(self, request: Request) -> Response:
        """How what calls pay by changed or is to change: reason, effect and log entry."""
        page = self.paginate_queryset(selectors.changes(call=request.query_params.get("call")))
        return self.get_paginated_response(
            [selectors.change_document(change) for change in page or []]
        )

    @extend_schema(
        operation_id="parameters_propose",
        request=ParameterChangeRequest,
        responses={
            201: ParameterChangeShape,
            **problems(400, 403, 404, 409, 422),
        },
    )
    def post(self, request: Request) -> Response:
        """Propose other parameters with a reason; the answer says what they would do to what waits.

        To look at an effect without proposing anything, ask ``epochs/simulation/``.
        """
        asked = ParameterChangeRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        change = propose_change(
            acting=Actor.of(request),
            call_slug=str(asked.validated_data["call"]),
            changes=asked.validated_data["changes"],
            reason=str(asked.validated_data["reason"]),
        )
        return Response(
            selectors.change_document(change),
            status=201,
            headers={"Location": f"/api/v1/parameters/{change.id}/"},
        )


class ParameterChangeView(DocumentView):
    queryset = ParameterChange.objects.none()
    serializer_class = ParameterChangeShape
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="parameters_read",
        responses={200: ParameterChangeShape, **problems(404)},
        auth=[],
    )
    def get(self, request: Request, change_id: UUID) -> Response:
        """One change, with its effect when it was approved, or else when it was proposed."""
        return Response(selectors.change_document(selectors.change(change_id)))


class ParameterChangeApproval(DocumentView):
    queryset = ParameterChange.objects.none()
    serializer_class = ParameterChangeShape
    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="parameters_approve",
        request=None,
        responses={
            200: ParameterChangeShape,
            **problems(403, 404, 409),
        },
    )
    def post(self, request: Request, change_id: UUID) -> Response:
        """Put a proposed change into force, as a second person."""
        change = approve_change(acting=Actor.of(request), change_id=change_id)
        return Response(selectors.change_document(change))

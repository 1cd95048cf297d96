"""Reference populations over HTTP."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import SAFE_METHODS, AllowAny, BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from contributions.api.bodies import document_of
from contributions.api.shapes import ReferenceDraft, ReferenceShape
from contributions.calls.services import register_reference
from contributions.models import ReferencePopulation
from contributions.selectors import reference_document, reference_for, references
from dure.accounts.acting import Actor
from dure.core.pagination import CursorPages
from dure.core.problem_shapes import problems


class ByKey(CursorPages):
    ordering = "key"


class ReferenceList(GenericAPIView[Any]):
    queryset = ReferencePopulation.objects.none()
    serializer_class = ReferenceShape
    pagination_class = ByKey

    def get_permissions(self) -> list[BasePermission]:
        return [AllowAny() if self.request.method in SAFE_METHODS else IsAuthenticated()]

    @extend_schema(operation_id="references_list", responses=ReferenceShape(many=True))
    def get(self, request: Request) -> Response:
        """Registered reference populations."""
        page = self.paginate_queryset(references())
        return self.get_paginated_response([reference_document(each) for each in page or []])

    @extend_schema(
        operation_id="references_register",
        request=ReferenceDraft,
        responses={
            201: ReferenceShape,
            **problems(403, 409, 422),
        },
    )
    def post(self, request: Request) -> Response:
        """Register published counts (operators); the same document again changes nothing."""
        reference = register_reference(acting=Actor.of(request), document=document_of(request))
        location = f"/api/v1/references/{reference.key}/"
        return Response(reference_document(reference), status=201, headers={"Location": location})


class ReferenceView(GenericAPIView[Any]):
    queryset = ReferencePopulation.objects.none()
    serializer_class = ReferenceShape
    permission_classes = [AllowAny]
    lookup_field = "key"

    @extend_schema(operation_id="references_read", responses={200: ReferenceShape, **problems(404)})
    def get(self, request: Request, key: str) -> Response:
        """One reference population."""
        return Response(reference_document(reference_for(key)))

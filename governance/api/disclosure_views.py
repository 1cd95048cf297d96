"""An auditor asks for the decisions of a call, a second person approves, the auditor reads."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from dure.accounts.acting import Actor
from governance.access import disclosures
from governance.api.serializers import problems


class DisclosureWishSerializer(serializers.Serializer[Any]):
    scope = serializers.CharField(max_length=100, help_text="slug of a call")
    reason = serializers.CharField(max_length=disclosures.REASON_LENGTH_MAX)


class DisclosureSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    scope = serializers.CharField()
    reason = serializers.CharField()
    asked_at = serializers.DateTimeField()
    approved_at = serializers.DateTimeField(allow_null=True)
    until = serializers.DateTimeField(allow_null=True)


class OpenDisclosureSerializer(DisclosureSerializer):
    decisions = serializers.ListField(child=serializers.DictField())


class DisclosureList(APIView):
    """Asking."""

    @extend_schema(
        operation_id="disclosures_create",
        summary="Auditors: ask for the decisions on consent of a call",
        request=DisclosureWishSerializer,
        responses={201: DisclosureSerializer, **problems(400, 401, 403, 422)},
    )
    def post(self, request: Request) -> Response:
        wish = DisclosureWishSerializer(data=request.data)
        wish.is_valid(raise_exception=True)
        made = disclosures.ask_disclosure(acting=Actor.of(request), **wish.validated_data)
        place = f"/api/v1/disclosures/{made.id}/"
        document = disclosures.disclosure_document(made)
        return Response(document, status=201, headers={"Location": place})


class DisclosureDetail(APIView):
    """Reading; everybody whose decisions are shown can see that they were."""

    @extend_schema(
        operation_id="disclosures_retrieve",
        summary="Auditors: the decisions, once a second person approved",
        responses={200: OpenDisclosureSerializer, **problems(401, 404, 409, 410)},
    )
    def get(self, request: Request, disclosure_id: UUID) -> Response:
        acting = Actor.of(request)
        shown = disclosures.open_disclosure(acting=acting, disclosure_id=disclosure_id)
        return Response(shown, headers={"Cache-Control": "no-store"})


class DisclosureApproval(APIView):
    """The second person."""

    @extend_schema(
        operation_id="disclosures_approve",
        summary="Approvers: agree to a disclosure for thirty days",
        request=None,
        responses={200: DisclosureSerializer, **problems(401, 403, 404)},
    )
    def post(self, request: Request, disclosure_id: UUID) -> Response:
        acting = Actor.of(request)
        found = disclosures.approve_disclosure(acting=acting, disclosure_id=disclosure_id)
        return Response(disclosures.disclosure_document(found))

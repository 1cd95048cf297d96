"""Guardians of children under 14, over HTTP; a key cannot confirm, a signed-in person can."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from dure.accounts import guardians
from dure.accounts.acting import Actor
from dure.accounts.guardianship import Guardianship
from dure.core.clock import rfc3339
from governance.api.serializers import problems


class GuardianWishSerializer(serializers.Serializer[Any]):
    guardian_email = serializers.EmailField(max_length=254)
    child_born_on = serializers.DateField()


class GuardianshipSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    state = serializers.CharField(help_text="asked or confirmed")
    child = serializers.UUIDField(help_text="the child's party, for deciding on its consents")
    asked_at = serializers.DateTimeField()
    confirmed_at = serializers.DateTimeField(allow_null=True)


class GuardianshipListSerializer(serializers.Serializer[dict[str, object]]):
    results = GuardianshipSerializer(many=True)


def _document(found: Guardianship) -> dict[str, str | None]:
    return {
        "id": str(found.id),
        "state": "confirmed" if found.confirmed_at else "asked",
        "child": str(found.child.party_id),
        "asked_at": rfc3339(found.asked_at),
        "confirmed_at": rfc3339(found.confirmed_at) if found.confirmed_at else None,
    }


class GuardianshipList(APIView):
    """Children for whom the caller decides or is asked to; a child asks here."""

    @extend_schema(
        operation_id="guardianships_list",
        summary="Children for whom you decide, or are asked to",
        responses={200: GuardianshipListSerializer, **problems(401)},
    )
    def get(self, request: Request) -> Response:
        person = Actor.of(request).require_person()
        wards = guardians.wards_of(person)
        mine = person.wards.filter(child__party_id__in=wards, confirmed_at__isnull=False)
        found = [*guardians.waiting_for(person), *mine.select_related("child")]
        return Response({"results": [_document(row) for row in found]})

    @extend_schema(
        operation_id="guardianships_create",
        summary="A child under 14 asks its guardian",
        request=GuardianWishSerializer,
        responses={202: None, **problems(400, 401, 422)},
    )
    def post(self, request: Request) -> Response:
        """Answers alike whether or not the address belongs to somebody who can be asked."""
        wish = GuardianWishSerializer(data=request.data)
        wish.is_valid(raise_exception=True)
        acting = Actor.of(request)
        guardians.ask_guardian(acting=acting, child=acting.require_person(), **wish.validated_data)
        return Response(status=202)


class GuardianshipConfirmation(APIView):
    """The guardian's own decision."""

    @extend_schema(
        operation_id="guardianships_confirm",
        summary="Confirm that you are the guardian",
        request=None,
        responses={200: GuardianshipSerializer, **problems(401, 404)},
    )
    def post(self, request: Request, guardianship_id: UUID) -> Response:
        found = guardians.confirm_guardianship(
            acting=Actor.of(request), guardianship_id=guardianship_id
        )
        return Response(_document(found))


class GuardianshipEnd(APIView):
    """Declining what was asked, or ending what was confirmed."""

    @extend_schema(
        operation_id="guardianships_end",
        summary="Decline or end a guardianship",
        request=None,
        responses={204: None, **problems(401, 404)},
    )
    def post(self, request: Request, guardianship_id: UUID) -> Response:
        guardians.decline_guardianship(acting=Actor.of(request), guardianship_id=guardianship_id)
        return Response(status=204)

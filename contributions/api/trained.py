"""The register of models over HTTP: what licensees trained on a release that they hold."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from contributions.api.shapes import Document, TwoLanguages
from contributions.models import TrainedModel
from contributions.models.trained import NAME_MAX
from contributions.releases.trained import (
    model_documents,
    models_of,
    register_documents,
    tell_of_model,
    withdraw_model,
)
from dure.accounts.acting import Actor
from dure.core.canonical import canonical_hash
from dure.core.idempotency import run_idempotently
from dure.core.pagination import CursorPages
from dure.core.problem_shapes import problems
from dure.core.problems import NOT_FOUND


class ModelRequest(Document):
    name = serializers.CharField(
        max_length=NAME_MAX, help_text="What you call it; nothing that points to a person."
    )
    trained_on = serializers.DateField(help_text="The day on which its training ended.")
    rows = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=1,
        help_text="How many rows of the release were used; none given: all of them.",
    )
    party = serializers.UUIDField(
        required=False, help_text="An organisation that you act for, in place of yourself."
    )


class AffectedShape(Document):
    rows = serializers.IntegerField(help_text="Rows of the release that were recalled since.")
    share = serializers.CharField(help_text="Their part of the release, from 0 to 1.")


class ModelShape(Document):
    id = serializers.UUIDField()
    release = serializers.UUIDField()
    party = serializers.UUIDField()
    name = serializers.CharField(help_text="Empty where the person who held it was erased.")
    trained_on = serializers.DateField()
    rows = serializers.IntegerField(allow_null=True)
    registered_at = serializers.DateTimeField()
    withdrawn_at = serializers.DateTimeField(
        allow_null=True, help_text="When it was said that the entry was a mistake."
    )
    affected = AffectedShape()
    after_recall = serializers.BooleanField(
        help_text="It was trained after rows of the release had been recalled."
    )

    def get_fields(self) -> dict[str, serializers.Field]:  # type: ignore[type-arg]  # as inherited
        # A serializer has an attribute `label` of its own.
        version = serializers.CharField(help_text="Version of the release, as in 2.1.")
        return {**super().get_fields(), "label": version}


class HeldModelShape(ModelShape):
    holder = TwoLanguages()


class NewestModels(CursorPages):
    ordering = ("-at", "-id")


class ReleaseModels(GenericAPIView[Any]):
    queryset = TrainedModel.objects.none()
    serializer_class = HeldModelShape
    pagination_class = NewestModels

    @extend_schema(
        operation_id="releases_models",
        responses={200: HeldModelShape(many=True), **problems(404)},
    )
    def get(self, request: Request, release_id: UUID) -> Response:
        """Models that you trained on a release which you downloaded; operators see all."""
        actor = Actor.of(request)
        page = self.paginate_queryset(models_of(actor, release_id))
        found = register_documents(acting=actor, release_id=release_id, models=page or [])
        return self.get_paginated_response(found)

    @extend_schema(
        operation_id="releases_models_tell",
        parameters=[OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER)],
        request=ModelRequest,
        responses={201: ModelShape, **problems(400, 404, 409, 422)},
    )
    def post(self, request: Request, release_id: UUID) -> Response:
        """Say which model you trained on a release, so that its recalls reach you with it."""
        actor = Actor.of(request)
        wanted = ModelRequest(data=request.data)
        wanted.is_valid(raise_exception=True)
        asked = dict(wanted.validated_data)
        party_id = asked.get("party", actor.party_id)
        if party_id is None:
            raise NOT_FOUND.problem()

        def tell() -> Response:
            model = tell_of_model(
                acting=actor,
                release_id=release_id,
                party_id=party_id,
                name=asked["name"],
                trained_on=asked["trained_on"],
                rows=asked.get("rows"),
            )
            (document,) = model_documents([model])
            return Response(document, status=201)

        return run_idempotently(
            actor=actor.require_person().id,
            key=request.headers.get("Idempotency-Key"),
            request_hash=canonical_hash(
                {
                    "release": str(release_id),
                    "party": str(party_id),
                    "name": asked["name"],
                    "trained_on": asked["trained_on"].isoformat(),
                    "rows": asked.get("rows"),
                }
            ),
            run=tell,
        )


class ReleaseModelWithdrawal(GenericAPIView[Any]):
    queryset = TrainedModel.objects.none()
    serializer_class = ModelShape

    @extend_schema(
        operation_id="releases_models_withdraw",
        request=None,
        responses={200: ModelShape, **problems(404)},
    )
    def post(self, request: Request, release_id: UUID, model_id: UUID) -> Response:
        """Say that an entry was a mistake; it stays, marked as withdrawn. Again changes nothing."""
        model = withdraw_model(acting=Actor.of(request), release_id=release_id, model_id=model_id)
        (document,) = model_documents([model])
        return Response(document)

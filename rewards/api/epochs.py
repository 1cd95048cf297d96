"""Epochs over HTTP: public to read, closed by an operator, approved by another person."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import AllowAny, BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from contributions.selectors import contribution_for
from dure.accounts.acting import Actor
from dure.core.pagination import CursorPages
from dure.core.problem_shapes import problems
from rewards.api.document_view import DocumentView
from rewards.api.shapes import (
    EpochRequest,
    EpochShape,
    GroundRequest,
    RewardExplanationShape,
    SimulationRequest,
    SimulationShape,
)
from rewards.epochs import selectors
from rewards.epochs.corrections import propose_reversal, reject_epoch
from rewards.epochs.services import approve_epoch, close_epoch
from rewards.epochs.simulation import simulate
from rewards.models import Epoch, EpochGround


class EpochPages(CursorPages):
    ordering = ("-opened_at", "-id")


class EpochList(DocumentView):
    queryset = Epoch.objects.none()
    serializer_class = EpochShape
    pagination_class = EpochPages

    def get_permissions(self) -> list[BasePermission]:
        """Anybody reads; who is signed in may ask to close."""
        return [AllowAny() if self.request.method == "GET" else IsAuthenticated()]

    @extend_schema(
        operation_id="epochs_list",
        parameters=[OpenApiParameter("call", str, description="Slug of a call.")],
        responses=EpochShape(many=True),
        auth=[],
    )
    def get(self, request: Request) -> Response:
        """Epochs of all calls, newest first."""
        found = selectors.epochs(call=request.query_params.get("call"))
        page = self.paginate_queryset(found)
        return self.get_paginated_response(selectors.epoch_documents(page or []))

    @extend_schema(
        operation_id="epochs_close",
        request=EpochRequest,
        responses={
            201: EpochShape,
            **problems(400, 403, 404, 409),
        },
    )
    def post(self, request: Request) -> Response:
        """Close the running epoch of a call: freezes, prices and allocates; pays nothing yet."""
        asked = EpochRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        epoch = close_epoch(acting=Actor.of(request), call_slug=str(asked.validated_data["call"]))
        return Response(
            selectors.epoch_document(epoch),
            status=201,
            headers={"Location": f"/api/v1/epochs/{epoch.id}/"},
        )


class EpochView(DocumentView):
    queryset = Epoch.objects.none()
    serializer_class = EpochShape
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="epochs_read", responses={200: EpochShape, **problems(404)}, auth=[]
    )
    def get(self, request: Request, epoch_id: UUID) -> Response:
        """One epoch."""
        return Response(selectors.epoch_document(selectors.epoch_for(epoch_id)))


class EpochManifest(DocumentView):
    queryset = Epoch.objects.none()
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="epochs_manifest",
        responses={(200, "application/json"): OpenApiTypes.OBJECT, **problems(404)},
        auth=[],
    )
    def get(self, request: Request, epoch_id: UUID) -> HttpResponse:
        """The manifest, byte for byte as it was hashed: all that is needed to replay the epoch."""
        epoch = selectors.epoch_for(epoch_id)
        response = HttpResponse(selectors.manifest_bytes(epoch), content_type="application/json")
        response["ETag"] = f'"{epoch.manifest_sha256}"'
        name = f"{epoch.call.slug}-{epoch.number}.manifest.json"
        response["Content-Disposition"] = f'inline; filename="{name}"'
        return response


class EpochApproval(DocumentView):
    queryset = Epoch.objects.none()
    serializer_class = EpochShape

    @extend_schema(
        operation_id="epochs_approve",
        request=None,
        responses={
            200: EpochShape,
            **problems(403, 404, 409),
        },
    )
    def post(self, request: Request, epoch_id: UUID) -> Response:
        """Approve a closed epoch as a second person: its rewards are posted to the ledger."""
        epoch = approve_epoch(acting=Actor.of(request), epoch=selectors.epoch_for(epoch_id))
        return Response(selectors.epoch_document(epoch))


class EpochRejection(DocumentView):
    queryset = Epoch.objects.none()
    serializer_class = EpochShape

    @extend_schema(
        operation_id="epochs_reject",
        request=GroundRequest,
        responses={
            200: EpochShape,
            **problems(400, 403, 404, 409),
        },
    )
    def post(self, request: Request, epoch_id: UUID) -> Response:
        """Reject a closed epoch as a second person: nothing is paid, what it froze waits again."""
        epoch = selectors.epoch_for(epoch_id)
        acting = Actor.of(request)
        return Response(
            selectors.epoch_document(
                reject_epoch(acting=acting, epoch=epoch, ground=_ground(request))
            )
        )


class EpochReversal(DocumentView):
    queryset = Epoch.objects.none()
    serializer_class = EpochShape

    @extend_schema(
        operation_id="epochs_reverse",
        request=GroundRequest,
        responses={
            201: EpochShape,
            **problems(400, 403, 404, 409),
        },
    )
    def post(self, request: Request, epoch_id: UUID) -> Response:
        """Propose to take back what an approved epoch paid, as an epoch that another approves."""
        epoch = selectors.epoch_for(epoch_id)
        acting = Actor.of(request)
        reversal = propose_reversal(acting=acting, epoch=epoch, ground=_ground(request))
        return Response(
            selectors.epoch_document(reversal),
            status=201,
            headers={"Location": f"/api/v1/epochs/{reversal.id}/"},
        )


class EpochSimulation(DocumentView):
    queryset = Epoch.objects.none()
    serializer_class = SimulationShape

    @extend_schema(
        operation_id="epochs_simulate",
        request=SimulationRequest,
        responses={
            200: SimulationShape,
            **problems(400, 403, 404, 409, 422),
        },
    )
    def post(self, request: Request) -> Response:
        """What closing now would pay, under the rules in force and under others; writes nothing."""
        asked = SimulationRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        return Response(
            simulate(
                acting=Actor.of(request),
                call_slug=str(asked.validated_data["call"]),
                changes=asked.validated_data["changes"],
            )
        )


def _ground(request: Request) -> EpochGround:
    asked = GroundRequest(data=request.data)
    asked.is_valid(raise_exception=True)
    return EpochGround(asked.validated_data["ground"])


class ContributionReward(DocumentView):
    queryset = Epoch.objects.none()
    serializer_class = RewardExplanationShape

    @extend_schema(
        operation_id="contributions_reward",
        responses={200: RewardExplanationShape, **problems(404)},
    )
    def get(self, request: Request, receipt: str) -> Response:
        """Why the reward is what it is, line by line; for its owner only."""
        contribution = contribution_for(Actor.of(request), receipt)
        return Response(selectors.reward_document(contribution))

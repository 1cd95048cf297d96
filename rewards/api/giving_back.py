"""Giving back over HTTP: what granted objections give, by when, and an approver having it paid."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from dure.accounts.acting import Actor
from dure.accounts.roles import Role
from dure.core.clock import rfc3339
from dure.core.money import Asset, format_amount
from dure.core.problem_shapes import problems
from dure.core.problems import INVALID, FieldError
from governance.access.services import note_accesses
from rewards.api.document_view import DocumentView
from rewards.api.shapes import AMOUNT
from rewards.holdback.giving_back import (
    URGENCIES,
    giving_back_document,
    giving_back_list,
)
from rewards.holdback.overruling import give_back
from rewards.models import OverruledFinding


class GivingBackShape(serializers.Serializer[dict[str, object]]):
    id = serializers.UUIDField(help_text="Of the check whose finding falls.")
    receipt = serializers.CharField()
    call = serializers.SlugField()
    epoch = serializers.UUIDField()
    position = serializers.IntegerField(help_text="In the drawing of the epoch.")
    objection = serializers.UUIDField()
    outcome = serializers.ChoiceField(choices=["granted", "partly"])
    asset = serializers.ChoiceField(choices=Asset.choices)
    amount = serializers.CharField(help_text=f"What is given back. {AMOUNT}")
    taken = serializers.CharField(help_text=f"What the finding had taken. {AMOUNT}")
    granted_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField(help_text="Ten days after the answer, at the day's end.")
    urgency = serializers.ChoiceField(choices=URGENCIES)
    overdue = serializers.BooleanField()


class GivingBackList(serializers.Serializer[dict[str, object]]):
    results = GivingBackShape(many=True)
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)


class GivenBackShape(serializers.Serializer[dict[str, object]]):
    id = serializers.UUIDField()
    objection = serializers.UUIDField()
    transfer = serializers.UUIDField(help_text="Paid it.")
    corrects = serializers.UUIDField(help_text="Had taken it away.")
    amount = serializers.CharField(help_text=AMOUNT)
    paid_at = serializers.DateTimeField()


class GivingBack(DocumentView):
    queryset = OverruledFinding.objects.none()
    serializer_class = GivingBackList
    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="giving_back_list",
        parameters=[
            OpenApiParameter(
                "urgency", str, enum=URGENCIES, description="Only those whose clock stands so."
            ),
            OpenApiParameter("call", str, description="Slug of a call."),
        ],
        responses={200: GivingBackList, **problems(400, 401, 403)},
    )
    def get(self, request: Request) -> Response:
        """What granted objections give back and nobody has had paid yet, what is due first ahead.

        All of it on one page: each is the work of one person, and none waits for long.
        """
        acting = Actor.of(request)
        acting.require(Role.OPERATOR)
        asked = request.query_params.get("urgency", "")
        if asked and asked not in URGENCIES:
            message = ", ".join(URGENCIES)
            raise INVALID.problem(errors=[FieldError("urgency", message)])
        found = giving_back_list(urgency=asked, call=request.query_params.get("call", ""))
        note_accesses(
            acting=acting,
            party_ids={one.check.contribution.party_id for one in found},
            what="contribution",
            why="audit",
        )
        documents = [giving_back_document(one) for one in found]
        return Response({"results": documents, "next": None, "previous": None})


class GivingBackApproval(DocumentView):
    queryset = OverruledFinding.objects.none()
    serializer_class = GivenBackShape
    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="giving_back_approve",
        request=None,
        responses={200: GivenBackShape, **problems(401, 403, 404, 409)},
    )
    def post(self, request: Request, check_id: UUID) -> Response:
        """Have an amount paid out of the pool, once, as an approver who took no part before."""
        row = give_back(acting=Actor.of(request), check_id=check_id)
        return Response(
            {
                "id": str(row.check_of_id),
                "objection": str(row.objection_id),
                "transfer": str(row.transfer_id),
                "corrects": str(row.voided_id),
                "amount": format_amount(row.amount),
                "paid_at": rfc3339(row.paid_at),
            }
        )

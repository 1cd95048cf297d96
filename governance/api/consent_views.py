"""Notices and consents over HTTP."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django.db import transaction
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from dure.accounts.acting import Actor
from dure.core.language import current
from dure.core.pagination import CursorPages
from governance.api.serializers import (
    ConsentSerializer,
    DecisionSerializer,
    NoticeQuerySerializer,
    NoticeSerializer,
    ReceiptProofSerializer,
    ReceiptQuerySerializer,
    problems,
)
from governance.consent import selectors, services
from governance.consent.authority import decidable_parties
from governance.consent.kantara import PROFILE as KANTARA
from governance.consent.kantara import kantara_receipt
from governance.consent.problems import CONSENT_UNKNOWN, NOTICE_UNKNOWN
from governance.consent.receipt import receipt_document
from governance.log.problems import ENTRY_UNKNOWN
from governance.log.selectors import proof_document
from governance.models import Consent, Notice


class NewestNoticesFirst(CursorPages):
    """Notices in the order of their publication."""

    ordering = ("-published_at", "id")


class NewestConsentsFirst(CursorPages):
    """Consents in the order of their first decision."""

    ordering = ("-created_at", "id")


class NoticeList(GenericAPIView[Notice]):
    """The newest version of every notice; public."""

    permission_classes = (AllowAny,)
    pagination_class = NewestNoticesFirst
    serializer_class = NoticeSerializer
    queryset = Notice.objects.none()

    @extend_schema(
        operation_id="notices_list",
        summary="Notices in their newest versions",
        parameters=[NoticeQuerySerializer],
        responses={200: NoticeSerializer(many=True), **problems(400)},
    )
    def get(self, request: Request) -> Response:
        query = NoticeQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        notices = selectors.latest_notices()
        if "scope" in query.validated_data:
            notices = notices.filter(scope=query.validated_data["scope"])
        page = self.paginate_queryset(notices) or []
        return self.get_paginated_response([selectors.notice_document(row) for row in page])


class ConsentList(GenericAPIView[Consent]):
    """Decisions of the parties that the caller acts for."""

    pagination_class = NewestConsentsFirst
    serializer_class = ConsentSerializer
    queryset = Consent.objects.none()

    @extend_schema(
        operation_id="consents_list",
        summary="Your decisions",
        responses={200: ConsentSerializer(many=True), **problems(401)},
    )
    def get(self, request: Request) -> Response:
        consents = selectors.consents_query(decidable_parties(Actor.of(request)))
        page = self.paginate_queryset(consents) or []
        return self.get_paginated_response([selectors.consent_document(row) for row in page])

    @extend_schema(
        operation_id="consents_create",
        summary="Decide about one notice",
        request=DecisionSerializer,
        responses={201: ConsentSerializer, **problems(400, 401, 404, 409)},
    )
    def post(self, request: Request) -> Response:
        decision = DecisionSerializer(data=request.data)
        decision.is_valid(raise_exception=True)
        wish: dict[str, Any] = decision.validated_data  # typed by the serializer's fields
        notice = Notice.objects.filter(id=wish["notice"]).first()
        if notice is None:
            raise NOTICE_UNKNOWN.problem()
        acting = Actor.of(request)
        # A person is signed in here, and a person has a party.
        party = cast("UUID", wish.get("party") or acting.party_id)
        language = wish.get("language") or current()
        with transaction.atomic():
            consent = services.decide(
                acting=acting,
                party_id=party,
                notice=notice,
                granted=wish["granted"],
                language=language,
                recipient=wish["recipient"],
            )
            services.honour_signal(
                acting=acting, party_id=party, scope=notice.scope, language=language
            )
        return Response(_document(request, consent.id), status=201)


class ConsentWithdrawal(APIView):
    """Takes effect at once; as easy as giving."""

    @extend_schema(
        operation_id="consents_withdraw",
        summary="Withdraw a consent",
        request=None,
        responses={200: ConsentSerializer, **problems(401, 404, 409)},
    )
    def post(self, request: Request, consent_id: UUID) -> Response:
        consent = _own(request, consent_id)
        services.withdraw(acting=Actor.of(request), consent=consent)
        return Response(_document(request, consent_id))


class ConsentReceipt(APIView):
    """ISO/IEC TS 27560 in JSON-LD or the form of the Kantara Initiative, signed."""

    @extend_schema(
        operation_id="consents_receipt",
        summary="The signed receipt of a consent, or of one of its events",
        parameters=[ReceiptQuerySerializer],
        responses={
            (200, "application/ld+json"): OpenApiTypes.OBJECT,
            (200, "application/json"): OpenApiTypes.OBJECT,
            **problems(400, 401, 404),
        },
    )
    def get(self, request: Request, consent_id: UUID) -> Response:
        query = ReceiptQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        position = query.validated_data.get("event")
        kantara = query.validated_data["profile"] == KANTARA
        consent = _own(request, consent_id)
        try:
            receipt = (kantara_receipt if kantara else receipt_document)(consent, position)
        except IndexError:
            raise CONSENT_UNKNOWN.problem() from None
        media_type = "application/json" if kantara else "application/ld+json"
        return Response(receipt, content_type=media_type)


class ConsentProof(APIView):
    """What ``dure-verify receipt`` checks without asking anybody."""

    @extend_schema(
        operation_id="consents_proof",
        summary="Proof that the log holds your latest decision",
        responses={200: ReceiptProofSerializer, **problems(401, 404)},
    )
    def get(self, request: Request, consent_id: UUID) -> Response:
        consent = _own(request, consent_id)
        proof = proof_document(consent.latest.log_entry_id, owner=consent.party_id)
        if proof is None:
            raise ENTRY_UNKNOWN.problem()
        return Response(proof)


def _own(request: Request, consent_id: UUID) -> Consent:
    """The caller's consent; unknown and foreign ones answer alike."""
    own = selectors.consents_query(decidable_parties(Actor.of(request)))
    consent = own.filter(id=consent_id).first()
    if consent is None:
        raise CONSENT_UNKNOWN.problem()
    return consent


def _document(request: Request, consent_id: UUID) -> selectors.ConsentDocument:
    return selectors.consent_document(_own(request, consent_id))

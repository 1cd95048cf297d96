"""Requests, objections and the note of who looked, over HTTP."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse, HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from dure.accounts.acting import Actor
from dure.core.pagination import CursorPages
from governance.access.selectors import access_document, accesses_query
from governance.api.rights_serializers import (
    AccessSerializer,
    AnswerWishSerializer,
    ErasureWishSerializer,
    ObjectionAnswerWishSerializer,
    ObjectionSerializer,
    ObjectionWishSerializer,
    QueueQuerySerializer,
    RightsRequestSerializer,
)
from governance.api.serializers import problems
from governance.models import AccessNote, Objection, RightsRequest
from governance.rights import selectors, services, work
from governance.rights.identity import confirm_identity
from governance.rights.problems import REQUEST_UNKNOWN


class NewestFirst(CursorPages):
    """In the order in which they came in."""

    ordering = ("-received_at", "id")


class MostUrgentFirst(CursorPages):
    """Work, by the date it is due."""

    ordering = ("due_at", "id")


class LatestLookFirst(CursorPages):
    """Looks, newest first."""

    ordering = ("-at", "id")


def _wants_queue(request: Request) -> bool:
    query = QueueQuerySerializer(data=request.query_params)
    query.is_valid(raise_exception=True)
    return bool(query.validated_data["queue"])


class RightsRequestList(GenericAPIView[RightsRequest]):
    """What the caller asked for by law."""

    pagination_class: type[CursorPages] = NewestFirst
    serializer_class = RightsRequestSerializer
    queryset = RightsRequest.objects.none()

    @extend_schema(
        operation_id="rights_requests_list",
        summary="Your requests; for operators also the queue",
        parameters=[QueueQuerySerializer],
        responses={200: RightsRequestSerializer(many=True), **problems(401, 403)},
    )
    def get(self, request: Request) -> Response:
        acting, queue = Actor.of(request), _wants_queue(request)
        rows = (
            selectors.request_queue(acting) if queue else selectors.requests_query(acting.parties)
        )
        self.pagination_class = MostUrgentFirst if queue else NewestFirst
        page = self.paginate_queryset(rows) or []
        documents = [selectors.request_document(row, texts=not queue) for row in page]
        return self.get_paginated_response(documents)

    @extend_schema(
        operation_id="rights_requests_create",
        summary="Use one of your rights",
        request=ErasureWishSerializer,
        responses={201: RightsRequestSerializer, **problems(400, 401, 403, 409, 422)},
    )
    def post(self, request: Request) -> Response:
        wish = ErasureWishSerializer(data=request.data)
        wish.is_valid(raise_exception=True)
        acting, asked = Actor.of(request), dict(wish.validated_data)
        password = asked.pop("password")
        if acting.signed_in and acting.api_key is None:
            # As on the page: what somebody at an open screen must not be able to do.
            confirm_identity(acting=acting, password=password)
        balance = asked.pop("balance", None)
        farewell = {"balance": balance} if balance else None
        made = services.request_right(acting=acting, farewell=farewell, **asked)
        document = selectors.request_document(selectors.request_for(acting, made.id))
        place = f"/api/v1/rights-requests/{made.id}/"
        return Response(document, status=201, headers={"Location": place})


class RightsRequestDetail(APIView):
    """One request."""

    @extend_schema(
        operation_id="rights_requests_retrieve",
        summary="A request with its clock and answer",
        responses={200: RightsRequestSerializer, **problems(401, 404)},
    )
    def get(self, request: Request, request_id: UUID) -> Response:
        found = selectors.request_for(Actor.of(request), request_id)
        return Response(selectors.request_document(found))


class RightsRequestAnswer(APIView):
    """An operator's answer."""

    @extend_schema(
        operation_id="rights_requests_answer",
        summary="Answer a request, with a reason",
        request=AnswerWishSerializer,
        responses={200: RightsRequestSerializer, **problems(400, 401, 403, 404, 409, 422)},
    )
    def post(self, request: Request, request_id: UUID) -> Response:
        wish = AnswerWishSerializer(data=request.data)
        wish.is_valid(raise_exception=True)
        acting = Actor.of(request)
        found = selectors.request_for(acting, request_id)
        services.answer_request(acting=acting, request=found, **wish.validated_data)
        answered = selectors.request_for(acting, request_id)
        return Response(selectors.request_document(answered))


class RightsRequestExport(APIView):
    """The file of an export; nobody but the party itself can load it."""

    @extend_schema(
        operation_id="rights_requests_export",
        summary="Download your data",
        responses={(200, "application/zip"): OpenApiTypes.BINARY, **problems(401, 404, 410)},
    )
    def get(self, request: Request, request_id: UUID) -> HttpResponseBase:
        own = selectors.requests_query(Actor.of(request).parties).filter(id=request_id).first()
        if own is None:
            raise REQUEST_UNKNOWN.problem()
        return HttpResponse(
            work.open_export(own),
            content_type="application/zip",
            headers={
                "Content-Disposition": f'attachment; filename="dure-export-{own.id}.zip"',
                "Cache-Control": "no-store",
            },
        )


class ObjectionList(GenericAPIView[Objection]):
    """Decisions that the caller objected to."""

    pagination_class: type[CursorPages] = NewestFirst
    serializer_class = ObjectionSerializer
    queryset = Objection.objects.none()

    @extend_schema(
        operation_id="objections_list",
        summary="Your objections; for operators also the queue",
        parameters=[QueueQuerySerializer],
        responses={200: ObjectionSerializer(many=True), **problems(401, 403)},
    )
    def get(self, request: Request) -> Response:
        acting, queue = Actor.of(request), _wants_queue(request)
        rows = (
            selectors.objection_queue(acting)
            if queue
            else selectors.objections_query(acting.parties)
        )
        self.pagination_class = MostUrgentFirst if queue else NewestFirst
        page = self.paginate_queryset(rows) or []
        documents = [selectors.objection_document(row, texts=not queue) for row in page]
        return self.get_paginated_response(documents)

    @extend_schema(
        operation_id="objections_create",
        summary="Object to a decision",
        request=ObjectionWishSerializer,
        responses={201: ObjectionSerializer, **problems(400, 401, 409, 422)},
    )
    def post(self, request: Request) -> Response:
        wish = ObjectionWishSerializer(data=request.data)
        wish.is_valid(raise_exception=True)
        acting = Actor.of(request)
        made = services.object(acting=acting, **wish.validated_data)
        document = selectors.objection_document(selectors.objection_for(acting, made.id))
        place = f"/api/v1/objections/{made.id}/"
        return Response(document, status=201, headers={"Location": place})


class ObjectionDetail(APIView):
    """One objection."""

    @extend_schema(
        operation_id="objections_retrieve",
        summary="An objection with its clock and answer",
        responses={200: ObjectionSerializer, **problems(401, 404)},
    )
    def get(self, request: Request, objection_id: UUID) -> Response:
        found = selectors.objection_for(Actor.of(request), objection_id)
        return Response(selectors.objection_document(found))


class ObjectionAnswer(APIView):
    """An operator's answer."""

    @extend_schema(
        operation_id="objections_answer",
        summary="Answer an objection, with a reason",
        request=ObjectionAnswerWishSerializer,
        responses={200: ObjectionSerializer, **problems(400, 401, 403, 404, 409, 422)},
    )
    def post(self, request: Request, objection_id: UUID) -> Response:
        wish = ObjectionAnswerWishSerializer(data=request.data)
        wish.is_valid(raise_exception=True)
        acting = Actor.of(request)
        found = selectors.objection_for(acting, objection_id)
        services.answer_objection(acting=acting, objection=found, **wish.validated_data)
        answered = selectors.objection_for(acting, objection_id)
        return Response(selectors.objection_document(answered))


class AccessList(GenericAPIView[AccessNote]):
    """Who looked at the caller's data."""

    pagination_class = LatestLookFirst
    serializer_class = AccessSerializer
    queryset = AccessNote.objects.none()

    @extend_schema(
        operation_id="accesses_list",
        summary="Who looked at your data, when and why",
        responses={200: AccessSerializer(many=True), **problems(401)},
    )
    def get(self, request: Request) -> Response:
        page = self.paginate_queryset(accesses_query(Actor.of(request).parties)) or []
        return self.get_paginated_response([access_document(row) for row in page])

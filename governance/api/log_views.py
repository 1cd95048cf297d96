"""Entries and proofs of the log over HTTP; public."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from governance.api.serializers import (
    ConsistencyQuerySerializer,
    ConsistencySerializer,
    EntrySerializer,
    KeysSerializer,
    ProofQuerySerializer,
    ProofSerializer,
    problems,
)
from governance.log import selectors


class Entry(APIView):
    """One entry."""

    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="log_entry",
        summary="An entry of the log",
        responses={200: EntrySerializer, **problems(404)},
    )
    def get(self, request: Request, index: int) -> Response:
        return Response(selectors.entry_document(index))


class Proof(APIView):
    """That an entry is in the tree."""

    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="log_proof",
        summary="Inclusion proof of an entry",
        parameters=[ProofQuerySerializer],
        responses={200: ProofSerializer, **problems(400, 404)},
    )
    def get(self, request: Request, index: int) -> Response:
        query = ProofQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        return Response(selectors.inclusion_document(index, query.validated_data.get("size")))


class Consistency(APIView):
    """That an earlier tree is a prefix of a later one."""

    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="log_consistency",
        summary="Consistency proof between two sizes of the log",
        parameters=[ConsistencyQuerySerializer],
        responses={200: ConsistencySerializer, **problems(400)},
    )
    def get(self, request: Request) -> Response:
        query = ConsistencyQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        sizes = query.validated_data
        return Response(selectors.consistency_document(sizes["from"], sizes["to"]))


class Keys(APIView):
    """What a verifier pins."""

    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="log_keys",
        summary="Public keys of the log and of receipts",
        responses={200: KeysSerializer},
    )
    def get(self, request: Request) -> Response:
        return Response(selectors.keys_document())

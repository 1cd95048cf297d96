"""An auditor's cases over HTTP, and findings: published there, read by everybody."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from dure.accounts.acting import Actor
from dure.core.pagination import CursorPages
from governance.api.case_shapes import (
    CaseSerializer,
    FindingSerializer,
    FindingWishSerializer,
    OpenCaseSerializer,
)
from governance.api.serializers import problems
from governance.cases.access import case_for, cases_of
from governance.cases.findings import publish_finding
from governance.cases.selectors import (
    case_document,
    finding_document,
    finding_documents,
    finding_for,
    findings,
    open_case_document,
)
from governance.models import AuditCase, AuditFinding


class LatestCaseFirst(CursorPages):
    """Cases, the newest first."""

    ordering = ("-opened_at", "-id")


class LatestFindingFirst(CursorPages):
    """Findings, the newest first."""

    ordering = ("-found_at", "-id")


class CaseList(GenericAPIView[AuditCase]):
    """The auditor's own."""

    pagination_class = LatestCaseFirst
    serializer_class = CaseSerializer
    queryset = AuditCase.objects.none()

    @extend_schema(
        operation_id="cases_list",
        summary="Auditors: your cases",
        responses={200: CaseSerializer(many=True), **problems(401, 403)},
    )
    def get(self, request: Request) -> Response:
        page = self.paginate_queryset(cases_of(Actor.of(request))) or []
        return self.get_paginated_response([case_document(each) for each in page])


class CaseDetail(APIView):
    """One case, as long as its mandate lasts."""

    @extend_schema(
        operation_id="cases_read",
        summary="Auditors: a case with its samples, replays and findings",
        responses={200: OpenCaseSerializer, **problems(401, 403, 404)},
    )
    def get(self, request: Request, case_id: UUID) -> Response:
        found = case_for(Actor.of(request), case_id)
        return Response(open_case_document(found), headers={"Cache-Control": "no-store"})


class CaseFindings(GenericAPIView[AuditFinding]):
    """What was found in a case."""

    pagination_class = LatestFindingFirst
    serializer_class = FindingSerializer
    queryset = AuditFinding.objects.none()

    @extend_schema(
        operation_id="cases_findings",
        summary="Auditors: findings of a case",
        responses={200: FindingSerializer(many=True), **problems(401, 403, 404)},
    )
    def get(self, request: Request, case_id: UUID) -> Response:
        found = case_for(Actor.of(request), case_id)
        page = self.paginate_queryset(findings().filter(case=found)) or []
        return self.get_paginated_response(finding_documents(page))

    @extend_schema(
        operation_id="cases_findings_publish",
        summary="Auditors: sign and publish a finding; it is never edited",
        request=FindingWishSerializer,
        responses={201: FindingSerializer, **problems(400, 401, 403, 404, 409, 422)},
    )
    def post(self, request: Request, case_id: UUID) -> Response:
        acting = Actor.of(request)
        case = case_for(acting, case_id)
        wish = FindingWishSerializer(data=request.data)
        wish.is_valid(raise_exception=True)
        wanted: dict[str, Any] = wish.validated_data  # Any: as the shape says
        about = wanted.get("about") or {"kind": "", "id": ""}
        made = publish_finding(
            acting=acting,
            case=case,
            kind=wanted["kind"],
            severity=wanted["severity"],
            text=wanted["text"],
            language=wanted["language"],
            evidence=[each.get("index", each.get("sha256", "")) for each in wanted["evidence"]],
            about_kind=about["kind"],
            about_id=about["id"],
            supersedes=wanted.get("supersedes"),
        )
        place = {"Location": f"/api/v1/findings/{made.id}/"}
        return Response(finding_document(made), status=201, headers=place)


class FindingList(GenericAPIView[AuditFinding]):
    """All of them, with the city's answers."""

    permission_classes = (AllowAny,)
    pagination_class = LatestFindingFirst
    serializer_class = FindingSerializer
    queryset = AuditFinding.objects.none()

    @extend_schema(
        operation_id="findings_list",
        summary="What auditors found, and what the city answered",
        responses={200: FindingSerializer(many=True)},
    )
    def get(self, request: Request) -> Response:
        page = self.paginate_queryset(findings()) or []
        return self.get_paginated_response(finding_documents(page))


class FindingDetail(APIView):
    """One finding; its signed bytes stand at ``/findings/{id}/finding.json``."""

    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="findings_read",
        summary="A finding with the city's answers",
        responses={200: FindingSerializer, **problems(404)},
    )
    def get(self, _request: Request, finding_id: UUID) -> Response:
        return Response(finding_document(finding_for(finding_id)))

"""The algorithm register, transparency reports and integrity over HTTP; public."""

from __future__ import annotations

from django.http import HttpResponseBase, HttpResponseRedirect
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from dure.core.language import current
from governance.algorithms.selectors import (
    algorithm_document,
    algorithm_documents,
    audit_documents,
    standard_document,
)
from governance.api.renderers import CsvRenderer, PageRenderer
from governance.api.serializers import (
    AlgorithmDetailSerializer,
    AlgorithmPageSerializer,
    AuditPageSerializer,
    IntegritySerializer,
    ReportPageSerializer,
    ReportSerializer,
    problems,
)
from governance.integrity import integrity_document
from governance.reports.csv_form import report_csv
from governance.reports.selectors import report_document, report_summaries


class AlgorithmList(APIView):
    """Every algorithm that decides about people."""

    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="algorithms_list",
        summary="The algorithm register",
        responses={200: AlgorithmPageSerializer},
    )
    def get(self, request: Request) -> Response:
        return Response({"results": algorithm_documents(), "next": None, "previous": None})


class AlgorithmDetail(APIView):
    """One algorithm with its sources and history."""

    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="algorithms_retrieve",
        summary="An algorithm of the register",
        parameters=[
            OpenApiParameter(
                "standard", str, enum=["nl", "ats", "atrs"], description="form of another register"
            )
        ],
        responses={200: AlgorithmDetailSerializer, **problems(400, 404)},
    )
    def get(self, request: Request, algorithm_id: str) -> Response:
        if standard := request.query_params.get("standard"):
            return Response(standard_document(algorithm_id, standard))
        return Response(algorithm_document(algorithm_id))


class AlgorithmAudits(APIView):
    """How an algorithm treats groups of people."""

    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="algorithms_audits",
        summary="Audits of an algorithm, newest first",
        responses={200: AuditPageSerializer, **problems(404)},
    )
    def get(self, request: Request, algorithm_id: str) -> Response:
        audits = audit_documents(algorithm_id)
        return Response({"results": audits, "next": None, "previous": None})


class ReportList(APIView):
    """Every published report."""

    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="reports_list",
        summary="Transparency reports, newest first",
        responses={200: ReportPageSerializer},
    )
    def get(self, request: Request) -> Response:
        return Response({"results": report_summaries(), "next": None, "previous": None})


class ReportDetail(APIView):
    """One report, as JSON or CSV; browsers are sent to its page."""

    permission_classes = (AllowAny,)
    renderer_classes = (JSONRenderer, CsvRenderer, PageRenderer)

    @extend_schema(
        operation_id="reports_retrieve",
        summary="A transparency report",
        parameters=[
            OpenApiParameter("format", str, enum=["json", "csv", "html"], description="or Accept")
        ],
        responses={
            (200, "application/json"): ReportSerializer,
            (200, "text/csv"): OpenApiTypes.STR,
            303: OpenApiResponse(description="text/html: see the page in the portal"),
            **problems(404, 406),
        },
    )
    def get(self, request: Request, period: str) -> HttpResponseBase:
        document = report_document(period)
        form = request.accepted_renderer.format
        if form == PageRenderer.format:
            prefix = "/en" if current() == "en" else ""
            page = HttpResponseRedirect(f"{prefix}/transparency/{period}/")
            page.status_code = 303
            return page
        if form == CsvRenderer.format:
            name = f"dure-report-{period}-{document['report']['edition']}.csv"
            return Response(
                report_csv(document["report"]["sections"]),
                headers={"Content-Disposition": f'attachment; filename="{name}"'},
            )
        return Response(document)


class Integrity(APIView):
    """Whether what must hold does hold."""

    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="integrity",
        summary="Integrity of ledger, log, pipeline and outbox",
        responses={200: IntegritySerializer},
    )
    def get(self, request: Request) -> Response:
        return Response(integrity_document())

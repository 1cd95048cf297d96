"""The algorithm register, transparency reports and integrity over HTTP; public."""

from __future__ import annotations

from django.http import HttpResponseBase, HttpResponseRedirect
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiParameter,
    OpenApiResponse,
    PolymorphicProxySerializer,
    extend_schema,
)
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from dure.core.language import current
from governance.algorithms.selectors import (
    algorithm_document,
    audit_documents,
    listed_algorithms,
    standard_document,
)
from governance.api.renderers import CsvRenderer, PageRenderer, PdfRenderer, ZipRenderer
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
from governance.reports.problems import EDITION_UNFIT, FORM_UNKNOWN
from governance.reports.selectors import (
    edition_of,
    package,
    report_document,
    report_file,
    report_summaries,
)
from governance.reports.services import LANGUAGES


class OtherRegisterSerializer(serializers.Serializer[dict[str, object]]):
    """The same in the form of another register; further members are those of that register."""

    name = serializers.CharField()


IN_ANY_FORM = PolymorphicProxySerializer(
    component_name="AlgorithmInAnyForm",
    serializers=[AlgorithmDetailSerializer, OtherRegisterSerializer],
    resource_type_field_name=None,
)


class AlgorithmList(APIView):
    """Every algorithm that decides about people."""

    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="algorithms_list",
        summary="The algorithm register",
        responses={200: AlgorithmPageSerializer},
    )
    def get(self, request: Request) -> Response:
        return Response({"results": listed_algorithms(), "next": None, "previous": None})


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
        responses={200: IN_ANY_FORM, **problems(400, 404)},
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
    """One report, as JSON, CSV, PDF or the whole package; browsers are sent to its page."""

    permission_classes = (AllowAny,)
    renderer_classes = (JSONRenderer, CsvRenderer, PdfRenderer, PageRenderer, ZipRenderer)

    @extend_schema(
        operation_id="reports_retrieve",
        summary="A transparency report",
        parameters=[
            OpenApiParameter(
                "format", str, enum=["json", "csv", "pdf", "html", "zip"], description="or Accept"
            ),
            OpenApiParameter("edition", int, description="an earlier edition; default: the newest"),
            OpenApiParameter(
                "lang", str, enum=["ko", "en"], description="language of the PDF; or the reader's"
            ),
        ],
        responses={
            (200, "application/json"): ReportSerializer,
            (200, "text/csv"): OpenApiTypes.STR,
            (200, "application/pdf"): OpenApiTypes.BINARY,
            (200, "application/zip"): OpenApiTypes.BINARY,
            303: OpenApiResponse(description="text/html: see the page in the portal"),
            **problems(400, 404, 406),
        },
    )
    def get(self, request: Request, period: str) -> HttpResponseBase:
        edition = _edition(request.query_params.get("edition"))
        report = edition_of(period, edition)
        name = f"dure-report-{period}-{report.edition}"
        match request.accepted_renderer.format:
            case PageRenderer.format:
                return _page(period, edition)
            case CsvRenderer.format:
                text = report_csv(report.document["sections"])
                return _attached(text, f"{name}.csv")
            case PdfRenderer.format:
                language = request.query_params.get("lang") or current()
                if language not in LANGUAGES:
                    raise FORM_UNKNOWN.problem()
                return _attached(
                    bytes(report_file(report, f"report.{language}.pdf").body),
                    f"{name}-{language}.pdf",
                    how="inline",
                )
            case ZipRenderer.format:
                return _attached(package(report), f"{name}.zip")
        return Response(report_document(period, edition))


def _edition(text: str | None) -> int | None:
    if text is None:
        return None
    # Longer numbers than the column holds are no editions either.
    if not (text.isascii() and text.isdigit() and 0 < len(text) < 7 and int(text)):
        raise EDITION_UNFIT.problem()
    return int(text)


def _page(period: str, edition: int | None) -> HttpResponseBase:
    prefix = "/en" if current() == "en" else ""
    query = "" if edition is None else f"?edition={edition}"
    page = HttpResponseRedirect(f"{prefix}/transparency/{period}/{query}")
    page.status_code = 303
    return page


def _attached(content: str | bytes, name: str, *, how: str = "attachment") -> Response:
    return Response(content, headers={"Content-Disposition": f'{how}; filename="{name}"'})


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

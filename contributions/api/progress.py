"""Progress, preview and cancellation of a contribution, and the feeds of a firm, over HTTP."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from contributions.api.corrections import RECEIPT
from contributions.api.progress_shapes import (
    DuplicatePage,
    FeedShape,
    PreviewShape,
    ProgressShape,
    QualityReportShape,
)
from contributions.api.shapes import ContributionShape
from contributions.models import Contribution
from contributions.selectors import contribution_document, contribution_for
from contributions.selectors.checking import (
    DUPLICATES_LISTED,
    duplicate_findings,
    preview_document,
    progress_document,
)
from contributions.selectors.feeds import feed_documents, feed_lines
from contributions.selectors.quality_report import quality_report
from contributions.withdrawal.services import cancel
from dure.accounts.acting import Actor
from dure.core.pagination import CursorPages
from dure.core.problem_shapes import problems
from dure.core.problems import INVALID, FieldError

#: Of a row number; no file has rows beyond it.
ROW_DIGITS = 9


class ContributionProgress(GenericAPIView[Any]):
    queryset = Contribution.objects.none()
    serializer_class = ProgressShape

    @extend_schema(
        operation_id="contributions_progress",
        parameters=[RECEIPT],
        responses={200: ProgressShape, **problems(404)},
    )
    def get(self, request: Request, receipt: str) -> Response:
        """How far checking has come, and how long it usually takes."""
        return Response(progress_document(contribution_for(Actor.of(request), receipt)))


class ContributionDuplicates(GenericAPIView[Any]):
    queryset = Contribution.objects.none()
    serializer_class = DuplicatePage

    @extend_schema(
        operation_id="contributions_duplicates",
        parameters=[
            RECEIPT,
            OpenApiParameter("after", int, description="Only rows after this one."),
        ],
        responses={
            200: DuplicatePage,
            **problems(400, 404),
        },
    )
    def get(self, request: Request, receipt: str) -> Response:
        """Rows that repeat an earlier record and count there, in the order of the file."""
        contribution = contribution_for(Actor.of(request), receipt)
        asked = request.query_params.get("after", "0")
        if not asked.isdecimal() or len(asked) > ROW_DIGITS:
            raise INVALID.problem(errors=[FieldError(field="after", message=INVALID.advice)])
        found = duplicate_findings(contribution, after=int(asked), limit=DUPLICATES_LISTED)
        address = f"{request.build_absolute_uri(request.path)}?after="
        return Response(
            {
                "results": [
                    {name: each[name] for name in ("row", "rule", "message")} for each in found
                ],
                "next": f"{address}{found[-1]['row']}" if len(found) == DUPLICATES_LISTED else None,
                "previous": None,
            }
        )


class ContributionPreview(GenericAPIView[Any]):
    queryset = Contribution.objects.none()
    serializer_class = PreviewShape

    @extend_schema(
        operation_id="contributions_preview",
        parameters=[RECEIPT],
        responses={200: PreviewShape, **problems(404, 409)},
    )
    def get(self, request: Request, receipt: str) -> Response:
        """The first rows as they were understood, without personal data."""
        document = preview_document(contribution_for(Actor.of(request), receipt))
        return Response(document, headers={"Cache-Control": "no-store"})


class ContributionQuality(GenericAPIView[Any]):
    queryset = Contribution.objects.none()
    serializer_class = QualityReportShape

    @extend_schema(
        operation_id="contributions_quality",
        parameters=[RECEIPT],
        responses={200: QualityReportShape, **problems(404)},
    )
    def get(self, request: Request, receipt: str) -> Response:
        """What was checked and what came of it, in words, without a value of any cell."""
        return Response(quality_report(contribution_for(Actor.of(request), receipt)))


class ContributionCancellation(GenericAPIView[Any]):
    queryset = Contribution.objects.none()
    serializer_class = ContributionShape

    @extend_schema(
        operation_id="contributions_cancel",
        parameters=[RECEIPT],
        request=None,
        responses={200: ContributionShape, **problems(404, 409)},
    )
    def post(self, request: Request, receipt: str) -> Response:
        """Stop a contribution that is still being checked; asking twice changes nothing."""
        actor = Actor.of(request)
        cancel(acting=actor, receipt=receipt)
        return Response(contribution_document(contribution_for(actor, receipt)))


class FeedPages(CursorPages):
    ordering = ("call__slug", "party_id")


class Feeds(GenericAPIView[Any]):
    queryset = Contribution.objects.none()
    serializer_class = FeedShape
    pagination_class = FeedPages

    @extend_schema(operation_id="feeds_list", responses=FeedShape(many=True))
    def get(self, request: Request) -> Response:
        """What your organisations push: one line per organisation and call."""
        page = self.paginate_queryset(feed_lines(Actor.of(request).parties))
        return self.get_paginated_response(feed_documents(page or []))

"""Correcting a returned contribution over HTTP."""

from __future__ import annotations

from contextlib import closing
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from contributions import problems
from contributions.api.bodies import SentFile, TakesFileBody, field, refuse_oversized, sent_file
from contributions.api.progress_shapes import AttemptShape, CorrectionUpload
from contributions.api.shapes import ContributionShape
from contributions.intake.corrections import correct
from contributions.models import Contribution, CorrectionMode
from contributions.selectors import contribution_document, contribution_for
from contributions.selectors.corrections import attempt_documents
from dure.accounts.acting import Actor
from dure.core.canonical import canonical_hash
from dure.core.idempotency import run_idempotently
from dure.core.problem_shapes import problems as refusals
from dure.core.problems import INVALID, FieldError

RECEIPT = OpenApiParameter(
    "receipt", OpenApiTypes.STR, OpenApiParameter.PATH, description="Receipt number."
)


class ContributionCorrections(TakesFileBody, GenericAPIView[Any]):
    queryset = Contribution.objects.none()
    serializer_class = ContributionShape

    @extend_schema(
        operation_id="contributions_attempts",
        parameters=[RECEIPT],
        responses={200: AttemptShape(many=True), **refusals(404)},
    )
    def get(self, request: Request, receipt: str) -> Response:
        """The rounds of correction so far."""
        found = attempt_documents(contribution_for(Actor.of(request), receipt))
        return Response({"results": found, "next": None, "previous": None})

    @extend_schema(
        operation_id="contributions_correct",
        parameters=[
            RECEIPT,
            OpenApiParameter("mode", str, enum=CorrectionMode.values),
            OpenApiParameter("filename", str, description="Where the body is the file."),
            OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER),
        ],
        request={"multipart/form-data": CorrectionUpload, "text/csv": OpenApiTypes.BINARY},
        responses={
            202: ContributionShape,
            **refusals(400, 404, 409, 413, 422),
        },
    )
    def post(self, request: Request, receipt: str) -> Response:
        """Send corrected rows with their numbers, or the whole file, for the same receipt."""
        actor = Actor.of(request)
        refuse_oversized(request)
        sent = sent_file(request)
        if sent is None:
            raise problems.FILE_MISSING.problem(
                errors=[FieldError(field="file", message=problems.FILE_MISSING.advice)]
            )
        with closing(sent.stream):
            mode = field(request, "mode") or CorrectionMode.FILE
            if mode not in CorrectionMode.values:
                raise INVALID.problem(errors=[FieldError(field="mode", message=INVALID.advice)])
            wanted = canonical_hash(
                {"correction of": receipt[:40], "mode": str(mode), "sha256": sent.sha256}
            )
            return run_idempotently(
                actor=actor.require_person().id,
                key=request.headers.get("Idempotency-Key"),
                request_hash=wanted,
                run=lambda: _correct(actor, receipt, CorrectionMode(mode), sent),
            )


def _correct(actor: Actor, receipt: str, mode: CorrectionMode, sent: SentFile) -> Response:
    contribution = correct(
        acting=actor,
        receipt=receipt,
        mode=mode,
        stream=sent.stream,
        filename=sent.filename,
        content_type=sent.content_type,
    )
    location = f"/api/v1/contributions/{contribution.receipt}/"
    return Response(contribution_document(contribution), status=202, headers={"Location": location})

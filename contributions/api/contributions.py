"""Contributions over HTTP: hand in, follow, read the findings, take back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from typing import Any
from uuid import UUID

from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from contributions import problems
from contributions.api.bodies import (
    SentFile,
    TakesFileBody,
    field,
    fields,
    refuse_oversized,
    sent_file,
)
from contributions.api.shapes import (
    ContributionShape,
    FindingShape,
    LookShape,
    Upload,
)
from contributions.calls.document import SLUG
from contributions.calls.trial import Trial
from contributions.decode.formats import MEDIA_TYPES
from contributions.intake.look import Look
from contributions.intake.services import submit, try_out
from contributions.models import Contribution, Finding, State
from contributions.selectors import (
    contribution_document,
    contribution_documents,
    contribution_for,
    contributions_of,
    finding_document,
    findings_of,
    of_the_keys_kind,
)
from contributions.selectors.corrections import rows_set_aside
from contributions.uploads.services import digest_of, submit_upload, try_out_upload
from contributions.withdrawal.services import withdraw
from dure.accounts.acting import Actor
from dure.core.canonical import canonical_hash
from dure.core.idempotency import run_idempotently
from dure.core.language import current
from dure.core.pagination import CursorPages
from dure.core.problem_shapes import problems as refusals
from dure.core.problems import INVALID, FieldError

TRUE = ("1", "true")
RECEIPT = OpenApiParameter(
    "receipt", OpenApiTypes.STR, OpenApiParameter.PATH, description="Receipt number."
)


class NewestFirst(CursorPages):
    ordering = ("-submitted_at", "-id")


class InOrder(CursorPages):
    ordering = "id"


class RowsAsCsv(BaseRenderer):
    """Lets a request ask for the rows themselves, by `format=csv` or by Accept."""

    media_type = "text/csv"
    format = "csv"

    def render(
        self,
        data: Any,  # Any: DRF's own signature
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        return JSONRenderer().render(data)  # problems only; rows are streamed


def rows_file(contribution: Contribution) -> StreamingHttpResponse:
    """The rows that were set aside, as a file that no cache keeps."""
    answer = StreamingHttpResponse(
        rows_set_aside(contribution), content_type="text/csv; charset=utf-8"
    )
    answer["Content-Disposition"] = f'attachment; filename="{contribution.receipt}-rows.csv"'
    answer["Cache-Control"] = "no-store"
    return answer


class ContributionList(TakesFileBody, GenericAPIView[Any]):
    queryset = Contribution.objects.none()
    serializer_class = ContributionShape
    pagination_class = NewestFirst

    @extend_schema(
        operation_id="contributions_list",
        parameters=[
            OpenApiParameter("state", str, enum=State.values),
            OpenApiParameter("call", str, description="Slug of a call."),
        ],
        responses={200: ContributionShape(many=True), **refusals(400)},
    )
    def get(self, request: Request) -> Response:
        """Your contributions and those of your organisations, newest first."""
        actor = Actor.of(request)
        found = of_the_keys_kind(actor, contributions_of(actor.parties))
        state, call = request.query_params.get("state"), request.query_params.get("call")
        if state:
            if state not in State.values:
                raise INVALID.problem(errors=[FieldError(field="state", message=INVALID.advice)])
            found = found.filter(state=state)
        if call:
            found = found.filter(call__slug=call) if SLUG.match(call) else found.none()
        page = self.paginate_queryset(found)
        return self.get_paginated_response(contribution_documents(page or []))

    @extend_schema(
        operation_id="contributions_submit",
        parameters=[
            OpenApiParameter("call", str, description="Slug, where the body is the file."),
            OpenApiParameter("purpose", str, many=True, description="Purposes you consent to."),
            OpenApiParameter("party", OpenApiTypes.UUID, description="Your organisation's party."),
            OpenApiParameter("filename", str, description="Where the body is the file."),
            OpenApiParameter("upload", OpenApiTypes.UUID, description="A complete upload."),
            OpenApiParameter("validate_only", bool, description="A dry run: nothing is kept."),
            OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER),
        ],
        request={
            "multipart/form-data": Upload,
            **dict.fromkeys(MEDIA_TYPES, OpenApiTypes.BINARY),
        },
        responses={
            200: LookShape,
            202: ContributionShape,
            **refusals(400, 404, 409, 413, 422),
        },
    )
    def post(self, request: Request) -> Response:
        """Hand in a file: a form with `call`, `file`, `purpose`, or the file as the body."""
        actor = Actor.of(request)
        refuse_oversized(request)
        if field(request, "upload"):
            return _submit_upload_once(request, actor)
        sent = sent_file(request)
        if sent is None:
            raise problems.FILE_MISSING.problem(
                errors=[FieldError(field="file", message=problems.FILE_MISSING.advice)]
            )
        with closing(sent.stream):
            if field(request, "validate_only").lower() in TRUE:
                return _try_out(request, actor, sent)
            return _submit_once(request, actor, sent)


def _try_out(request: Request, actor: Actor, sent: SentFile) -> Response:
    look, trial = try_out(
        acting=actor,
        call_slug=field(request, "call"),
        stream=sent.stream,
        filename=sent.filename,
        content_type=sent.content_type,
    )
    return _tried_out(look, trial)


def _tried_out(look: Look, trial: Trial | None) -> Response:
    return Response({**look.document(), "outcome": trial.document() if trial else None})


def _submit_once(request: Request, actor: Actor, sent: SentFile) -> Response:
    slug, party_id = field(request, "call"), _party(request, actor)
    purposes = fields(request, "purpose")
    return _once(
        request,
        actor,
        {"call": slug, "party": str(party_id), "purposes": purposes, "sha256": sent.sha256},
        lambda: _submit(actor, party_id, slug, sent, purposes),
    )


def _submit_upload_once(request: Request, actor: Actor) -> Response:
    slug, party_id = field(request, "call"), _party(request, actor)
    purposes = fields(request, "purpose")
    upload_id = uuid_of("upload", field(request, "upload"))
    if field(request, "validate_only").lower() in TRUE:
        return _tried_out(*try_out_upload(acting=actor, upload_id=upload_id, call_slug=slug))

    def run() -> Response:
        return _received(
            submit_upload(
                acting=actor,
                upload_id=upload_id,
                party_id=party_id,
                call_slug=slug,
                purposes=purposes,
                language=current(),
            )
        )

    # The same file under the same key is the same request, in whichever way it arrived.
    digest = digest_of(acting=actor, upload_id=upload_id)
    asked = {"call": slug, "party": str(party_id), "purposes": purposes, "sha256": digest}
    return _once(request, actor, asked, run)


def _once(
    request: Request, actor: Actor, asked: dict[str, Any], run: Callable[[], Response]
) -> Response:
    return run_idempotently(
        actor=actor.require_person().id,
        key=request.headers.get("Idempotency-Key"),
        request_hash=canonical_hash({**asked, "purposes": sorted(set(asked["purposes"]))}),
        run=run,
    )


def _submit(
    actor: Actor, party_id: UUID, slug: str, sent: SentFile, purposes: list[str]
) -> Response:
    contribution = submit(
        acting=actor,
        party_id=party_id,
        call_slug=slug,
        stream=sent.stream,
        filename=sent.filename,
        content_type=sent.content_type,
        purposes=purposes,
        language=current(),
    )
    return _received(contribution)


def _received(contribution: Contribution) -> Response:
    location = f"/api/v1/contributions/{contribution.receipt}/"
    return Response(contribution_document(contribution), status=202, headers={"Location": location})


def _party(request: Request, actor: Actor) -> UUID:
    """The party named in the request, or the actor's own."""
    named = field(request, "party")
    if not named:
        assert actor.party_id is not None, "whoever is signed in has a party"
        return actor.party_id
    return uuid_of("party", named)


def uuid_of(name: str, text: str) -> UUID:
    """The id that a field names; a problem that names the field otherwise."""
    try:
        return UUID(text)
    except ValueError:
        raise INVALID.problem(errors=[FieldError(field=name, message=INVALID.advice)]) from None


class ContributionView(GenericAPIView[Any]):
    queryset = Contribution.objects.none()
    serializer_class = ContributionShape

    @extend_schema(
        operation_id="contributions_read",
        parameters=[RECEIPT],
        responses={200: ContributionShape, **refusals(404)},
    )
    def get(self, request: Request, receipt: str) -> Response:
        """Where a contribution stands, and why."""
        return Response(contribution_document(contribution_for(Actor.of(request), receipt)))


class ContributionFindings(GenericAPIView[Any]):
    queryset = Finding.objects.none()
    serializer_class = FindingShape
    pagination_class = InOrder
    renderer_classes = [JSONRenderer, RowsAsCsv]

    @extend_schema(
        operation_id="contributions_findings",
        parameters=[
            RECEIPT,
            OpenApiParameter("format", str, enum=["csv"], description="The rows themselves."),
        ],
        responses={
            (200, "application/json"): FindingShape(many=True),
            (200, "text/csv"): OpenApiTypes.BINARY,
            **refusals(404),
        },
    )
    def get(self, request: Request, receipt: str) -> HttpResponseBase:
        """Rows that were set aside or remarked on, never the value itself.

        As CSV: the rows that were set aside, with numbers and reasons, to be corrected and sent.
        """
        contribution = contribution_for(Actor.of(request), receipt)
        if isinstance(request.accepted_renderer, RowsAsCsv):
            return rows_file(contribution)
        page = self.paginate_queryset(findings_of(contribution))
        return self.get_paginated_response([finding_document(each) for each in page or []])


class ContributionWithdrawal(GenericAPIView[Any]):
    queryset = Contribution.objects.none()
    serializer_class = ContributionShape

    @extend_schema(
        operation_id="contributions_withdraw",
        parameters=[RECEIPT],
        request=None,
        responses={200: ContributionShape, **refusals(404, 409)},
    )
    def post(self, request: Request, receipt: str) -> Response:
        """Take a contribution back; asking twice changes nothing."""
        actor = Actor.of(request)
        withdraw(acting=actor, receipt=receipt)
        return Response(contribution_document(contribution_for(actor, receipt)))

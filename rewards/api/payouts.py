"""Pay-outs over HTTP, for operators: batches, answers of rails, differences and rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from dure.accounts.acting import Actor
from dure.core.canonical import canonical_hash
from dure.core.idempotency import run_idempotently
from dure.core.pagination import CursorPages
from dure.core.problem_shapes import problems
from rewards.api.document_view import DocumentView
from rewards.api.payout_shapes import (
    AnswerRequest,
    AnswerShape,
    AnswerTrialShape,
    BatchRequest,
    BatchShape,
    BatchWithItemsShape,
    DifferenceShape,
    NoteRequest,
    ReasonRequest,
    ReconciliationShape,
    RuleRequest,
    RuleShape,
    SettlementRequest,
)
from rewards.api.shapes import RedemptionShape
from rewards.models import (
    ImportState,
    PayoutBatch,
    RailImport,
    Redemption,
    RedemptionState,
    TreasuryPolicy,
)
from rewards.rails import batches, notes, reconciliation, selectors
from rewards.rails.answers import SIZE_MAX
from rewards.rails.imports import discard_answer, import_answer
from rewards.rails.trying import try_answer
from rewards.treasury import selectors as rules
from rewards.treasury.access import require_treasury
from rewards.treasury.services import approve_rule, propose_rule
from rewards.wallet.selectors import redemption_document
from rewards.wallet.services import return_redemption, reverse_redemption, settle_redemption

REFUSALS = problems(400, 403, 404, 409, 422)
READING = problems(403, 404)


class BatchPages(CursorPages):
    ordering = ("-proposed_at", "-id")


class WaitingPages(CursorPages):
    ordering = ("requested_at", "id")


class AnswerPages(CursorPages):
    ordering = ("-imported_at", "-id")


def _staff(request: Request) -> Actor:
    actor = Actor.of(request)
    require_treasury(actor)
    return actor


class Waiting(DocumentView):
    queryset = Redemption.objects.none()
    serializer_class = RedemptionShape
    pagination_class = WaitingPages

    @extend_schema(
        operation_id="payouts_waiting",
        responses={200: RedemptionShape(many=True), **problems(403)},
    )
    def get(self, request: Request) -> Response:
        """Redemptions that are held and in no batch, oldest first."""
        _staff(request)
        page = self.paginate_queryset(selectors.waiting())
        return self.get_paginated_response([redemption_document(each) for each in page or []])


class BatchList(DocumentView):
    queryset = PayoutBatch.objects.none()
    serializer_class = BatchShape
    pagination_class = BatchPages

    @extend_schema(
        operation_id="payouts_batches",
        responses={200: BatchShape(many=True), **problems(403)},
    )
    def get(self, request: Request) -> Response:
        """Batches, newest first."""
        _staff(request)
        page = self.paginate_queryset(selectors.batches())
        return self.get_paginated_response([selectors.batch_document(each) for each in page or []])

    @extend_schema(
        operation_id="payouts_propose",
        parameters=[OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER)],
        request=BatchRequest,
        responses={201: BatchWithItemsShape, **REFUSALS},
    )
    def post(self, request: Request) -> Response:
        """Collect what is held for a rail into a batch and write its file."""
        actor = _staff(request)
        asked = BatchRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        rail, asset = (str(asked.validated_data[name]) for name in ("rail", "asset"))

        def run() -> Response:
            batch = batches.propose_batch(acting=actor, rail=rail, asset=asset)
            return Response(
                selectors.batch_with_items(batch),
                status=201,
                headers={"Location": f"/api/v1/payouts/batches/{batch.id}/"},
            )

        return run_idempotently(
            actor=actor.require_person().id,
            key=request.headers.get("Idempotency-Key"),
            request_hash=canonical_hash({"payout": "batch", "rail": rail, "asset": asset}),
            run=run,
        )


class BatchView(DocumentView):
    queryset = PayoutBatch.objects.none()
    serializer_class = BatchWithItemsShape

    @extend_schema(operation_id="payouts_batch", responses={200: BatchWithItemsShape, **READING})
    def get(self, request: Request, batch_id: UUID) -> Response:
        """A batch with its pay-outs; neither names nor destinations."""
        _staff(request)
        return Response(selectors.batch_with_items(selectors.batch_for(batch_id)))


class BatchStep(DocumentView):
    """A step of a batch; ``step`` is the service that takes it."""

    queryset = PayoutBatch.objects.none()
    serializer_class = BatchShape
    step: Callable[..., PayoutBatch]

    def take(self, request: Request, batch_id: UUID) -> Response:
        """Let the service do it and answer with the batch."""
        batch = type(self).step(acting=Actor.of(request), batch_id=batch_id)
        return Response(selectors.batch_document(batch))


class BatchApproval(BatchStep):
    step = staticmethod(batches.approve_batch)

    @extend_schema(
        operation_id="payouts_approve", request=None, responses={200: BatchShape, **REFUSALS}
    )
    def post(self, request: Request, batch_id: UUID) -> Response:
        """Approve exactly the file that was proposed, as a second person."""
        return self.take(request, batch_id)


class BatchSending(BatchStep):
    step = staticmethod(batches.send_batch)

    @extend_schema(
        operation_id="payouts_send", request=None, responses={200: BatchShape, **REFUSALS}
    )
    def post(self, request: Request, batch_id: UUID) -> Response:
        """Record that the batch goes out; only then its file can be fetched."""
        return self.take(request, batch_id)


class BatchDiscarding(BatchStep):
    step = staticmethod(batches.discard_batch)

    @extend_schema(
        operation_id="payouts_discard", request=None, responses={200: BatchShape, **REFUSALS}
    )
    def post(self, request: Request, batch_id: UUID) -> Response:
        """Drop a batch that was not sent."""
        return self.take(request, batch_id)


class BatchFile(DocumentView):
    queryset = PayoutBatch.objects.none()

    @extend_schema(
        operation_id="payouts_file",
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY, **REFUSALS},
    )
    def get(self, request: Request, batch_id: UUID) -> HttpResponse:
        """The file of a sent batch, byte for byte as it was hashed."""
        return file_response(*batches.batch_file(acting=Actor.of(request), batch_id=batch_id))


def file_response(batch: PayoutBatch, content: bytes) -> HttpResponse:
    """A batch's file as a download."""
    kind, ending = ("application/xml", "xml") if batch.rail == "bank" else ("text/csv", "csv")
    response = HttpResponse(content, content_type=f"{kind}; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{batch.message_id}.{ending}"'
    response["ETag"] = f'"{batch.file_sha256}"'
    response["Cache-Control"] = "no-store"
    return response


class _Resolution(DocumentView):
    queryset = Redemption.objects.none()
    serializer_class = RedemptionShape

    def resolve(
        self,
        request: Request,
        redemption_id: UUID,
        form: type[SettlementRequest | ReasonRequest],
        service: Callable[..., Redemption],
        leads_to: RedemptionState,
    ) -> Response:
        """Check the request's body and hand it to the service; 202 while it waits for another."""
        asked = form(data=request.data)
        asked.is_valid(raise_exception=True)
        said: dict[str, Any] = asked.validated_data  # Any: as the form has it
        named = {"rail_reference" if name == "reference" else name: said[name] for name in said}
        found = service(acting=Actor.of(request), redemption_id=redemption_id, **named)
        # Where it takes two, the first one's word changes nothing yet.
        waits = found.state != leads_to
        return Response(redemption_document(found), status=202 if waits else 200)


class RedemptionSettlement(_Resolution):
    @extend_schema(
        operation_id="payouts_settle",
        request=SettlementRequest,
        responses={200: RedemptionShape, 202: RedemptionShape, **REFUSALS},
    )
    def post(self, request: Request, redemption_id: UUID) -> Response:
        """The rail has paid: the amount leaves the wallet. Two persons say so: the first one's word
        is proposed (202), the same reference by another, never by who sent the batch, carries it
        out (200)."""
        goal = RedemptionState.SETTLED
        return self.resolve(request, redemption_id, SettlementRequest, settle_redemption, goal)


class RedemptionFailure(_Resolution):
    @extend_schema(
        operation_id="payouts_fail",
        request=ReasonRequest,
        responses={200: RedemptionShape, 202: RedemptionShape, **REFUSALS},
    )
    def post(self, request: Request, redemption_id: UUID) -> Response:
        """The rail has refused: the amount is free again. Once it was sent, two persons say so:
        the first one's word is proposed (202), the same reason by another carries it out (200)."""
        goal = RedemptionState.RETURNED
        return self.resolve(request, redemption_id, ReasonRequest, return_redemption, goal)


class RedemptionReturn(_Resolution):
    @extend_schema(
        operation_id="payouts_return",
        request=ReasonRequest,
        responses={200: RedemptionShape, 202: RedemptionShape, **REFUSALS},
    )
    def post(self, request: Request, redemption_id: UUID) -> Response:
        """What was paid came back: the payment is reversed by name. Two persons say so: the first
        one's word is proposed (202), the same reason by another carries it out (200)."""
        goal = RedemptionState.RETURNED
        return self.resolve(request, redemption_id, ReasonRequest, reverse_redemption, goal)


class AnswerList(DocumentView):
    queryset = RailImport.objects.none()
    serializer_class = AnswerShape
    pagination_class = AnswerPages
    parser_classes = [MultiPartParser]

    @extend_schema(
        operation_id="payouts_answers",
        responses={200: AnswerShape(many=True), **problems(403)},
    )
    def get(self, request: Request) -> Response:
        """What rails have answered, newest first."""
        _staff(request)
        page = self.paginate_queryset(selectors.imports())
        return self.get_paginated_response([selectors.answer_document(each) for each in page or []])

    @extend_schema(
        operation_id="payouts_import",
        request={"multipart/form-data": AnswerRequest},
        responses={200: AnswerShape, 202: AnswerShape, **problems(413), **REFUSALS},
    )
    def post(self, request: Request) -> Response:
        """Take over an answer of a rail; each line is done once, whatever is sent again. One that
        gives money back, differs from the batch or comes from who sent it waits (202) until another
        person sends the same file (200); its ``doubts`` say why."""
        actor = _staff(request)
        asked = AnswerRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        content = asked.validated_data["file"].read(SIZE_MAX + 1)
        rail = str(asked.validated_data["rail"])
        answer = import_answer(acting=actor, rail=rail, content=content)
        waits = answer.state == ImportState.WAITING
        return Response(selectors.answer_document(answer), status=202 if waits else 200)


class AnswerDiscarding(DocumentView):
    queryset = RailImport.objects.none()
    serializer_class = AnswerShape

    @extend_schema(
        operation_id="payouts_discard_answer",
        request=None,
        responses={200: AnswerShape, **REFUSALS},
    )
    def post(self, request: Request, answer_id: UUID) -> Response:
        """Drop an answer that waits; nothing of it was done."""
        answer = discard_answer(acting=Actor.of(request), answer_id=answer_id)
        return Response(selectors.answer_document(answer))


class AnswerTrial(DocumentView):
    queryset = RailImport.objects.none()
    serializer_class = AnswerTrialShape
    parser_classes = [MultiPartParser]

    @extend_schema(
        operation_id="payouts_try",
        request={"multipart/form-data": AnswerRequest},
        responses={200: AnswerTrialShape, **problems(413), **REFUSALS},
    )
    def post(self, request: Request) -> Response:
        """What an answer of a rail would do, line by line; writes nothing."""
        actor = _staff(request)
        asked = AnswerRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        content = asked.validated_data["file"].read(SIZE_MAX + 1)
        rail = str(asked.validated_data["rail"])
        return Response(try_answer(acting=actor, rail=rail, content=content))


class Reconciliation(DocumentView):
    queryset = PayoutBatch.objects.none()
    serializer_class = ReconciliationShape

    @extend_schema(
        operation_id="payouts_reconciliation",
        responses={200: ReconciliationShape, **problems(403)},
    )
    def get(self, request: Request) -> Response:
        """Ledger, batches and rails side by side, with every difference by name."""
        _staff(request)
        return Response(
            {
                "books": reconciliation.book_documents(),
                "differences": reconciliation.difference_documents(),
            }
        )


class ReconciliationNotes(DocumentView):
    queryset = PayoutBatch.objects.none()
    serializer_class = DifferenceShape

    @extend_schema(
        operation_id="payouts_note",
        request=NoteRequest,
        responses={201: DifferenceShape, **REFUSALS},
    )
    def post(self, request: Request) -> Response:
        """Say what a difference comes from; notes are added, never rewritten."""
        asked = NoteRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        name = str(asked.validated_data["difference"])
        notes.note_difference(
            acting=Actor.of(request),
            name=name,
            note=str(asked.validated_data["note"]),
            closes=bool(asked.validated_data["closes"]),
        )
        found = reconciliation.difference_documents()
        return Response(next(each for each in found if each["name"] == name), status=201)


class RuleList(DocumentView):
    queryset = TreasuryPolicy.objects.none()
    serializer_class = RuleShape

    @extend_schema(
        operation_id="payouts_rules", responses={200: RuleShape(many=True), **problems(403)}
    )
    def get(self, request: Request) -> Response:
        """Every version of the rules for money on its way out."""
        _staff(request)
        found = [rules.rule_document(each) for each in rules.versions()[:200]]
        return Response({"results": found, "next": None, "previous": None})

    @extend_schema(
        operation_id="payouts_propose_rule",
        request=RuleRequest,
        responses={201: RuleShape, **REFUSALS},
    )
    def post(self, request: Request) -> Response:
        """Propose a new version; it holds once another person has approved it."""
        asked = RuleRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        rule = propose_rule(
            acting=Actor.of(request),
            subject=str(asked.validated_data["subject"]),
            document=asked.validated_data["document"],
        )
        return Response(rules.rule_document(rule), status=201)


class RuleApproval(DocumentView):
    queryset = TreasuryPolicy.objects.none()
    serializer_class = RuleShape

    @extend_schema(
        operation_id="payouts_approve_rule", request=None, responses={200: RuleShape, **REFUSALS}
    )
    def post(self, request: Request, rule_id: UUID) -> Response:
        """Put a proposed version in force, as a second person."""
        rule = approve_rule(acting=Actor.of(request), rule_id=rule_id)
        return Response(rules.rule_document(rule))

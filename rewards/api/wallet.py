"""Wallets over HTTP: balances, the statement, and taking value out."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from dure.accounts.acting import Actor
from dure.core.canonical import canonical_hash
from dure.core.idempotency import run_idempotently
from dure.core.money import parse_amount
from dure.core.pagination import CursorPages
from dure.core.problem_shapes import problems
from dure.core.problems import INVALID, NOT_FOUND, FieldError
from rewards.api.document_view import DocumentView
from rewards.api.shapes import (
    RedemptionRequest,
    RedemptionShape,
    StatementShape,
    TaxShape,
    UnclaimedShape,
    WalletEntryShape,
    WalletShape,
)
from rewards.ledger.bulk.folding import fold_wallets
from rewards.models import Entry, Redemption, UnclaimedAmount
from rewards.wallet import selectors
from rewards.wallet.services import amount_text, request_redemption
from rewards.wallet.statement import statement_document, tax_document
from rewards.wallet.statement_files import statement_csv, statement_pdf
from rewards.wallet.unclaimed import claim

PARTY = OpenApiParameter(
    "party", OpenApiTypes.UUID, description="An organisation's party that you act for."
)


class StatementPages(CursorPages):
    ordering = ("-posted_at", "-version")


class RedemptionPages(CursorPages):
    ordering = ("-requested_at", "-id")


class WalletView(DocumentView):
    queryset = Entry.objects.none()
    serializer_class = WalletShape

    @extend_schema(
        operation_id="wallet_read",
        parameters=[PARTY],
        responses={200: WalletShape, **problems(404)},
    )
    def get(self, request: Request) -> Response:
        """What you have earned: pending, confirmed and paid, for each asset."""
        return Response(selectors.wallet_document(asked_party(request)))


class WalletEntries(DocumentView):
    queryset = Entry.objects.none()
    serializer_class = WalletEntryShape
    pagination_class = StatementPages

    @extend_schema(
        operation_id="wallet_entries",
        parameters=[PARTY],
        responses={200: WalletEntryShape(many=True), **problems(404)},
    )
    def get(self, request: Request) -> Response:
        """Every entry of your wallets with the balance after it, newest first."""
        party = asked_party(request)
        fold_wallets(acting=Actor.of(request), party_id=party)
        page = self.paginate_queryset(selectors.entries(party))
        return self.get_paginated_response(selectors.entry_documents(list(page or [])))


class WalletStatement(DocumentView):
    queryset = Entry.objects.none()
    serializer_class = StatementShape

    @extend_schema(
        operation_id="wallet_statement",
        parameters=[PARTY],
        responses={200: StatementShape, **problems(404)},
    )
    def get(self, request: Request, month: str) -> Response:
        """A month of your wallets ("2026-11"): opening, every line, closing."""
        return Response(statement_document(asked_party(request), month))


class WalletStatementFile(DocumentView):
    queryset = Entry.objects.none()

    @extend_schema(
        operation_id="wallet_statement_file",
        parameters=[
            PARTY,
            OpenApiParameter("form", str, OpenApiParameter.PATH, enum=["pdf", "csv"]),
        ],
        responses={
            (200, "application/pdf"): OpenApiTypes.BINARY,
            (200, "text/csv"): OpenApiTypes.BINARY,
            **problems(404),
        },
    )
    def get(self, request: Request, month: str, form: str) -> HttpResponse:
        """The same statement as PDF or CSV, in the language of the request."""
        return statement_file(asked_party(request), month, form)


def statement_file(party_id: UUID, month: str, form: str) -> HttpResponse:
    """A statement as a download; NOT_FOUND for another form than pdf and csv."""
    if form not in ("pdf", "csv"):
        raise NOT_FOUND.problem()
    document = statement_document(party_id, month)
    content = statement_pdf(document) if form == "pdf" else statement_csv(document)
    kind = "application/pdf" if form == "pdf" else "text/csv; charset=utf-8"
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="statement-{month}.{form}"'
    response["Cache-Control"] = "private, no-store"
    return response


class WalletTax(DocumentView):
    queryset = Entry.objects.none()
    serializer_class = TaxShape

    @extend_schema(
        operation_id="wallet_tax",
        parameters=[PARTY],
        responses={200: TaxShape, **problems(404)},
    )
    def get(self, request: Request, year: int) -> Response:
        """What of your redemptions was withheld as tax in a year."""
        return Response(tax_document(asked_party(request), year))


class UnclaimedPages(CursorPages):
    ordering = ("claim_by", "id")


class Unclaimed(DocumentView):
    queryset = UnclaimedAmount.objects.none()
    serializer_class = UnclaimedShape
    pagination_class = UnclaimedPages

    @extend_schema(operation_id="wallet_unclaimed", responses=UnclaimedShape(many=True))
    def get(self, request: Request) -> Response:
        """Amounts that were set aside because nobody used them, and until when they wait."""
        page = self.paginate_queryset(selectors.unclaimed_amounts(Actor.of(request).parties))
        return self.get_paginated_response(
            [selectors.unclaimed_document(each) for each in page or []]
        )


class UnclaimedClaim(DocumentView):
    queryset = UnclaimedAmount.objects.none()
    serializer_class = UnclaimedShape

    @extend_schema(
        operation_id="wallet_claim",
        request=None,
        responses={200: UnclaimedShape, **problems(404, 409)},
    )
    def post(self, request: Request, unclaimed_id: UUID) -> Response:
        """Bring an amount that was set aside back into the wallet, also after its time."""
        found = claim(acting=Actor.of(request), unclaimed_id=unclaimed_id)
        return Response(selectors.unclaimed_document(found))


class RedemptionList(DocumentView):
    queryset = Redemption.objects.none()
    serializer_class = RedemptionShape
    pagination_class = RedemptionPages

    @extend_schema(operation_id="redemptions_list", responses=RedemptionShape(many=True))
    def get(self, request: Request) -> Response:
        """What you have taken out or are taking out, newest first."""
        page = self.paginate_queryset(selectors.redemptions(Actor.of(request).parties))
        return self.get_paginated_response(
            [selectors.redemption_document(each) for each in page or []]
        )

    @extend_schema(
        operation_id="redemptions_request",
        parameters=[PARTY, OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER)],
        request=RedemptionRequest,
        responses={
            201: RedemptionShape,
            **problems(400, 404, 409, 422),
        },
    )
    def post(self, request: Request) -> Response:
        """Take value out: the amount is held at once and paid out or given back later."""
        actor, party_id = Actor.of(request), asked_party(request)
        wanted = RedemptionRequest(data=request.data)
        wanted.is_valid(raise_exception=True)
        asked: dict[str, str] = {name: str(value) for name, value in wanted.validated_data.items()}
        amount = _amount(asked["amount"])
        return run_idempotently(
            actor=actor.require_person().id,
            key=request.headers.get("Idempotency-Key"),
            request_hash=canonical_hash({**asked, "party": str(party_id)}),
            run=lambda: _redeem(actor, party_id, asked, amount),
        )


def _redeem(actor: Actor, party_id: UUID, asked: dict[str, str], amount: int) -> Response:
    redemption = request_redemption(
        acting=actor,
        party_id=party_id,
        asset=asked["asset"],
        amount=amount,
        rail=asked["rail"],
        destination=asked["destination"],
    )
    return Response(
        selectors.redemption_document(redemption),
        status=201,
        headers={"Location": f"/api/v1/redemptions/{redemption.id}/"},
    )


class RedemptionView(DocumentView):
    queryset = Redemption.objects.none()
    serializer_class = RedemptionShape

    @extend_schema(
        operation_id="redemptions_read", responses={200: RedemptionShape, **problems(404)}
    )
    def get(self, request: Request, redemption_id: UUID) -> Response:
        """Where a redemption stands."""
        redemption = selectors.redemption_for(Actor.of(request), redemption_id)
        return Response(selectors.redemption_document(redemption))


def asked_party(request: Request) -> UUID:
    """The party named in the query if the actor acts for it, or the actor's own."""
    actor = Actor.of(request)
    named = request.query_params.get("party")
    try:
        party_id = UUID(named) if named else actor.party_id
    except ValueError:
        raise NOT_FOUND.problem() from None
    if party_id is None or not actor.acts_for(party_id):
        raise NOT_FOUND.problem()
    return party_id


def _amount(text: str) -> int:
    try:
        amount = parse_amount(text)
        if amount <= 0:
            raise ValueError("nothing to take out")
        return amount
    except ValueError:
        raise INVALID.problem(errors=[FieldError("amount", amount_text(), "amount")]) from None

"""Licences over HTTP: quotes with their lines, agreements, payments and dividends."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from contributions.api.releases import SuccessorShape
from contributions.releases.attestation import attest_deletion
from dure.accounts.acting import Actor
from dure.core.pagination import CursorPages
from dure.core.problem_shapes import problems
from dure.core.problems import NOT_FOUND
from governance.access.services import note_access
from rewards.api.document_view import DocumentView
from rewards.api.shapes import AMOUNT
from rewards.api.wallet import PARTY, asked_party
from rewards.dividends.selectors import dividend_document, share_document
from rewards.licences import selectors
from rewards.licences.invoice import invoice_document, invoice_number
from rewards.licences.services import agree, quoted, record_payment
from rewards.licences.sizes import OTHERS_MAX, SIZE_MAX, Asker, Currency, told
from rewards.models import Licence
from rewards.valuation.cost import Purpose


class RelatedEnterprise(serializers.Serializer[dict[str, object]]):
    people = serializers.IntegerField(min_value=0, max_value=SIZE_MAX)
    turnover = serializers.IntegerField(
        min_value=0, max_value=SIZE_MAX, help_text="A year, in ``currency``."
    )
    balance = serializers.IntegerField(
        min_value=0, max_value=SIZE_MAX, help_text="Balance sheet total, in ``currency``."
    )
    share = serializers.DecimalField(max_digits=7, decimal_places=6, min_value=0, max_value=1)


class QuoteRequest(serializers.Serializer[dict[str, object]]):
    call = serializers.SlugField()
    purpose = serializers.ChoiceField(choices=[each.value for each in Purpose])
    people = serializers.IntegerField(min_value=0, max_value=SIZE_MAX)
    turnover = serializers.IntegerField(
        min_value=0, max_value=SIZE_MAX, help_text="A year, in ``currency``."
    )
    balance = serializers.IntegerField(
        min_value=0, max_value=SIZE_MAX, help_text="Balance sheet total, in ``currency``."
    )
    others = RelatedEnterprise(  # type: ignore[call-arg]  # many=True takes what lists take
        many=True, required=False, max_length=OTHERS_MAX, help_text="Linked and partner firms."
    )
    currency = serializers.ChoiceField(
        choices=[each.value for each in Currency],
        default=Currency.EURO.value,
        help_text="Of turnover and balance, also of the others'. Won are compared at the rate that "
        "the terms publish, and refused where they publish none.",
    )
    party = serializers.UUIDField(
        required=False,
        help_text="An organisation that you act for. Where notices of the call name recipients, "
        "only records of those who let them reach it are counted.",
    )


class LicenceRequest(QuoteRequest):
    pass


class QuoteLineShape(serializers.Serializer[dict[str, object]]):
    key = serializers.CharField()
    amount = serializers.CharField(help_text=AMOUNT)


class RateShape(serializers.Serializer[dict[str, object]]):
    won = serializers.IntegerField()
    euro = serializers.IntegerField(help_text="So many euro are those won.")
    as_of = serializers.DateField()
    source_ = serializers.CharField(help_text="Who published it.")

    def get_fields(self) -> dict[str, serializers.Field]:  # type: ignore[type-arg]  # as inherited
        # A serializer has an attribute `source` of its own, so the field is renamed here.
        return {
            "source" if name == "source_" else name: field
            for name, field in super().get_fields().items()
        }


class LimitShape(serializers.Serializer[dict[str, object]]):
    EUR = serializers.IntegerField()
    KRW = serializers.IntegerField(allow_null=True)


class LimitsShape(serializers.Serializer[dict[str, object]]):
    people_below = serializers.IntegerField()
    turnover_most = LimitShape()
    balance_most = LimitShape()
    rate = RateShape(allow_null=True)


class AskerShape(serializers.Serializer[dict[str, object]]):
    purpose = serializers.ChoiceField(choices=[each.value for each in Purpose])
    currency = serializers.ChoiceField(choices=[each.value for each in Currency])
    people = serializers.IntegerField()
    turnover = serializers.IntegerField()
    balance = serializers.IntegerField()
    others = RelatedEnterprise(many=True)


class QuoteShape(serializers.Serializer[dict[str, object]]):
    call = serializers.SlugField()
    records = serializers.IntegerField()
    asset = serializers.CharField()
    policy = serializers.CharField()
    reduced = serializers.BooleanField(help_text="Only direct costs are charged.")
    lines = QuoteLineShape(many=True)
    total = serializers.CharField(help_text="The sum of the lines.")
    limits = LimitsShape(
        required=False,
        help_text="What a small firm stays within: fewer people, and one of the two amounts.",
    )
    asker = AskerShape(
        required=False,
        help_text="Who asked, as they told it: what the price follows from. Absent in agreements "
        "from before it was kept.",
    )


class RecallOfLicenceShape(serializers.Serializer[dict[str, object]]):
    release = serializers.UUIDField()
    call = serializers.SlugField()
    rows = serializers.IntegerField(help_text="Rows that have to be deleted.")
    share = serializers.CharField(help_text="Their part of the release, from 0 to 1.")
    models = serializers.ListField(
        child=serializers.CharField(),
        help_text="Names of the models that the licensee trained on it; their next training has to "
        "be on the successor.",
    )
    recalls = serializers.CharField(help_text="Address of the list of those rows.")
    due_at = serializers.DateTimeField(
        allow_null=True,
        help_text="By when the licensee attests that they are deleted, 30 days from the "
        "withdrawal; null for an open release.",
    )
    attested_at = serializers.DateTimeField(allow_null=True)
    successor = SuccessorShape(allow_null=True, help_text="What is given out in its place.")


class AttestationRequest(serializers.Serializer[dict[str, object]]):
    release = serializers.UUIDField(help_text="A recalled release that the licensee downloaded.")


class LicenceShape(serializers.Serializer[dict[str, object]]):
    id = serializers.UUIDField()
    call = serializers.SlugField()
    asset = serializers.CharField()
    total = serializers.CharField(help_text=AMOUNT)
    quote = QuoteShape()
    state = serializers.CharField(help_text="agreed or paid")
    agreed_at = serializers.DateTimeField()
    noted_at = serializers.DateTimeField(
        allow_null=True, help_text="When a payment was noted; a second person confirms it."
    )
    paid_at = serializers.DateTimeField(allow_null=True)
    recalls = RecallOfLicenceShape(
        many=True, help_text="Recalled releases that the licensee downloaded."
    )
    suspended = serializers.BooleanField(
        help_text="No file is given out until overdue recalls are attested as deleted."
    )


class DividendShape(serializers.Serializer[dict[str, object]]):
    id = serializers.UUIDField()
    licence = serializers.UUIDField()
    asset = serializers.CharField()
    amount = serializers.CharField(help_text=AMOUNT)
    rest = serializers.CharField(help_text=AMOUNT)
    people = serializers.IntegerField()
    flat = serializers.CharField(help_text="What each would get if it were divided by heads.")
    merkle_root = serializers.CharField()
    state = serializers.CharField()
    own = serializers.JSONField(allow_null=True, help_text="Your line and its proof.")


class LicencePages(CursorPages):
    ordering = ("-agreed_at", "-id")


class LicenceQuote(DocumentView):
    queryset = Licence.objects.none()
    serializer_class = QuoteShape

    @extend_schema(
        operation_id="licences_quote",
        request=QuoteRequest,
        responses={200: QuoteShape, **problems(400, 404)},
    )
    def post(self, request: Request) -> Response:
        """What access to a call's data would cost you, line by line."""
        actor, asked = Actor.of(request), _asked(QuoteRequest(data=request.data))
        party_id = asked.get("party", actor.party_id)
        if party_id is not None and not actor.acts_for(party_id):
            raise NOT_FOUND.problem()
        _call, _quote, document = quoted(asked["call"], _asker(asked), party_id)
        return Response(document)


class LicenceList(DocumentView):
    queryset = Licence.objects.none()
    serializer_class = LicenceShape
    pagination_class = LicencePages

    @extend_schema(operation_id="licences_list", responses=LicenceShape(many=True))
    def get(self, request: Request) -> Response:
        """Your licences, newest first; operators see all."""
        page = self.paginate_queryset(selectors.licences(Actor.of(request)))
        return self.get_paginated_response(selectors.licence_documents(page or []))

    @extend_schema(
        operation_id="licences_agree",
        request=LicenceRequest,
        responses={
            201: LicenceShape,
            **problems(400, 404, 409),
        },
    )
    def post(self, request: Request) -> Response:
        """Agree to today's quote; access begins with its payment."""
        actor, asked = Actor.of(request), _asked(LicenceRequest(data=request.data))
        party_id = asked.get("party", actor.party_id)
        if party_id is None:
            raise NOT_FOUND.problem()
        licence = agree(
            acting=actor,
            party_id=party_id,
            call_slug=asked["call"],
            asker=_asker(asked),
        )
        where = {"Location": f"/api/v1/licences/{licence.id}/"}
        return Response(selectors.licence_document(licence), status=201, headers=where)


class LicenceView(DocumentView):
    queryset = Licence.objects.none()
    serializer_class = LicenceShape

    @extend_schema(operation_id="licences_read", responses={200: LicenceShape, **problems(404)})
    def get(self, request: Request, licence_id: UUID) -> Response:
        """A licence and the quote that it was agreed on."""
        licence = selectors.licence_for(Actor.of(request), licence_id)
        return Response(selectors.licence_document(licence))


class LicencePayment(DocumentView):
    queryset = Licence.objects.none()
    serializer_class = LicenceShape

    @extend_schema(
        operation_id="licences_payment",
        request=None,
        responses={
            200: LicenceShape,
            **problems(403, 404, 409),
        },
    )
    def post(self, request: Request, licence_id: UUID) -> Response:
        """Operators: note that the licensee has paid, or, as a second person, confirm it.

        Confirming splits the revenue and freezes the dividend.
        """
        licence = record_payment(acting=Actor.of(request), licence_id=licence_id)
        return Response(selectors.licence_document(licence))


class LicenceAttestation(DocumentView):
    queryset = Licence.objects.none()
    serializer_class = LicenceShape

    @extend_schema(
        operation_id="licences_attest",
        request=AttestationRequest,
        responses={
            200: LicenceShape,
            **problems(400, 404, 409),
        },
    )
    def post(self, request: Request, licence_id: UUID) -> Response:
        """Say that the licensee has deleted every recalled row of a release; again, nothing."""
        actor = Actor.of(request)
        licence = selectors.licence_for(actor, licence_id)
        if not actor.acts_for(licence.party_id):
            raise NOT_FOUND.problem()
        asked = _asked(AttestationRequest(data=request.data))
        attest_deletion(acting=actor, release_id=asked["release"], party_id=licence.party_id)
        return Response(selectors.licence_document(licence))


class InvoiceLineShape(serializers.Serializer[dict[str, object]]):
    amount = serializers.CharField(help_text=AMOUNT)

    def get_fields(self) -> dict[str, serializers.Field]:  # type: ignore[type-arg]  # as inherited
        # A serializer has an attribute `label` of its own.
        return {"label": serializers.CharField(), **super().get_fields()}


class InvoiceShape(serializers.Serializer[dict[str, object]]):
    number = serializers.CharField(help_text="What a payment has to name.")
    licence = serializers.UUIDField()
    issuer = serializers.CharField()
    address = serializers.CharField()
    contact = serializers.CharField()
    holder = serializers.CharField()
    call = serializers.CharField(help_text="Title of the call.")
    records = serializers.IntegerField()
    policy = serializers.CharField()
    reduced = serializers.BooleanField(help_text="Only direct costs are charged.")
    asset = serializers.CharField()
    lines = InvoiceLineShape(many=True)
    total = serializers.CharField(help_text="The sum of the lines.")
    issued_at = serializers.DateTimeField()
    paid_at = serializers.DateTimeField(allow_null=True)


class LicenceInvoice(DocumentView):
    queryset = Licence.objects.none()
    serializer_class = InvoiceShape

    @extend_schema(operation_id="licences_invoice", responses={200: InvoiceShape, **problems(404)})
    def get(self, request: Request, licence_id: UUID) -> Response:
        """What a licence costs, as it is to be paid; texts in the language that you accept."""
        actor = Actor.of(request)
        licence = selectors.licence_for(actor, licence_id)
        note_access(
            acting=actor,
            party_id=licence.party_id,
            what="licence",
            why="invoicing",
            subject=invoice_number(licence),
        )
        return Response(invoice_document(licence))


class LicenceDividend(DocumentView):
    queryset = Licence.objects.none()
    serializer_class = DividendShape

    @extend_schema(
        operation_id="licences_dividend",
        parameters=[PARTY],
        responses={200: DividendShape, **problems(404)},
    )
    def get(self, request: Request, licence_id: UUID) -> Response:
        """What a licence brought its contributors, with your own line and its proof."""
        actor, dividend = Actor.of(request), selectors.dividend_of(licence_id)
        party = asked_party(request) if "party" in request.query_params else actor.party_id
        own = share_document(party, dividend) if party else None
        return Response({**dividend_document(dividend), "own": own})


def _asked(wanted: serializers.Serializer[dict[str, object]]) -> dict[str, Any]:  # Any: validated
    wanted.is_valid(raise_exception=True)
    return dict(wanted.validated_data)


def _asker(asked: dict[str, Any]) -> Asker:
    return Asker(
        Purpose(asked["purpose"]),
        told(asked),
        tuple(told(other) for other in asked.get("others", [])),
        Currency(asked["currency"]),
    )

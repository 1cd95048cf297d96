"""The months of the books: trial balances, files for other people's book-keeping, closing."""

from __future__ import annotations

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from dure.accounts.acting import Actor
from dure.core.problem_shapes import problems
from rewards.api.document_view import DocumentView
from rewards.ledger.books import (
    ENDINGS,
    book_month,
    export_month,
    month_document,
    month_with_balance,
    months,
)
from rewards.ledger.periods import close_period
from rewards.models import ClosedPeriod
from rewards.treasury.access import require_treasury

REFUSALS = problems(401, 403, 404)
MONTH_STATES = ("running", "open", "closed")
AMOUNT = "Decimal string of whole units."
FORMS = OpenApiParameter("form", str, OpenApiParameter.PATH, enum=sorted(ENDINGS))


class MonthShape(serializers.Serializer[dict[str, object]]):
    month = serializers.CharField(help_text="A month of the city, 2026-11.")
    state = serializers.ChoiceField(choices=MONTH_STATES)
    closed_at = serializers.DateTimeField(allow_null=True)
    trial_balance_sha256 = serializers.CharField(allow_null=True)


class TrialLineShape(serializers.Serializer[dict[str, object]]):
    asset = serializers.CharField()
    kind = serializers.CharField()
    scope = serializers.CharField(help_text="What the account is for; the wallets are one line.")
    out = serializers.CharField(help_text=AMOUNT)
    into = serializers.CharField(help_text=AMOUNT)
    balance = serializers.CharField(help_text=AMOUNT)


class MonthWithBalanceShape(MonthShape):
    trial_balance = TrialLineShape(many=True)
    sums = serializers.DictField(
        child=serializers.CharField(), help_text="By asset; each is 0 in books that are in order."
    )


class BooksList(DocumentView):
    queryset = ClosedPeriod.objects.none()
    serializer_class = MonthShape

    @extend_schema(operation_id="books_list", responses={200: MonthShape(many=True), **REFUSALS})
    def get(self, request: Request) -> Response:
        """The months of the books, the running one first."""
        require_treasury(Actor.of(request))
        found = [month_document(month) for month in months()]
        return Response({"results": found, "next": None, "previous": None})


class BooksMonth(DocumentView):
    queryset = ClosedPeriod.objects.none()
    serializer_class = MonthWithBalanceShape

    @extend_schema(operation_id="books_read", responses={200: MonthWithBalanceShape, **REFUSALS})
    def get(self, request: Request, month: str) -> Response:
        """The trial balance at the end of a month, or now while it runs."""
        require_treasury(Actor.of(request))
        return Response(month_with_balance(book_month(month)))


class BooksFile(DocumentView):
    queryset = ClosedPeriod.objects.none()

    @extend_schema(
        operation_id="books_file",
        parameters=[FORMS],
        responses={
            (200, "text/plain"): OpenApiTypes.STR,
            (200, "text/csv"): OpenApiTypes.STR,
            **REFUSALS,
        },
    )
    def get(self, request: Request, month: str, form: str) -> StreamingHttpResponse:
        """The entries of a month: Beancount, hledger or CSV, under public ids, without names."""
        return books_file(acting=Actor.of(request), month=month, form=form)


class BooksClosing(DocumentView):
    queryset = ClosedPeriod.objects.none()
    serializer_class = MonthWithBalanceShape

    @extend_schema(
        operation_id="books_close",
        request=None,
        responses={200: MonthWithBalanceShape, **problems(409), **REFUSALS},
    )
    def post(self, request: Request, month: str) -> Response:
        """Close a month that is over, once and for all; a second time changes nothing."""
        actor = Actor.of(request)
        require_treasury(actor)
        book_month(month)
        close_period(acting=actor, month=month)
        return Response(month_with_balance(book_month(month)))


def books_file(*, acting: Actor, month: str, form: str) -> StreamingHttpResponse:
    """A month of the books as a download that no cache keeps."""
    kind = "text/csv" if form == "csv" else "text/plain"
    answer = StreamingHttpResponse(
        export_month(acting=acting, month=month, form=form), content_type=f"{kind}; charset=utf-8"
    )
    answer["Content-Disposition"] = f'attachment; filename="dure-{month}.{ENDINGS[form]}"'
    answer["Cache-Control"] = "no-store"
    return answer

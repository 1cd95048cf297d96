"""Codes for whoever leaves, and what they claim with them once their account is gone."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from dure.accounts.acting import Actor
from dure.accounts.rate_limits import ClaimLimit
from dure.core.money import Asset
from dure.core.problem_shapes import problems
from rewards.api.document_view import DocumentView
from rewards.api.shapes import AMOUNT
from rewards.models import ProvenClaim
from rewards.wallet.claims import HOLDER_MAX, claim_with_code, issue_code
from rewards.wallet.selectors import claimed_document


class CodeShape(serializers.Serializer[dict[str, object]]):
    code = serializers.CharField(help_text="Shown this once; a new one replaces it.")


class ClaimRequest(serializers.Serializer[dict[str, object]]):
    code = serializers.CharField(max_length=80)
    holder = serializers.CharField(
        max_length=HOLDER_MAX, help_text="Name on the account; forgotten once the bank has paid."
    )
    destination = serializers.CharField(
        max_length=64, help_text="Three digits of the bank, a colon and the account; or an IBAN."
    )


class ClaimedAmountShape(serializers.Serializer[dict[str, object]]):
    asset = serializers.ChoiceField(choices=Asset.choices)
    amount = serializers.CharField(help_text=AMOUNT)
    tax = serializers.CharField(help_text="What of the amount is withheld for the tax office.")
    pays = serializers.CharField(help_text="What of the amount goes to the account.")


class ClaimedShape(serializers.Serializer[dict[str, object]]):
    amounts = ClaimedAmountShape(many=True)


class ClaimCodeView(DocumentView):
    queryset = ProvenClaim.objects.none()
    serializer_class = CodeShape

    @extend_schema(
        operation_id="wallet_claim_code", request=None, responses={201: CodeShape, **problems(409)}
    )
    def post(self, request: Request) -> Response:
        """While you wait to be erased: a code with which you claim later what still comes."""
        code = issue_code(acting=Actor.of(request))
        return Response({"code": code}, status=201, headers={"Cache-Control": "no-store"})


class Claims(DocumentView):
    queryset = ProvenClaim.objects.none()
    serializer_class = ClaimedShape
    permission_classes = [AllowAny]
    throttle_classes = [ClaimLimit]

    @extend_schema(
        operation_id="claims_make",
        request=ClaimRequest,
        responses={202: ClaimedShape, **problems(400, 404, 422, 429)},
    )
    def post(self, request: Request) -> Response:
        """Have what waits behind a code paid to a bank account, without an account here."""
        wanted = ClaimRequest(data=request.data)
        wanted.is_valid(raise_exception=True)
        asked = dict(wanted.validated_data)
        found = claim_with_code(
            code=asked["code"], holder=asked["holder"], destination=asked["destination"]
        )
        return Response(claimed_document(found), status=202)

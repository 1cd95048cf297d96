"""The shapes of requests and objections."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from governance.api.serializers import LogPlaceSerializer
from governance.models import RequestState, RightKind
from governance.models.rights import OUTCOMES
from governance.rights.services import TEXT_LENGTH_MAX

OUTCOME_CHOICES = [(state.value, state.value) for state in OUTCOMES]


class AnswerSerializer(serializers.Serializer[Any]):
    outcome = serializers.ChoiceField(choices=OUTCOME_CHOICES)
    reason = serializers.CharField()
    at = serializers.DateTimeField()
    by = serializers.CharField(help_text="human or platform")


class AskedSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=RequestState.choices)
    text = serializers.CharField(allow_blank=True)
    received_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField(help_text="the answer is due by then")
    overdue = serializers.BooleanField()
    legal_basis = serializers.CharField()
    answer = AnswerSerializer(allow_null=True)
    log = LogPlaceSerializer()


class ExportSerializer(serializers.Serializer[Any]):
    url = serializers.CharField()
    expires_at = serializers.DateTimeField()


class RightsRequestSerializer(AskedSerializer):
    kind = serializers.ChoiceField(choices=RightKind.choices)
    export = ExportSerializer(allow_null=True)


class SubjectSerializer(serializers.Serializer[Any]):
    kind = serializers.CharField(help_text="contribution, reward, algorithm or request")
    id = serializers.CharField(help_text="receipt number or identifier")


class ObjectionSerializer(AskedSerializer):
    subject = SubjectSerializer()


class RightsWishSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=RightKind.choices)
    text = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=TEXT_LENGTH_MAX
    )


class BalanceWishSerializer(serializers.Serializer[Any]):
    wish = serializers.ChoiceField(
        choices=["pay", "fund", "wait"],
        help_text="Pay it out, give it to the neighbourhood funds, or keep it for 30 days before.",
    )
    rail = serializers.CharField(required=False, max_length=32, help_text="With pay: how.")
    destination = serializers.CharField(required=False, max_length=64, help_text="With pay.")


class ErasureWishSerializer(RightsWishSerializer):
    password = serializers.CharField(
        required=False,
        write_only=True,
        default="",
        max_length=1_000,
        help_text="Signed in with a session: the password once more. With an API key: not asked.",
    )
    balance = BalanceWishSerializer(
        required=False, help_text="With an erasure: what becomes of what is in the wallet."
    )


class ObjectionWishSerializer(serializers.Serializer[Any]):
    subject_kind = serializers.CharField(max_length=32)
    subject_id = serializers.CharField(max_length=64)
    text = serializers.CharField(max_length=TEXT_LENGTH_MAX)


class AnswerWishSerializer(serializers.Serializer[Any]):
    outcome = serializers.ChoiceField(choices=OUTCOME_CHOICES)
    reason = serializers.CharField(max_length=TEXT_LENGTH_MAX)


class ObjectionAnswerWishSerializer(AnswerWishSerializer):
    amount = serializers.CharField(
        required=False,
        allow_blank=True,
        default="",
        max_length=32,
        help_text="Where an objection to a reward is granted in part: how much of what a finding"
        " took is given back, as a decimal string.",
    )


class QueueQuerySerializer(serializers.Serializer[Any]):
    queue = serializers.BooleanField(
        required=False, default=False, help_text="operators: what waits for an answer"
    )


class AccessSerializer(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    what = serializers.CharField()
    subject = serializers.CharField(allow_blank=True)
    why = serializers.CharField()
    role = serializers.CharField(allow_blank=True, help_text="of the staff member")

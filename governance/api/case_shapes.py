"""Cases and findings, as the OpenAPI document shows them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from governance.api.serializers import BIGINT_MAX, LogPlaceSerializer
from governance.cases.findings import EVIDENCE_MAX, LANGUAGES, TEXT_LENGTH_MAX
from governance.models import AnswerOutcome, FindingKind, ReplayOutcome, Severity

SUBJECT_KINDS = [("algorithm", "algorithm"), ("call", "call"), ("epoch", "epoch")]
CASE_STATES = [("open", "open"), ("closed", "closed"), ("over", "over")]


class AboutSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=SUBJECT_KINDS)
    id = serializers.CharField(max_length=100)


class EvidenceSerializer(serializers.Serializer[Any]):
    """An entry of the log by its index, or a document by its SHA-256."""

    index = serializers.IntegerField(required=False, min_value=0, max_value=BIGINT_MAX)
    sha256 = serializers.CharField(required=False, max_length=64)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if len(attrs) != 1:
            raise serializers.ValidationError("index or sha256")
        return attrs


class FindingWishSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=FindingKind.choices)
    severity = serializers.ChoiceField(choices=Severity.choices)
    text = serializers.CharField(max_length=TEXT_LENGTH_MAX)
    language = serializers.ChoiceField(choices=list(LANGUAGES))
    evidence = serializers.ListField(child=EvidenceSerializer(), max_length=EVIDENCE_MAX)
    about = AboutSerializer(required=False, help_text="default: what the case is about")
    supersedes = serializers.UUIDField(
        required=False, allow_null=True, help_text="an earlier finding of yours that this corrects"
    )


class FindingAnswerSerializer(serializers.Serializer[Any]):
    outcome = serializers.ChoiceField(choices=AnswerOutcome.choices)
    text = serializers.CharField()
    language = serializers.ChoiceField(choices=list(LANGUAGES))
    mend_by = serializers.DateField(allow_null=True)
    mend_late = serializers.BooleanField()
    answered_at = serializers.DateTimeField()
    log = serializers.IntegerField(allow_null=True)


class FindingSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    about = AboutSerializer()
    kind = serializers.ChoiceField(choices=FindingKind.choices)
    severity = serializers.ChoiceField(choices=Severity.choices)
    language = serializers.ChoiceField(choices=list(LANGUAGES))
    text = serializers.CharField()
    evidence = EvidenceSerializer(many=True)
    found_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField(allow_null=True)
    overdue = serializers.BooleanField()
    supersedes = serializers.UUIDField(allow_null=True)
    superseded_by = serializers.UUIDField(allow_null=True)
    sha256 = serializers.CharField()
    signature = serializers.CharField(help_text="Ed25519 in base64 over the signed bytes")
    log = serializers.IntegerField(allow_null=True)
    answers = FindingAnswerSerializer(many=True)


class CaseSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    title = serializers.CharField()
    about = AboutSerializer()
    state = serializers.ChoiceField(choices=CASE_STATES)
    opened_at = serializers.DateTimeField()
    until = serializers.DateTimeField(help_text="when the mandate for it ends")
    closed_at = serializers.DateTimeField(allow_null=True)
    log = LogPlaceSerializer()


class ReplaySerializer(serializers.Serializer[Any]):
    epoch = serializers.UUIDField()
    manifest_sha256 = serializers.CharField()
    outcome = serializers.ChoiceField(choices=ReplayOutcome.choices)
    recorded_at = serializers.DateTimeField()


class OpenCaseSerializer(CaseSerializer):
    samples = serializers.ListField(
        child=serializers.DictField(), help_text="as `dure-verify sample` takes them"
    )
    replays = ReplaySerializer(many=True)
    findings = FindingSerializer(many=True)

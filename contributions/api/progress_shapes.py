"""Shapes of the documents about the progress of contributions, for the OpenAPI document."""

from __future__ import annotations

from rest_framework import serializers

from contributions.api.shapes import Document
from contributions.models import CorrectionMode, Stage


class CorrectionUpload(Document):
    file = serializers.FileField()
    mode = serializers.ChoiceField(choices=CorrectionMode.choices, required=False)


class AttemptAnswers(Document):
    reason = serializers.CharField(allow_null=True)
    reason_code = serializers.CharField()
    counts = serializers.DictField(child=serializers.IntegerField())


class AttemptShape(Document):
    number = serializers.IntegerField(help_text="The first submission is number 1.")
    mode = serializers.ChoiceField(choices=CorrectionMode.choices)
    sent_at = serializers.DateTimeField()
    answers = AttemptAnswers()


class StageProgress(Document):
    stage = serializers.ChoiceField(choices=Stage.choices)
    state = serializers.ChoiceField(choices=["done", "now", "waiting", "stopped"])
    rows_done = serializers.IntegerField(
        help_text="All rows once the stage is done. Of the stage under way, so many rows as its "
        "share of columns read and checks judged comes to; 0 while the file is decoded."
    )
    seconds = serializers.FloatField(allow_null=True, help_text="How long it took.")
    expected_seconds = serializers.FloatField(
        allow_null=True, help_text="For so many rows, by the latest files of the call."
    )


class ProgressShape(Document):
    receipt = serializers.CharField()
    state = serializers.CharField()
    rows = serializers.IntegerField(help_text="Data rows of the file, once it has been read.")
    rows_done = serializers.IntegerField(help_text="Rows, by the mean of the stages' shares.")
    expected_seconds = serializers.FloatField(allow_null=True, help_text="Until the end.")
    stages = StageProgress(many=True)


class DuplicateShape(Document):
    row = serializers.IntegerField(help_text="1-based data row of the file.")
    rule = serializers.CharField()
    message = serializers.CharField()


class DuplicatePage(Document):
    results = DuplicateShape(many=True)
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)


class PreviewShape(Document):
    columns = serializers.ListField(child=serializers.CharField())
    rows = serializers.ListField(child=serializers.DictField())
    rows_in_all = serializers.IntegerField()


class QualityReportShape(Document):
    receipt = serializers.CharField()
    score = serializers.DictField(help_text="The quality score with all it takes to recompute it.")
    rules = serializers.ListField(
        child=serializers.DictField(), help_text="Every check in plain words: pass, fail or error."
    )
    rows = serializers.ListField(child=serializers.DictField(), help_text="Failing rows only.")
    distributions = serializers.DictField(help_text="Classes of numbers and categories by column.")
    drift = serializers.JSONField(allow_null=True, help_text="Against the push before.")


class FeedShape(Document):
    party = serializers.UUIDField()
    call = serializers.SlugField()
    pushes = serializers.IntegerField()
    last_push = serializers.DateTimeField()
    last_receipt = serializers.CharField()
    last_state = serializers.CharField()
    counts = serializers.DictField(child=serializers.IntegerField())
    error_rate = serializers.CharField(
        allow_null=True, help_text="Rows set aside of those received, from 0 to 1."
    )
    returned = serializers.IntegerField()
    fingerprint = serializers.DictField(help_text="Format, encoding, types and decimals.")
    drift = serializers.JSONField(allow_null=True)

"""The shapes of pay-outs for the OpenAPI document; selectors build the documents."""

from __future__ import annotations

from rest_framework import serializers

from dure.core.money import Asset
from rewards.models import (
    BatchState,
    EventKind,
    EventOutcome,
    ImportState,
    ItemState,
    PolicySubject,
    Rail,
)
from rewards.rails.doubts import DOUBTS

AMOUNT = "Decimal string of whole units."
RULE_STATES = ("proposed", "in-force", "replaced")


class BatchRequest(serializers.Serializer[dict[str, object]]):
    rail = serializers.ChoiceField(choices=Rail.choices)
    asset = serializers.ChoiceField(choices=Asset.choices)


class BatchShape(serializers.Serializer[dict[str, object]]):
    id = serializers.UUIDField()
    rail = serializers.ChoiceField(choices=Rail.choices)
    asset = serializers.ChoiceField(choices=Asset.choices)
    state = serializers.ChoiceField(choices=BatchState.choices)
    message_id = serializers.CharField()
    count = serializers.IntegerField()
    answered = serializers.IntegerField()
    total = serializers.CharField(help_text="Decimal string of the asset that leaves wallets.")
    control_sum = serializers.CharField(help_text="Decimal string of won that the file asks for.")
    execute_on = serializers.DateField()
    file_format = serializers.CharField()
    file_sha256 = serializers.CharField()
    proposed_at = serializers.DateTimeField()
    approved_at = serializers.DateTimeField(allow_null=True)
    sent_at = serializers.DateTimeField(allow_null=True)


class PayoutItemShape(serializers.Serializer[dict[str, object]]):
    uid = serializers.CharField(help_text="The end-to-end reference that the rail gives back.")
    redemption = serializers.UUIDField()
    number = serializers.IntegerField()
    amount = serializers.CharField(help_text=AMOUNT)
    pays = serializers.CharField(help_text="Decimal string of won.")
    state = serializers.ChoiceField(choices=ItemState.choices)
    resolved_at = serializers.DateTimeField(allow_null=True)


class BatchWithItemsShape(BatchShape):
    items = PayoutItemShape(many=True)


class SettlementRequest(serializers.Serializer[dict[str, object]]):
    reference = serializers.CharField(
        max_length=80, allow_blank=True, default="", help_text="The rail's reference."
    )


class ReasonRequest(serializers.Serializer[dict[str, object]]):
    reason = serializers.CharField(max_length=200, help_text="As the owner will read it.")


class AnswerRequest(serializers.Serializer[dict[str, object]]):
    rail = serializers.ChoiceField(choices=Rail.choices)
    file = serializers.FileField(
        help_text="pain.002.001.10 or camt.053.001.08 for banks, CSV for the others."
    )


class AnswerShape(serializers.Serializer[dict[str, object]]):
    id = serializers.UUIDField()
    rail = serializers.ChoiceField(choices=Rail.choices)
    file_format = serializers.CharField()
    message_id = serializers.CharField()
    sha256 = serializers.CharField()
    state = serializers.ChoiceField(choices=ImportState.choices)
    doubts = serializers.ListField(
        child=serializers.ChoiceField(choices=DOUBTS),
        help_text="Why it took, or takes, a second person.",
    )
    counts = serializers.DictField(
        child=serializers.IntegerField(), help_text="Empty while it waits."
    )
    imported_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(
        allow_null=True, help_text="When another person agreed, or it was discarded."
    )


class BookShape(serializers.Serializer[dict[str, object]]):
    rail = serializers.ChoiceField(choices=Rail.choices)
    asset = serializers.ChoiceField(choices=Asset.choices)
    ledger = serializers.CharField(help_text="What the clearing account holds.")
    batches = serializers.CharField(help_text="Paid out through batches.")
    outside_batches = serializers.CharField(help_text="Paid out one by one.")
    sent_open = serializers.CharField(help_text="Sent and without an answer.")
    rail_says = serializers.CharField(help_text="Paid out as the rail says, in won.")


class DifferenceNoteShape(serializers.Serializer[dict[str, object]]):
    note = serializers.CharField()
    author = serializers.CharField()
    closes = serializers.BooleanField()
    written_at = serializers.DateTimeField()


class DifferenceShape(serializers.Serializer[dict[str, object]]):
    name = serializers.CharField()
    kind = serializers.CharField()
    subject = serializers.CharField()
    rail = serializers.ChoiceField(choices=Rail.choices)
    since = serializers.DateTimeField()
    ours = serializers.CharField(allow_null=True)
    theirs = serializers.CharField(allow_null=True)
    closed = serializers.BooleanField(help_text="A note says that it is explained.")
    notes = DifferenceNoteShape(many=True)


class ReconciliationShape(serializers.Serializer[dict[str, object]]):
    books = BookShape(many=True)
    differences = DifferenceShape(many=True)


class AnswerLineShape(serializers.Serializer[dict[str, object]]):
    line = serializers.IntegerField()
    external_id = serializers.CharField(help_text="The rail's own.")
    reference = serializers.CharField(help_text="Of a pay-out of ours; of others, a hash.")
    kind = serializers.ChoiceField(choices=EventKind.choices)
    amount = serializers.CharField(allow_null=True, help_text="What the line says, in won.")
    ours = serializers.CharField(allow_null=True, help_text="What was sent, in won.")
    outcome = serializers.ChoiceField(choices=[*EventOutcome.values, "repeated", "duplicate"])
    does = serializers.ChoiceField(
        choices=["", "settled", "failed", "returned"],
        help_text="What a pay-out would become; empty where nothing would change.",
    )


class AnswerTrialShape(serializers.Serializer[dict[str, object]]):
    file_format = serializers.CharField()
    message_id = serializers.CharField()
    sha256 = serializers.CharField()
    taken_over_at = serializers.DateTimeField(
        allow_null=True, help_text="When this very file was taken over; again it does nothing."
    )
    doubts = serializers.ListField(
        child=serializers.ChoiceField(choices=DOUBTS),
        help_text="Why a second person would have to agree if you took it over.",
    )
    counts = serializers.DictField(child=serializers.IntegerField())
    lines = AnswerLineShape(many=True, help_text="The first thousand.")
    more = serializers.BooleanField(help_text="There are more lines; counts are over all.")


class NoteRequest(serializers.Serializer[dict[str, object]]):
    difference = serializers.CharField(max_length=200)
    note = serializers.CharField(max_length=500)
    closes = serializers.BooleanField(default=False)


class RuleRequest(serializers.Serializer[dict[str, object]]):
    subject = serializers.ChoiceField(choices=PolicySubject.choices)
    document = serializers.DictField()


class RuleShape(serializers.Serializer[dict[str, object]]):
    id = serializers.UUIDField()
    subject = serializers.ChoiceField(choices=PolicySubject.choices)
    version = serializers.IntegerField()
    state = serializers.ChoiceField(choices=RULE_STATES)
    document = serializers.DictField()
    sha256 = serializers.CharField()
    proposed_at = serializers.DateTimeField()
    approved_at = serializers.DateTimeField(allow_null=True)

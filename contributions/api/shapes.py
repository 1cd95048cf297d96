"""The shapes of this room's documents, for the OpenAPI document; selectors build the documents."""

from __future__ import annotations

from rest_framework import serializers

from contributions.models import Stage, State
from dure.core.money import Asset


class TwoLanguages(serializers.Serializer[dict[str, str]]):
    ko = serializers.CharField()
    en = serializers.CharField()


class Document(serializers.Serializer[dict[str, object]]):
    """A shape whose fields may end in an underscore where a serializer has the name itself."""

    def get_fields(self) -> dict[str, serializers.Field]:  # type: ignore[type-arg]  # as inherited
        return {name.removesuffix("_"): field for name, field in super().get_fields().items()}


class ContributionCounts(serializers.Serializer[dict[str, int]]):
    received = serializers.IntegerField()
    accepted = serializers.IntegerField()
    quarantined = serializers.IntegerField()
    duplicate = serializers.IntegerField()


class ContributionCheck(Document):
    rule = serializers.CharField()
    column = serializers.CharField(allow_blank=True)
    severity = serializers.ChoiceField(choices=["critical", "warning", "info"])
    passed = serializers.BooleanField()
    failing = serializers.IntegerField()


class ContributionQuality(Document):
    score = serializers.CharField(
        allow_null=True,
        help_text="Mean quality of all records that are not duplicates, from 0 to 1.",
    )
    checks = ContributionCheck(many=True)


class MassInStratum(Document):
    dimension = serializers.CharField()
    key = serializers.CharField()
    mass = serializers.IntegerField(help_text="Thousandths of a record.")


class ContributionReward(serializers.Serializer[dict[str, str]]):
    asset = serializers.ChoiceField(choices=Asset.choices)
    pending = serializers.CharField(help_text="Decimal string of whole units.")
    confirmed = serializers.CharField(help_text="Decimal string of whole units.")


class ContributionLog(Document):
    index = serializers.IntegerField(allow_null=True, help_text="Null until it is sequenced.")


class ContributionShape(Document):
    receipt = serializers.CharField()
    call = serializers.SlugField()
    test = serializers.BooleanField(help_text="Sent with a test key: it never counts.")
    state = serializers.ChoiceField(choices=State.choices)
    stage = serializers.ChoiceField(choices=Stage.choices, allow_null=True)
    reason = serializers.CharField(
        allow_null=True, help_text="A sentence in the language of the request."
    )
    reason_code = serializers.CharField(allow_null=True)
    counts = ContributionCounts()
    quality = ContributionQuality()
    strata = MassInStratum(many=True)
    unmapped = serializers.DictField(
        child=serializers.IntegerField(),
        help_text="Records whose value is in no stratum, by dimension.",
    )
    reward = ContributionReward()
    log = ContributionLog()
    submitted_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class FindingShape(Document):
    row = serializers.IntegerField(help_text="1-based data row; 0 speaks of the whole file.")
    column = serializers.CharField(allow_blank=True)
    rule = serializers.CharField()
    message = serializers.CharField()


class Upload(Document):
    call = serializers.SlugField()
    file = serializers.FileField()
    purpose = serializers.ListField(child=serializers.SlugField(), required=False)
    party = serializers.UUIDField(required=False)


class LookColumns(Document):
    found = serializers.ListField(child=serializers.CharField())
    missing = serializers.ListField(child=serializers.CharField())
    unknown = serializers.ListField(child=serializers.CharField())


class OutcomeShape(Document):
    state = serializers.ChoiceField(choices=["accepted", "returned", "rejected"])
    reason = serializers.CharField(allow_null=True)
    counts = ContributionCounts()
    quality = ContributionQuality()
    findings = FindingShape(many=True)


class LookShape(Document):
    readable = serializers.BooleanField()
    fits = serializers.BooleanField()
    rows_seen = serializers.IntegerField()
    columns = LookColumns()
    findings = FindingShape(many=True)
    refused = serializers.BooleanField()
    outcome = OutcomeShape(
        allow_null=True,
        help_text="How the whole file would end, but for what others contributed before. Null "
        "above 5 MB or 20,000 rows, where columns are missing, and while too many ask.",
    )


class LiveStratum(Document):
    dimension = serializers.CharField()
    dimension_label = TwoLanguages()
    key = serializers.CharField()
    label_ = TwoLanguages()
    share = serializers.CharField(help_text="Share of the population, a decimal string.")
    target = serializers.IntegerField(help_text="Thousandths of a record.")
    have = serializers.IntegerField(help_text="Thousandths of a record.")
    price = serializers.CharField(allow_null=True, help_text="For one full record.")
    multiplier = serializers.CharField(
        allow_null=True, help_text="Price over the population-weighted mean price."
    )


class PurposeShape(Document):
    key = serializers.SlugField()
    required_ = serializers.BooleanField()
    notice = TwoLanguages()


class PoolShape(serializers.Serializer[dict[str, str]]):
    asset = serializers.ChoiceField(choices=Asset.choices)
    amount = serializers.CharField()


class DisclosureShape(Document):
    """What may identify somebody in a release; without it no column is treated as identifying."""

    quasi_identifiers = serializers.ListField(
        child=serializers.CharField(),
        required=False,
        help_text="Columns that together may identify: every class of equal values has k units.",
    )
    sensitive = serializers.ListField(
        child=serializers.CharField(),
        required=False,
        help_text="Columns of which every class holds at least two values.",
    )
    hierarchies = serializers.DictField(
        child=serializers.ListField(child=serializers.JSONField()),
        required=False,
        help_text='By column, finest first: {"map": {…}}, {"width": 10} or "*".',
    )
    unit = serializers.ChoiceField(
        choices=["contributor", "record"],
        required=False,
        help_text="What k counts; record where the data is not about those who send it.",
    )


class PublicationRequest(serializers.Serializer[dict[str, str]]):
    reason = serializers.CharField(
        required=False,
        max_length=500,
        help_text="Why the call changes; public, with the change of what it pays by.",
    )


class CallDraft(Document):
    """What an operator sends; the service validates it and names every faulty field."""

    slug = serializers.SlugField()
    title = TwoLanguages()
    description = TwoLanguages()
    schema = serializers.JSONField(help_text="A Frictionless Table Schema.")
    checks = serializers.ListField(
        child=serializers.JSONField(),
        required=False,
        help_text="Great Expectations' own configurations; meta.loss in thousandths.",
    )
    duplicates = serializers.JSONField(required=False, allow_null=True)
    strata = serializers.ListField(child=serializers.JSONField(), required=False)
    target_mass = serializers.IntegerField()
    method = serializers.ChoiceField(choices=["coverage", "flat", "knn", "permutation", "cost"])
    pool = PoolShape()
    price_cap = serializers.CharField(required=False, allow_null=True)
    tolerance = serializers.CharField(required=False)
    purposes = PurposeShape(many=True)
    opens_at = serializers.DateTimeField(required=False, allow_null=True)
    closes_at = serializers.DateTimeField(required=False, allow_null=True)
    retention_days = serializers.IntegerField()
    licence = serializers.CharField()
    disclosure = DisclosureShape(required=False, allow_null=True)


class CallShape(CallDraft):
    """A call with the live state of its strata; `strata_rules` are the strata as written."""

    strata = LiveStratum(many=True)  # type: ignore[assignment]  # richer than what was sent
    strata_rules = serializers.ListField(child=serializers.JSONField())
    version = serializers.IntegerField()
    status = serializers.ChoiceField(
        choices=["draft", "proposed", "scheduled", "open", "closed", "superseded"]
    )


class ReferenceDraft(Document):
    key = serializers.SlugField()
    title = TwoLanguages()
    source_ = serializers.JSONField(help_text="A plain text, or one for each language.")
    as_of = serializers.CharField()
    dimensions = serializers.JSONField(required=False)
    cells = serializers.ListField(child=serializers.JSONField(), required=False)
    labels = serializers.JSONField(required=False)


class ReferenceShape(ReferenceDraft):
    sha256 = serializers.CharField()
    registered_at = serializers.DateTimeField()

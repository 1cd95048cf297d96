"""The shapes of requests and answers, as the OpenAPI document shows them.

A declared field may be called like an attribute of DRF's own classes (``required``, ``data``):
the metaclass takes declared fields off the class, so that only the type checker minds.
"""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from dure.core.problem_shapes import ProblemSerializer, problems
from governance.models import ConsentState

__all__ = ["ProblemSerializer", "problems"]
BIGINT_MAX = 2**63 - 1
Fields = dict[str, serializers.Field[Any, Any, Any, Any]]  # DRF's fields are generic in data


class TextsSerializer(serializers.Serializer[Any]):
    """A text in both languages."""

    ko = serializers.CharField()
    en = serializers.CharField()


class LogPlaceSerializer(serializers.Serializer[Any]):
    """Where the log records it; null for the seconds until it is sequenced."""

    index = serializers.IntegerField(allow_null=True)


class RecipientSerializer(serializers.Serializer[Any]):
    """A third party that a notice names; each is decided on by itself."""

    key = serializers.CharField()
    name = TextsSerializer()
    address = serializers.CharField(required=False)
    contact = serializers.CharField(required=False)
    organisation = serializers.UUIDField(
        required=False, help_text="party of the registered organisation that the key is"
    )


class NoticeSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    scope = serializers.CharField(help_text="slug of the call")
    purpose = serializers.CharField()
    version = serializers.IntegerField()
    required = serializers.BooleanField()  # type: ignore[assignment]  # the metaclass takes it off
    text = TextsSerializer()
    recipients = RecipientSerializer(many=True)
    data = TextsSerializer(many=True)  # type: ignore[assignment]  # the metaclass takes it off
    retention_days = serializers.IntegerField()
    sha256 = serializers.CharField(help_text="of the notice's canonical JSON")
    published_at = serializers.DateTimeField()


class NoticeQuerySerializer(serializers.Serializer[Any]):
    scope = serializers.CharField(required=False, max_length=100, help_text="slug of a call")


class ConsentEventSerializer(serializers.Serializer[Any]):
    state = serializers.ChoiceField(choices=ConsentState.choices)
    at = serializers.DateTimeField()
    language = serializers.ChoiceField(choices=["ko", "en"])
    valid_until = serializers.DateTimeField(allow_null=True)
    by = serializers.CharField(help_text="self, guardian, city or platform")
    ground = serializers.CharField(allow_blank=True)
    signal = serializers.CharField(allow_blank=True, help_text="gpc: Global Privacy Control")
    log = LogPlaceSerializer()


class ConsentSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    party = serializers.UUIDField()
    scope = serializers.CharField()
    purpose = serializers.CharField()
    recipient = serializers.CharField(allow_blank=True, help_text="empty: the city's own use")
    required = serializers.BooleanField()  # type: ignore[assignment]  # the metaclass takes it off
    state = serializers.ChoiceField(choices=ConsentState.choices)
    decided_at = serializers.DateTimeField()
    valid_until = serializers.DateTimeField(allow_null=True)
    notice = NoticeSerializer()
    events = ConsentEventSerializer(many=True)


class DecisionSerializer(serializers.Serializer[Any]):
    """One decision about one notice; nothing is agreed to by default."""

    notice = serializers.UUIDField()
    granted = serializers.BooleanField()
    language = serializers.ChoiceField(
        choices=["ko", "en"], required=False, help_text="in which the notice was read"
    )
    party = serializers.UUIDField(
        required=False,
        help_text="an organisation or child that you decide for; default: yourself",
    )
    recipient = serializers.CharField(
        required=False,
        allow_blank=True,
        default="",
        max_length=64,
        help_text="key of a recipient that the notice names; default: the city's own use",
    )


class ReceiptQuerySerializer(serializers.Serializer[Any]):
    profile = serializers.ChoiceField(
        choices=["dpv-27560", "kantara-1.1"], required=False, default="dpv-27560"
    )
    event = serializers.IntegerField(
        required=False, min_value=1, max_value=1_000_000, help_text="default: the latest"
    )


class EntrySerializer(serializers.Serializer[Any]):
    index = serializers.IntegerField()
    type = serializers.CharField()
    ts = serializers.DateTimeField()
    leaf = serializers.DictField()
    body = serializers.CharField(help_text="the text whose UTF-8 bytes are hashed")
    leaf_hash = serializers.CharField(help_text="lower-case hex")


class ProofQuerySerializer(serializers.Serializer[Any]):
    size = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=BIGINT_MAX,
        help_text="size of the tree; default: the latest checkpoint's",
    )


class ProofSerializer(serializers.Serializer[Any]):
    index = serializers.IntegerField()
    size = serializers.IntegerField()
    leaf_hash = serializers.CharField()
    proof = serializers.ListField(child=serializers.CharField())
    root = serializers.CharField()  # type: ignore[assignment]  # the metaclass takes it off


class OpeningSerializer(serializers.Serializer[Any]):
    """What opens a commitment of the leaf: SHA-256(0x02 ‖ salt ‖ canonical value)."""

    index = serializers.IntegerField()
    part = serializers.ChoiceField(choices=["actor", "subject"])
    salt = serializers.CharField()
    value = serializers.CharField()


class ReceiptProofSerializer(serializers.Serializer[Any]):
    entry = EntrySerializer()
    proof = ProofSerializer()
    checkpoint = serializers.CharField(help_text="the signed note as served at /log/checkpoint")
    openings = OpeningSerializer(many=True)


class ConsistencyQuerySerializer(serializers.Serializer[Any]):
    """``from`` and ``to``; "from" cannot be an attribute, so both are added by name."""

    def get_fields(self) -> Fields:
        return {
            "from": serializers.IntegerField(min_value=1, max_value=BIGINT_MAX),
            "to": serializers.IntegerField(min_value=1, max_value=BIGINT_MAX),
        }


class ConsistencySerializer(serializers.Serializer[Any]):
    def get_fields(self) -> Fields:
        return {
            "from": serializers.IntegerField(),
            "to": serializers.IntegerField(),
            "proof": serializers.ListField(child=serializers.CharField()),
            "from_root": serializers.CharField(),
            "to_root": serializers.CharField(),
        }


class KeysSerializer(serializers.Serializer[Any]):
    origin = serializers.CharField()
    verifier_key = serializers.CharField(help_text="C2SP vkey: name+id+base64")
    mldsa44_verifier_key = serializers.CharField(help_text="C2SP vkey of the ML-DSA-44 key")
    first_verifier_key = serializers.CharField(help_text="C2SP vkey of the log's first key")
    rotations = serializers.ListField(
        child=serializers.IntegerField(), help_text="Entries that replaced the key"
    )
    log_public_key = serializers.CharField(help_text="Ed25519, hex")
    receipt_public_key = serializers.CharField(help_text="Ed25519, hex")


class LastAuditSerializer(serializers.Serializer[Any]):
    audited_at = serializers.DateTimeField()
    outcome = serializers.CharField(help_text="fair, unfair or insufficient")


class AlgorithmSerializer(serializers.Serializer[Any]):
    id = serializers.CharField()
    name = TextsSerializer()
    purpose = TextsSerializer()
    version = serializers.CharField()
    code_sha256 = serializers.CharField()
    how = TextsSerializer()
    data = TextsSerializer()  # type: ignore[assignment]  # the metaclass takes it off
    human_oversight = TextsSerializer()
    non_discrimination = TextsSerializer()
    risks = TextsSerializer()
    automated = serializers.BooleanField()
    legal_basis = serializers.DictField(child=serializers.CharField())
    in_use_since = serializers.CharField(allow_blank=True, help_text="YYYY-MM")
    last_audit = LastAuditSerializer(allow_null=True)


class AlgorithmVersionSerializer(serializers.Serializer[Any]):
    version = serializers.CharField()
    code_sha256 = serializers.CharField()
    record = serializers.DictField(
        allow_null=True, help_text="what the register said then, with the hashes of its sources"
    )
    registered_at = serializers.DateTimeField()
    log = LogPlaceSerializer()


class AlgorithmDetailSerializer(AlgorithmSerializer):
    sources = serializers.DictField(
        child=serializers.CharField(), help_text="SHA-256 of the source of each module"
    )
    history = AlgorithmVersionSerializer(many=True)
    stale = serializers.BooleanField(help_text="the code that runs was not recorded yet")
    korea = serializers.DictField(help_text="AI Basic Act and PIPA 37-2")


class AuditSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    algorithm = serializers.CharField()
    audited_at = serializers.DateTimeField()
    outcome = serializers.CharField(help_text="fair, unfair or insufficient")
    findings = serializers.DictField()
    sha256 = serializers.CharField(help_text="of the findings' canonical JSON")
    signature = serializers.CharField(
        allow_blank=True, help_text="Ed25519 over the findings' canonical JSON, hex"
    )
    public_key = serializers.CharField(allow_blank=True, help_text="hex")
    log = LogPlaceSerializer()


class AuditPageSerializer(serializers.Serializer[Any]):
    results = AuditSerializer(many=True)
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)


class AlgorithmPageSerializer(serializers.Serializer[Any]):
    results = AlgorithmSerializer(many=True)
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)


class FigureSerializer(serializers.Serializer[Any]):
    """``value`` is null where disclosure control hides it."""

    def get_fields(self) -> Fields:
        # "label" is a member here; declared as an attribute it would hide a field's own label.
        return {
            "key": serializers.CharField(),
            "label": TextsSerializer(),
            "value": serializers.JSONField(help_text="text, whole number or null"),
            "unit": serializers.CharField(allow_blank=True),
            "suppressed": serializers.BooleanField(),
        }


class ColumnSerializer(serializers.Serializer[Any]):
    def get_fields(self) -> Fields:
        return {"key": serializers.CharField(), "label": TextsSerializer()}


class TableSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    title = TextsSerializer()
    columns = ColumnSerializer(many=True)
    rows = serializers.ListField(child=serializers.DictField())


class SectionSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    title = TextsSerializer()
    figures = FigureSerializer(many=True)
    tables = TableSerializer(many=True)


class AlgorithmLineSerializer(serializers.Serializer[Any]):
    id = serializers.CharField()
    version = serializers.CharField()
    code_sha256 = serializers.CharField()


class ReportBodySerializer(serializers.Serializer[Any]):
    """Its canonical JSON (RFC 8785) is what hash and signature cover."""

    format = serializers.CharField()
    period = serializers.CharField()
    edition = serializers.IntegerField()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    computed_at = serializers.DateTimeField()
    complete = serializers.BooleanField(help_text="false while the quarter was still running")
    persons_threshold = serializers.IntegerField()
    sections = SectionSerializer(many=True)
    algorithms = AlgorithmLineSerializer(many=True)
    log = serializers.DictField(
        required=False, help_text="origin and size of the log that was counted"
    )
    supersedes = serializers.DictField(
        required=False, allow_null=True, help_text="edition and hash of the one before"
    )
    correction = serializers.CharField(required=False)


class ReportSummarySerializer(serializers.Serializer[Any]):
    period = serializers.CharField()
    edition = serializers.IntegerField()
    sha256 = serializers.CharField()
    signature = serializers.CharField(help_text="Ed25519 over the canonical JSON, hex")
    public_key = serializers.CharField(help_text="hex")
    published_at = serializers.DateTimeField()
    log = LogPlaceSerializer()


class ReportPackageSerializer(serializers.Serializer[Any]):
    manifest = serializers.DictField(help_text="names and SHA-256 of the edition's files")
    sha256 = serializers.CharField(help_text="of the manifest's canonical JSON; in the log, too")
    signature = serializers.CharField(help_text="Ed25519 over the manifest's canonical JSON, hex")


class ReportSerializer(serializers.Serializer[Any]):
    report = ReportBodySerializer()
    published = ReportSummarySerializer()
    package = ReportPackageSerializer(allow_null=True)


class ReportPageSerializer(serializers.Serializer[Any]):
    results = ReportSummarySerializer(many=True)
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)


class IntegritySerializer(serializers.Serializer[Any]):
    checked_at = serializers.DateTimeField()
    ok = serializers.BooleanField()
    checks = serializers.DictField(child=serializers.DictField())

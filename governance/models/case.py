"""What auditors do: their cases, samples, replays and findings, and what the city answers.

Nothing here is ever edited: a finding or an answer that was wrong is followed by another one.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _

from dure.core.ids import new_id
from governance.models.append_only import AppendOnlyModel, AppendOnlyQuerySet
from governance.models.log import LogEntry

SHA256_HEX = r"^[0-9a-f]{64}$"
SEED = r"^[A-Za-z0-9_-]{22,128}$"


class ReplayOutcome(models.TextChoices):
    """How a check of an epoch ended, by the exit codes of ``dure-verify``."""

    OK = "ok", _("everything agrees")
    TAMPERED = "tampered", _("something was changed")
    UNVERIFIABLE = "unverifiable", _("could not be verified")


class FindingKind(models.TextChoices):
    """What a finding is about."""

    BIAS = "bias", _("unequal treatment")
    AMOUNT = "amount", _("wrong amount")
    RULE = "rule", _("broken rule")
    RECORD = "record", _("missing or changed record")
    PRIVACY = "privacy", _("protection of personal data")
    PROCESS = "process", _("way of working")
    SOUND = "sound", _("found in order")


class Severity(models.TextChoices):
    """How much a finding weighs; a note asks for no answer."""

    NOTE = "note", _("note")
    LOW = "low", _("low")
    MEDIUM = "medium", _("medium")
    HIGH = "high", _("high")
    CRITICAL = "critical", _("critical")


class AnswerOutcome(models.TextChoices):
    """What the city says to a finding."""

    ACCEPTED = "accepted", _("accepted")
    CONTESTED = "contested", _("contested")
    MENDING = "mending", _("being mended")


class AuditCase(AppendOnlyModel):
    """One examination by one auditor; what it gives access to ends at ``until``.

    ``about_id`` names an algorithm, a call or an epoch; ``call`` is the slug that a mandate for
    one call has to cover, empty where the whole city is examined.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    auditor = models.ForeignKey("accounts.Person", models.PROTECT, related_name="+")
    title = models.CharField(_("subject"), max_length=200)
    about_kind = models.CharField(_("kind of scope"), max_length=16)
    about_id = models.CharField(_("scope"), max_length=100)
    call = models.CharField(_("call"), max_length=100, blank=True)
    opened_at = models.DateTimeField(_("opened at"))
    until = models.DateTimeField(_("until"))
    log_entry = models.OneToOneField(LogEntry, models.PROTECT, related_name="+")

    objects: ClassVar[models.Manager[AuditCase]] = AppendOnlyQuerySet["AuditCase"].as_manager()

    class Meta:
        verbose_name = _("audit case")
        verbose_name_plural = _("audit cases")
        indexes: ClassVar = [models.Index(fields=["auditor", "-opened_at"], name="case_of_auditor")]
        constraints: ClassVar = [
            CheckConstraint(condition=~Q(title=""), name="case_has_a_subject"),
            CheckConstraint(
                condition=Q(about_kind__in=["algorithm", "call", "epoch"]), name="case_known_scope"
            ),
            CheckConstraint(condition=Q(until__gt=F("opened_at")), name="case_ends_later"),
        ]

    def __str__(self) -> str:
        return self.title


class CaseClosing(AppendOnlyModel):
    """The end of a case by its auditor; what was found stays."""

    case = models.OneToOneField(AuditCase, models.PROTECT, related_name="closing")
    closed_at = models.DateTimeField(_("closed at"))
    log_entry = models.OneToOneField(LogEntry, models.PROTECT, related_name="+")

    objects: ClassVar[models.Manager[CaseClosing]] = AppendOnlyQuerySet["CaseClosing"].as_manager()

    class Meta:
        verbose_name = _("closing of a case")
        verbose_name_plural = _("closings of cases")

    def __str__(self) -> str:
        return str(self.case_id)


class AuditSample(AppendOnlyModel):
    """What is to be drawn from, and the hash of a seed that nobody but the auditor knows yet.

    ``seed_typed`` says that the seed itself came to the city, which kept its hash alone.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(AuditCase, models.PROTECT, related_name="samples")
    population_kind = models.CharField(_("kind of population"), max_length=16)
    population_id = models.CharField(_("population"), max_length=100)
    population_size = models.PositiveIntegerField(_("size of the population"))
    population_root = models.CharField(_("root of the population"), max_length=64)
    size = models.PositiveIntegerField(_("size of the sample"))
    seed_sha256 = models.CharField(_("SHA-256 of the seed"), max_length=64)
    seed_typed = models.BooleanField(_("the seed was typed here"))
    committed_at = models.DateTimeField(_("committed at"))
    log_entry = models.OneToOneField(LogEntry, models.PROTECT, related_name="+")

    objects: ClassVar[models.Manager[AuditSample]] = AppendOnlyQuerySet["AuditSample"].as_manager()

    class Meta:
        verbose_name = _("audit sample")
        verbose_name_plural = _("audit samples")
        constraints: ClassVar = [
            CheckConstraint(
                condition=Q(size__gt=0, size__lte=F("population_size")), name="sample_fits"
            ),
            CheckConstraint(
                condition=Q(seed_sha256__regex=SHA256_HEX, population_root__regex=SHA256_HEX),
                name="sample_hashes",
            ),
            UniqueConstraint(fields=["seed_sha256"], name="sample_seed_once"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class SampleDrawing(AppendOnlyModel):
    """The seed made public, the head of the log it was joined with, and what was drawn."""

    sample = models.OneToOneField(AuditSample, models.PROTECT, related_name="drawing")
    seed = models.CharField(_("seed"), max_length=128)
    checkpoint_size = models.BigIntegerField(_("size of the checkpoint"))
    checkpoint_root = models.CharField(_("root of the checkpoint"), max_length=64)
    items = models.JSONField[list[str], list[str]](_("what was drawn"))
    drawn_at = models.DateTimeField(_("drawn at"))
    log_entry = models.OneToOneField(LogEntry, models.PROTECT, related_name="+")

    objects: ClassVar[models.Manager[SampleDrawing]] = AppendOnlyQuerySet[
        "SampleDrawing"
    ].as_manager()

    class Meta:
        verbose_name = _("drawing of a sample")
        verbose_name_plural = _("drawings of samples")
        constraints: ClassVar = [
            CheckConstraint(condition=Q(seed__regex=SEED), name="drawing_seed_is_plain"),
        ]

    def __str__(self) -> str:
        return str(self.sample_id)


class CaseReplay(AppendOnlyModel):
    """That an auditor computed an epoch again, and how it ended."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(AuditCase, models.PROTECT, related_name="replays")
    epoch = models.CharField(_("epoch"), max_length=100)
    manifest_sha256 = models.CharField(_("SHA-256 of the manifest"), max_length=64)
    outcome = models.CharField(_("outcome"), max_length=16, choices=ReplayOutcome.choices)
    recorded_at = models.DateTimeField(_("recorded at"))
    log_entry = models.OneToOneField(LogEntry, models.PROTECT, related_name="+")

    objects: ClassVar[models.Manager[CaseReplay]] = AppendOnlyQuerySet["CaseReplay"].as_manager()

    class Meta:
        verbose_name = _("replay by an auditor")
        verbose_name_plural = _("replays by auditors")
        constraints: ClassVar = [
            CheckConstraint(
                condition=Q(outcome__in=ReplayOutcome.values, manifest_sha256__regex=SHA256_HEX),
                name="replay_known_outcome",
            ),
        ]

    def __str__(self) -> str:
        return self.outcome


class AuditFinding(AppendOnlyModel):
    """What an auditor found; ``body`` is canonical JSON, byte for byte what is signed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(AuditCase, models.PROTECT, related_name="findings")
    kind = models.CharField(_("kind"), max_length=16, choices=FindingKind.choices)
    severity = models.CharField(_("severity"), max_length=16, choices=Severity.choices)
    about_kind = models.CharField(_("kind of subject"), max_length=16)
    about_id = models.CharField(_("subject"), max_length=100)
    body = models.BinaryField(_("finding"))
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    signature = models.BinaryField(_("signature"), max_length=64)
    found_at = models.DateTimeField(_("found at"))
    due_at = models.DateTimeField(_("answer due by"), null=True)
    supersedes = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="superseded_by"
    )
    log_entry = models.OneToOneField(LogEntry, models.PROTECT, related_name="+")

    objects: ClassVar[models.Manager[AuditFinding]] = AppendOnlyQuerySet[
        "AuditFinding"
    ].as_manager()

    class Meta:
        verbose_name = _("audit finding")
        verbose_name_plural = _("audit findings")
        indexes: ClassVar = [
            models.Index(fields=["about_kind", "about_id", "-found_at"], name="finding_about")
        ]
        constraints: ClassVar = [
            CheckConstraint(
                condition=Q(kind__in=FindingKind.values, severity__in=Severity.values),
                name="finding_known_kind",
            ),
            CheckConstraint(
                condition=Q(severity="note", due_at=None)
                | Q(~Q(severity="note"), due_at__gt=F("found_at")),
                name="finding_has_a_clock",
            ),
            CheckConstraint(
                condition=Q(supersedes=None) | ~Q(supersedes=F("id")),
                name="finding_corrects_another",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class FindingAnswer(AppendOnlyModel):
    """What the city said to a finding; the newest one stands."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    finding = models.ForeignKey(AuditFinding, models.PROTECT, related_name="answers")
    position = models.PositiveSmallIntegerField(_("position"))
    outcome = models.CharField(_("outcome"), max_length=16, choices=AnswerOutcome.choices)
    text = models.TextField(_("text"))
    language = models.CharField(_("language"), max_length=2)
    mend_by = models.DateField(_("mended by"), null=True)
    answered_by = models.ForeignKey("accounts.Person", models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(_("answered at"))
    log_entry = models.OneToOneField(LogEntry, models.PROTECT, related_name="+")

    objects: ClassVar[models.Manager[FindingAnswer]] = AppendOnlyQuerySet[
        "FindingAnswer"
    ].as_manager()

    class Meta:
        verbose_name = _("answer to a finding")
        verbose_name_plural = _("answers to findings")
        constraints: ClassVar = [
            UniqueConstraint(fields=["finding", "position"], name="answer_place"),
            CheckConstraint(
                condition=Q(outcome__in=AnswerOutcome.values, language__in=["ko", "en"])
                & ~Q(text=""),
                name="answer_says_something",
            ),
            CheckConstraint(
                condition=Q(outcome="mending", mend_by__isnull=False)
                | Q(~Q(outcome="mending"), mend_by=None),
                name="answer_mends_by_a_day",
            ),
        ]

    def __str__(self) -> str:
        return self.outcome

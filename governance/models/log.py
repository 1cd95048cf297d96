"""The log: entries, the tiles over them, the signed checkpoints, and the openings kept apart."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _

from dure.core.ids import new_id
from governance.models.append_only import AppendOnlyModel, AppendOnlyQuerySet


class LogEntry(AppendOnlyModel):
    """One leaf of the log. Refers to nothing, so nothing elsewhere can take it away.

    ``origin_seq`` orders entries as they were begun; the place in the tree stands beside, in
    LogPlace, so that giving one rewrites nothing.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    origin_seq = models.BigIntegerField(_("sequence of origin"), unique=True)
    kind = models.CharField(_("kind"), max_length=64)
    recorded_at = models.DateTimeField(_("recorded at"))
    body = models.BinaryField(_("leaf"))
    leaf_hash = models.BinaryField(_("leaf hash"), max_length=32)

    objects: ClassVar[models.Manager[LogEntry]] = AppendOnlyQuerySet["LogEntry"].as_manager()

    class Meta:
        verbose_name = _("log entry")
        verbose_name_plural = _("log entries")
        indexes: ClassVar = [
            models.Index(fields=["kind", "-origin_seq"], name="log_entry_kind_origin"),
            # Entries lie on disk in the order of time: a few pages of index for any period.
            BrinIndex(fields=["recorded_at"], name="log_entry_time"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.origin_seq}"

    @property
    def index(self) -> int | None:
        """The place in the tree; None while the entry waits for one."""
        try:
            return self.place.index
        except LogPlace.DoesNotExist:
            return None


class LogPlace(AppendOnlyModel):
    """Where an entry stands in the tree, given once by the sequencer after the commit.

    The database lets only the next places be given, without a gap, and only to what waits.
    """

    index = models.BigIntegerField(_("index"), primary_key=True)
    # By origin_seq, which grows: an index over it is filled at its end.
    entry = models.OneToOneField(
        LogEntry,
        models.DO_NOTHING,
        to_field="origin_seq",
        db_column="origin_seq",
        db_constraint=False,
        related_name="place",
    )

    objects: ClassVar[models.Manager[LogPlace]] = AppendOnlyQuerySet["LogPlace"].as_manager()

    class Meta:
        verbose_name = _("log place")
        verbose_name_plural = _("log places")
        constraints: ClassVar = [
            CheckConstraint(condition=Q(index__gte=0), name="log_place_from_0"),
        ]

    def __str__(self) -> str:
        return str(self.index)


class LogWaiting(models.Model):
    """What waits for its place: written by a trigger with each entry, gone once it is placed.

    Entries are found by waiting, never by "origin_seq > last", which would lose a transaction
    that began early and committed late.
    """

    origin_seq = models.BigIntegerField(_("sequence of origin"), primary_key=True)
    leaf_hash = models.BinaryField(_("leaf hash"), max_length=32)

    objects: ClassVar[models.Manager[LogWaiting]] = AppendOnlyQuerySet["LogWaiting"].as_manager()

    class Meta:
        verbose_name = _("waiting log entry")
        verbose_name_plural = _("waiting log entries")

    def __str__(self) -> str:
        return str(self.origin_seq)


class LogTile(models.Model):
    """Up to 256 hashes of one level; grows at its end and is never otherwise changed."""

    level = models.SmallIntegerField(_("level"))
    index = models.BigIntegerField(_("index"))
    hashes = models.BinaryField(_("hashes"))

    objects: ClassVar[models.Manager[LogTile]] = AppendOnlyQuerySet["LogTile"].as_manager()

    class Meta:
        verbose_name = _("log tile")
        verbose_name_plural = _("log tiles")
        constraints: ClassVar = [
            UniqueConstraint(fields=["level", "index"], name="log_tile_place"),
        ]

    def __str__(self) -> str:
        return f"{self.level}/{self.index}"


class LogCheckpoint(AppendOnlyModel):
    """A signed head of the log; ``note`` is the text exactly as published."""

    size = models.BigIntegerField(_("size"), primary_key=True)
    root = models.BinaryField(_("root"), max_length=32)
    note = models.TextField(_("signed note"))
    signed_at = models.DateTimeField(_("signed at"))

    objects: ClassVar[models.Manager[LogCheckpoint]] = AppendOnlyQuerySet[
        "LogCheckpoint"
    ].as_manager()

    class Meta:
        verbose_name = _("log checkpoint")
        verbose_name_plural = _("log checkpoints")
        constraints: ClassVar = [
            CheckConstraint(condition=Q(size__gt=0), name="log_checkpoint_not_empty"),
        ]

    def __str__(self) -> str:
        return str(self.size)


class OpeningPart(models.TextChoices):
    """Which commitment of a leaf an opening opens."""

    ACTOR = "actor", _("actor")
    SUBJECT = "subject", _("subject")


class LogOpening(models.Model):
    """The salt and value behind a commitment, sealed under the data key of its owner.

    Deletable on purpose: without it the leaf still verifies and says nothing about anybody.
    """

    entry = models.ForeignKey(LogEntry, models.DO_NOTHING, related_name="openings")
    part = models.CharField(_("part"), max_length=8, choices=OpeningPart.choices)
    owner = models.UUIDField(_("owner"), db_index=True)
    sealed = models.BinaryField(_("sealed opening"))

    class Meta:
        verbose_name = _("log opening")
        verbose_name_plural = _("log openings")
        constraints: ClassVar = [
            UniqueConstraint(fields=["entry", "part"], name="log_opening_part"),
        ]

    def __str__(self) -> str:
        return f"{self.entry_id} {self.part}"


class LogAudit(AppendOnlyModel):
    """The outcome of verifying the whole log once."""

    audited_at = models.DateTimeField(_("audited at"))
    outcome = models.CharField(_("outcome"), max_length=16)
    size = models.BigIntegerField(_("size"))
    root = models.CharField(_("root"), max_length=64)
    first_bad_index = models.BigIntegerField(_("first bad index"), null=True)

    objects: ClassVar[models.Manager[LogAudit]] = AppendOnlyQuerySet["LogAudit"].as_manager()

    class Meta:
        verbose_name = _("log audit")
        verbose_name_plural = _("log audits")

    def __str__(self) -> str:
        return f"{self.outcome} {self.size}"

"""Published transparency reports."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, ClassVar, cast

from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _

from dure.core.ids import new_id
from governance.models.append_only import AppendOnlyModel, AppendOnlyQuerySet
from governance.models.log import LogEntry

if TYPE_CHECKING:
    from governance.reports.compute import ReportDocument


class Report(AppendOnlyModel):
    """One edition of a period's report; ``body`` is its canonical JSON, byte for byte."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    period = models.CharField(_("period"), max_length=7)
    edition = models.PositiveIntegerField(_("edition"))
    body = models.BinaryField(_("report"))
    sha256 = models.CharField(_("SHA-256"), max_length=64, unique=True)
    signature = models.BinaryField(_("signature"), max_length=64)
    #: Names and hashes of the files that belong to the edition, as canonical JSON.
    manifest = models.BinaryField(_("manifest"), null=True)
    manifest_sha256 = models.CharField(_("SHA-256 of the manifest"), max_length=64, default="")
    manifest_signature = models.BinaryField(
        _("signature of the manifest"), max_length=64, null=True
    )
    published_at = models.DateTimeField(_("published at"))
    log_entry = models.OneToOneField(LogEntry, models.PROTECT, related_name="+")

    objects: ClassVar[models.Manager[Report]] = AppendOnlyQuerySet["Report"].as_manager()

    class Meta:
        verbose_name = _("transparency report")
        verbose_name_plural = _("transparency reports")
        constraints: ClassVar = [
            UniqueConstraint(fields=["period", "edition"], name="report_edition"),
            CheckConstraint(condition=Q(edition__gte=1), name="report_edition_from_1"),
        ]

    def __str__(self) -> str:
        return f"{self.period} ({self.edition})"

    @property
    def document(self) -> ReportDocument:
        """The report, read from the bytes that were hashed."""
        return cast("ReportDocument", json.loads(bytes(self.body)))  # our own bytes


class ReportFile(AppendOnlyModel):
    """A report in another form, kept as it was published: a template may change, an edition not."""

    report = models.ForeignKey(Report, models.PROTECT, related_name="files")
    name = models.CharField(_("name"), max_length=120)
    media_type = models.CharField(_("media type"), max_length=60)
    body = models.BinaryField(_("content"))
    sha256 = models.CharField(_("SHA-256"), max_length=64)

    objects: ClassVar[models.Manager[ReportFile]] = AppendOnlyQuerySet["ReportFile"].as_manager()

    class Meta:
        verbose_name = _("file of a transparency report")
        verbose_name_plural = _("files of transparency reports")
        constraints: ClassVar = [
            UniqueConstraint(fields=["report", "name"], name="report_file_once"),
            CheckConstraint(condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="report_file_hash"),
        ]

    def __str__(self) -> str:
        return f"{self.report_id} {self.name}"

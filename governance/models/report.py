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
    from governance.reports.selectors import ReportDocument


class Report(AppendOnlyModel):
    """One edition of a period's report; ``body`` is its canonical JSON, byte for byte."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    period = models.CharField(_("period"), max_length=7)
    edition = models.PositiveIntegerField(_("edition"))
    body = models.BinaryField(_("report"))
    sha256 = models.CharField(_("SHA-256"), max_length=64, unique=True)
    signature = models.BinaryField(_("signature"), max_length=64)
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

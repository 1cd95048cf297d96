"""Examinations of algorithms, with what was found."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import CheckConstraint, Q
from django.utils.translation import gettext_lazy as _

from dure.core.ids import new_id
from governance.models.append_only import AppendOnlyModel, AppendOnlyQuerySet
from governance.models.log import LogEntry


class AlgorithmAudit(AppendOnlyModel):
    """One audit; ``findings`` is canonical JSON, byte for byte what its hash in the log is of."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    algorithm = models.CharField(_("algorithm"), max_length=64)
    audited_at = models.DateTimeField(_("audited at"))
    outcome = models.CharField(_("outcome"), max_length=16)
    findings = models.BinaryField(_("findings"))
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    #: Ed25519 over the findings by the log's key; null for audits from before.
    signature = models.BinaryField(_("signature"), max_length=64, null=True)
    log_entry = models.OneToOneField(LogEntry, models.PROTECT, related_name="+")

    objects: ClassVar[models.Manager[AlgorithmAudit]] = AppendOnlyQuerySet[
        "AlgorithmAudit"
    ].as_manager()

    class Meta:
        verbose_name = _("algorithm audit")
        verbose_name_plural = _("algorithm audits")
        indexes: ClassVar = [
            models.Index(fields=["algorithm", "-audited_at"], name="audit_of_algorithm")
        ]
        constraints: ClassVar = [
            CheckConstraint(
                condition=Q(outcome__in=["fair", "unfair", "insufficient"]),
                name="audit_known_outcome",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.algorithm} {self.outcome}"

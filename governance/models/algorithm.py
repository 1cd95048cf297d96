"""Which code decided, and since when."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import UniqueConstraint
from django.utils.translation import gettext_lazy as _

from governance.models.append_only import AppendOnlyModel, AppendOnlyQuerySet
from governance.models.log import LogEntry


class AlgorithmVersion(AppendOnlyModel):
    """An algorithm's version and code as first seen in use."""

    algorithm = models.CharField(_("algorithm"), max_length=64)
    version = models.CharField(_("version"), max_length=32)
    code_sha256 = models.CharField(_("SHA-256 of the code"), max_length=64)
    #: What the register said about it, as canonical JSON; null for versions from before.
    record = models.BinaryField(_("record"), null=True)
    record_sha256 = models.CharField(_("SHA-256 of the record"), max_length=64, default="")
    registered_at = models.DateTimeField(_("registered at"))
    log_entry = models.OneToOneField(LogEntry, models.PROTECT, related_name="+")

    objects: ClassVar[models.Manager[AlgorithmVersion]] = AppendOnlyQuerySet[
        "AlgorithmVersion"
    ].as_manager()

    class Meta:
        verbose_name = _("algorithm version")
        verbose_name_plural = _("algorithm versions")
        constraints: ClassVar = [
            UniqueConstraint(
                fields=["algorithm", "version", "code_sha256", "record_sha256"],
                name="algorithm_version_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.algorithm} {self.version}"

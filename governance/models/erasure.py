"""That a party was erased: what is left when everything else is gone."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import CheckConstraint, F, Q
from django.utils.translation import gettext_lazy as _

from governance.models.log import LogEntry


class Erasure(models.Model):
    """One erasure and how far it came; a step that has its time is never done again."""

    party = models.OneToOneField(
        "accounts.Party", models.PROTECT, primary_key=True, related_name="+"
    )
    basis = models.CharField(_("legal basis"), max_length=32)
    started_at = models.DateTimeField(_("started at"))
    filed_at = models.DateTimeField(_("tombstone written at"), null=True, blank=True)
    erased_at = models.DateTimeField(_("erased at"), null=True, blank=True)
    pages_at = models.DateTimeField(
        _("written out of the database's files at"), null=True, blank=True
    )
    log_entry = models.OneToOneField(LogEntry, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("erasure")
        verbose_name_plural = _("erasures")
        indexes: ClassVar = [
            models.Index(
                fields=["started_at"],
                condition=Q(erased_at=None),
                name="erasure_unfinished",
            ),
            models.Index(
                fields=["started_at"],
                condition=Q(pages_at=None),
                name="erasure_in_pages",
            ),
        ]
        constraints: ClassVar = [
            CheckConstraint(
                condition=Q(erased_at=None)
                | Q(filed_at__isnull=False, erased_at__gte=F("started_at")),
                name="erasure_filed_before_done",
            ),
            CheckConstraint(
                condition=Q(pages_at=None)
                | Q(erased_at__isnull=False, pages_at__gte=F("erased_at")),
                name="erasure_done_before_pages",
            ),
        ]

    def __str__(self) -> str:
        return str(self.party_id)

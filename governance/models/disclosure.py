"""Data about many people, given to an auditor after a second person approved."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import CheckConstraint, F, Q
from django.utils.translation import gettext_lazy as _

from dure.core.ids import new_id
from governance.models.log import LogEntry


class Disclosure(models.Model):
    """What an auditor asked to see of a call, why, and who approved it until when."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    scope = models.CharField(_("scope"), max_length=100)
    reason = models.TextField(_("reason"))
    asked_by = models.ForeignKey("accounts.Person", models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(_("asked at"))
    approved_by = models.ForeignKey(
        "accounts.Person", models.PROTECT, null=True, blank=True, related_name="+"
    )
    approved_at = models.DateTimeField(_("approved at"), null=True, blank=True)
    until = models.DateTimeField(_("until"), null=True, blank=True)
    log_entry = models.OneToOneField(LogEntry, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("disclosure")
        verbose_name_plural = _("disclosures")
        constraints: ClassVar = [
            CheckConstraint(condition=~Q(reason=""), name="disclosure_has_a_reason"),
            CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("asked_by")),
                name="disclosure_two_persons",
            ),
            CheckConstraint(
                condition=Q(approved_by=None, approved_at=None, until=None)
                | Q(approved_by__isnull=False, until__gt=F("approved_at")),
                name="disclosure_approved_until",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)

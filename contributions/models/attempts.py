"""Attempts: every round in which a returned contribution was corrected, kept as it was sent."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from contributions.models.contributions import Contribution
from dure.core.ids import new_id


class CorrectionMode(models.TextChoices):
    ROWS = "rows", _("corrected rows")
    FILE = "file", _("the whole file")


class Attempt(models.Model):
    """One correction: what was sent, and what the round before it had ended with (trigger)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    contribution = models.ForeignKey(
        Contribution, on_delete=models.PROTECT, related_name="corrections"
    )
    # The first submission is number 1.
    number = models.PositiveIntegerField()
    mode = models.CharField(max_length=4, choices=CorrectionMode.choices)
    file = models.ForeignKey("core.Blob", on_delete=models.PROTECT, related_name="+")
    content_type = models.CharField(max_length=120, blank=True)
    suffix = models.CharField(max_length=16, blank=True)
    sent_at = models.DateTimeField()
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    # Why the round before was returned, and its counts.
    answers_rule = models.CharField(max_length=80)
    # Any: parameters of the reason's sentence, never a value out of the file.
    answers_params = models.JSONField[dict[str, Any], dict[str, Any]](default=dict)
    answers_counts = models.JSONField[dict[str, int], dict[str, int]](default=dict)
    log_entry = models.UUIDField()

    class Meta:
        verbose_name = _("correction of a contribution")
        verbose_name_plural = _("corrections of contributions")
        ordering = ["contribution", "number"]
        constraints = [
            models.UniqueConstraint(fields=["contribution", "number"], name="attempt_number"),
            models.CheckConstraint(condition=Q(number__gte=2), name="attempt_after_the_first"),
            models.CheckConstraint(
                condition=Q(mode__in=CorrectionMode.values), name="attempt_mode_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contribution_id} #{self.number}"

"""Findings: which record was set aside or remarked on, and by which rule."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from contributions.models.contributions import Contribution, Stage

#: How many findings of one contribution are kept; the total is counted in full.
KEPT_MAX = 1_000


class Finding(models.Model):
    """A place in the file and the rule it met; the value itself is never kept."""

    contribution = models.ForeignKey(
        Contribution, on_delete=models.PROTECT, related_name="findings"
    )
    stage = models.CharField(max_length=20, choices=Stage.choices)
    # 1-based data row; 0 speaks of the file as a whole.
    row = models.PositiveIntegerField()
    column = models.CharField(max_length=200, blank=True)
    rule = models.CharField(max_length=120)
    params = models.JSONField[dict[str, Any], dict[str, Any]](default=dict)  # Any: sentence's words

    class Meta:
        verbose_name = _("finding")
        verbose_name_plural = _("findings")
        ordering = ["contribution", "id"]
        indexes = [models.Index(fields=["contribution", "id"], name="finding_of_contribution")]

    def __str__(self) -> str:
        return f"{self.row}:{self.column}:{self.rule}"

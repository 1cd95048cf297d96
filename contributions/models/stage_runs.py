"""Stage runs: the unchangeable record of each completed stage."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from contributions.models.contributions import Contribution, Stage


class StageRun(models.Model):
    """What one stage read, by which version of the code, and how many records it left.

    Unique per contribution, stage, input and code version, so that running again adds nothing;
    a trigger refuses every later change.
    """

    contribution = models.ForeignKey(Contribution, on_delete=models.PROTECT, related_name="runs")
    stage = models.CharField(max_length=20, choices=Stage.choices)
    code_version = models.CharField(max_length=40)
    input_sha256 = models.CharField(max_length=64)
    output_sha256 = models.CharField(max_length=64, blank=True)
    counts = models.JSONField[dict[str, Any], dict[str, Any]](default=dict)  # Any: stage's own
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()

    class Meta:
        verbose_name = _("stage run")
        verbose_name_plural = _("stage runs")
        ordering = ["contribution", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["contribution", "stage", "input_sha256", "code_version"],
                name="stage_runs_once",
            ),
            models.CheckConstraint(
                condition=models.Q(ended_at__gte=models.F("started_at")), name="run_ends_after"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stage} of {self.contribution_id}"

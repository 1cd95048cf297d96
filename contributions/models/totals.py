"""Sums over all contributions of a call, as the changes that made them (triggers write both)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from contributions.models.calls import Call


class RunningMass(models.Model):
    """By how much the mass of a stratum has moved, in thousandths of a record.

    The stock of a stratum is the sum of its rows: of accepted contributions that may be used.
    """

    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="+")
    dimension = models.CharField(max_length=80)
    key = models.CharField(max_length=80)
    mass = models.BigIntegerField()

    class Meta:
        verbose_name = _("running mass")
        verbose_name_plural = _("running masses")

    def __str__(self) -> str:
        return f"{self.dimension}/{self.key}: {self.mass}"


class RunningCount(models.Model):
    """By how many contributions and records what was accepted has moved; tests left out."""

    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="+")
    contributions = models.BigIntegerField()
    records = models.BigIntegerField()

    class Meta:
        verbose_name = _("running count")
        verbose_name_plural = _("running counts")

    def __str__(self) -> str:
        return f"{self.contributions}: {self.records}"

"""Stratum masses: how much quality mass a contribution brings to each stratum."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from contributions.models.contributions import Contribution


class StratumMass(models.Model):
    """Mass in thousandths of a record, in one stratum of one dimension."""

    contribution = models.ForeignKey(Contribution, on_delete=models.PROTECT, related_name="masses")
    dimension = models.CharField(max_length=80)
    key = models.CharField(max_length=80)
    mass = models.BigIntegerField()

    class Meta:
        verbose_name = _("stratum mass")
        verbose_name_plural = _("stratum masses")
        ordering = ["contribution", "dimension", "key"]
        constraints = [
            models.UniqueConstraint(
                fields=["contribution", "dimension", "key"], name="one_mass_per_stratum"
            ),
            models.CheckConstraint(condition=Q(mass__gte=0), name="mass_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.dimension}/{self.key}: {self.mass}"

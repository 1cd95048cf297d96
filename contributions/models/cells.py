"""Masses that no single dimension tells: several dimensions at once, and the hours of a week."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from contributions.models.contributions import Contribution


class CellTable(models.TextChoices):
    JOINT = "joint", _("all dimensions at once")
    WEEK = "week", _("hour and weekday")


class CellMass(models.Model):
    """Accepted records, and their mass in thousandths, in one cell of a table of the call.

    `key` of a joint cell is `representativeness.joint.cell_key` of the strata in the order of the
    call's dimensions; of a cell of the week `representativeness.time.hour_cell`. Written once with
    the acceptance and never changed (trigger), but for records that change hands.
    """

    contribution = models.ForeignKey(Contribution, on_delete=models.PROTECT, related_name="cells")
    table = models.CharField(max_length=8, choices=CellTable.choices)
    key = models.CharField(max_length=420)
    mass = models.BigIntegerField()
    records = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("mass of a cell")
        verbose_name_plural = _("masses of cells")
        ordering = ["contribution", "table", "key"]
        constraints = [
            models.UniqueConstraint(
                fields=["contribution", "table", "key"], name="one_mass_per_cell"
            ),
            models.CheckConstraint(condition=Q(table__in=CellTable.values), name="cell_table"),
            models.CheckConstraint(condition=Q(mass__gte=0), name="cell_mass_not_negative"),
            models.CheckConstraint(condition=Q(records__gt=0), name="cell_with_records"),
        ]

    def __str__(self) -> str:
        return f"{self.table}: {self.mass}"

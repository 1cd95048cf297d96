"""Reference populations: the published counts that the data of a call is compared with."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from dure.core.ids import new_id


class ReferencePopulation(models.Model):
    """Counts per stratum, with their source; unchangeable once a call names it (trigger)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    key = models.CharField(max_length=80, unique=True)
    title = models.JSONField()
    # Where the counts were published: as given, a plain text or {"ko": …, "en": …}.
    source = models.JSONField[str | dict[str, str], str | dict[str, str]]()
    as_of = models.CharField(max_length=10)
    # {"district": {"11110": 152211, ...}, ...}: the margins, also where cells were given.
    dimensions = models.JSONField()
    # [{"district": "11110", "sex": "F", "count": 77520}, ...] or null.
    cells = models.JSONField(null=True)
    labels = models.JSONField(default=dict)
    sha256 = models.CharField(max_length=64)
    registered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    registered_at = models.DateTimeField()

    class Meta:
        verbose_name = _("reference population")
        verbose_name_plural = _("reference populations")
        ordering = ["key"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(key__regex=r"^[a-z0-9]+(-[a-z0-9]+)*$"),
                name="reference_key_is_a_slug",
            ),
        ]

    def __str__(self) -> str:
        return self.key

"""Photographs that stand beside a contribution as evidence."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from contributions.models.contributions import Contribution
from dure.core.ids import new_id


class PhotoFormat(models.TextChoices):
    JPEG = "jpeg", "JPEG"
    PNG = "png", "PNG"
    WEBP = "webp", "WebP"


class Photo(models.Model):
    """A picture without metadata; it stands as it was added (trigger), or is erased whole."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    contribution = models.ForeignKey(
        Contribution,
        on_delete=models.PROTECT,
        related_name="photos",
        verbose_name=_("contribution"),
    )
    blob = models.ForeignKey("core.Blob", on_delete=models.PROTECT, related_name="+")
    format = models.CharField(max_length=4, choices=PhotoFormat.choices)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    log_entry = models.UUIDField()

    class Meta:
        verbose_name = _("photo of a contribution")
        verbose_name_plural = _("photos of contributions")
        ordering = ["added_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["contribution", "sha256"], name="photo_once"),
            models.CheckConstraint(
                condition=Q(format__in=PhotoFormat.values), name="photo_format_known"
            ),
            models.CheckConstraint(
                condition=Q(width__gte=1, height__gte=1, size__gte=1), name="photo_shows_something"
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)

"""Uploads in pieces: what arrived so far of a file that a bad line may interrupt."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from dure.core.ids import new_id


class UploadEnd(models.TextChoices):
    USED = "used", _("used")
    TERMINATED = "terminated", _("given up")
    EXPIRED = "expired", _("expired")


class Upload(models.Model):
    """A file on its way in; it only grows, and what was closed stays closed (trigger)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="uploads"
    )
    party = models.ForeignKey("accounts.Party", on_delete=models.PROTECT, related_name="uploads")
    filename = models.CharField(max_length=255, blank=True)
    content_type = models.CharField(max_length=120, blank=True)
    # Bytes in all, and bytes that arrived.
    length = models.PositiveBigIntegerField()
    offset = models.PositiveBigIntegerField(default=0)
    # Of the whole file, known once somebody asked for its use.
    sha256 = models.CharField(max_length=64, blank=True, default="")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    end = models.CharField(max_length=10, choices=UploadEnd.choices, blank=True, default="")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("upload")
        verbose_name_plural = _("uploads")
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(
                fields=["expires_at"], condition=Q(closed_at=None), name="upload_to_expire"
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(offset__lte=F("length")), name="upload_within"),
            models.CheckConstraint(
                condition=Q(end="", closed_at=None)
                | (Q(end__in=UploadEnd.values) & Q(closed_at__isnull=False)),
                name="upload_end_has_a_time",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def complete(self) -> bool:
        return self.offset == self.length


class UploadPart(models.Model):
    """Bytes of an upload from `start` on, encrypted under its party's key."""

    upload = models.ForeignKey(Upload, on_delete=models.CASCADE, related_name="parts")
    start = models.PositiveBigIntegerField()
    size = models.PositiveIntegerField()
    blob = models.ForeignKey("core.Blob", on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("part of an upload")
        verbose_name_plural = _("parts of uploads")
        ordering = ["upload", "start"]
        constraints = [
            models.UniqueConstraint(fields=["upload", "start"], name="upload_part_once"),
            models.CheckConstraint(condition=Q(size__gte=1), name="upload_part_holds_bytes"),
        ]

    def __str__(self) -> str:
        return f"{self.upload_id} from {self.start}"

"""What a licensee says of rows that were recalled: that they are deleted."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from contributions.models.releases import Release


class DeletionAttestation(models.Model):
    """A party that downloaded a recalled release has deleted its rows; said once, kept (trigger).

    PostgreSQL takes it for a superseded release that the party downloaded, and for no other.
    """

    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="attestations")
    party = models.ForeignKey("accounts.Party", on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    log_entry = models.UUIDField()

    class Meta:
        verbose_name = _("attestation of a deletion")
        verbose_name_plural = _("attestations of deletions")
        ordering = ["-at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["release", "party"], name="attested_once"),
        ]

    def __str__(self) -> str:
        return f"{self.release_id} {self.at}"

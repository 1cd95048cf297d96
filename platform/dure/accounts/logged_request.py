"""What a key was used for: kept for thirty days, and never what was sent."""

from __future__ import annotations

import uuid

from django.db import models


class LoggedRequest(models.Model):
    """One request of a key; ``id`` is the ``Request-Id`` of its answer.

    The body is known by size and SHA-256 alone; both are empty where it was not read to its end.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.ForeignKey(
        "accounts.ApiKey", on_delete=models.CASCADE, related_name="requests", db_index=False
    )
    organisation = models.ForeignKey(
        "accounts.Organisation",
        on_delete=models.CASCADE,
        null=True,
        related_name="+",
        db_index=False,
    )
    at = models.DateTimeField()
    method = models.CharField(max_length=8)
    path = models.CharField(max_length=200)
    status = models.PositiveSmallIntegerField()
    latency_ms = models.PositiveIntegerField()
    body_bytes = models.BigIntegerField(null=True)
    body_sha256 = models.CharField(max_length=64, blank=True)
    problem = models.CharField(max_length=60, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["organisation", "-at", "-id"], name="requests_of_organisation"),
            models.Index(fields=["key", "-at", "-id"], name="requests_of_key"),
            models.Index(fields=["at"], name="requests_by_age"),
        ]

    def __str__(self) -> str:
        return str(self.id)

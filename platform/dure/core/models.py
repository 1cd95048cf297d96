"""Facts of the ground: events on their way, answers to replay, keys and encrypted files."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models.functions import Now


class OutboxEvent(models.Model):
    """News for the rooms above, written in the transaction of the fact it tells."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=80)
    subject = models.CharField(max_length=120)
    payload = models.JSONField(default=dict)
    created_at = models.DateTimeField(db_default=Now())
    dispatched_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField(db_default=Now())
    failed_receiver = models.CharField(max_length=120, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["next_at", "created_at"],
                name="outbox_due",
                condition=models.Q(dispatched_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"


class Delivery(models.Model):
    """A receiver's effect of an event, stored in the transaction of that effect: once."""

    event = models.ForeignKey(OutboxEvent, on_delete=models.CASCADE, related_name="deliveries")
    receiver = models.CharField(max_length=120)
    delivered_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "receiver"], name="delivered_once"),
        ]

    def __str__(self) -> str:
        return f"{self.event_id} → {self.receiver}"


class IdempotentAnswer(models.Model):
    """The answer to a keyed request, committed together with its effect."""

    actor = models.UUIDField()
    key = models.CharField(max_length=255)
    request_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    headers = models.JSONField(default=dict)
    #: The JSON text as it was sent, so that the answer is repeated to the byte.
    body = models.TextField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["actor", "key"], name="one_answer_per_key"),
        ]

    def __str__(self) -> str:
        return f"{self.actor} {self.key}"


class KeyEncryptionKey(models.Model):
    """A generation of the key that wraps data keys; its material is never in the database.

    The first one, ``derived``, comes from the configured secret; later ones are files of the
    keyring. One is active: new data keys are wrapped under it.
    """

    id = models.CharField(max_length=32, primary_key=True)
    active = models.BooleanField()
    created_at = models.DateTimeField(db_default=Now())
    retired_at = models.DateTimeField(null=True, blank=True)
    destroyed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["active"], condition=models.Q(active=True), name="one_active_kek"
            ),
            models.CheckConstraint(
                name="an_active_kek_is_in_use",
                condition=models.Q(active=True, retired_at=None, destroyed_at=None)
                | models.Q(active=False, retired_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.id


class DataKey(models.Model):
    """An owner's data key, wrapped under the key-encryption key; destroying it erases."""

    owner = models.UUIDField(primary_key=True)
    wrapped = models.BinaryField(null=True)
    #: Without an index: a rotation changes it in every row, each then stays on its page.
    kek = models.ForeignKey(
        KeyEncryptionKey,
        on_delete=models.PROTECT,
        default="derived",
        related_name="+",
        db_index=False,
    )
    created_at = models.DateTimeField(db_default=Now())
    destroyed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_destroyed_key_is_gone",
                condition=models.Q(wrapped__isnull=False, destroyed_at__isnull=True)
                | models.Q(wrapped__isnull=True, destroyed_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return str(self.owner)


class Blob(models.Model):
    """A stored file: encrypted under its owner's data key, known by its plaintext's hash."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.UUIDField(db_index=True)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField(db_default=Now())
    purged_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="blob_size_counts", condition=models.Q(size__gte=0)),
        ]

    def __str__(self) -> str:
        return str(self.id)

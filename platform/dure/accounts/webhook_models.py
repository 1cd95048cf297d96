"""Where a firm hears news: endpoints, messages on their way, and each attempt to deliver one."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class WebhookEndpoint(models.Model):
    """An address of a firm's program; its secret is sealed under the organisation's key.

    After a rotation the old secret signs beside the new one until ``old_secret_until``.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(
        "accounts.Organisation", on_delete=models.CASCADE, related_name="webhooks"
    )
    url = models.URLField(max_length=500)
    kinds = models.JSONField[list[str], list[str]](default=list)
    secret = models.BinaryField()
    old_secret = models.BinaryField(null=True)
    old_secret_until = models.DateTimeField(null=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    created_at = models.DateTimeField(db_default=Now())
    failing_since = models.DateTimeField(null=True)
    disabled_at = models.DateTimeField(null=True)
    disabled_for = models.CharField(max_length=20, blank=True)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["organisation", "created_at"], name="webhooks_of_firm")]
        constraints = [
            models.CheckConstraint(
                name="an_old_secret_ends",
                condition=Q(old_secret=None, old_secret_until=None)
                | Q(old_secret__isnull=False, old_secret_until__isnull=False),
            ),
            models.CheckConstraint(
                name="an_endpoint_is_disabled_for_a_reason",
                condition=Q(disabled_at=None, disabled_for="")
                | Q(disabled_at__isnull=False) & ~Q(disabled_for=""),
            ),
            models.CheckConstraint(name="an_endpoint_hears_something", condition=~Q(kinds=[])),
        ]

    def __str__(self) -> str:
        return str(self.id)


class WebhookMessage(models.Model):
    """One event for one endpoint, once: what is sent, and where that stands."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        DELIVERED = "delivered", _("delivered")
        FAILED = "failed", _("given up")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    endpoint = models.ForeignKey(
        WebhookEndpoint, on_delete=models.CASCADE, related_name="messages", db_index=False
    )
    # The outbox event it tells of; what is sent to try an endpoint out has an id of its own.
    event = models.UUIDField()
    kind = models.CharField(max_length=80)
    body = models.TextField()
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    # Attempts of the present round: a redelivery begins a new one.
    tries = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(db_default=Now())
    next_at = models.DateTimeField(db_default=Now())
    claim = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "event"], name="told_once"),
            models.CheckConstraint(
                name="a_message_ends_once",
                condition=Q(state="waiting", ended_at=None)
                | Q(state__in=["delivered", "failed"], ended_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["next_at"], condition=Q(state="waiting"), name="webhook_due"),
            models.Index(fields=["endpoint", "-created_at"], name="webhook_messages"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class WebhookAttempt(models.Model):
    """What came of trying; never what the other side answered beyond its status."""

    message = models.ForeignKey(WebhookMessage, on_delete=models.CASCADE, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True)
    outcome = models.CharField(max_length=30)
    latency_ms = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["message", "number"], name="attempt_once"),
        ]

    def __str__(self) -> str:
        return f"{self.message_id} {self.number}"

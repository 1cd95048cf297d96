"""Calls and their versions: what the city asks for, every wording of it kept."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from contributions.models.references import ReferencePopulation
from dure.core.ids import new_id


class CallVersion(models.Model):
    """One wording of a call; a document that left the drafting table never changes (trigger)."""

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        PROPOSED = "proposed", _("proposed")
        PUBLISHED = "published", _("published")
        SUPERSEDED = "superseded", _("superseded")
        CLOSED = "closed", _("closed")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    call = models.ForeignKey("Call", on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    document = models.JSONField[dict[str, Any], dict[str, Any]]()  # Any: JSON of DESIGN's shape
    sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    references = models.ManyToManyField(ReferencePopulation, related_name="versions")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposer = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    approver = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    #: Why it is proposed, in the proposer's words; public.
    reason = models.CharField(max_length=500, default="", blank=True)
    created_at = models.DateTimeField()
    proposed_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("version of a call")
        verbose_name_plural = _("versions of calls")
        ordering = ["call", "number"]
        constraints = [
            models.UniqueConstraint(fields=["call", "number"], name="call_version_number"),
            models.UniqueConstraint(
                fields=["call"], condition=Q(state="published"), name="one_published_version"
            ),
            models.UniqueConstraint(
                fields=["call"],
                condition=Q(state__in=["draft", "proposed"]),
                name="one_version_in_preparation",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "proposed", "published", "superseded", "closed"]),
                name="call_version_state",
            ),
            models.CheckConstraint(
                condition=Q(approver=None)
                | (~Q(approver=F("author")) & ~Q(approver=F("proposer"))),
                name="approver_is_another_person",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["published", "closed"])
                | (Q(approver__isnull=False) & Q(published_at__isnull=False)),
                name="published_means_approved",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.call.slug} v{self.number}"


class Call(models.Model):
    """The city's standing request for data, known by its slug."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    slug = models.CharField(max_length=80, unique=True)
    published = models.OneToOneField(
        CallVersion, null=True, on_delete=models.PROTECT, related_name="published_for"
    )
    # Copied from the published version so that open calls are found without reading documents.
    opens_at = models.DateTimeField(null=True)
    closes_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("call")
        verbose_name_plural = _("calls")
        ordering = ["slug"]
        constraints = [
            models.CheckConstraint(
                condition=Q(slug__regex=r"^[a-z0-9]+(-[a-z0-9]+)*$"), name="call_slug_is_a_slug"
            ),
        ]

    def __str__(self) -> str:
        return self.slug

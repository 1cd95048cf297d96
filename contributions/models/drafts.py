"""Drafts: what a person prepares in the portal before handing it in."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from contributions.models.calls import Call
from contributions.models.contributions import Contribution
from dure.core.ids import new_id


class Draft(models.Model):
    """One open draft per party, person and call: going back or away loses nothing."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    party = models.ForeignKey("accounts.Party", on_delete=models.PROTECT, related_name="drafts")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="drafts"
    )
    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="drafts")
    blob = models.ForeignKey("core.Blob", null=True, on_delete=models.PROTECT, related_name="+")
    filename = models.CharField(max_length=255, blank=True)
    content_type = models.CharField(max_length=120, blank=True)
    # What the quick look at the attached file showed. Any: JSON of intake.look.Look
    look = models.JSONField[dict[str, Any], dict[str, Any]](default=dict)
    # Any: what the pages of the portal remember between steps.
    steps = models.JSONField[dict[str, Any], dict[str, Any]](default=dict)
    contribution = models.OneToOneField(
        Contribution, null=True, on_delete=models.PROTECT, related_name="draft"
    )
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    discarded_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("draft")
        verbose_name_plural = _("drafts")
        constraints = [
            models.UniqueConstraint(
                fields=["party", "person", "call"],
                condition=Q(contribution=None, discarded_at=None),
                name="one_open_draft",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)

"""Who decides for a child under 14, from when until when."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext_lazy as _


class Guardianship(models.Model):
    """One guardian of one child: asked for, confirmed by the guardian, and at some time over."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    guardian = models.ForeignKey("accounts.Person", models.CASCADE, related_name="wards")
    child = models.ForeignKey("accounts.Person", models.CASCADE, related_name="guardianships")
    child_born_on = models.DateField(_("child's date of birth"))
    asked_at = models.DateTimeField(db_default=Now())
    confirmed_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("guardianship")
        verbose_name_plural = _("guardianships")
        constraints: ClassVar = [
            models.CheckConstraint(
                name="guardianship_of_another", condition=~Q(guardian=F("child"))
            ),
            models.CheckConstraint(
                name="guardianship_ends_after_it_began",
                condition=Q(ended_at=None) | Q(ended_at__gte=F("asked_at")),
            ),
            models.UniqueConstraint(
                name="guardianship_once",
                fields=["guardian", "child"],
                condition=Q(ended_at=None),
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class GuardianInvitation(models.Model):
    """The address that a child named; destroyed when it is answered, or after five days."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    child = models.OneToOneField("accounts.Person", models.CASCADE, related_name="invitation")
    guardian_email = models.EmailField(max_length=254)
    asked_at = models.DateTimeField(db_default=Now())
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="guardian_invitation_is_lower",
                condition=Q(guardian_email=Lower("guardian_email")),
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)

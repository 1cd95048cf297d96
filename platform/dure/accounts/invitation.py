"""An invitation to act for an organisation."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Now

from dure.accounts.roles import MemberRole


class Invitation(models.Model):
    """Open until accepted, taken back or expired; it is accepted by whoever has the address."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(
        "accounts.Organisation", on_delete=models.CASCADE, related_name="invitations"
    )
    # Empty once it is over: an address is kept no longer than it is needed.
    email = models.EmailField(max_length=254, blank=True)
    role = models.CharField(max_length=12, choices=MemberRole)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "email"],
                condition=Q(ended_at=None),
                name="invited_once",
            ),
            models.CheckConstraint(
                name="invitation_email_is_lower", condition=Q(email=Lower("email"))
            ),
            models.CheckConstraint(
                name="invitation_role_known", condition=Q(role__in=MemberRole.values)
            ),
            models.CheckConstraint(
                name="an_accepted_invitation_is_over",
                condition=Q(accepted_at=None) | Q(ended_at__isnull=False),
            ),
            models.CheckConstraint(
                name="an_address_is_kept_while_needed",
                condition=Q(ended_at=None) & ~Q(email="") | Q(ended_at__isnull=False, email=""),
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)  # never the address: this text reaches logs

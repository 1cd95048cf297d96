"""What one person proposed and another has to agree to before it happens."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _

from dure.core.ids import new_id

#: Neither agreed to nor dropped.
OPEN = Q(decided_at=None, dropped_at=None)


class Proposal(models.Model):
    """An act that needs four eyes; ``details`` is what both persons saw.

    One of a kind is open at a time, so that nobody agrees to something else than they think; it
    ends by another person's agreement, or when somebody drops it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(_("kind"), max_length=40)
    details = models.JSONField(_("details"), default=dict)
    proposer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(_("proposed at"))
    approver = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(_("decided at"), null=True)
    dropper = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    dropped_at = models.DateTimeField(_("dropped at"), null=True)

    class Meta:
        verbose_name = _("proposal")
        verbose_name_plural = _("proposals")
        constraints: ClassVar = [
            UniqueConstraint(fields=["kind"], condition=OPEN, name="one_open_proposal_of_a_kind"),
            CheckConstraint(
                condition=Q(approver=None) | ~Q(approver=F("proposer")), name="four_eyes_are_two"
            ),
            CheckConstraint(
                condition=Q(approver=None, decided_at=None)
                | Q(approver__isnull=False, decided_at__isnull=False),
                name="a_decision_has_a_person",
            ),
            CheckConstraint(
                condition=Q(dropper=None, dropped_at=None)
                | Q(dropper__isnull=False, dropped_at__isnull=False, decided_at=None),
                name="what_is_dropped_is_not_decided",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"

"""A change of what a call pays by: proposed with its simulated effect, approved by another person.

PostgreSQL keeps the promises (trigger in the migration): what was proposed and its effect never
change, and a decision is made once.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from contributions.models import CallVersion
from dure.accounts.models import Person
from dure.core.ids import new_id


class ChangeState(models.TextChoices):
    PROPOSED = "proposed", _("waiting for a second person")
    ACTIVATED = "activated", _("approved and in force")
    SUPERSEDED = "superseded", _("another proposal took its place")


class ParameterChange(models.Model):
    """One proposal; ``version`` is the call's version that it puts into force."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    version = models.OneToOneField(CallVersion, models.PROTECT, related_name="parameter_change")
    #: The version whose parameters it changes.
    base = models.ForeignKey(CallVersion, models.PROTECT, related_name="+")
    #: Members of the call document: {name: {"before": …, "after": …}}.
    changes = models.JSONField[dict[str, Any], dict[str, Any]]()  # Any: JSON
    #: Why, in the proposer's words; public.
    reason = models.CharField(max_length=500)
    #: What the simulation found when it was proposed, as canonical JSON.
    effect = models.BinaryField()
    effect_sha256 = models.CharField(max_length=64)
    #: The same at the moment of approval; null before.
    effect_at_approval = models.BinaryField(null=True)
    state = models.CharField(
        max_length=10, choices=ChangeState.choices, default=ChangeState.PROPOSED
    )
    proposer = models.ForeignKey(Person, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    approver = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    #: Log entries of the proposal and of the activation.
    proposal_entry = models.UUIDField()
    activation_entry = models.UUIDField(null=True)

    class Meta:
        verbose_name = _("change of parameters")
        verbose_name_plural = _("changes of parameters")
        ordering = ["-proposed_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=ChangeState.values), name="parameter_change_state"
            ),
            models.CheckConstraint(
                condition=Q(approver=None) | ~Q(approver=F("proposer")),
                name="parameter_change_four_eyes",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="parameter_change_has_a_reason"),
            models.CheckConstraint(
                condition=Q(
                    state="activated",
                    approver__isnull=False,
                    decided_at__isnull=False,
                    activation_entry__isnull=False,
                    effect_at_approval__isnull=False,
                )
                | (
                    ~Q(state="activated")
                    & Q(approver=None, activation_entry=None, effect_at_approval=None)
                ),
                name="parameter_change_decision_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)

"""That a party's data is kept and not used, since when, on what ground and until when."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _

from dure.core.ids import new_id
from governance.models.log import LogEntry


class RestrictionGround(models.TextChoices):
    """Why data is only kept; each ground is lifted by itself."""

    REQUEST = "request", _("the person asked for it")
    ERASURE = "erasure", _("an erasure was asked for or is under way")
    OBJECTION = "objection", _("an automated decision was objected to")


class Restriction(models.Model):
    """One ground on which the use of a party's data is stopped; it is never deleted."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    party = models.ForeignKey("accounts.Party", models.PROTECT, related_name="+")
    ground = models.CharField(_("ground"), max_length=16, choices=RestrictionGround.choices)
    since = models.DateTimeField(_("since"))
    lifted_at = models.DateTimeField(_("lifted at"), null=True, blank=True)
    log_entry = models.OneToOneField(LogEntry, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("restriction")
        verbose_name_plural = _("restrictions")
        constraints: ClassVar = [
            UniqueConstraint(
                fields=["party", "ground"],
                condition=Q(lifted_at=None),
                name="restriction_once_per_ground",
            ),
            CheckConstraint(
                condition=Q(ground__in=RestrictionGround.values), name="restriction_known_ground"
            ),
            CheckConstraint(
                condition=Q(lifted_at=None) | Q(lifted_at__gte=F("since")),
                name="restriction_lifted_later",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.party_id} {self.ground}"

"""What witnesses signed of the log, and how it stands with each of them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import UniqueConstraint
from django.utils.translation import gettext_lazy as _

from governance.models.append_only import AppendOnlyModel, AppendOnlyQuerySet


class LogCosignature(AppendOnlyModel):
    """A witness's signature line under the checkpoint of a size, verified before it was kept."""

    size = models.BigIntegerField(_("size"))
    witness = models.CharField(_("witness"), max_length=255)
    line = models.TextField(_("signature line"))
    cosigned_at = models.DateTimeField(_("cosigned at"))

    objects: ClassVar[models.Manager[LogCosignature]] = AppendOnlyQuerySet[
        "LogCosignature"
    ].as_manager()

    class Meta:
        verbose_name = _("cosignature")
        verbose_name_plural = _("cosignatures")
        constraints: ClassVar = [
            UniqueConstraint(fields=["size", "witness"], name="one_cosignature_of_a_witness"),
        ]

    def __str__(self) -> str:
        return f"{self.witness} {self.size}"


class WitnessAnswer(models.TextChoices):
    """What came of asking a witness the last time."""

    COSIGNED = "cosigned", _("cosigned")
    UNREACHABLE = "unreachable", _("not reached")
    REFUSED = "refused", _("refused")
    AHEAD = "ahead", _("has seen a larger log")


class LogWitness(models.Model):
    """A witness, by its verifier key; ``size`` is the largest head that it cosigned."""

    key = models.CharField(_("verifier key"), max_length=2100, primary_key=True)
    size = models.BigIntegerField(_("size"), default=0)
    answer = models.CharField(_("answer"), max_length=16, choices=WitnessAnswer.choices)
    asked_at = models.DateTimeField(_("asked at"))

    class Meta:
        verbose_name = _("witness")
        verbose_name_plural = _("witnesses")

    def __str__(self) -> str:
        return self.key.partition("+")[0]

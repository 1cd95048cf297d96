"""Fingerprints of accepted records: the same record counts once in a call, for the first."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from contributions.models.calls import Call
from contributions.models.contributions import Contribution


class RecordFingerprint(models.Model):
    """Keyed digest of a record; the primary key is what makes a second claim impossible.

    A trigger on the statement, not a key on each row, sees to it that the contribution exists and
    is one of the call: records come by the million.
    """

    pk = models.CompositePrimaryKey("call_id", "digest")
    call = models.ForeignKey(
        Call, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    digest = models.BinaryField()
    contribution = models.ForeignKey(
        Contribution, on_delete=models.PROTECT, related_name="fingerprints", db_constraint=False
    )
    row = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("record fingerprint")
        verbose_name_plural = _("record fingerprints")

    def __str__(self) -> str:
        return bytes(self.digest).hex()

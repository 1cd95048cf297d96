"""Records that came second: they count again when the first is taken back before it was settled."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from contributions.models.calls import Call
from contributions.models.contributions import Contribution


class WaitingRecord(models.Model):
    """A contribution holds this record too, but another one counts for it.

    A trigger on the statement, not a key on each row, sees to it that the contribution exists and
    is one of the call: records come by the million.
    """

    pk = models.CompositePrimaryKey("call_id", "digest", "contribution_id")
    call = models.ForeignKey(
        Call, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    digest = models.BinaryField()
    contribution = models.ForeignKey(
        Contribution, on_delete=models.PROTECT, related_name="waiting_records", db_constraint=False
    )
    row = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("waiting record")
        verbose_name_plural = _("waiting records")

    def __str__(self) -> str:
        return bytes(self.digest).hex()

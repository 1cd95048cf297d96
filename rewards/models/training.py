"""Questions by which calls that train a model measure what records are worth."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from dure.core.ids import new_id
from dure.core.models import Blob


class TrainingQuestions(models.Model):
    """A trusted set of questions, sealed on disk; calls name it by its hash; kept (trigger)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    #: Of the CSV as it was stored, lowercase hex.
    sha256 = models.CharField(max_length=64, unique=True)
    blob = models.OneToOneField(Blob, on_delete=models.PROTECT, related_name="+")
    columns = models.JSONField[list[str], list[str]]()
    rows = models.PositiveIntegerField()
    stored_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    stored_at = models.DateTimeField()

    class Meta:
        verbose_name = _("questions of a model")
        verbose_name_plural = _("questions of models")
        ordering = ["-stored_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(rows__gte=1, rows__lte=1_000), name="training_questions_rows"
            ),
            models.CheckConstraint(
                condition=Q(sha256__regex="^[0-9a-f]{64}$"), name="training_questions_hash"
            ),
        ]

    def __str__(self) -> str:
        return self.sha256

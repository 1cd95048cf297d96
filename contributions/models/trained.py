"""What licensees say they trained on a release, so that a recall reaches models too."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from contributions.models.releases import Release
from dure.core.ids import new_id

NAME_MAX = 80


class TrainedModel(models.Model):
    """A model that a party trained on a release it downloaded; what was said stands (trigger).

    Only its name can go, to empty, when the person who held it is erased: that somebody trained a
    model stays a fact about the release. Organisations are never erased, so theirs keep the names.
    `rows` is how many rows of the release were used; null: all of them, or not said.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="trained")
    party = models.ForeignKey("accounts.Party", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=NAME_MAX, blank=True)
    trained_on = models.DateField()
    rows = models.PositiveIntegerField(null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    log_entry = models.UUIDField()

    class Meta:
        verbose_name = _("trained model")
        verbose_name_plural = _("trained models")
        ordering = ["-at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(rows=None) | Q(rows__gt=0), name="model_has_rows"),
        ]

    def __str__(self) -> str:
        return f"{self.release_id} {self.trained_on}"


class TrainedModelWithdrawal(models.Model):
    """That an entry was a mistake; a fact of its own, since entries are kept (trigger)."""

    model = models.OneToOneField(TrainedModel, on_delete=models.PROTECT, related_name="withdrawal")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    log_entry = models.UUIDField()

    class Meta:
        verbose_name = _("withdrawn entry of a model")
        verbose_name_plural = _("withdrawn entries of models")
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.model_id} {self.at}"

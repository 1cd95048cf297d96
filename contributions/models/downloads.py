"""Who took which file of a release, so that what is recalled can be asked back."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from contributions.models.releases import ReleaseFile


class Download(models.Model):
    """A file of a release given to somebody who signed in; append-only (trigger).

    An open file is also given to strangers, of whom nothing is noted.
    """

    file = models.ForeignKey(ReleaseFile, on_delete=models.PROTECT, related_name="downloads")
    party = models.ForeignKey("accounts.Party", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("download")
        verbose_name_plural = _("downloads")
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.file_id} {self.at}"

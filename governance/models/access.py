"""Who looked at somebody's data, when and why."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from dure.core.ids import new_id
from governance.models.append_only import AppendOnlyModel, AppendOnlyQuerySet


class AccessNote(AppendOnlyModel):
    """One look by city staff at the data of one party."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    party = models.ForeignKey("accounts.Party", models.PROTECT, related_name="+")
    by = models.ForeignKey("accounts.Person", models.PROTECT, related_name="+")
    what = models.CharField(_("what was looked at"), max_length=64)
    subject = models.CharField(_("identifier"), max_length=64, blank=True)
    why = models.CharField(_("why"), max_length=64)
    at = models.DateTimeField(_("at"))

    objects: ClassVar[models.Manager[AccessNote]] = AppendOnlyQuerySet["AccessNote"].as_manager()

    class Meta:
        verbose_name = _("access note")
        verbose_name_plural = _("access notes")
        indexes: ClassVar = [models.Index(fields=["party", "-at"], name="access_of_party")]

    def __str__(self) -> str:
        return str(self.id)

"""Claims with a code: what lets somebody who has left take out what still waits for them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from dure.accounts.models import Party
from dure.core.ids import new_id


class ClaimCode(models.Model):
    """That somebody who asked to be erased got a code; the newest of a party counts (trigger).

    Only a keyed digest of the code is kept, so that nobody can read or guess it from here.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    digest = models.BinaryField(unique=True)
    at = models.DateTimeField()
    log_entry = models.UUIDField()

    class Meta:
        verbose_name = _("claim code")
        verbose_name_plural = _("claim codes")
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["party", "-at", "-id"], name="claim_code_of_party")]

    def __str__(self) -> str:
        return str(self.id)


class ProvenClaim(models.Model):
    """A claim of somebody who left and showed their code; what it takes out are redemptions.

    The keys of the person are destroyed, so the name of the account's holder and the destination
    are sealed under a key of the claim, which is destroyed once nothing of it is under way.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.ForeignKey(ClaimCode, on_delete=models.PROTECT, related_name="claims")
    holder = models.BinaryField()
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("claim with a code")
        verbose_name_plural = _("claims with a code")
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return str(self.id)

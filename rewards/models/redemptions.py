"""Redemptions: value on its way out of a wallet."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from dure.accounts.models import Party
from dure.core.ids import new_id
from dure.core.money import Asset
from rewards.models.claims import ProvenClaim
from rewards.models.ledger import Transfer


class Rail(models.TextChoices):
    BANK = "bank", _("bank account")
    LOCAL_CURRENCY = "local-currency", _("local currency")
    TRANSIT = "transit", _("transit card")
    FUND = "fund", _("neighbourhood fund")


class RedemptionState(models.TextChoices):
    HELD = "held", _("amount held")
    SETTLED = "settled", _("paid out")
    RETURNED = "returned", _("given back")


class Redemption(models.Model):
    """A wish to take value out; the amount is held in the ledger until it is paid or given back."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="redemptions")
    asset = models.CharField(max_length=8, choices=Asset.choices)
    amount = models.BigIntegerField()
    rail = models.CharField(max_length=16, choices=Rail.choices)
    #: Sealed under the owner's key: destroying the key forgets the destination.
    destination = models.BinaryField()
    state = models.CharField(
        max_length=8, choices=RedemptionState.choices, default=RedemptionState.HELD
    )
    hold = models.OneToOneField(Transfer, on_delete=models.PROTECT, related_name="redemption")
    #: Sub-units of ``amount`` that go to the tax office instead of the destination, by which
    #: version of the rule, and their own hold.
    tax = models.BigIntegerField(default=0)
    tax_policy = models.IntegerField(default=0)
    tax_hold = models.OneToOneField(
        Transfer, null=True, on_delete=models.PROTECT, related_name="taxed_redemption"
    )
    #: Where its owner has left: the claim under whose key the destination is sealed.
    proven_claim = models.ForeignKey(
        ProvenClaim, null=True, on_delete=models.PROTECT, related_name="redemptions"
    )
    rail_reference = models.CharField(max_length=80, blank=True, default="")
    reason = models.CharField(max_length=200, blank=True, default="")
    requested_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("redemption")
        verbose_name_plural = _("redemptions")
        ordering = ["-requested_at", "-id"]
        indexes = [
            models.Index(fields=["party", "-requested_at", "-id"], name="redemption_of_party")
        ]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="redemption_positive"),
            models.CheckConstraint(condition=Q(rail__in=Rail.values), name="redemption_rail"),
            models.CheckConstraint(
                condition=Q(tax=0, tax_hold=None)
                | Q(tax__gt=0, tax__lt=F("amount"), tax_hold__isnull=False),
                name="redemption_tax_is_held",
            ),
            models.CheckConstraint(
                condition=Q(state="held", resolved_at=None)
                | Q(state__in=["settled", "returned"], resolved_at__isnull=False),
                name="redemption_resolved_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rail} {self.id}"

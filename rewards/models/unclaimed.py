"""Amounts that nobody claims: set aside for each dividend, kept for their owner, then shared."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from dure.accounts.models import Party
from dure.core.ids import new_id
from dure.core.money import Asset
from rewards.models.bulk import BulkBatch
from rewards.models.dividends import Dividend
from rewards.models.ledger import Transfer

#: Nobody loses an amount sooner than so long after the warning (constraint).
WARNING_LEAST = timedelta(days=30)


class WhyUnclaimed(models.TextChoices):
    DORMANT = "dormant", _("not used for a long time")
    LEFT = "left", _("the owner has left")


class LeavingWish(models.TextChoices):
    """What somebody who leaves wants done with what is left in their wallet."""

    PAY = "pay", _("pay it out")
    FUND = "fund", _("give it to the neighbourhood funds")
    WAIT = "wait", _("keep it for 30 days, then give it to the neighbourhood funds")


class LeavingChoice(models.Model):
    """What somebody said when they asked to be erased; the last word counts, none is changed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    wish = models.CharField(max_length=4, choices=LeavingWish.choices)
    at = models.DateTimeField()
    log_entry = models.UUIDField()

    class Meta:
        verbose_name = _("choice at leaving")
        verbose_name_plural = _("choices at leaving")
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["party", "-at", "-id"], name="leaving_choice_of_party")]
        constraints = [
            models.CheckConstraint(condition=Q(wish__in=LeavingWish.values), name="leaving_wish"),
        ]

    def __str__(self) -> str:
        return f"{self.party_id} {self.wish}"


class UnclaimedAmount(models.Model):
    """An amount taken out of a wallet that nobody uses, until it is claimed or its time is over.

    Each step is a transfer: ``set_aside`` into the dividend's account of unclaimed amounts,
    ``expiry`` out of it to the neighbourhood funds; a claim reverses what was done.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="unclaimed_amounts")
    dividend = models.ForeignKey(
        Dividend, null=True, on_delete=models.PROTECT, related_name="unclaimed_amounts"
    )
    #: The dividend where it was posted to a whole city.
    batch = models.ForeignKey(
        BulkBatch, null=True, on_delete=models.PROTECT, related_name="unclaimed_amounts"
    )
    asset = models.CharField(max_length=8, choices=Asset.choices)
    amount = models.BigIntegerField()
    why = models.CharField(max_length=8, choices=WhyUnclaimed.choices)
    policy_number = models.IntegerField()
    set_aside = models.OneToOneField(Transfer, on_delete=models.PROTECT, related_name="+")
    set_aside_at = models.DateTimeField()
    claim_by = models.DateTimeField()
    warned_at = models.DateTimeField(null=True)
    expiry = models.OneToOneField(Transfer, null=True, on_delete=models.PROTECT, related_name="+")
    expired_at = models.DateTimeField(null=True)
    claimed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("unclaimed amount")
        verbose_name_plural = _("unclaimed amounts")
        ordering = ["claim_by", "id"]
        indexes = [models.Index(fields=["party"], name="unclaimed_of_party")]
        constraints = [
            models.UniqueConstraint(
                fields=["party", "dividend"],
                condition=Q(dividend__isnull=False),
                name="a_share_is_set_aside_once",
            ),
            models.UniqueConstraint(
                fields=["party", "batch"],
                condition=Q(batch__isnull=False),
                name="a_city_share_is_set_aside_once",
            ),
            models.CheckConstraint(
                condition=Q(dividend=None) | Q(batch=None), name="unclaimed_of_one_dividend"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="unclaimed_positive"),
            models.CheckConstraint(
                condition=Q(expiry=None, expired_at=None)
                | (
                    Q(expiry__isnull=False, expired_at__gte=F("claim_by"))
                    & (
                        Q(why="left")
                        | Q(expired_at__gte=F("warned_at") + WARNING_LEAST, warned_at__isnull=False)
                    )
                ),
                name="nothing_expires_unwarned",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.party_id} {self.amount}"

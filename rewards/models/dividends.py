"""Licences, what they bring in, and how it returns to those whose data it is for."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from contributions.models import Call
from dure.accounts.models import Party
from dure.core.ids import new_id
from rewards.models.ledger import Account, Transfer


class Licence(models.Model):
    """A data user's right to a call's data at a quoted price in won; paid once (trigger)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="licences")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="licences")
    #: The quote as agreed: facts, lines, policy; its lines sum to ``total`` sub-units.
    quote = models.JSONField[dict[str, Any], dict[str, Any]]()  # Any: JSON
    total = models.BigIntegerField()
    agreed_at = models.DateTimeField()
    #: Who noted that the payment has arrived; another person confirms it (trigger).
    noted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    noted_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    paid_at = models.DateTimeField(null=True)
    payment = models.OneToOneField(
        Transfer, null=True, on_delete=models.PROTECT, related_name="licence"
    )

    class Meta:
        verbose_name = _("licence")
        verbose_name_plural = _("licences")
        ordering = ["-agreed_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(total__gt=0), name="licence_has_a_price"),
            models.CheckConstraint(
                condition=Q(paid_at=None, payment=None)
                | Q(paid_at__isnull=False, payment__isnull=False),
                name="licence_payment_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by=None)
                | Q(noted_by__isnull=False) & ~Q(confirmed_by=F("noted_by")),
                name="licence_payment_four_eyes",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.call_id} {self.id}"


class DividendState(models.TextChoices):
    PAYING = "paying", _("being paid")
    PAID = "paid", _("paid")


class Dividend(models.Model):
    """The contributors' part of one revenue: frozen shares, paid chunk by chunk, once."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    licence = models.OneToOneField(Licence, on_delete=models.PROTECT, related_name="dividend")
    source = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    #: Sub-units to share, and what flooring left of them.
    amount = models.BigIntegerField()
    rest = models.BigIntegerField()
    people = models.IntegerField()
    #: RFC 6962 root over the shares in the order of their numbers.
    root = models.CharField(max_length=64)
    state = models.CharField(
        max_length=8, choices=DividendState.choices, default=DividendState.PAYING
    )
    frozen_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("dividend")
        verbose_name_plural = _("dividends")
        ordering = ["-frozen_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0, rest__gte=0, rest__lte=F("amount"), people__gte=0),
                name="dividend_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(state="paying", paid_at=None) | Q(state="paid", paid_at__isnull=False),
                name="dividend_paid_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class DividendShare(models.Model):
    """One person's line of a dividend; never changed (trigger). Numbers run from 0."""

    dividend = models.ForeignKey(
        Dividend, on_delete=models.PROTECT, related_name="shares", db_index=False
    )
    number = models.IntegerField()
    account = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="dividend_shares", db_constraint=False
    )
    weight = models.DecimalField(max_digits=30, decimal_places=0)
    amount = models.BigIntegerField()
    #: SHA-256 of the leaf: 0x00 and the canonical line.
    leaf = models.BinaryField()

    class Meta:
        verbose_name = _("share of a dividend")
        verbose_name_plural = _("shares of dividends")
        constraints = [
            models.UniqueConstraint(fields=["dividend", "number"], name="one_share_a_number"),
            models.UniqueConstraint(fields=["dividend", "account"], name="one_share_a_person"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="share_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.dividend_id}#{self.number}: {self.amount}"


class DividendChunk(models.Model):
    """Shares ``first`` to ``last``, paid in one transaction; the row says whether they are."""

    dividend = models.ForeignKey(
        Dividend, on_delete=models.PROTECT, related_name="chunks", db_index=False
    )
    first = models.IntegerField()
    last = models.IntegerField()
    paid = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("chunk of a dividend")
        verbose_name_plural = _("chunks of dividends")
        constraints = [
            models.UniqueConstraint(fields=["dividend", "first"], name="one_chunk_at_a_place"),
            models.CheckConstraint(condition=Q(last__gte=F("first")), name="chunk_has_shares"),
        ]

    def __str__(self) -> str:
        return f"{self.dividend_id} {self.first}-{self.last}"

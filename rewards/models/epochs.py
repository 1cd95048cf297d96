"""Epochs: the closed accounting periods of a call, their inputs and what they allocated."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from contributions.models import Call, CallVersion, Contribution
from dure.core.ids import new_id
from dure.core.money import Asset


class EpochState(models.TextChoices):
    OPEN = "open", _("open")
    CLOSED = "closed", _("closed, waiting for approval")
    APPROVED = "approved", _("approved and paid")
    REJECTED = "rejected", _("rejected, nothing was paid")


class EpochKind(models.TextChoices):
    SETTLEMENT = "settlement", _("settlement")
    REVERSAL = "reversal", _("reversal of a settlement")


class EpochGround(models.TextChoices):
    """Why a closed epoch was rejected, or a paid one is reversed: a code that the log may hold."""

    WRONG_DATA = "wrong-data", _("records were counted that should not have been")
    WRONG_RULE = "wrong-rule", _("the rule or its numbers were not the published ones")
    WRONG_REFERENCE = "wrong-reference", _("the reference population was not the right one")
    FRAUD = "fraud", _("contributions turned out to be made up")
    FORMAL = "formal", _("the closing was not in order")


class Epoch(models.Model):
    """One accounting period of a call; from closing on only its approval may be added (trigger)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="epochs")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=EpochKind.choices, default=EpochKind.SETTLEMENT)
    #: The epoch that a reversal takes back.
    reverses = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="reversals"
    )
    ground = models.CharField(max_length=15, choices=EpochGround.choices, blank=True, default="")
    state = models.CharField(max_length=8, choices=EpochState.choices, default=EpochState.OPEN)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    approved_at = models.DateTimeField(null=True)
    proposer = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    approver = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    call_version = models.ForeignKey(
        CallVersion, null=True, on_delete=models.PROTECT, related_name="+"
    )
    asset = models.CharField(max_length=8, choices=Asset.choices, blank=True, default="")
    #: Canonical JSON, kept as the bytes that were hashed.
    manifest = models.BinaryField(null=True)
    manifest_sha256 = models.CharField(max_length=64, blank=True, default="")
    #: On what terms it paid (rewards.epochs.facts.StoredTerms): the manifest without its lists.
    terms = models.JSONField[dict[str, Any] | None, dict[str, Any] | None](null=True)
    inputs_root = models.CharField(max_length=64, blank=True, default="")
    outputs_root = models.CharField(max_length=64, blank=True, default="")
    inputs_count = models.PositiveIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    #: Of a reversal: sub-units that came back; what had been spent stays paid.
    returned = models.BigIntegerField(default=0)
    closing_entry = models.UUIDField(null=True)
    #: The log entry of the approval, or of the rejection.
    approval_entry = models.UUIDField(null=True)

    class Meta:
        verbose_name = _("epoch")
        verbose_name_plural = _("epochs")
        ordering = ["call", "number"]
        constraints = [
            models.UniqueConstraint(fields=["call", "number"], name="epoch_number"),
            models.UniqueConstraint(
                fields=["call"], condition=Q(state="open"), name="one_open_epoch"
            ),
            models.CheckConstraint(
                condition=Q(state__in=EpochState.values), name="epoch_state_known"
            ),
            models.CheckConstraint(
                condition=Q(approver=None) | ~Q(approver=F("proposer")),
                name="epoch_four_eyes",
            ),
            models.CheckConstraint(
                condition=Q(state="open", manifest=None, closed_at=None, proposer=None)
                | Q(
                    state__in=["closed", "approved", "rejected"],
                    manifest__isnull=False,
                    closed_at__isnull=False,
                    proposer__isnull=False,
                    call_version__isnull=False,
                ),
                name="closed_means_frozen",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=["approved", "rejected"],
                    approver__isnull=False,
                    approved_at__isnull=False,
                )
                | (~Q(state__in=["approved", "rejected"]) & Q(approver=None, approved_at=None)),
                name="epoch_decision_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(kind="settlement", reverses=None, returned=0)
                | Q(kind="reversal", reverses__isnull=False, returned__lte=F("total")),
                name="reversal_names_its_epoch",
            ),
            models.UniqueConstraint(
                fields=["reverses"], condition=~Q(state="rejected"), name="reversed_once"
            ),
            models.CheckConstraint(condition=Q(total__gte=0), name="epoch_total_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.call_id} #{self.number}"


class InputRelease(models.Model):
    """That an epoch no longer settles a contribution: it was rejected, or its pay came back.

    The contribution waits for an epoch again. Written before its input goes (trigger).
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    epoch = models.ForeignKey(Epoch, on_delete=models.PROTECT, related_name="releases")
    contribution = models.ForeignKey(
        Contribution, on_delete=models.PROTECT, related_name="input_releases"
    )
    pseudonym = models.CharField(max_length=64)
    reward = models.BigIntegerField()
    #: The transfer that took the reward back; null where nothing had been paid.
    transfer = models.OneToOneField(
        "rewards.Transfer", null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("release of an input")
        verbose_name_plural = _("releases of inputs")
        constraints = [
            models.UniqueConstraint(fields=["epoch", "contribution"], name="released_once"),
        ]

    def __str__(self) -> str:
        return self.pseudonym


class EpochInput(models.Model):
    """A contribution frozen into an epoch, once and for all, and what it earned there."""

    contribution = models.OneToOneField(
        Contribution, primary_key=True, on_delete=models.PROTECT, related_name="epoch_input"
    )
    epoch = models.ForeignKey(Epoch, on_delete=models.PROTECT, related_name="inputs")
    pseudonym = models.CharField(max_length=64)
    records = models.PositiveIntegerField()
    reward = models.BigIntegerField()

    class Meta:
        verbose_name = _("input of an epoch")
        verbose_name_plural = _("inputs of epochs")
        constraints = [
            models.UniqueConstraint(fields=["epoch", "pseudonym"], name="one_pseudonym"),
            models.CheckConstraint(condition=Q(reward__gte=0), name="reward_not_negative"),
        ]

    def __str__(self) -> str:
        return self.pseudonym


class RewardLine(models.Model):
    """One line of a reward: mass × numerator / denominator, floored to a sub-unit."""

    source = models.ForeignKey(EpochInput, on_delete=models.PROTECT, related_name="lines")
    dimension = models.CharField(max_length=80)
    key = models.CharField(max_length=80)
    mass = models.BigIntegerField()
    #: Exact price in sub-units per thousandth of a record; arbitrarily large integers.
    numerator = models.TextField()
    denominator = models.TextField()
    amount = models.BigIntegerField()

    class Meta:
        verbose_name = _("line of a reward")
        verbose_name_plural = _("lines of rewards")
        ordering = ["source", "dimension", "key"]
        constraints = [
            models.UniqueConstraint(fields=["source", "dimension", "key"], name="one_line"),
            models.CheckConstraint(condition=Q(amount__gte=0, mass__gte=0), name="line_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.dimension}/{self.key}: {self.amount}"

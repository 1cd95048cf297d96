"""Paying out: the city's rules for it, batches for a rail, and what the rail answered.

PostgreSQL keeps the promises (rewards/migrations, payouts.sql): an approved rule and a batch's
file never change, a batch is proposed by one person and approved by another, an item is in one
living batch, and what a rail said is kept as it was said.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from dure.accounts.models import Person
from dure.core.ids import new_id
from dure.core.models import Blob
from dure.core.money import Asset
from rewards.models.redemptions import Rail, Redemption


class PolicySubject(models.TextChoices):
    PAYOUT = "payout", _("paying out")
    WITHHOLDING = "withholding", _("tax withheld")
    UNCLAIMED = "unclaimed", _("unclaimed amounts")
    LICENSING = "licensing", _("terms of licences")


class TreasuryPolicy(models.Model):
    """A version of a rule for money in or out; in force once a second person approved it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    subject = models.CharField(max_length=12, choices=PolicySubject.choices)
    number = models.IntegerField()
    document = models.JSONField[dict[str, Any], dict[str, Any]]()  # Any: JSON
    sha256 = models.CharField(max_length=64)
    proposer = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    approver = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("treasury rule")
        verbose_name_plural = _("treasury rules")
        ordering = ["subject", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["subject", "number"], name="treasury_rule_version"),
            models.CheckConstraint(
                condition=Q(subject__in=PolicySubject.values), name="treasury_rule_subject"
            ),
            models.CheckConstraint(
                condition=Q(approver=None, approved_at=None)
                | (
                    Q(approver__isnull=False, approved_at__isnull=False)
                    & ~Q(approver=F("proposer"))
                ),
                name="treasury_rule_four_eyes",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.number}"


class BatchState(models.TextChoices):
    PROPOSED = "proposed", _("waits for approval")
    APPROVED = "approved", _("approved, not sent")
    SENT = "sent", _("sent")
    DISCARDED = "discarded", _("discarded")


class PayoutBatch(models.Model):
    """Held redemptions of one rail and asset that go out in one file, written and hashed once."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    rail = models.CharField(max_length=16, choices=Rail.choices)
    asset = models.CharField(max_length=8, choices=Asset.choices)
    state = models.CharField(max_length=10, choices=BatchState.choices, default=BatchState.PROPOSED)
    #: What the rail calls the batch: at most 35 characters, as ISO 20022 has it.
    message_id = models.CharField(max_length=35, unique=True)
    policy_number = models.IntegerField()
    count = models.IntegerField()
    #: Sub-units of the asset that leave wallets towards the rail, tax not among them.
    total = models.BigIntegerField()
    #: Sub-units of won that the file asks the rail to pay (its control sum).
    control_sum = models.BigIntegerField()
    execute_on = models.DateField()
    file = models.OneToOneField(Blob, on_delete=models.PROTECT, related_name="+")
    file_format = models.CharField(max_length=20)
    file_sha256 = models.CharField(max_length=64)
    proposer = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    approver = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(null=True)
    #: Who took the file out, and is not who says by hand that it was paid. None: unknown.
    sender = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField(null=True)
    discarded_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("pay-out batch")
        verbose_name_plural = _("pay-out batches")
        ordering = ["-proposed_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(count__gt=0, total__gt=0, control_sum__gt=0), name="batch_has_items"
            ),
            models.CheckConstraint(
                condition=Q(approver=None) | ~Q(approver=F("proposer")), name="batch_four_eyes"
            ),
            models.CheckConstraint(
                condition=Q(state="proposed", approver=None, approved_at=None, sent_at=None)
                | Q(
                    state="approved",
                    approver__isnull=False,
                    approved_at__isnull=False,
                    sent_at=None,
                )
                | Q(state="sent", approver__isnull=False, sent_at__isnull=False)
                | Q(state="discarded", sent_at=None, discarded_at__isnull=False),
                name="batch_state_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.message_id


class ItemState(models.TextChoices):
    OPEN = "open", _("no answer yet")
    SETTLED = "settled", _("paid out")
    FAILED = "failed", _("refused by the rail")
    RETURNED = "returned", _("came back after payment")
    DISCARDED = "discarded", _("never sent")


class PayoutItem(models.Model):
    """One redemption in a batch; its id, derived from both, is the end-to-end reference."""

    uid = models.UUIDField(primary_key=True, editable=False)
    batch = models.ForeignKey(PayoutBatch, on_delete=models.PROTECT, related_name="items")
    redemption = models.ForeignKey(
        Redemption, on_delete=models.PROTECT, related_name="payout_items"
    )
    number = models.IntegerField()
    #: Sub-units of the asset without tax, and of won as the file has them.
    amount = models.BigIntegerField()
    pays = models.BigIntegerField()
    state = models.CharField(max_length=10, choices=ItemState.choices, default=ItemState.OPEN)
    resolved_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("pay-out")
        verbose_name_plural = _("pay-outs")
        ordering = ["batch", "number"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "number"], name="item_in_its_batch"),
            models.UniqueConstraint(
                fields=["redemption"],
                condition=~Q(state="discarded"),
                name="redemption_in_one_batch",
            ),
            models.CheckConstraint(condition=Q(amount__gt=0, pays__gt=0), name="item_pays"),
            models.CheckConstraint(
                condition=Q(state="open", resolved_at=None)
                | (~Q(state="open") & Q(resolved_at__isnull=False)),
                name="item_resolved_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return str(self.uid)


class ImportState(models.TextChoices):
    WAITING = "waiting", _("waits for a second person")
    TAKEN = "taken", _("taken over")
    DISCARDED = "discarded", _("discarded")


class RailImport(models.Model):
    """A file that a rail gave back; the same file again is the same import.

    ``doubts`` says why it took a second person (rewards/rails/doubts.py); empty where it did not.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    rail = models.CharField(max_length=16, choices=Rail.choices)
    file_format = models.CharField(max_length=20)
    file = models.OneToOneField(Blob, on_delete=models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64)
    #: The statement's or report's own name.
    message_id = models.CharField(max_length=80)
    counts = models.JSONField[dict[str, int], dict[str, int]](default=dict)
    state = models.CharField(max_length=9, choices=ImportState.choices, default=ImportState.TAKEN)
    doubts = models.JSONField[list[str], list[str]](default=list)
    importer = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    imported_at = models.DateTimeField()
    confirmer = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("answer of a rail")
        verbose_name_plural = _("answers of rails")
        ordering = ["-imported_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["rail", "sha256"],
                condition=~Q(state="discarded"),
                name="an_answer_is_read_once",
            ),
            models.CheckConstraint(
                condition=Q(confirmer=None) | ~Q(confirmer=F("importer")), name="answer_four_eyes"
            ),
            models.CheckConstraint(
                condition=Q(state="taken", doubts=[], confirmer=None, decided_at=None)
                | Q(state="taken", confirmer__isnull=False, decided_at__isnull=False)
                | (Q(state="waiting", confirmer=None, decided_at=None) & ~Q(doubts=[]))
                | Q(state="discarded", confirmer=None, decided_at__isnull=False),
                name="answer_state_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.message_id


class EventKind(models.TextChoices):
    NOTED = "noted", _("noted")
    SETTLED = "settled", _("paid out")
    FAILED = "failed", _("refused by the rail")
    RETURNED = "returned", _("came back after payment")


class EventOutcome(models.TextChoices):
    APPLIED = "applied", _("taken over")
    KNOWN = "known", _("said before")
    UNKNOWN = "unknown", _("names no pay-out of ours")
    AMOUNT = "amount", _("another amount")
    CONTRADICTS = "contradicts", _("contradicts what is known")


class RailEvent(models.Model):
    """One line of an answer, with the rail's own id; never read twice, never changed (trigger)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    rail = models.CharField(max_length=16, choices=Rail.choices)
    external_id = models.CharField(max_length=140)
    source = models.ForeignKey(RailImport, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=10, choices=EventKind.choices)
    outcome = models.CharField(max_length=12, choices=EventOutcome.choices)
    #: As the rail wrote it; a pay-out of ours where it is one.
    reference = models.CharField(max_length=140, blank=True, default="")
    item = models.ForeignKey(PayoutItem, null=True, on_delete=models.PROTECT, related_name="events")
    #: Sub-units of won; none where the answer names no amount.
    amount = models.BigIntegerField(null=True)
    #: The rail's code of a reason, never its free text.
    reason = models.CharField(max_length=35, blank=True, default="")
    #: Hash of the line, so that the same id with other content is seen.
    sha256 = models.CharField(max_length=64)
    booked_on = models.DateField(null=True)
    recorded_at = models.DateTimeField()

    class Meta:
        verbose_name = _("line of an answer")
        verbose_name_plural = _("lines of answers")
        ordering = ["recorded_at", "id"]
        indexes = [models.Index(fields=["outcome"], name="rail_event_outcome")]
        constraints = [
            models.UniqueConstraint(fields=["rail", "external_id"], name="rail_event_once"),
        ]

    def __str__(self) -> str:
        return self.external_id


class RailDuplicate(models.Model):
    """A line under an id that the rail had used before, with other content."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    event = models.ForeignKey(RailEvent, on_delete=models.PROTECT, related_name="duplicates")
    source = models.ForeignKey(RailImport, on_delete=models.PROTECT, related_name="duplicates")
    sha256 = models.CharField(max_length=64)
    amount = models.BigIntegerField(null=True)
    recorded_at = models.DateTimeField()

    class Meta:
        verbose_name = _("line under a used id")
        verbose_name_plural = _("lines under used ids")
        constraints = [
            models.UniqueConstraint(fields=["event", "sha256"], name="duplicate_noted_once")
        ]

    def __str__(self) -> str:
        return str(self.id)


class DifferenceNote(models.Model):
    """What an operator found out about a difference; added, never rewritten (trigger)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    #: The name of the difference: its kind, a colon and what it is about.
    difference = models.CharField(max_length=200)
    note = models.CharField(max_length=500)
    #: Whether the difference is explained and needs nothing more.
    closes = models.BooleanField()
    author = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()

    class Meta:
        verbose_name = _("note on a difference")
        verbose_name_plural = _("notes on differences")
        ordering = ["written_at", "id"]
        indexes = [models.Index(fields=["difference"], name="note_of_difference")]

    def __str__(self) -> str:
        return self.difference

"""Pay that waits, which contributions were drawn to be checked, and what the checks found."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from contributions.models import Contribution
from dure.core.ids import new_id
from governance.models import Objection
from rewards.models.epochs import Epoch
from rewards.models.ledger import Transfer


class HeldReward(models.Model):
    """The part of a contribution's reward that waits until a day; never changed (trigger).

    The hold in the ledger says what became of it: posted when its day has come, or voided by an
    upheld finding or by the reversal of its epoch (trigger on the transfers).
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    epoch = models.ForeignKey(Epoch, on_delete=models.PROTECT, related_name="held_rewards")
    contribution = models.ForeignKey(
        Contribution, on_delete=models.PROTECT, related_name="held_rewards"
    )
    hold = models.OneToOneField(Transfer, on_delete=models.PROTECT, related_name="held_reward")
    amount = models.BigIntegerField()
    due_at = models.DateTimeField()

    class Meta:
        verbose_name = _("held-back reward")
        verbose_name_plural = _("held-back rewards")
        indexes = [models.Index(fields=["due_at"], name="held_reward_due")]
        constraints = [
            models.UniqueConstraint(fields=["epoch", "contribution"], name="held_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="held_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.contribution_id}: {self.amount}"


class ClaimDrawing(models.Model):
    """Which contributions of an epoch are checked, by a head of the log that nobody chose."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    epoch = models.OneToOneField(Epoch, on_delete=models.PROTECT, related_name="claim_drawing")
    #: The first signed head that holds the entry of the approval (trigger).
    checkpoint_size = models.BigIntegerField()
    checkpoint_root = models.CharField(max_length=64)
    population_root = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    drawn_at = models.DateTimeField()
    log_entry = models.UUIDField()

    class Meta:
        verbose_name = _("drawing of claims")
        verbose_name_plural = _("drawings of claims")
        constraints = [models.CheckConstraint(condition=Q(size__gt=0), name="claims_are_drawn")]

    def __str__(self) -> str:
        return f"{self.epoch_id}: {self.size}"


class CheckState(models.TextChoices):
    DRAWN = "drawn", _("to be checked")
    SOUND = "sound", _("in order")
    PROPOSED = "proposed", _("a finding waits for a second person")
    UPHELD = "upheld", _("the finding is upheld")
    DISMISSED = "dismissed", _("the finding is dismissed")
    OVERRULED = "overruled", _("the finding fell by an objection")


#: States of a finding that two people decided about.
DECIDED = (CheckState.UPHELD, CheckState.DISMISSED, CheckState.OVERRULED)


class CheckGround(models.TextChoices):
    """What was found: a code that the log may hold."""

    FALSE_STRATUM = "false-stratum", _("records claim a group or place that they are not from")
    MADE_UP = "made-up", _("records were made up")
    NOT_OWN = "not-own", _("records are somebody else's")


class ClaimCheck(models.Model):
    """The check of one drawn contribution; a finding takes two people and a reason in words."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    drawing = models.ForeignKey(ClaimDrawing, on_delete=models.PROTECT, related_name="checks")
    #: From 1, in the order of the tickets.
    position = models.PositiveIntegerField()
    contribution = models.ForeignKey(
        Contribution, on_delete=models.PROTECT, related_name="claim_checks"
    )
    state = models.CharField(max_length=9, choices=CheckState.choices, default=CheckState.DRAWN)
    ground = models.CharField(max_length=15, choices=CheckGround.choices, blank=True, default="")
    #: For the owner to read; it stays here and goes into no log.
    reason = models.TextField(blank=True, default="")
    checker = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    checked_at = models.DateTimeField(null=True)
    decider = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("check of a claim")
        verbose_name_plural = _("checks of claims")
        ordering = ["drawing", "position"]
        constraints = [
            models.UniqueConstraint(fields=["drawing", "position"], name="one_check_a_place"),
            models.UniqueConstraint(fields=["drawing", "contribution"], name="checked_once"),
            models.CheckConstraint(
                condition=Q(state__in=CheckState.values), name="check_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state="drawn", checker=None, checked_at=None, ground="", reason="")
                | Q(state="sound", checker__isnull=False, checked_at__isnull=False, ground="")
                | (
                    Q(
                        state__in=["proposed", *DECIDED],
                        checker__isnull=False,
                        checked_at__isnull=False,
                        ground__in=CheckGround.values,
                    )
                    & ~Q(reason="")
                ),
                name="a_finding_has_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=DECIDED,
                    decider__isnull=False,
                    decided_at__isnull=False,
                )
                | (~Q(state__in=DECIDED) & Q(decider=None, decided_at=None)),
                name="a_finding_is_decided",
            ),
            models.CheckConstraint(
                condition=Q(decider=None) | ~Q(decider=F("checker")), name="check_four_eyes"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.drawing_id} {self.position}: {self.state}"


class GrantedPart(models.Model):
    """How much of what a finding took an objection that was granted in part gives back.

    Said with the answer, by who answered; never changed (trigger). Sub-units, less than all.
    """

    objection = models.OneToOneField(
        Objection, primary_key=True, on_delete=models.PROTECT, related_name="granted_part"
    )
    check_of = models.ForeignKey(
        ClaimCheck, on_delete=models.PROTECT, related_name="granted_parts", db_column="check_id"
    )
    amount = models.BigIntegerField()
    log_entry = models.UUIDField()

    class Meta:
        verbose_name = _("part of an objection that was granted")
        verbose_name_plural = _("parts of objections that were granted")
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="granted_part_positive")
        ]

    def __str__(self) -> str:
        return f"{self.objection_id}: {self.amount}"


class GivingBackClock(models.Model):
    """How urgent it was told to be that what an objection gives back is paid; it only grows."""

    objection = models.OneToOneField(
        Objection, primary_key=True, on_delete=models.PROTECT, related_name="giving_back_clock"
    )
    #: 1 due soon, 2 overdue, as governance.rights.clocks has them.
    urgency = models.PositiveSmallIntegerField()
    told_at = models.DateTimeField()

    class Meta:
        verbose_name = _("clock of giving back")
        verbose_name_plural = _("clocks of giving back")
        constraints = [
            models.CheckConstraint(condition=Q(urgency__in=[1, 2]), name="giving_back_urgency")
        ]

    def __str__(self) -> str:
        return f"{self.objection_id}: {self.urgency}"


class OverruledFinding(models.Model):
    """An upheld finding that fell by a granted objection, and the transfer that gave back; once.

    Somebody who took no part in the finding granted the objection, and another than they and than
    whoever upheld the finding had it paid (trigger). ``voided`` is what took the amount away;
    ``amount`` are the sub-units that came back of it: all, or the part that was granted.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    check_of = models.OneToOneField(
        ClaimCheck, on_delete=models.PROTECT, related_name="overruled", db_column="check_id"
    )
    objection = models.OneToOneField(Objection, on_delete=models.PROTECT, related_name="+")
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    approver = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    voided = models.OneToOneField(Transfer, on_delete=models.PROTECT, related_name="overruled")
    transfer = models.OneToOneField(Transfer, on_delete=models.PROTECT, related_name="gave_back")
    amount = models.BigIntegerField()
    paid_at = models.DateTimeField()
    log_entry = models.UUIDField()

    class Meta:
        verbose_name = _("overruled finding")
        verbose_name_plural = _("overruled findings")
        constraints = [
            models.CheckConstraint(
                condition=~Q(approver=F("granted_by")), name="overruling_four_eyes"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="given_back_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.check_of_id}: {self.transfer_id}"

"""The contribution: one submission to a call and where it stands."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from contributions.models.calls import Call, CallVersion
from dure.core.ids import RECEIPT_PATTERN, new_id


class State(models.TextChoices):
    RECEIVED = "received", _("received")
    CHECKING = "checking", _("checking")
    ACCEPTED = "accepted", _("accepted")
    RETURNED = "returned", _("returned")
    REJECTED = "rejected", _("rejected")
    WITHDRAWN = "withdrawn", _("withdrawn")
    FAILED = "failed", _("failed")


#: States in which the pipeline still has work to do.
MOVING = (State.RECEIVED, State.CHECKING)


class Stage(models.TextChoices):
    DECODE = "decode", _("reading the file")
    PRIVACY = "privacy", _("personal data")
    QUALITY = "quality", _("quality")
    DUPLICATES = "duplicates", _("duplicates")
    REPRESENTATIVENESS = "representativeness", _("representativeness")


#: The order in which the stages run.
STAGES = tuple(Stage)
#: All of a stage, in thousandths.
WHOLE_STAGE = 1000


class Contribution(models.Model):
    """Facts and progress of one submission.

    A trigger keeps the states: a terminal one is left only by withdrawal of what was accepted or
    returned, or by correcting what was returned. Counts stand still once a terminal state is
    reached, but for records that turn out to be somebody else's, or nobody else's any more.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    receipt = models.CharField(max_length=20, unique=True)
    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="contributions")
    call_version = models.ForeignKey(
        CallVersion, on_delete=models.PROTECT, related_name="contributions"
    )
    party = models.ForeignKey(
        "accounts.Party", on_delete=models.PROTECT, related_name="contributions"
    )
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.RECEIVED)
    stage = models.CharField(max_length=20, choices=Stage.choices, default=Stage.DECODE)
    reason_rule = models.CharField(max_length=80, blank=True, default="")
    # Any: parameters of the reason's sentence, never a value out of the file.
    reason_params = models.JSONField[dict[str, Any], dict[str, Any]](default=dict)

    # The file as sent, and the working tables that one stage hands to the next.
    filename = models.CharField(max_length=255, blank=True)
    content_type = models.CharField(max_length=120, blank=True)
    source = models.ForeignKey("core.Blob", null=True, on_delete=models.PROTECT, related_name="+")
    records = models.ForeignKey("core.Blob", null=True, on_delete=models.PROTECT, related_name="+")
    outcome = models.ForeignKey("core.Blob", null=True, on_delete=models.PROTECT, related_name="+")

    received = models.PositiveIntegerField(default=0)
    accepted = models.PositiveIntegerField(default=0)
    quarantined = models.PositiveIntegerField(default=0)
    duplicate = models.PositiveIntegerField(default=0)
    # Quality mass of the accepted records, in thousandths.
    mass = models.PositiveBigIntegerField(default=0)
    quality_score = models.CharField(max_length=8, blank=True, default="")
    checks = models.JSONField[list[dict[str, Any]], list[dict[str, Any]]](default=list)
    # {dimension: records whose value is in no stratum}
    unmapped = models.JSONField[dict[str, int], dict[str, int]](default=dict)
    findings_total = models.PositiveIntegerField(default=0)

    attempts = models.PositiveSmallIntegerField(default=0)
    # How far the stage under way has come, in thousandths of its work.
    stage_share = models.PositiveSmallIntegerField(default=0)
    claim = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    # When a worker was last told of it; the sweep tells again what stood still since.
    nudged_at = models.DateTimeField()
    deadline_at = models.DateTimeField()
    submitted_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    # When the records at hand were sent, where that was not with the first submission.
    corrected_at = models.DateTimeField(null=True)
    # Until when the file of a returned contribution is kept to be corrected.
    correctable_until = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    # Sent with a test key: checked and answered like any other, and never used for anything.
    test = models.BooleanField(default=False)
    # Since when a withdrawn required consent, or having been a test, keeps it out of every use.
    excluded_at = models.DateTimeField(null=True)
    log_entry = models.UUIDField()

    class Meta:
        verbose_name = _("contribution")
        verbose_name_plural = _("contributions")
        ordering = ["-submitted_at", "-id"]
        indexes = [
            models.Index(fields=["party", "-submitted_at", "-id"], name="contribution_of_party"),
            models.Index(fields=["call", "state"], name="contribution_of_call"),
            models.Index(
                fields=["call", "-submitted_at", "-id"], name="contribution_newest_of_call"
            ),
            models.Index(
                fields=["nudged_at"],
                condition=Q(state__in=["received", "checking"]),
                name="contribution_moving",
            ),
            models.Index(
                fields=["party", "call", "-accepted_at"],
                condition=Q(state="accepted", test=False),
                name="contribution_of_feed",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(receipt__regex=RECEIPT_PATTERN), name="receipt_format"
            ),
            models.CheckConstraint(condition=Q(state__in=State.values), name="contribution_state"),
            models.CheckConstraint(condition=Q(stage__in=Stage.values), name="contribution_stage"),
            models.CheckConstraint(
                condition=Q(stage_share__range=(0, WHOLE_STAGE)), name="stage_share_of_a_whole"
            ),
            models.CheckConstraint(
                condition=~Q(state=State.ACCEPTED)
                | Q(received=F("accepted") + F("quarantined") + F("duplicate")),
                name="records_are_conserved",
            ),
            models.CheckConstraint(
                condition=~Q(state=State.ACCEPTED) | Q(accepted_at__isnull=False),
                name="accepted_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(test=False) | Q(excluded_at__isnull=False),
                name="a_test_is_never_used",
            ),
            models.CheckConstraint(
                condition=Q(mass__lte=F("accepted") * 1000), name="mass_within_records"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["returned", "rejected", "failed", "withdrawn"])
                | ~Q(reason_rule=""),
                name="an_end_has_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.receipt

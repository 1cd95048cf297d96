"""Notices as they were shown, and what people decided about them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _

from dure.core.ids import new_id
from governance.models.append_only import AppendOnlyModel, AppendOnlyQuerySet
from governance.models.log import LogEntry


class Notice(AppendOnlyModel):
    """The exact text shown about one purpose; another text is another version."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    scope = models.CharField(_("scope"), max_length=100)
    purpose = models.CharField(_("purpose"), max_length=100)
    version = models.PositiveIntegerField(_("version"))
    required = models.BooleanField(_("required"))
    text = models.JSONField(_("text"))
    # Third parties, each decided on by itself: [{"key", "name": {"ko", "en"}}].
    recipients = models.JSONField(_("recipients"), default=list)
    # Which data the notice is about: [{"ko", "en"}]; nothing named: the records of the call.
    data = models.JSONField(_("kinds of data"), default=list)
    retention_days = models.PositiveIntegerField(_("retention in days"))
    sha256 = models.CharField(_("SHA-256"), max_length=64, unique=True)
    published_at = models.DateTimeField(_("published at"))
    log_entry = models.OneToOneField(LogEntry, models.PROTECT, related_name="+")

    objects: ClassVar[models.Manager[Notice]] = AppendOnlyQuerySet["Notice"].as_manager()

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        constraints: ClassVar = [
            UniqueConstraint(fields=["scope", "purpose", "version"], name="notice_version"),
            CheckConstraint(condition=Q(version__gte=1), name="notice_version_from_1"),
            CheckConstraint(
                condition=Q(text__has_keys=["ko", "en"]), name="notice_in_both_languages"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scope} {self.purpose} v{self.version}"


class ConsentState(models.TextChoices):
    """What the latest event of a consent says."""

    GIVEN = "given", _("given")
    REFUSED = "refused", _("refused")
    RENEWED = "renewed", _("renewed")
    WITHDRAWN = "withdrawn", _("withdrawn")
    EXPIRED = "expired", _("expired")
    INVALIDATED = "invalidated", _("invalidated")
    REVOKED = "revoked", _("revoked")


#: States that allow a use, until the moment the event names.
STANDING = (ConsentState.GIVEN, ConsentState.RENEWED)


class DecidedBy(models.TextChoices):
    """In which role somebody decided; receipts name the role and never the guardian."""

    SELF = "self", _("the person or a member of the organisation")
    GUARDIAN = "guardian", _("the guardian")
    CITY = "city", _("the city")
    PLATFORM = "platform", _("the platform, by the clock")


class Signal(models.TextChoices):
    """A wish that came with the request itself."""

    NONE = "", _("none")
    GPC = "gpc", _("Global Privacy Control")


class Consent(AppendOnlyModel):
    """One party's decisions about one notice and one recipient; the state folds its events.

    ``recipient`` is empty for the city's own use, else the key of one that the notice names.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    party = models.ForeignKey("accounts.Party", models.PROTECT, related_name="consents")
    notice = models.ForeignKey(Notice, models.PROTECT, related_name="consents")
    recipient = models.CharField(_("recipient"), max_length=64, blank=True)
    created_at = models.DateTimeField(_("first decided at"))

    objects: ClassVar[models.Manager[Consent]] = AppendOnlyQuerySet["Consent"].as_manager()

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        constraints: ClassVar = [
            UniqueConstraint(
                fields=["party", "notice", "recipient"], name="consent_once_per_recipient"
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def latest(self) -> ConsentEvent:
        """The event that decides; events that were prefetched are used."""
        return max(self.events.all(), key=lambda event: event.position)

    @property
    def state(self) -> ConsentState:
        """What the latest event says; a given one may be past its time before the sweep says so."""
        return ConsentState(self.latest.state)


class ConsentEvent(AppendOnlyModel):
    """One decision at one moment, in the language in which the notice was read."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    consent = models.ForeignKey(Consent, models.PROTECT, related_name="events")
    position = models.PositiveIntegerField(_("position"))
    state = models.CharField(_("state"), max_length=16, choices=ConsentState.choices)
    language = models.CharField(_("language"), max_length=2)
    decided_at = models.DateTimeField(_("decided at"))
    valid_until = models.DateTimeField(_("valid until"), null=True, blank=True)
    decided_by = models.CharField(
        _("decided by"), max_length=10, choices=DecidedBy.choices, default=DecidedBy.SELF
    )
    ground = models.CharField(_("ground"), max_length=32, blank=True)
    signal = models.CharField(_("signal"), max_length=8, choices=Signal.choices, blank=True)
    log_entry = models.OneToOneField(LogEntry, models.PROTECT, related_name="+")

    objects: ClassVar[models.Manager[ConsentEvent]] = AppendOnlyQuerySet[
        "ConsentEvent"
    ].as_manager()

    class Meta:
        verbose_name = _("consent event")
        verbose_name_plural = _("consent events")
        ordering: ClassVar = ["position"]
        constraints: ClassVar = [
            UniqueConstraint(fields=["consent", "position"], name="consent_event_position"),
            CheckConstraint(
                condition=Q(state__in=ConsentState.values), name="consent_event_known_state"
            ),
            CheckConstraint(
                condition=Q(language__in=["ko", "en"]), name="consent_event_known_language"
            ),
            CheckConstraint(
                condition=Q(decided_by__in=DecidedBy.values, signal__in=Signal.values),
                name="consent_event_known_role",
            ),
            CheckConstraint(
                condition=Q(state__in=STANDING, valid_until__gt=F("decided_at"))
                | Q(~Q(state__in=STANDING), valid_until=None),
                name="consent_event_valid_while_given",
            ),
            CheckConstraint(
                condition=~Q(state__in=["expired", "invalidated", "revoked"]) | ~Q(ground=""),
                name="consent_event_ended_on_a_ground",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.consent_id} {self.position} {self.state}"


class ConsentMeasure(models.Model):
    """The city ends consents: because the notice was wrong, or on a legal ground.

    One consent is ended at once; the consents of a whole notice only when a second person approves.
    """

    class State(models.TextChoices):
        PROPOSED = "proposed", _("proposed")
        DONE = "done", _("done")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    notice = models.ForeignKey(Notice, models.PROTECT, related_name="+")
    consent = models.ForeignKey(Consent, models.PROTECT, null=True, blank=True, related_name="+")
    outcome = models.CharField(
        _("outcome"),
        max_length=16,
        choices=[
            (ConsentState.INVALIDATED.value, ConsentState.INVALIDATED.label),
            (ConsentState.REVOKED.value, ConsentState.REVOKED.label),
        ],
    )
    ground = models.CharField(_("ground"), max_length=32)
    reason = models.TextField(_("reason"))
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.PROPOSED
    )
    touched = models.PositiveIntegerField(_("consents ended"), default=0)
    proposed_by = models.ForeignKey("accounts.Person", models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(_("proposed at"))
    approved_by = models.ForeignKey(
        "accounts.Person", models.PROTECT, null=True, blank=True, related_name="+"
    )
    approved_at = models.DateTimeField(_("approved at"), null=True, blank=True)

    class Meta:
        verbose_name = _("measure on consents")
        verbose_name_plural = _("measures on consents")
        constraints: ClassVar = [
            UniqueConstraint(
                fields=["notice"],
                condition=Q(state="proposed"),
                name="consent_measure_one_waits",
            ),
            CheckConstraint(
                condition=Q(outcome__in=["invalidated", "revoked"]) & ~Q(reason="") & ~Q(ground=""),
                name="consent_measure_has_a_reason",
            ),
            CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("proposed_by")),
                name="consent_measure_four_eyes",
            ),
            CheckConstraint(
                condition=Q(state="proposed", approved_by=None, approved_at=None)
                | Q(state="done", consent__isnull=False, touched__lte=1)
                | Q(state="done", approved_by__isnull=False, approved_at__isnull=False),
                name="consent_measure_many_approved",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.notice_id} {self.outcome}"

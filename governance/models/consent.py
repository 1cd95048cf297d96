"""Notices as they were shown, and what people decided about them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint
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
    WITHDRAWN = "withdrawn", _("withdrawn")


class Consent(AppendOnlyModel):
    """One party's decisions about one notice: a handle; the state is the fold of its events."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    party = models.ForeignKey("accounts.Party", models.PROTECT, related_name="consents")
    notice = models.ForeignKey(Notice, models.PROTECT, related_name="consents")
    created_at = models.DateTimeField(_("first decided at"))

    objects: ClassVar[models.Manager[Consent]] = AppendOnlyQuerySet["Consent"].as_manager()

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        constraints: ClassVar = [
            UniqueConstraint(fields=["party", "notice"], name="consent_once_per_notice"),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def latest(self) -> ConsentEvent:
        """The event that decides; events that were prefetched are used."""
        return max(self.events.all(), key=lambda event: event.position)

    @property
    def state(self) -> ConsentState:
        """given, refused or withdrawn."""
        return ConsentState(self.latest.state)


class ConsentEvent(AppendOnlyModel):
    """One decision at one moment, in the language in which the notice was read."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    consent = models.ForeignKey(Consent, models.PROTECT, related_name="events")
    position = models.PositiveIntegerField(_("position"))
    state = models.CharField(_("state"), max_length=16, choices=ConsentState.choices)
    language = models.CharField(_("language"), max_length=2)
    decided_at = models.DateTimeField(_("decided at"))
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
        ]

    def __str__(self) -> str:
        return f"{self.consent_id} {self.position} {self.state}"

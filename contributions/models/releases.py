"""Releases: immutable data sets built from accepted records under valid consent."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from contributions.models.calls import Call, CallVersion
from contributions.models.contributions import Contribution
from dure.core.ids import new_id


class ReleaseKind(models.TextChoices):
    OPEN = "open", _("open to everybody")
    LICENSED = "licensed", _("under a licence")


class ReleaseState(models.TextChoices):
    REQUESTED = "requested", _("requested")
    BUILDING = "building", _("being built")
    PUBLISHED = "published", _("published")
    SUPERSEDED = "superseded", _("superseded")
    REFUSED = "refused", _("refused")
    FAILED = "failed", _("failed")


#: States in which a worker still has something to do.
PENDING = (ReleaseState.REQUESTED, ReleaseState.BUILDING)
#: States in which there is, or was, something to download.
GIVEN_OUT = (ReleaseState.PUBLISHED, ReleaseState.SUPERSEDED)


class Release(models.Model):
    """One build of a call's data for one purpose; once ended it changes no more (trigger).

    Only the way from published to superseded is left, when somebody whose records are in it
    withdraws: then nothing of it is given out any more. What is left of it is given out as its
    patch, which holds nothing that it did not hold (trigger).
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="releases")
    call_version = models.ForeignKey(CallVersion, on_delete=models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=80)
    kind = models.CharField(max_length=10, choices=ReleaseKind.choices)
    # Key of the third party of the purpose's notice for whom it is; empty: for no one by name.
    recipient = models.CharField(max_length=64, blank=True, default="")
    # 1, 2, 3 … of the call, purpose, kind and recipient; given when it is published.
    number = models.PositiveIntegerField(null=True)
    # 1, 2, 3 … of the patches of that number, 0 for what is none; given when it is published.
    patch = models.PositiveIntegerField(default=0)
    # The recalled release whose remaining records it holds; null for a release of its own.
    patch_of = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="tries")
    # SHA-256 of which contributions of that release could still be used when it was asked for.
    basis = models.CharField(max_length=64, blank=True, default="")
    state = models.CharField(
        max_length=10, choices=ReleaseState.choices, default=ReleaseState.REQUESTED
    )
    reason_rule = models.CharField(max_length=80, blank=True, default="")
    reason_params = models.JSONField[dict[str, Any], dict[str, Any]](default=dict)  # Any: words
    records = models.PositiveIntegerField(default=0)
    contributors = models.PositiveIntegerField(default=0)
    # Any: the measures that are published with it (disclosure, weights, package).
    document = models.JSONField[dict[str, Any], dict[str, Any]](default=dict)
    # [[values of a class], records, units]: what later releases are compared with.
    classes = models.JSONField[list[Any], list[Any]](default=list)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    requested_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    claim = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    superseded_at = models.DateTimeField(null=True)
    log_entry = models.UUIDField(null=True)

    class Meta:
        verbose_name = _("release")
        verbose_name_plural = _("releases")
        ordering = ["-requested_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["call", "purpose", "kind", "recipient", "number", "patch"],
                name="release_number",
            ),
            models.UniqueConstraint(
                fields=["call", "purpose", "kind", "recipient"],
                condition=Q(state__in=["requested", "building"], patch_of=None),
                name="one_release_in_preparation",
            ),
            models.UniqueConstraint(
                fields=["patch_of"],
                condition=Q(state__in=["requested", "building"]),
                name="one_patch_in_preparation",
            ),
            models.UniqueConstraint(
                fields=["patch_of"],
                condition=Q(state__in=["published", "superseded"]),
                name="release_patched_once",
            ),
            models.UniqueConstraint(
                fields=["patch_of", "basis"],
                condition=~Q(state="failed"),
                name="patch_tried_once_on_a_basis",
            ),
            models.CheckConstraint(
                condition=Q(patch_of=None, patch=0, basis="")
                | Q(Q(patch_of__isnull=False), ~Q(basis=""), Q(number=None) | Q(patch__gt=0)),
                name="patch_is_of_a_release",
            ),
            models.CheckConstraint(condition=Q(kind__in=ReleaseKind.values), name="release_kind"),
            models.CheckConstraint(
                condition=Q(recipient="") | Q(kind="licensed"), name="release_for_one_is_licensed"
            ),
            models.CheckConstraint(
                condition=Q(state__in=ReleaseState.values), name="release_state"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["published", "superseded"])
                | Q(number__isnull=False, ended_at__isnull=False, records__gt=0),
                name="published_release_is_whole",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["refused", "failed"]) | ~Q(reason_rule=""),
                name="no_release_has_a_reason",
            ),
            models.CheckConstraint(
                condition=~Q(state="superseded") | Q(superseded_at__isnull=False),
                name="superseded_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(superseded_at=None) | Q(superseded_at__gte=F("ended_at")),
                name="superseded_after_publication",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.call_id} {self.kind} {self.version or self.state}"

    @property
    def version(self) -> str:
        """``2``, or ``2.1`` for the first patch of it; empty before it is published."""
        if self.number is None:
            return ""
        return f"{self.number}.{self.patch}" if self.patch else str(self.number)


class ReleaseFile(models.Model):
    """One file of a release; written while it is built, never changed (trigger)."""

    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="files")
    name = models.CharField(max_length=80)
    media_type = models.CharField(max_length=80)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    blob = models.ForeignKey("core.Blob", on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("file of a release")
        verbose_name_plural = _("files of releases")
        ordering = ["release", "name"]
        constraints = [
            models.UniqueConstraint(fields=["release", "name"], name="release_file_name"),
        ]

    def __str__(self) -> str:
        return self.name


class ReleaseMember(models.Model):
    """Which records of a contribution are in a release; append-only (trigger).

    `rows` are the 1-based data rows of the contribution's file, `mass` their quality mass in
    thousandths. From here a withdrawal finds the releases it concerns, and a dividend its payees.
    """

    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="members")
    contribution = models.ForeignKey(
        Contribution, on_delete=models.PROTECT, related_name="releases"
    )
    rows = ArrayField(models.PositiveIntegerField())
    mass = models.PositiveBigIntegerField()

    class Meta:
        verbose_name = _("part of a release")
        verbose_name_plural = _("parts of releases")
        ordering = ["release", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["release", "contribution"], name="contribution_once_in_a_release"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contribution_id} in {self.release_id}"

"""People, organisations, what they may do, and the keys of their programs."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext_lazy as _

from dure.accounts.guardianship import GuardianInvitation, Guardianship
from dure.accounts.invitation import Invitation
from dure.accounts.live_review import LiveReview
from dure.accounts.logged_request import LoggedRequest
from dure.accounts.roles import MemberRole, Role
from dure.accounts.scopes import EVERYTHING, TEST_SCOPES
from dure.accounts.webhook_models import WebhookAttempt, WebhookEndpoint, WebhookMessage
from dure.core.clock import now

__all__ = [
    "ApiKey",
    "GuardianInvitation",
    "Guardianship",
    "Invitation",
    "LiveReview",
    "LoggedRequest",
    "Membership",
    "Organisation",
    "Party",
    "Person",
    "RoleGrant",
    "WebhookAttempt",
    "WebhookEndpoint",
    "WebhookMessage",
]


class Party(models.Model):
    """Whoever contributes, consents and is rewarded: a person or an organisation."""

    class Kind(models.TextChoices):
        PERSON = "person", _("person")
        ORGANISATION = "organisation", _("organisation")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=12, choices=Kind)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name_plural = "parties"
        constraints = [
            models.CheckConstraint(
                name="party_kind_known", condition=Q(kind__in=["person", "organisation"])
            )
        ]

    def __str__(self) -> str:
        return str(self.id)


class People(BaseUserManager["Person"]):
    def get_by_natural_key(self, username: str | None) -> Person:
        """E-mail addresses are compared without regard to case."""
        return self.get(email=(username or "").lower())


class Person(AbstractBaseUser):
    """A human being with an account. Signs in with an e-mail address."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    party = models.OneToOneField(Party, on_delete=models.PROTECT, related_name="person")
    email = models.EmailField(_("e-mail address"), max_length=254, unique=True)
    name = models.CharField(_("name"), max_length=80)
    language = models.CharField(max_length=2, default="ko")
    # Verified attributes: the only ones that a call may read as strata of a contributor.
    district = models.CharField(max_length=10, blank=True)
    birth_year = models.PositiveSmallIntegerField(null=True, blank=True)
    sex = models.CharField(max_length=1, blank=True)
    is_active = models.BooleanField(default=True)
    # Every session belongs to a round; a new round ends them all.
    session_round = models.PositiveIntegerField(default=0)
    # Only while somebody is under 14, as they told when they opened the account.
    said_born_on = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now())

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    objects = People()

    class Meta:
        verbose_name_plural = "people"
        constraints = [
            models.CheckConstraint(name="person_email_is_lower", condition=Q(email=Lower("email"))),
            models.CheckConstraint(
                name="person_language_known", condition=Q(language__in=["ko", "en"])
            ),
            models.CheckConstraint(name="person_sex_known", condition=Q(sex__in=["", "F", "M"])),
        ]

    def __str__(self) -> str:
        return str(self.id)  # never the name: this text reaches logs and error pages

    def get_session_auth_hash(self) -> str:
        """What a session is bound to: the password, and the round that a person can end."""
        return self._bound(super().get_session_auth_hash())

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        """The same under each former secret of the platform."""
        for known in super().get_session_auth_fallback_hash():
            yield self._bound(known)

    def _bound(self, known: str) -> str:
        return f"{known}.{self.session_round}"

    @property
    def is_staff(self) -> bool:
        """Who may open the reference-data administration."""
        return self.has_role(Role.ADMIN)

    def has_role(self, role: Role) -> bool:
        if not hasattr(self, "_roles"):
            self._roles = set(standing_grants(self).values_list("role", flat=True))
        return role.value in self._roles

    def has_perm(self, perm: str, obj: object = None) -> bool:
        return self.is_active and self.is_staff

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_active and self.is_staff


class RoleGrant(models.Model):
    """A role that a person holds, everywhere or in one scope, for ever or until a moment.

    ``scope`` is the slug of a call, or empty. Whoever examines does so until a moment.
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="role_grants")
    role = models.CharField(max_length=16, choices=Role)
    scope = models.CharField(max_length=100, blank=True)
    granted_at = models.DateTimeField(db_default=Now())
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "role", "scope"], name="role_granted_once"),
            models.CheckConstraint(name="role_known", condition=Q(role__in=Role.values)),
            models.CheckConstraint(
                name="role_of_auditor_ends", condition=~Q(role="auditor") | Q(until__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.role}"


def standing_grants(person: Person) -> models.QuerySet[RoleGrant]:
    """The grants that have not ended; one that has is as none."""
    return person.role_grants.filter(Q(until=None) | Q(until__gt=now()))


class Organisation(models.Model):
    class Kind(models.TextChoices):
        FIRM = "firm", _("firm")
        INSTITUTION = "institution", _("institution")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    party = models.OneToOneField(Party, on_delete=models.PROTECT, related_name="organisation")
    name_ko = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120)
    kind = models.CharField(max_length=12, choices=Kind)
    created_at = models.DateTimeField(db_default=Now())
    # Since when its programs may have live keys: somebody of the city looked at it.
    live_since = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name_en

    @property
    def name(self) -> dict[str, str]:
        return {"ko": self.name_ko, "en": self.name_en}


class Membership(models.Model):
    """A person acts for an organisation, as far as the role goes.

    A trigger sees to it that an organisation with members has an owner among them.
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="memberships")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="memberships"
    )
    role = models.CharField(max_length=12, choices=MemberRole, default=MemberRole.DEVELOPER)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "organisation"], name="member_once"),
            models.CheckConstraint(
                name="member_role_known", condition=Q(role__in=MemberRole.values)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} in {self.organisation_id}"


class ApiKey(models.Model):
    """A program's key: its secret is shown once and kept as a keyed digest.

    What a test key sends in never counts, so it opens nothing else. A trigger lets a live key of
    an organisation begin only after the organisation was reviewed, and lets no key change hands.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="api_keys")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, null=True, blank=True, related_name="api_keys"
    )
    live = models.BooleanField()
    name = models.CharField(max_length=60, blank=True)
    prefix = models.CharField(max_length=20)
    digest = models.BinaryField(max_length=32, unique=True)
    scopes = models.JSONField[list[str], list[str]](default=list)
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    # The key that takes over; until this one expires both open the same.
    successor = models.OneToOneField(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="predecessor"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_test_key_opens_little",
                condition=Q(live=True) | Q(scopes__contained_by=list(TEST_SCOPES)),
            ),
            models.CheckConstraint(name="a_key_opens_something", condition=~Q(scopes=[])),
        ]

    def __str__(self) -> str:
        return self.prefix

    def opens(self, scope: str) -> bool:
        return EVERYTHING in self.scopes or scope in self.scopes

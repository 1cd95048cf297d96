"""What people ask of the platform by law, when an answer is due, and the answer."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _

from dure.core.ids import new_id
from governance.models.log import LogEntry


class RightKind(models.TextChoices):
    """The rights that a person can use."""

    ACCESS = "access", _("access")
    EXPORT = "export", _("export")
    CORRECTION = "correction", _("correction")
    ERASURE = "erasure", _("erasure")
    RESTRICTION = "restriction", _("restriction")
    OBJECTION = "objection", _("objection")
    EXPLANATION = "explanation", _("explanation")
    HUMAN_REVIEW = "human_review", _("review by a human")


class RequestState(models.TextChoices):
    """Waiting for an answer, or what the answer was.

    Fewer states than orchestrators of such requests have, since their moments do not exist here:

    - *identity pending, verified, expired*: a request is written down only once it is certain who
      asks, by the password, code or passkey of that moment (``governance.rights.identity``) or by a
      key made for it (``rights:write``). What was not verified is no request: it never counts as
      active, blocks nobody, and has nothing to expire.
    - *duplicate*: one request of a kind is open for a party (``rights_one_open``); a second one is
      refused with 409 and leaves nothing.
    - *restricted*: a fact of its own with its own end (``Restriction``), in the transaction of the
      request.
    - *in progress*: whether an erasure has begun, and how far it came, is kept with it
      (``Erasure``); everything else is done within its answer.
    - *appeal*: an objection to the answer (``governance.rights.appeals``).

    What refuses or grants in part always has its reason (``answer_has_a_reason``).
    """

    RECEIVED = "received", _("received")
    GRANTED = "granted", _("granted")
    PARTLY = "partly", _("granted in part")
    REFUSED = "refused", _("refused")


OUTCOMES = (RequestState.GRANTED, RequestState.PARTLY, RequestState.REFUSED)


class Asked(models.Model):
    """What requests and objections share; texts are sealed under the key of whoever asked."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    party = models.ForeignKey("accounts.Party", models.PROTECT, related_name="+")
    text = models.BinaryField(_("sealed text"))
    state = models.CharField(
        _("state"), max_length=16, choices=RequestState.choices, default=RequestState.RECEIVED
    )
    received_at = models.DateTimeField(_("received at"))
    due_at = models.DateTimeField(_("due at"))
    urgency = models.PositiveSmallIntegerField(_("announced urgency"), default=0)
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    answered_by = models.ForeignKey(
        "accounts.Person", models.PROTECT, null=True, blank=True, related_name="+"
    )
    answered_by_party = models.UUIDField(_("party of whoever answered"), null=True, blank=True)
    reason = models.BinaryField(_("sealed reason"), null=True, blank=True)
    log_entry = models.OneToOneField(LogEntry, models.PROTECT, related_name="+")

    class Meta:
        abstract = True
        constraints: ClassVar = [
            CheckConstraint(
                condition=Q(state__in=RequestState.values), name="%(class)s_known_state"
            ),
            CheckConstraint(
                condition=Q(state="received", answered_at=None, reason=None)
                | Q(~Q(state="received"), answered_at__isnull=False, reason__isnull=False),
                name="%(class)s_answer_has_a_reason",
            ),
            CheckConstraint(
                condition=Q(answered_by_party=None) | ~Q(answered_by_party=F("party")),
                name="%(class)s_never_answers_own",
            ),
            CheckConstraint(
                condition=Q(answered_by=None, answered_by_party=None)
                | Q(answered_by__isnull=False, answered_by_party__isnull=False),
                name="%(class)s_answerer_is_named",
            ),
            CheckConstraint(condition=Q(due_at__gt=F("received_at")), name="%(class)s_due_later"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class RightsRequest(Asked):
    """One use of a right; one of a kind is open at a time for a party."""

    kind = models.CharField(_("kind"), max_length=16, choices=RightKind.choices)
    export = models.ForeignKey("core.Blob", models.PROTECT, null=True, blank=True, related_name="+")
    export_expires_at = models.DateTimeField(_("export expires at"), null=True, blank=True)

    class Meta(Asked.Meta):
        verbose_name = _("rights request")
        verbose_name_plural = _("rights requests")
        indexes: ClassVar = [
            models.Index(fields=["due_at"], condition=Q(state="received"), name="rights_open"),
        ]
        constraints: ClassVar = [
            *Asked.Meta.constraints,
            CheckConstraint(condition=Q(kind__in=RightKind.values), name="rights_known_kind"),
            UniqueConstraint(
                fields=["party", "kind"], condition=Q(state="received"), name="rights_one_open"
            ),
        ]


class Objection(Asked):
    """A decision that somebody wants a human to look at again."""

    subject_kind = models.CharField(_("kind of decision"), max_length=32)
    subject_id = models.CharField(_("decision"), max_length=64)

    class Meta(Asked.Meta):
        verbose_name = _("objection")
        verbose_name_plural = _("objections")
        indexes: ClassVar = [
            models.Index(fields=["due_at"], condition=Q(state="received"), name="objection_open"),
        ]
        constraints: ClassVar = [
            *Asked.Meta.constraints,
            UniqueConstraint(
                fields=["party", "subject_kind", "subject_id"],
                condition=Q(state="received"),
                name="objection_one_open",
            ),
        ]

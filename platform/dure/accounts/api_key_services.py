"""Keys: made, replaced with an overlap, ended; and the review before an organisation's go live."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from dure.accounts import api_keys, problems
from dure.accounts.acting import Actor
from dure.accounts.models import ApiKey, LiveReview, Organisation, Person
from dure.accounts.roles import Role
from dure.accounts.scopes import EVERYTHING, SCOPES, TEST_SCOPES
from dure.core.clock import now
from dure.core.outbox import publish
from dure.core.problems import INVALID, NOT_ALLOWED, NOT_FOUND, FieldError

KEY_LIFETIME = timedelta(days=365)
LIFETIMES_DAYS = (30, 90, 365)
#: How long a key that was replaced still opens what it did.
OVERLAP = timedelta(days=7)
NAME_LENGTH_MAX = 60
KEYS_MAX = 50
PURPOSE_LENGTH_MAX = 1000


@transaction.atomic
def issue_api_key(
    *,
    acting: Actor,
    person: Person,
    organisation: Organisation | None = None,
    live: bool = True,
    scopes: Sequence[str] | None = None,
    name: str = "",
    lifetime: timedelta = KEY_LIFETIME,
) -> tuple[ApiKey, str]:
    """A new key and its secret, which nobody can read again afterwards.

    Without scopes a live key opens everything, a test key all that test keys can. Raises INVALID
    for unknown scopes, KEYS_ENOUGH, and LIVE_NOT_REVIEWED where a live key waits for the city.
    """
    wanted = list(dict.fromkeys(scopes if scopes is not None else _every_scope(live)))
    if not wanted or not set(wanted) <= {EVERYTHING, *SCOPES}:
        raise INVALID.problem(errors=[FieldError("scopes", _("Choose what the key opens."))])
    if not live and not set(wanted) <= set(TEST_SCOPES):
        raise INVALID.problem(
            errors=[FieldError("scopes", _("A test key cannot open this; use a live key."))]
        )
    if organisation is not None:
        # Locked, so that the limit holds for two requests at the same time as well.
        organisation = Organisation.objects.select_for_update().get(id=organisation.id)
        if live and organisation.live_since is None:
            raise problems.LIVE_NOT_REVIEWED.problem()
        usable = Q(revoked_at=None, expires_at__gt=now())
        if organisation.api_keys.filter(usable).count() >= KEYS_MAX:
            raise problems.KEYS_ENOUGH.problem()
    secret = api_keys.new_secret(live=live)
    key = ApiKey.objects.create(
        person=person,
        organisation=organisation,
        live=live,
        name=name.strip()[:NAME_LENGTH_MAX],
        prefix=secret[:14],
        digest=api_keys.digest(secret),
        scopes=wanted,
        expires_at=now() + lifetime,
    )
    _tell("api_key.issued", key, acting)
    return key, secret


def _every_scope(live: bool) -> Sequence[str]:
    return (EVERYTHING,) if live else TEST_SCOPES


@transaction.atomic
def rotate_api_key(*, acting: Actor, key_id: uuid.UUID) -> tuple[ApiKey, str]:
    """A successor with the same scopes; the old key opens the same for another week.

    Raises NOT_FOUND for unknown, foreign and ended keys alike, and for one replaced before.
    """
    old = _own_usable(acting, key_id)
    if old.successor_id is not None:
        raise NOT_FOUND.problem()
    key, secret = issue_api_key(
        acting=acting,
        person=acting.require_person(),
        organisation=old.organisation,
        live=old.live,
        scopes=old.scopes,
        name=old.name,
        lifetime=old.expires_at - old.created_at,
    )
    old.successor = key
    old.expires_at = min(old.expires_at, now() + OVERLAP)
    old.save(update_fields=["successor", "expires_at"])
    return key, secret


@transaction.atomic
def revoke_api_key(*, acting: Actor, key: ApiKey) -> None:
    """End a key at once: its person, or whoever acts for its organisation; doing so twice is once.

    Raises NOT_FOUND for everybody else.
    """
    acting.require_person()
    if not _may_end(acting, key):
        raise NOT_FOUND.problem()
    ended = ApiKey.objects.filter(id=key.id, revoked_at__isnull=True).update(revoked_at=now())
    if ended:
        _tell("api_key.revoked", key, acting)


def _may_end(acting: Actor, key: ApiKey) -> bool:
    if acting.person == key.person:
        return True
    return key.organisation is not None and acting.acts_for(key.organisation.party_id)


def _own_usable(acting: Actor, key_id: uuid.UUID) -> ApiKey:
    acting.require_person()
    key = (
        ApiKey.objects.select_for_update(of=("self",))
        .select_related("organisation", "person")
        .filter(id=key_id, revoked_at=None, expires_at__gt=now())
        .first()
    )
    if key is None or not _may_end(acting, key):
        raise NOT_FOUND.problem()
    return key


def _tell(kind: str, key: ApiKey, acting: Actor) -> None:
    party_id = key.organisation.party_id if key.organisation else key.person.party_id
    publish(
        kind=kind,
        subject=str(key.id),
        payload={"party": str(party_id), "live": key.live, "by": acting.ref},
    )


@transaction.atomic
def ask_for_live_access(*, acting: Actor, organisation: Organisation, purpose: str) -> LiveReview:
    """What an organisation wants to do live, for the city's staff to read. Raises REVIEW_ASKED."""
    person = acting.require_person()
    if not acting.acts_for(organisation.party_id):
        raise NOT_ALLOWED.problem()
    text = purpose.strip()
    if not text or len(text) > PURPOSE_LENGTH_MAX or "\x00" in text:
        message = _("Say in up to %(limit)d characters what you are going to send.")
        raise INVALID.problem(
            errors=[FieldError("purpose", message % {"limit": PURPOSE_LENGTH_MAX})]
        )
    locked = Organisation.objects.select_for_update().get(id=organisation.id)
    waiting = locked.live_reviews.filter(state=LiveReview.State.ASKED).exists()
    if locked.live_since is not None or waiting:
        raise problems.REVIEW_ASKED.problem()
    review = LiveReview.objects.create(organisation=locked, purpose=text, asked_by=person)
    publish(
        kind="live_access.asked",
        subject=str(review.id),
        payload={"party": str(locked.party_id), "by": acting.ref},
    )
    return review


@transaction.atomic
def decide_live_access(
    *, acting: Actor, review_id: uuid.UUID, approve: bool, reason: str = ""
) -> LiveReview:
    """An operator's decision, which stands; a refusal says why.

    Raises NOT_FOUND, REVIEW_DECIDED, INVALID without a reason or with one of more than 1,000
    characters, NOT_ALLOWED for members.
    """
    acting.require(Role.OPERATOR)
    review = (
        LiveReview.objects.select_for_update(of=("self",))
        .select_related("organisation")
        .filter(id=review_id)
        .first()
    )
    if review is None:
        raise NOT_FOUND.problem()
    if review.state != LiveReview.State.ASKED:
        raise problems.REVIEW_DECIDED.problem()
    if review.organisation.party_id in acting.parties:
        raise NOT_ALLOWED.problem(detail=_("Nobody reviews their own organisation."))
    text = reason.strip()
    if len(text) > PURPOSE_LENGTH_MAX:
        said = _("Say it in at most %(limit)s characters.") % {"limit": f"{PURPOSE_LENGTH_MAX:,}"}
        raise INVALID.problem(errors=[FieldError("reason", said)])
    if not approve and not text:
        raise INVALID.problem(errors=[FieldError("reason", _("Say why live access is declined."))])
    moment = now()
    review.state = LiveReview.State.APPROVED if approve else LiveReview.State.DECLINED
    review.decided_by, review.decided_at, review.reason = acting.require_person(), moment, text
    review.save()
    if approve:
        review.organisation.live_since = moment
        review.organisation.save(update_fields=["live_since"])
    publish(
        kind=f"live_access.{review.state}",
        subject=str(review.id),
        payload={"party": str(review.organisation.party_id), "by": acting.ref},
    )
    return review

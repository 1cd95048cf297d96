"""Making sure of who asks, without asking for more than signing in does."""

from __future__ import annotations

from django.contrib.auth.hashers import check_password
from django.core.cache import cache

from dure.accounts.acting import Actor
from governance.rights import problems

TRIES = 5
TRIES_WINDOW_S = 15 * 60


def confirm_identity(*, acting: Actor, password: str) -> None:
    """The password once more, for what somebody at an open screen should not be able to do.

    Five tries in a quarter of an hour. Raises the problem IDENTITY_UNCONFIRMED.
    """
    person = acting.require_person()
    key = f"identity-tries|{person.id}"
    cache.add(key, 0, TRIES_WINDOW_S)
    # Counted before it is looked at, so that many tries at once are counted too.
    if cache.incr(key) > TRIES or not check_password(password, person.password):
        raise problems.IDENTITY_UNCONFIRMED.problem()
    cache.delete(key)

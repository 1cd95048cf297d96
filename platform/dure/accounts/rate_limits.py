"""How many requests a key, a person or a stranger may send in a minute, and how many are left.

Counted in windows of the clock, in the cache of a web process. The answer carries what is left as
the header fields of draft-ietf-httpapi-ratelimit-headers (``RateLimit``, ``RateLimit-Policy``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from django.conf import settings
from django.core.cache import caches
from django.http import HttpRequest
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from dure.accounts.models import ApiKey
from dure.core.canonical import sha256_hex
from dure.core.clock import now
from dure.core.sealing import keyed_digest

if TYPE_CHECKING:
    from rest_framework.views import APIView  # which loads this module

_RATE = re.compile(r"^(\d+)/(sec|min|hour)$", re.ASCII)
_SECONDS = {"sec": 1, "min": 60, "hour": 3600}


@dataclass(frozen=True)
class Standing:
    """Where a caller stands: ``limit`` in ``window_s`` seconds, ``left`` until ``reset_s`` ends."""

    policy: str
    limit: int
    window_s: int
    left: int
    reset_s: int

    @property
    def headers(self) -> dict[str, str]:
        return {
            "RateLimit-Policy": f'"{self.policy}";q={self.limit};w={self.window_s}',
            "RateLimit": f'"{self.policy}";r={self.left};t={self.reset_s}',
        }


def parse_rate(text: str) -> tuple[int, int]:
    """``"600/min"`` as (600, 60); ``ValueError`` for anything else."""
    match = _RATE.match(text)
    if match is None or int(match[1]) < 1:
        raise ValueError(f"A rate looks like 600/min, not {text}.")
    return int(match[1]), _SECONDS[match[2]]


def counted(policy: str, caller: str, *, in_all: bool = False) -> tuple[Standing, bool]:
    """Count a request of a caller; where they stand now, and whether it is within the limit.

    ``in_all`` counts for all processes together, where a few tries more would matter.
    """
    limit, window_s = parse_rate(settings.RATE_LIMITS[policy])
    moment = int(now().timestamp())
    # What lies in the database for all processes must not be undone by trying every address.
    name = keyed_digest("rate", caller.encode()).hex() if in_all else sha256_hex(caller.encode())
    place = f"rate:{policy}:{name[:32]}:{moment // window_s}"
    cache = caches["default" if in_all else "near"]
    cache.add(place, 0, timeout=window_s + 5)
    try:
        count = cache.incr(place)
    except ValueError:  # it ran out between the two
        count = 1
    reset_s = window_s - moment % window_s
    standing = Standing(policy, limit, window_s, max(0, limit - count), reset_s)
    return standing, count <= limit


class RateLimit(BaseThrottle):
    """Each key has a limit of its own, so that one program cannot starve another's."""

    def __init__(self) -> None:
        self.standing: Standing | None = None

    def allow_request(self, request: Request, view: APIView) -> bool:
        standing, within = counted(*self._caller(request))
        request._request.dure_rate = standing  # type: ignore[attr-defined]  # for the answer
        self.standing = standing
        return within

    def wait(self) -> float | None:
        return self.standing.reset_s if self.standing else None

    def _caller(self, request: Request) -> tuple[str, str]:
        if isinstance(request.auth, ApiKey):
            return "key" if request.auth.live else "test-key", str(request.auth.id)
        if request.user is not None and request.user.is_authenticated:
            return "person", str(request.user.pk)
        return "stranger", str(self.get_ident(request))


class AddressLimit(RateLimit):
    """Few of one thing from one address, signed in or not, in all processes together."""

    policy: str

    def allow_request(self, request: Request, view: APIView) -> bool:
        within = self.allow(request._request)
        request._request.dure_rate = self.standing  # type: ignore[attr-defined]  # for the answer
        return within

    def allow(self, request: HttpRequest) -> bool:
        """The same for a page."""
        # It reads nothing but where the request comes from, which both kinds have.
        ident = self.get_ident(cast("Request", request))
        self.standing, within = counted(self.policy, str(ident), in_all=True)
        return within


class ClaimLimit(AddressLimit):
    """Tries at codes."""

    policy = "claim"


class UnsentLimit(AddressLimit):
    """Forms that are kept for whoever was logged out while they filled them in."""

    policy = "unsent"

"""Every answer has a ``Request-Id``; what a key asked for is noted, the body by its hash alone."""

from __future__ import annotations

import hashlib
import logging
import time
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from django.db import DatabaseError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from dure.accounts.models import ApiKey, LoggedRequest, Organisation
from dure.core.clock import now

logger = logging.getLogger(__name__)

KEPT_FOR = timedelta(days=30)
SWEEP_BATCH = 5_000
PATH_LENGTH_MAX = 200
#: In place of an address that nothing answers: it may hold anything.
UNKNOWN_ADDRESS = "(unknown address)"


class ReadingAlong:
    """A request's body as it is read by whoever reads it, with its hash and size beside."""

    def __init__(self, stream: Any) -> None:  # Any: the server's own kind of stream
        self._stream = stream
        self._digest = hashlib.sha256()
        self.size = 0

    def _noted(self, data: bytes) -> bytes:
        self._digest.update(data)
        self.size += len(data)
        return data

    def read(self, *arguments: Any, **options: Any) -> bytes:  # Any: as the stream takes them
        return self._noted(self._stream.read(*arguments, **options))

    def readline(self, *arguments: Any, **options: Any) -> bytes:
        return self._noted(self._stream.readline(*arguments, **options))

    def hexdigest(self) -> str:
        return self._digest.hexdigest()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


class RequestLog:
    """Middleware, outermost of all: its id is on errors too, its clock counts everything."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request_id, started, moment = uuid.uuid4(), time.monotonic(), now()
        along = None
        if "HTTP_AUTHORIZATION" in request.META and hasattr(request, "_stream"):
            along = ReadingAlong(request._stream)
            request._stream = along  # type: ignore[assignment]  # reads like the stream it wraps
        response = self.get_response(request)
        response["Request-Id"] = str(request_id)
        standing = getattr(request, "dure_rate", None)
        if standing is not None:
            for name, value in standing.headers.items():
                response[name] = value
        key = getattr(request, "dure_key", None)
        if isinstance(key, ApiKey):
            latency_ms = int((time.monotonic() - started) * 1000)
            _note(request_id, key, request, response, moment, latency_ms, along)
        return response


def _note(
    request_id: uuid.UUID,
    key: ApiKey,
    request: HttpRequest,
    response: HttpResponseBase,
    moment: datetime,
    latency_ms: int,
    along: ReadingAlong | None,
) -> None:
    """Write the line; a log that cannot be written changes no answer."""
    known = request.resolver_match is not None
    size, digest = _body(request, along)
    try:
        LoggedRequest.objects.create(
            id=request_id,
            key=key,
            organisation_id=key.organisation_id,
            at=moment,
            method=str(request.method)[:8],
            path=_printable(request.path)[:PATH_LENGTH_MAX] if known else UNKNOWN_ADDRESS,
            status=response.status_code,
            latency_ms=latency_ms,
            body_bytes=size,
            body_sha256=digest,
            problem=_problem(response),
        )
    except DatabaseError as error:
        logger.warning("a request was not logged (%s)", type(error).__name__)


def _printable(path: str) -> str:
    """Letters that no column and no page takes (NUL, halves of characters) as what they came as."""
    return "".join(
        letter if letter.isprintable() else quote(letter, errors="surrogatepass") for letter in path
    )


def _body(request: HttpRequest, along: ReadingAlong | None) -> tuple[int | None, str]:
    """Size and hash of a body that was read to its end; (None, "") for any other."""
    try:
        announced = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return None, ""
    if announced == 0:
        return 0, ""
    if along is None or along.size != announced:
        return None, ""
    return along.size, along.hexdigest()


def _problem(response: HttpResponseBase) -> str:
    """The code of the problem that was answered, as its page is called."""
    data = getattr(response, "data", None)
    if response.status_code < 400 or not isinstance(data, dict):
        return ""
    return str(data.get("type", "")).strip("/").rpartition("/")[2][:60]


def requests_of(organisation: Organisation) -> QuerySet[LoggedRequest]:
    """Requests of an organisation's keys of the last thirty days, newest first."""
    return (
        LoggedRequest.objects.filter(organisation=organisation, at__gt=now() - KEPT_FOR)
        .select_related("key")
        .order_by("-at", "-id")
    )


def sweep_requests() -> int:
    """Delete what is older than thirty days, a batch at a time; returns how many went."""
    gone = 0
    while True:
        old = LoggedRequest.objects.filter(at__lte=now() - KEPT_FOR).order_by("at")
        ids = list(old.values_list("id", flat=True)[:SWEEP_BATCH])
        if not ids:
            return gone
        gone += LoggedRequest.objects.filter(id__in=ids).delete()[0]

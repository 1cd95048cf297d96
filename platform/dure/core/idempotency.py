"""Keyed requests: one effect and one answer, however often they arrive.

The answer is stored in the transaction of its effect, so a crash between the two cannot happen. An
advisory lock tells a request that is still running from one that never was.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable

from django.db import connection, transaction
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from dure.core.canonical import sha256_hex
from dure.core.models import IdempotentAnswer
from dure.core.problems import INVALID, KEY_IN_USE, KEY_REUSED, FieldError

KEY_LENGTH_MAX = 255


def run_idempotently(
    *, actor: uuid.UUID, key: str | None, request_hash: str, run: Callable[[], Response]
) -> Response:
    """Run once per (actor, key) and replay the stored answer afterwards.

    ``request_hash`` covers everything that the request asks for. Raises ``KEY_REUSED`` (422) for
    another request under the same key and ``KEY_IN_USE`` (409) while the first one runs. A request
    that fails stores nothing and may be sent again.
    """
    if not key:
        with transaction.atomic():
            return run()
    if len(key) > KEY_LENGTH_MAX or not key.isprintable():
        raise INVALID.problem(errors=[FieldError("Idempotency-Key", INVALID.advice)])
    with transaction.atomic():
        if not _lock(actor, key):
            raise KEY_IN_USE.problem(headers={"Retry-After": "1"})
        stored = IdempotentAnswer.objects.filter(actor=actor, key=key).first()
        if stored is not None:
            if stored.request_hash != request_hash:
                raise KEY_REUSED.problem()
            return Response(
                json.loads(stored.body),
                status=stored.status,
                headers={**stored.headers, "Idempotent-Replayed": "true"},
            )
        response = run()
        if response.status_code < 400:
            IdempotentAnswer.objects.create(
                actor=actor,
                key=key,
                request_hash=request_hash,
                status=response.status_code,
                headers=_kept(response),
                body=JSONRenderer().render(response.data).decode(),
            )
        return response


def _kept(response: Response) -> dict[str, str]:
    return {"Location": response["Location"]} if response.has_header("Location") else {}


def _lock(actor: uuid.UUID, key: str) -> bool:
    number = int(sha256_hex(f"{actor}|{key}".encode())[:15], 16)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
        (locked,) = cursor.fetchone()
    return bool(locked)

"""Turns whatever an API view raises into ``application/problem+json``."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import DataError, OperationalError
from django.http import Http404
from psycopg.errors import UntranslatableCharacter
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from dure.core import problems
from dure.core.problems import FieldError, Problem

logger = logging.getLogger(__name__)
CONTENT_TYPE = "application/problem+json"


def problem_response(
    error: Exception,
    context: Mapping[str, Any],  # Any: DRF's own signature
) -> Response:
    """DRF's exception handler: every error is a problem document, never a traceback."""
    problem = _problem(error)
    if problem is None:
        # The type and the place only: an exception's text may quote what a person sent.
        logger.error(
            "unexpected %s in %s",
            type(error).__name__,
            type(context.get("view")).__name__,
            exc_info=error if _debug() else None,
        )
        problem = problems.SERVER.problem()
    set_rollback()
    return Response(
        problem.document(),
        status=problem.kind.status,
        headers=problem.headers,
        content_type=CONTENT_TYPE,
    )


def _debug() -> bool:
    from django.conf import settings

    return bool(settings.DEBUG)


def is_unstorable(error: Exception) -> bool:
    """Whether somebody sent a NUL character, which no text and no column of PostgreSQL takes."""
    if not isinstance(error, DataError):
        return False
    within_json = isinstance(error.__cause__, UntranslatableCharacter)
    return within_json or "NUL (0x00)" in str(error)


def _problem(error: Exception) -> Problem | None:
    match error:
        case Problem():
            return error
        case Http404():
            return problems.NOT_FOUND.problem()
        case PermissionDenied():
            return problems.NOT_ALLOWED.problem()
        case RequestDataTooBig():
            return problems.TOO_LARGE.problem()
        case DataError() if is_unstorable(error):
            return problems.INVALID.problem()
        case OperationalError():
            return problems.UNAVAILABLE.problem(headers={"Retry-After": "2"})
        case exceptions.APIException():
            return _of_rest(error)
    return None


def _of_rest(error: exceptions.APIException) -> Problem:
    kind = problems.BY_STATUS.get(error.status_code, problems.INVALID)
    headers: dict[str, str] = {}
    wait = getattr(error, "wait", None)
    if wait:
        headers["Retry-After"] = str(int(wait) + 1)
    challenge = getattr(error, "auth_header", None)
    if challenge:
        headers["WWW-Authenticate"] = challenge
    if isinstance(error, exceptions.ValidationError):
        return kind.problem(errors=list(_fields("", error.detail)), headers=headers)
    return kind.problem(detail=str(error.detail), headers=headers)


def _fields(path: str, detail: object) -> Sequence[FieldError]:
    """DRF's nested errors as a flat list with dotted paths."""
    if isinstance(detail, Mapping):
        return [
            found
            for name, inner in detail.items()
            for found in _fields(f"{path}.{name}" if path else str(name), inner)
        ]
    if isinstance(detail, list):
        return [
            found
            for index, inner in enumerate(detail)
            for found in _fields(
                path if not isinstance(inner, Mapping | list) else f"{path}[{index}]", inner
            )
        ]
    code = getattr(detail, "code", "invalid")
    return [FieldError(field=path or "request", message=str(detail), code=str(code))]

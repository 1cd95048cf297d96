"""A JSON parser that refuses what is ambiguous: repeated keys, NaN, lone surrogates."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import IO, Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

BODY_BYTES_MAX = 2 * 1024 * 1024


def _pairs(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("repeated key")
    return found


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")


def loads(body: bytes) -> Any:  # Any: JSON
    """The one thing that the bytes say; ValueError for what is ambiguous or no JSON."""
    try:
        document = json.loads(
            body.decode("utf-8"), object_pairs_hook=_pairs, parse_constant=_refuse_constant
        )
        json.dumps(document, ensure_ascii=False).encode("utf-8")
    except RecursionError:
        raise ValueError("nested too deeply") from None
    return document


class StrictJSONParser(JSONParser):
    def parse(
        self,
        stream: IO[Any],  # Any: DRF's own signature
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        body = stream.read(BODY_BYTES_MAX + 1)
        if len(body) > BODY_BYTES_MAX:
            raise ParseError(_("The document is larger than 2 MB."))
        try:
            document: dict[str, Any] = loads(body)
        except ValueError as error:
            raise ParseError(
                _("The body is not valid JSON (UTF-8, no repeated keys, no NaN).")
            ) from error
        return document

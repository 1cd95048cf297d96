"""Finishes the OpenAPI document: every refusal of every operation, and null where null can come.

Views name the refusals that are theirs alone. What stands before every view (who asks, how often,
whether an address or a body can be read) is said here once, so that generated clients know it too.
All refusals are problem documents (RFC 9457).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from dure.core.problem_handler import CONTENT_TYPE
from dure.core.problems import BY_STATUS, INVALID

Document = dict[str, Any]  # Any: OpenAPI is JSON

_METHODS: Final = ("get", "post", "put", "patch", "delete")
_NAME: Final = "Problem"
#: What many problems share; one of their titles would name the wrong one.
_SHARED: Final = {
    409: _("The state of things does not allow it"),
    422: _("A rule does not allow it"),
}
#: What any address can answer, whatever it is about.
EVERYWHERE: Final = (406, 429, 503)


def say_null(
    result: Document,
    generator: object,
    request: object,
    public: bool,
) -> Document:
    """Hook of drf-spectacular: where a document or nothing can stand, say so as OpenAPI 3.0 means.

    The library writes ``allOf: [$ref], nullable``, and ``nullable`` alone widens no reference
    (OpenAPI 3.0.3, proposal 2019-10-31): a strict client refuses the null that comes.
    """
    for name in ("components", "paths"):
        _say_null(result[name])
    return result


def _say_null(node: object) -> None:
    if isinstance(node, dict):
        if node.get("nullable") is True and "allOf" in node:
            nothing = {"nullable": True, "enum": [None]}
            node["anyOf"] = [*node.pop("allOf"), nothing]
            del node["nullable"]
        for inner in node.values():
            _say_null(inner)
    elif isinstance(node, list):
        for inner in node:
            _say_null(inner)


def document_refusals(
    result: Document,
    generator: object,
    request: object,
    public: bool,
) -> Document:
    """Hook of drf-spectacular: the finished document, with every refusal of every operation."""
    for path, item in result["paths"].items():
        for method, operation in item.items():
            if method in _METHODS:
                _complete(operation, path)
    return result


def _complete(operation: Document, path: str) -> None:
    responses: Document = operation.setdefault("responses", {})
    for status in _statuses(operation, path):
        responses.setdefault(str(status), {"description": ""})
    for code, response in responses.items():
        if code >= "400":
            response["description"] = response.get("description") or _title(int(code))
            response["content"] = {
                CONTENT_TYPE: {"schema": {"$ref": f"#/components/schemas/{_NAME}"}}
            }
    operation["responses"] = dict(sorted(responses.items()))


def _statuses(operation: Mapping[str, Any], path: str) -> Iterator[int]:
    """What the ground answers before or instead of a view."""
    body = "requestBody" in operation
    if body or operation.get("parameters"):
        yield 400
    if {} not in operation.get("security", []):
        yield from (401, 403)
    if "{" in path:
        yield 404
    if body:
        yield from (413, 415)
    yield from EVERYWHERE


def _title(status: int) -> str:
    return str(_SHARED.get(status) or BY_STATUS.get(status, INVALID).title)

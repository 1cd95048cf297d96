"""Whether an answer is one that the OpenAPI document says there is."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from django.utils.translation import override
from drf_spectacular.generators import SchemaGenerator
from openapi_schema_validator import OAS30Validator
from referencing import Registry
from referencing.jsonschema import DRAFT4

Document = Mapping[str, Any]  # Any: OpenAPI is JSON
NAME = "urn:dure:openapi"


@cache
def document() -> Document:
    """The API's own description of itself."""
    with override("en"):
        generator = SchemaGenerator()  # type: ignore[no-untyped-call]  # the library has no types
        found: Document = generator.get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return found


@cache
def _registry() -> Registry[Document]:
    resource = DRAFT4.create_resource(document())
    found: Registry[Document] = Registry().with_resource(NAME, resource)
    return found


def unlike_the_document(path: str, method: str, answer: Any) -> str:  # Any: Django's test client
    """What of an answer the document does not say; empty where all of it is said."""
    responses: Document = document()["paths"][path][method]["responses"]
    said = responses.get(str(answer.status_code))
    if said is None:
        return f"{answer.status_code} is not documented"
    kind = answer.headers.get("Content-Type", "").partition(";")[0]
    contents: Document = said.get("content", {})
    if not contents:
        return "" if not kind or not _content(answer) else f"{answer.status_code} has a body"
    if kind not in contents:
        return f"{answer.status_code} is {kind}, documented are {sorted(contents)}"
    if not kind.endswith("json"):
        return ""
    pointer = "/".join(
        part.replace("~", "~0").replace("/", "~1")
        for part in ("paths", path, method, "responses", str(answer.status_code), "content", kind)
    )
    schema = {"$ref": f"{NAME}#/{pointer}/schema"}
    validator = OAS30Validator(schema, registry=_registry())
    error = next(iter(validator.iter_errors(answer.json())), None)
    where = "/".join(map(str, error.absolute_path)) if error else ""
    return f"{answer.status_code} at {where}: {error.message[:300]}" if error else ""


def _content(answer: Any) -> bytes:  # Any: Django's test client
    return b"".join(answer) if answer.streaming else answer.content

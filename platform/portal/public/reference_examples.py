"""What a request and its answer look like, made from the OpenAPI document alone.

Values are of the right kind and say what they are; nothing in them belongs to anybody.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from django.conf import settings

Document = Mapping[str, Any]  # Any: the OpenAPI document is JSON
JSON_BODY = "application/json"
#: Objects within objects are shown this far.
DEPTH = 6
#: Values by the format of a string.
STRINGS = {
    "date-time": "2026-11-28T08:00:00Z",
    "date": "2026-11-28",
    "uuid": "2f1c6f0e-8a7b-4d0c-9e5a-3b1d7c2e4f60",
    "uri": "https://…",
    "email": "name@firm.example",
}
NUMBERS: Mapping[str, Any] = {"integer": 1, "number": 0.5, "boolean": True}


def resolved(schema: Document, document: Document) -> Document:
    """The schema behind a reference."""
    while "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        schema = document["components"]["schemas"][name]
    return schema


def example(schema: Document, document: Document, depth: int = DEPTH) -> Any:  # Any: JSON
    """A value that fits a schema; of choices, all of them."""
    found = resolved(schema, document)
    for several in ("allOf", "oneOf", "anyOf"):
        if several in found:
            return example(found[several][0], document, depth)
    for given in ("example", "default"):
        if found.get(given) not in (None, ""):
            return found[given]
    kind = found.get("type", "object")
    if isinstance(kind, list):
        kind = next((one for one in kind if one != "null"), "object")
    if found.get("enum"):
        choices = [str(value) for value in found["enum"] if value not in ("", None)]
        return " | ".join(choices) if kind == "string" else found["enum"][0]
    if kind == "string":
        return STRINGS.get(str(found.get("format", "")), "…")
    if kind in NUMBERS:
        return NUMBERS[kind]
    if depth == 0:
        return [] if kind == "array" else {}
    if kind == "array":
        return [example(found.get("items", {}), document, depth - 1)]
    inside = found.get("properties", {})
    more = found.get("additionalProperties")
    if not inside and isinstance(more, Mapping):
        return {"…": example(more, document, depth - 1)}
    return {name: example(one, document, depth - 1) for name, one in inside.items()}


def _text(value: Any) -> str:  # Any: JSON
    return json.dumps(value, ensure_ascii=False, indent=2)


def _body(operation: Document, kind: str, document: Document) -> Document:
    """The schema of a body of that media type; empty where the operation takes none."""
    contents = operation.get("requestBody", {}).get("content", {})
    return resolved(contents.get(kind, {}).get("schema", {}), document)


def example_body(operation: Document, document: Document) -> str:
    """A body in JSON with what is required, or with everything where nothing is; else empty."""
    schema = _body(operation, JSON_BODY, document)
    inside = schema.get("properties", {})
    if not inside:
        return ""
    wanted = schema.get("required") or list(inside)
    return _text({name: example(inside[name], document) for name in wanted if name in inside})


def _form(operation: Document, document: Document) -> list[str]:
    """The fields of a multipart form as curl takes them: what is required, and the file."""
    schema = _body(operation, "multipart/form-data", document)
    found = []
    for name, one in schema.get("properties", {}).items():
        field = resolved(one, document)
        inner = resolved(field.get("items", field), document)
        if inner.get("format") == "binary":
            found.append(f"-F {name}=@data.csv")
        elif name in schema.get("required", ()):
            found.append(f"-F {name}=…")
    return found


def example_request(method: str, path: str, operation: Document, document: Document) -> str:
    """A command of curl; what stands in the address is a variable of the shell."""
    named = re.sub(r"\{(\w+)\}", lambda match: f"${match[1].upper()}", path)
    parts = [f'curl -sS{"" if method == "GET" else f" -X {method}"} "{settings.PUBLIC_URL}{named}"']
    if {} not in operation.get("security", []):
        parts.append('-H "Authorization: Bearer $DURE_KEY"')
    headers = {one["name"] for one in operation.get("parameters", []) if one["in"] == "header"}
    if "Idempotency-Key" in headers:
        parts.append('-H "Idempotency-Key: $(uuidgen)"')
    form, body = _form(operation, document), example_body(operation, document)
    if form:
        parts.extend(form)
    elif body:
        quoted = body.replace("'", "'\\''")
        parts += ['-H "Content-Type: application/json"', f"-d '{quoted}'"]
    return " \\\n  ".join(parts)


def example_answer(operation: Document, document: Document) -> str:
    """The document of what is made, or of what is asked for, in JSON; empty where it is none."""
    for status, response in sorted(operation.get("responses", {}).items(), reverse=True):
        schema = response.get("content", {}).get(JSON_BODY, {}).get("schema")
        if status.startswith("2") and schema:
            return _text(example(schema, document))
    return ""

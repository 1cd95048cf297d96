"""The API reference, laid out from the OpenAPI document that the API serves."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from operator import attrgetter

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import override
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator

from dure.core.language import current
from dure.core.openapi_document import EVERYWHERE
from portal.public.reference_examples import (
    Document,
    example_answer,
    example_body,
    example_request,
    resolved,
)

_METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Field:
    name: str
    kind: str
    place: str
    required: bool
    description: str


@dataclass(frozen=True)
class Operation:
    id: str
    tag: str
    method: str
    path: str
    summary: str
    description: str
    public: bool
    fields: tuple[Field, ...]
    answers: tuple[tuple[str, str], ...]
    #: Media types that a body may have; an example body in JSON, a request, an answer.
    bodies: tuple[str, ...]
    body: str
    request: str
    answer: str

    @property
    def asked(self) -> str:
        """Names and places of what is asked outside the body, as JSON for trying it out."""
        return json.dumps([[one.name, one.place] for one in self.fields if one.place != "body"])


def _kind(schema: Document, document: Document) -> str:
    """A type in a word; lists name what they hold."""
    found = resolved(schema, document)
    for several in ("allOf", "anyOf"):
        if several in found:
            return _kind(found[several][0], document)
    if found.get("enum"):
        return " | ".join(str(value) for value in found["enum"] if value not in ("", None))
    kind = str(found.get("type", "object"))
    if kind == "array":
        return f"[{_kind(found.get('items', {}), document)}]"
    return str(found.get("format", kind))


def _fields(operation: Document, document: Document) -> Iterator[Field]:
    for parameter in operation.get("parameters", []):
        yield Field(
            parameter["name"],
            _kind(parameter.get("schema", {}), document),
            parameter["in"],
            bool(parameter.get("required")),
            str(parameter.get("description", "")),
        )
    bodies: Mapping[str, Document] = operation.get("requestBody", {}).get("content", {})
    body: Document = next((one.get("schema", {}) for one in bodies.values()), {})
    wanted = resolved(body, document)
    for name, schema in wanted.get("properties", {}).items():
        yield Field(
            name,
            _kind(schema, document),
            "body",
            name in wanted.get("required", ()),
            str(schema.get("description", "")),
        )


def _answer(response: Document) -> str:
    """The name of the document that a status comes with."""
    contents: Mapping[str, Document] = response.get("content", {})
    media: Document = next((one.get("schema", {}) for one in contents.values()), {})
    if "$ref" in media:
        return str(media["$ref"]).rpartition("/")[2]
    return str(response.get("description", "")) or str(media.get("type", ""))


def _first_sentence(operation: Document) -> str:
    """What a description begins with, for an operation that says no more."""
    sentence, _dot, _rest = str(operation.get("description", "")).partition(".")
    return " ".join(sentence.split()).partition(";")[0]


@cache
def operations(language: str) -> tuple[Operation, ...]:
    """Every operation in one language, by tag and path; the code alone decides what it is."""
    generator = SchemaGenerator()  # type: ignore[no-untyped-call]  # the library has no types
    document = generator.get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    found = [
        Operation(
            id=str(operation["operationId"]),
            tag=str(operation.get("tags", ["api"])[0]),
            method=method.upper(),
            path=path,
            summary=str(operation.get("summary", "")) or _first_sentence(operation),
            description=str(operation.get("description", "")),
            public={} in operation.get("security", []),
            bodies=tuple(operation.get("requestBody", {}).get("content", {})),
            body=example_body(operation, document),
            request=example_request(method.upper(), path, operation, document),
            answer=example_answer(operation, document),
            fields=tuple(_fields(operation, document)),
            answers=tuple(
                (str(status), _answer(response))
                for status, response in operation.get("responses", {}).items()
                if int(status) not in EVERYWHERE
            ),
        )
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method in _METHODS
    ]
    return tuple(
        sorted(found, key=lambda one: (one.tag, one.path, _METHODS.index(one.method.lower())))
    )


@cache
def _laid_out(language: str) -> SafeString:
    """The operations as they stand on the page; long, and the same for everybody."""
    groups = [
        {"tag": tag, "operations": list(found)}
        for tag, found in groupby(operations(language), key=attrgetter("tag"))
    ]
    with override(language):
        return render_to_string("portal/public/reference_operations.html", {"groups": groups})


@gzip_page
@require_safe
def reference(request: HttpRequest) -> HttpResponseBase:
    context = {"operations": _laid_out(current())}
    return render(request, "portal/public/reference.html", context)

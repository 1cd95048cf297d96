"""Whatever is sent to an operation of the OpenAPI document, the answer is never the server's
fault, and it is one that the document says there is.

A walk of the document itself: places of paths, parameters and bodies are drawn from the schemas,
some of them right, some wrong in type, size or letters, some no JSON at all.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests import cast
from tests.stories.conformance import document, unlike_the_document
from tests.stories.doors import Operation, operations, things

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.timeout(900),
]

EXAMPLES = 8
Document = Mapping[str, Any]  # Any: OpenAPI is JSON

#: What programs and people get wrong: sizes, signs, letters, other scripts, halves of things.
ODD_TEXTS = (
    "", " ", "0", "-1", "9" * 40, "1e999", "NaN", "null", "\x00", "a\x00b", "가" * 300, "\ud7ff",
    "../../etc/passwd", "'; --", "%", "2026-13-45", "2026-11-28T25:00:00Z", "x" * 5000, "🐟",
    "00000000-0000-0000-0000-000000000000", "D-2026-00000000",
)  # fmt: skip
odd_text = st.sampled_from(ODD_TEXTS) | st.text(max_size=40)
odd_json: st.SearchStrategy[Any] = st.recursive(  # Any: JSON
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | odd_text,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)


@dataclass(frozen=True)
class Sent:
    places: dict[str, str]
    query: list[tuple[str, str]]
    body: bytes


def resolved(schema: Document) -> Document:
    while "$ref" in schema:
        schema = document()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def fitting(schema: Document) -> st.SearchStrategy[Any]:  # Any: JSON
    """Values as the schema wants them, at least by their type."""
    schema = resolved(schema)
    if schema.get("enum"):
        return st.sampled_from(list(schema["enum"]))
    for several in ("oneOf", "anyOf", "allOf"):
        if several in schema:
            return st.one_of([fitting(one) for one in schema[several]])
    match schema.get("type"):
        case "object":
            members = {name: value(one) for name, one in schema.get("properties", {}).items()}
            return st.fixed_dictionaries({}, optional=members)
        case "array":
            return st.lists(value(schema.get("items", {})), max_size=3)
        case "integer":
            return st.integers(-(2**65), 2**65)
        case "number":
            return st.floats()
        case "boolean":
            return st.booleans()
        case "string" if schema.get("format") == "uuid":
            return st.uuids().map(str)
        case "string" if schema.get("format") in ("date", "date-time"):
            return st.datetimes().map(lambda moment: f"{moment.isoformat()}Z")
        case "string":
            return odd_text
    return odd_json


def value(schema: Document) -> st.SearchStrategy[Any]:  # Any: JSON
    """Mostly fitting, sometimes anything."""
    return st.integers(0, 4).flatmap(lambda turn: fitting(schema) if turn else odd_json)


def requests_of(operation: Operation, known: Mapping[str, str]) -> st.SearchStrategy[Sent]:
    described = document()["paths"][operation.path][operation.method]
    places = {name: st.just(known[name]) | st.just(known[name]) | odd_text.filter(bool)
              for name in operation.places}  # fmt: skip
    asked = {
        one["name"]: one.get("schema", {}).get("enum", ())
        for one in described.get("parameters", [])
        if one["in"] == "query"
    }
    asked |= {name: () for name in ("limit", "cursor", "party") if name not in asked}
    query = st.sampled_from(sorted(asked)).flatmap(
        lambda name: st.tuples(st.just(name), _one_of(asked[name]))
    )
    contents = described.get("requestBody", {}).get("content", {})
    schema: Document = next((one.get("schema", {}) for one in contents.values()), {})
    sent = value(schema).map(lambda body: json.dumps(body).encode())
    return st.builds(
        Sent,
        st.fixed_dictionaries(places),
        st.lists(query, max_size=3),
        sent | sent | sent | st.binary(max_size=60),
    )


def _one_of(offered: Sequence[str]) -> st.SearchStrategy[str]:
    """What a parameter offers, and what it does not."""
    return st.sampled_from(list(offered)) | odd_text if offered else odd_text


def address(operation: Operation, sent: Sent) -> str:
    path = operation.path
    for name, text in sent.places.items():
        path = path.replace(f"{{{name}}}", quote(text, safe=""))
    query = "&".join(f"{name}={quote(text, safe='')}" for name, text in sent.query)
    return f"{path}?{query}" if query else path


@pytest.mark.parametrize("reads", [True, False], ids=["reading", "writing"])
def test_no_input_is_answered_with_a_fault_of_ours(reads: bool) -> None:
    known = things()
    clients = [cast.api(cast.mina()), cast.api(cast.kang())]
    for client in clients:
        client.raise_request_exception = False
    faults: dict[str, Sent] = {}

    def walk(operation: Operation) -> None:
        @settings(
            max_examples=EXAMPLES,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(sent=requests_of(operation, known))
        def one(sent: Sent) -> None:
            for client in clients:
                with transaction.atomic():
                    answer = client.generic(
                        operation.method.upper(),
                        address(operation, sent),
                        b"" if operation.method == "get" else sent.body,  # type: ignore[arg-type]  # bytes go as they are
                        content_type="application/json",
                    )
                    transaction.set_rollback(True)
                unlike = unlike_the_document(operation.path, operation.method, answer)
                if answer.status_code >= 500 or unlike:
                    faults.setdefault(f"{operation.name}: {unlike or answer.status_code}", sent)

        one()

    for operation in operations():
        if (operation.method == "get") is reads:
            walk(operation)
    assert not faults, "\n".join(f"{fault} for {sent}"[:600] for fault, sent in faults.items())


def test_every_address_says_which_methods_it_takes() -> None:
    known, kang = things(), cast.api(cast.kang())
    kang.raise_request_exception = False
    for operation in operations():
        answer = kang.options(operation.address(known))
        assert answer.status_code in (200, 204), operation
        assert operation.method.upper() in answer["Allow"], operation


@pytest.mark.parametrize("path", ["nothing/", "epochs/abc/", "webhooks/%00/", "calls/a/b/c/"])
def test_an_address_that_is_not_there_is_a_problem_document(path: str) -> None:
    for client in (cast.api(), cast.api(cast.mina())):
        answer = client.get(f"/api/v1/{path}")
        assert answer.status_code == 404
        assert answer["Content-Type"] == "application/problem+json"
        assert answer.json()["type"].endswith("/not-found/")

from __future__ import annotations

from typing import Any

import pytest

from demo import calls, people
from demo.population import reference_documents
from dure.accounts.roles import Role
from dure.core.canonical import canonical_bytes

# A JSON document; the tests say what its members are.
Document = dict[str, Any]


def _documents() -> list[Document]:
    return calls.call_documents()


def _columns(document: Document) -> set[str]:
    schema = document["schema"]
    assert isinstance(schema, dict)
    return {field["name"] for field in schema["fields"]}


@pytest.mark.parametrize("document", _documents(), ids=calls.SLUGS)
def test_checks_strata_and_keys_name_columns_that_exist(document: Document) -> None:
    columns = _columns(document)
    assert all(check["kwargs"]["column"] in columns for check in document["checks"])
    for stratum in document["strata"]:
        column = str(stratum["column"])
        assert column in columns or column.startswith("contributor.")


@pytest.mark.parametrize("document", _documents(), ids=calls.SLUGS)
def test_a_call_is_canonical_json_and_speaks_both_languages(document: Document) -> None:
    assert canonical_bytes(document)
    for name in ("title", "description"):
        text = document[name]
        assert isinstance(text, dict)
        assert set(text) == {"ko", "en"}


@pytest.mark.parametrize("document", _documents(), ids=calls.SLUGS)
def test_only_the_use_by_the_city_is_required(document: Document) -> None:
    purposes = document["purposes"]
    assert isinstance(purposes, list)
    assert [purpose["required"] for purpose in purposes] == [True, False]


def test_every_stratum_map_leads_into_its_reference() -> None:
    documents: list[Document] = list(reference_documents())
    references = {str(item["key"]): item["dimensions"] for item in documents}
    for document in _documents():
        for stratum in document["strata"]:
            known = references[stratum["reference"]][stratum["dimension"]]
            assert set(stratum.get("map", {}).values()) <= set(known)


def test_the_worst_dust_storm_on_record_is_not_an_error() -> None:
    low, high = calls.AIR_MEASURES["미세먼지농도(㎍/㎥)"]
    assert low <= 517 <= high


def test_the_cast_has_every_role_and_two_operators_who_approve() -> None:
    assert {member.role for member in people.CAST} == set(Role)
    assert len({member.email for member in people.CAST}) == len(people.CAST)
    for operator in (people.KANG, people.LIM):
        assert set(operator.roles) == {Role.OPERATOR, Role.APPROVER}

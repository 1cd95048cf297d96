"""Kang writes a call; every fault is named by its field."""

from __future__ import annotations

from typing import Any

import pytest

from contributions.calls.services import draft_call, register_reference, revise_call
from contributions.models import Call, ReferencePopulation
from contributions.selectors import reference_document
from dure.core.problems import Problem
from tests.cast import actor, kang, lim, mina
from tests.contributions.seoul import AIR, REFERENCE, drafted, published

pytestmark = pytest.mark.django_db


def faults(**changes: Any) -> dict[str, str]:  # Any: JSON
    """Faulty fields and their codes when the air call is changed like this."""
    register_reference(acting=actor(kang()), document=REFERENCE)
    with pytest.raises(Problem) as refusal:
        draft_call(acting=actor(kang()), document={**AIR, **changes})
    assert refusal.value.kind.code == "call-invalid"
    assert not Call.objects.exists()
    return {error.field: error.code for error in refusal.value.errors}


def test_a_sound_call_becomes_a_first_version() -> None:
    call = drafted()
    version = call.versions.get()
    assert (version.number, version.state, version.author) == (1, "draft", kang())
    assert [reference.key for reference in version.references.all()] == ["seoul-three"]
    assert call.published is None


@pytest.mark.parametrize("name", ["price_cap", "duplicates", "opens_at", "closes_at"])
def test_what_is_optional_may_be_null(name: str) -> None:
    assert drafted(**{name: None}).versions.get().document[name] is None


def test_residents_do_not_write_calls() -> None:
    with pytest.raises(Problem) as refusal:
        draft_call(acting=actor(mina()), document=AIR)
    assert refusal.value.kind.status == 403


def test_a_slug_is_taken_once() -> None:
    drafted()
    with pytest.raises(Problem) as refusal:
        drafted()
    assert refusal.value.kind.code == "call-taken"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"slug": "Air Daily"}, "slug"),
        ({"title": "only one language"}, "title"),
        ({"title": {"ko": "대기질", "en": " "}}, "title.en"),
        ({"target_mass": 0}, "target_mass"),
        ({"target_mass": True}, "target_mass"),
        ({"method": "lottery"}, "method"),
        ({"pool": {"asset": "USD", "amount": "1"}}, "pool.asset"),
        ({"pool": {"asset": "KRW", "amount": "1e6"}}, "pool.amount"),
        ({"pool": {"asset": "KRW", "amount": "0"}}, "pool.amount"),
        ({"price_cap": "0.5"}, "price_cap"),
        ({"tolerance": "1.01"}, "tolerance"),
        ({"tolerance": 0.2}, "tolerance"),
        ({"purposes": []}, "purposes"),
        ({"opens_at": "yesterday"}, "opens_at"),
        ({"closes_at": "2026-10-01T00:00:00Z"}, "closes_at"),
        ({"retention_days": 0}, "retention_days"),
        ({"duplicates": {"key": ["시각"]}}, "duplicates.key"),
        ({"duplicates": {"key": None, "near": {"측정소명": 1}}}, "duplicates.near"),
        ({"duplicates": {"key": None, "near": {"PM10": "1"}}}, "duplicates.near"),
        ({"strata": []}, "strata"),
        ({"colour": "blue"}, "colour"),
        ({"schema": {"fields": []}}, "schema"),
    ],
)
def test_every_fault_is_named_by_its_field(changes: dict[str, Any], field: str) -> None:
    assert field in faults(**changes)


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"reference": "seoul-1900"}, "strata[0].reference", "unknown-reference"),
        ({"dimension": "age"}, "strata[0].dimension", "unknown-dimension"),
        ({"column": "구"}, "strata[0].column", "unknown-column"),
        ({"map": {"종로구": "99999"}}, "strata[0].map", "unknown-stratum"),
        ({"weight": "0.5"}, "strata", "weights"),
        ({"weight": "-1"}, "strata[0].weight", "invalid"),
    ],
)
def test_strata_name_what_exists(change: dict[str, Any], field: str, code: str) -> None:
    assert faults(strata=[{**AIR["strata"][0], **change}])[field] == code


def test_a_purpose_is_written_in_both_languages_and_once() -> None:
    purpose = AIR["purposes"][0]
    found = faults(purposes=[purpose, {**purpose, "notice": {"ko": "다시"}}])
    assert found["purposes[1].key"] == "repeated"
    assert "purposes[1].notice.en" in found


def test_a_change_is_a_new_version_and_the_published_one_stands() -> None:
    first = published()
    second = revise_call(acting=actor(lim()), slug="air-daily", changes={"target_mass": 200})
    assert (second.number, second.state, second.document["target_mass"]) == (2, "draft", 200)
    first.refresh_from_db()
    assert (first.state, first.document["target_mass"]) == ("published", 100)


def test_reference_counts_of_a_call_in_use_do_not_change() -> None:
    drafted()
    again = register_reference(acting=actor(kang()), document=REFERENCE)
    assert ReferencePopulation.objects.get() == again
    changed = {**REFERENCE, "dimensions": {"district": {"11110": 1}}}
    with pytest.raises(Problem) as refusal:
        register_reference(acting=actor(kang()), document=changed)
    assert refusal.value.kind.code == "reference-in-use"


@pytest.mark.parametrize(
    "source", ["Census 2020", {"ko": "2020 인구주택총조사", "en": "Census 2020"}]
)
def test_a_source_is_a_plain_text_or_one_in_each_language(source: object) -> None:
    made = register_reference(acting=actor(kang()), document={**REFERENCE, "source": source})
    made.refresh_from_db()
    assert reference_document(made)["source"] == source


def test_joint_cells_give_the_margins() -> None:
    document = {key: value for key, value in REFERENCE.items() if key != "dimensions"}
    cells = [
        {"district": "11110", "sex": "F", "count": 3},
        {"district": "11110", "sex": "M", "count": 4},
        {"district": "11320", "sex": "F", "count": 5},
    ]
    reference = register_reference(acting=actor(kang()), document={**document, "cells": cells})
    assert reference.dimensions == {
        "district": {"11110": 7, "11320": 5},
        "sex": {"F": 8, "M": 4},
    }


@pytest.mark.parametrize(
    "change",
    [
        {"dimensions": {"district": {"11110": -1}}},
        {"dimensions": {"district": {"11110": 0}}},
        {"dimensions": {"a": {"x": 1}, "b": {"y": 2}}},
        {"dimensions": {}, "cells": []},
        {"as_of": "last year"},
        {"source": ""},
        {"source": {"ko": "통계청"}},
        {"key": "Seoul Three"},
    ],
)
def test_an_unsound_reference_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(Problem) as refusal:
        register_reference(acting=actor(kang()), document={**REFERENCE, **change})
    assert refusal.value.kind.code == "reference-invalid"

"""Calls and reference populations over HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from contributions.models import Call, ReferencePopulation
from contributions.registries import Masses, PriceDocument, price_provider
from tests.cast import api, charlie, kang, lim, mina
from tests.contributions.seoul import AIR, REFERENCE, drafted, published

pytestmark = pytest.mark.django_db

ADDRESS = "/api/v1/calls/"


def test_anybody_reads_open_calls() -> None:
    published()
    (call,) = api().get(ADDRESS).json()["results"]
    assert call["slug"] == "air-daily"
    assert call["title"] == AIR["title"]
    assert call["schema"] == AIR["schema"]
    assert {stratum["key"]: stratum["share"] for stratum in call["strata"]} == {
        "11110": "0.200000",
        "11320": "0.300000",
        "11680": "0.500000",
    }
    assert api().get(f"{ADDRESS}air-daily/").json() == call
    assert api().get(f"{ADDRESS}nowhere/").status_code == 404


def test_two_operators_take_a_call_from_draft_to_publication() -> None:
    first, second = api(kang()), api(lim())
    assert first.post("/api/v1/references/", REFERENCE).status_code == 201
    made = first.post(ADDRESS, AIR)
    assert (made.status_code, made["Location"]) == (201, f"{ADDRESS}air-daily/")
    assert api().get(f"{ADDRESS}air-daily/").status_code == 404, "not published yet"
    changed = first.patch(f"{ADDRESS}air-daily/", {"target_mass": 200})
    assert (changed.status_code, changed.json()["version"]) == (200, 2)
    assert first.get(f"{ADDRESS}air-daily/").json()["status"] == "draft"
    proposed = first.post(f"{ADDRESS}air-daily/publication/")
    assert (proposed.status_code, proposed.json()["status"]) == (202, "proposed")
    assert first.post(f"{ADDRESS}air-daily/publication/").status_code == 409
    approved = second.post(f"{ADDRESS}air-daily/publication/")
    assert (approved.status_code, approved.json()["status"]) == (200, "open")
    assert api().get(f"{ADDRESS}air-daily/").json()["target_mass"] == 200


def test_faults_are_named_by_their_fields() -> None:
    answer = api(kang()).post(ADDRESS, {**AIR, "target_mass": -1})
    assert answer.status_code == 422
    assert {error["field"] for error in answer.json()["errors"]} == {
        "target_mass",
        "strata[0].reference",
    }
    assert api(kang()).post(ADDRESS, [AIR]).status_code == 400


@pytest.mark.parametrize(("who", "status"), [(None, 401), (charlie, 403), (mina, 403)])
def test_others_write_no_calls(who: Any, status: int) -> None:  # Any: one of the cast or nobody
    drafted()
    client = api(who()) if who else api()
    assert client.post(ADDRESS, AIR).status_code == status
    assert client.patch(f"{ADDRESS}air-daily/", {"target_mass": 1}).status_code == status
    assert client.post(f"{ADDRESS}air-daily/publication/").status_code == status
    assert client.post("/api/v1/references/", REFERENCE).status_code == status
    assert client.get(f"{ADDRESS}air-daily/").status_code == 404


def test_a_reference_is_read_with_its_labels() -> None:
    drafted()
    (listed,) = api().get("/api/v1/references/").json()["results"]
    document = api().get("/api/v1/references/seoul-three/").json()
    assert document == listed
    assert document["dimensions"] == REFERENCE["dimensions"]
    assert document["labels"]["district"]["11320"] == {"ko": "도봉구", "en": "Dobong-gu"}
    assert api().get("/api/v1/references/none/").status_code == 404
    assert ReferencePopulation.objects.count() == 1


def test_prices_come_from_whoever_registered_them(monkeypatch: pytest.MonkeyPatch) -> None:
    def prices(_version: object, _masses: Masses) -> dict[str, dict[str, PriceDocument]]:
        return {"district": {"11320": {"price": "12.5", "multiplier": "1.8"}}}

    monkeypatch.setitem(price_provider._items, "prices", prices)
    published()
    strata = api().get(f"{ADDRESS}air-daily/").json()["strata"]
    assert {each["key"]: (each["price"], each["multiplier"]) for each in strata} == {
        "11110": (None, None),
        "11320": ("12.5", "1.8"),
        "11680": (None, None),
    }


def test_the_list_takes_the_same_queries_for_many_calls(
    django_assert_num_queries: DjangoAssertNumQueries,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(price_provider, "_items", {})
    for number in range(3):
        published(slug=f"air-{number}")
    assert Call.objects.count() == 3
    # Calls with their versions, references, stock.
    with django_assert_num_queries(3):
        page = api().get(ADDRESS).json()
    assert len(page["results"]) == 3


@pytest.mark.parametrize("poison", ["a\x00b", 2**60])
def test_what_cannot_be_stored_is_refused_and_not_an_error_of_ours(poison: Any) -> None:
    checks = [{**AIR["checks"][0], "kwargs": {"column": "PM10", "min_value": poison}}]
    answer = api(kang()).post(ADDRESS, {**AIR, "checks": checks})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "request")
    labels = {"district": {"11110": {"ko": poison, "en": "x"}}}
    answer = api(kang()).post("/api/v1/references/", {**REFERENCE, "labels": labels})
    assert answer.status_code == 422

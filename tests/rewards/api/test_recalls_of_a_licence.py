"""A licensee is told in the licence itself what to delete."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contributions.pipeline.stages import check
from contributions.registries import licence_provider
from contributions.releases.building import build
from contributions.releases.services import build_release
from contributions.withdrawal.services import withdraw
from dure.core.clock import rfc3339
from tests.cast import actor, api, hana, hanbit, joon, kang, mina
from tests.contributions.conftest import _warm_engine
from tests.contributions.seoul import air_csv, handed_in, published, twenty_rows

__all__ = ["_warm_engine"]

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_licence_names_the_releases_of_which_rows_have_to_go(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    published()
    check(handed_in(joon(), air_csv("2026110300,강남구,12")).id)
    mine = check(handed_in(mina(), twenty_rows()).id)
    firm = api(hana(), hanbit())
    asked = {
        "call": "air-daily", "purpose": "commercial", "people": 10, "turnover": 1, "balance": 1,
        "party": str(hanbit().party_id),
    }  # fmt: skip
    address = firm.post("/api/v1/licences/", asked, format="json")["Location"]
    monkeypatch.setattr(licence_provider, "_items", {"all": lambda actor, _: actor.parties})
    release = build(
        build_release(
            acting=actor(kang()), call_slug="air-daily", purpose="city-ai", kind="licensed"
        ).id
    )
    assert firm.get(f"/api/v1/releases/{release.id}/files/data.csv").status_code == 200
    assert firm.get(address).json()["recalls"] == []
    withdraw(acting=actor(mina()), receipt=mine.receipt)
    mine.refresh_from_db()
    assert firm.get(address).json()["recalls"] == [
        {
            "release": str(release.id),
            "call": "air-daily",
            "rows": 20,
            "share": "0.952381",
            "models": [],
            "recalls": f"/api/v1/releases/{release.id}/recalls/",
            # Counted from the withdrawal itself; the task that marks the release has not run.
            "due_at": rfc3339(mine.updated_at + timedelta(days=30)),
            "attested_at": None,
            "successor": None,
        }
    ]


def test_a_list_of_licences_asks_no_more_for_more_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    published()
    mine = check(handed_in(mina(), twenty_rows()).id)
    check(handed_in(joon(), air_csv("2026110300,강남구,12")).id)
    firm = api(hana(), hanbit())
    asked = {
        "call": "air-daily", "purpose": "commercial", "people": 10, "turnover": 1, "balance": 1,
        "party": str(hanbit().party_id),
    }  # fmt: skip
    monkeypatch.setattr(licence_provider, "_items", {"all": lambda actor, _: actor.parties})
    release = build(
        build_release(
            acting=actor(kang()), call_slug="air-daily", purpose="city-ai", kind="licensed"
        ).id
    )
    assert firm.get(f"/api/v1/releases/{release.id}/files/data.csv").status_code == 200
    withdraw(acting=actor(mina()), receipt=mine.receipt)
    asks = []
    for _one_more in range(3):
        assert firm.post("/api/v1/licences/", asked, format="json").status_code == 201
        with CaptureQueriesContext(connection) as queries:
            found = firm.get("/api/v1/licences/").json()["results"]
        asks.append(len(queries))
        assert all(each["recalls"][0]["rows"] == 20 for each in found)
    assert len(set(asks)) == 1, asks

"""The pages of releases: what can be had, what it is worth, what has to be deleted again."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from contributions.models import Contribution, Release
from contributions.pipeline.stages import check
from contributions.releases.building import build
from contributions.releases.services import build_release
from contributions.withdrawal.services import withdraw
from tests.cast import actor, joon, kang, mina
from tests.contributions.conftest import _warm_engine
from tests.contributions.seoul import air_csv, handed_in, news, published, twenty_rows

__all__ = ["_warm_engine"]

pytestmark = pytest.mark.django_db(transaction=True)


def text(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def contributed(**changes: Any) -> Contribution:  # Any: JSON of the call
    """Mina's twenty records beside one of Joon's."""
    published(**changes)
    check(handed_in(joon(), air_csv("2026110300,강남구,12")).id)
    return check(handed_in(mina(), twenty_rows()).id)


def built(kind: str = "open") -> Release:
    asked = build_release(acting=actor(kang()), call_slug="air-daily", purpose="city-ai", kind=kind)
    return build(asked.id)


def test_a_stranger_finds_the_release_its_rows_its_weights_and_its_quality(client: Client) -> None:
    contributed()
    release = built()
    listed = text(client, "/en/data/")
    assert f'href="/en/data/{release.id}/"' in listed
    page = text(client, f"/en/data/{release.id}/")
    assert page.count('<th scope="col">row_id</th>') == 1
    assert (
        page.count("<td>강남구</td>")
        + page.count("<td>종로구</td>")
        + page.count("<td>도봉구</td>")
        == 8
    ), "eight rows are shown"
    assert f"/api/v1/releases/{release.id}/files/data.parquet" in page
    assert "Effective records (Kish)" in page
    assert "No column of this call identifies anybody" in page
    assert "Number of raking sweeps: 1;" in page
    assert all(f"{file.sha256}</code>" in page for file in release.files.all())
    assert "CC-BY-4.0<small>" in page
    assert "licence/" not in page or "Licence and price" in page


def test_the_footer_leads_there_in_both_languages(client: Client) -> None:
    assert 'href="/data/">데이터</a>' in text(client, "/")
    assert "아직 공개된 데이터가 없습니다" in text(client, "/data/")


def test_rows_of_a_licensed_release_are_not_for_everybody(client: Client) -> None:
    contributed()
    page = text(client, f"/en/data/{built('licensed').id}/")
    assert "The first rows" not in page
    assert "강남구</td>" not in page
    assert "Terms of the licence<small>" in page, "the terms of open data are not those of this one"
    assert "CC-BY-4.0" not in page


def test_a_withdrawal_takes_rows_and_files_off_the_page_at_once(client: Client) -> None:
    receipt = contributed().receipt
    release = built()
    withdraw(acting=actor(mina()), receipt=receipt)
    for _before_and_after in range(2):
        page = text(client, f"/en/data/{release.id}/")
        assert "This release is recalled." in page
        assert "deletes 20 rows" in page
        assert f"/api/v1/releases/{release.id}/recalls/" in page
        assert "The first rows" not in page
        assert "files/data.csv" not in page
        assert "Recalled" in text(client, "/en/data/")
        news()


def test_what_is_being_built_or_unknown_is_no_page_for_strangers(client: Client) -> None:
    contributed()
    asked = build_release(acting=actor(kang()), call_slug="air-daily", purpose="city-ai")
    assert client.get(f"/data/{asked.id}/").status_code == 404
    assert client.get("/data/0190b5d0-0000-7000-8000-000000000000/").status_code == 404

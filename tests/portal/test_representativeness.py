"""The page that says whom the data of a call stands for."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from contributions.pipeline.stages import check
from tests.cast import mina
from tests.contributions.conftest import _warm_engine
from tests.contributions.hours import THREE, joint_call
from tests.contributions.seoul import handed_in
from tests.portal import city

__all__ = ["_warm_engine"]

pytestmark = pytest.mark.django_db(transaction=True)


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_stranger_reads_the_map_its_table_and_a_sentence_for_each_index(client: Client) -> None:
    city.open_call()
    check(city.contribution_of(mina()).id)
    found = page(client, f"/en/calls/{city.SLUG}/representativeness/")
    assert found.count('role="group" aria-label="Representativeness by district"') == 1
    assert found.count('<table aria-label="Coverage by district"') == 1
    assert "Share of the records that would have to come from other groups" in found
    assert "An R-indicator says little here" in found
    assert "Share of the seven weekdays with any data." in found
    assert "Population with data</dt>" in found, "coverage is a column of the table beside it"
    assert "Days with data</dt>" in found
    assert "Days are those of Seoul" in found


def test_joint_cells_and_hours_show_without_those_of_a_single_person(client: Client) -> None:
    joint_call()
    check(handed_in(mina(), THREE).id)
    found = page(client, "/en/calls/air-daily/representativeness/")
    assert "All groups at once" in found
    assert "Hours with data</dt>" in found
    assert "Hours and days are those of Seoul" in found
    assert "2 of 4" in found
    assert "4 combinations are not shown" in found
    week = re.search(r'<svg class="week".*?</svg>', found, re.S)
    assert week is not None
    assert set(re.findall(r'<rect class="fill-(\w+)"', week[0])) == {"none"}
    assert found.count('<td class="end">*</td>') == 168


def test_the_page_of_the_call_leads_there_in_both_languages(client: Client) -> None:
    city.open_call()
    address = f"/calls/{city.SLUG}/representativeness/"
    assert f'href="{address}"' in page(client, f"/calls/{city.SLUG}/")
    assert "누구를 대표하는 데이터인가" in page(client, address)


def test_a_call_without_data_or_without_being_there_is_no_error_of_ours(client: Client) -> None:
    city.open_call()
    assert "–" in page(client, f"/en/calls/{city.SLUG}/representativeness/")
    assert client.get("/calls/nowhere/representativeness/").status_code == 404

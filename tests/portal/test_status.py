"""The status page: five stages, polling that slows down and stops, reasons in words."""

from __future__ import annotations

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from contributions.models import Contribution, State
from tests import cast
from tests.portal import city

pytestmark = pytest.mark.django_db


@pytest.fixture
def contribution(client: Client) -> Contribution:
    city.open_call()
    cast.log_in(client, cast.mina())
    return city.contribution_of(cast.mina())


def progress(client: Client, contribution: Contribution, polls: str = "0") -> str:
    answer = client.get(f"/en/c/{contribution.receipt}/progress/?polls={polls}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_list_tells_state_and_stage_to_programs(
    client: Client, contribution: Contribution
) -> None:
    Contribution.objects.filter(id=contribution.id).update(state=State.CHECKING, stage="quality")
    page = client.get(f"/en/c/{contribution.receipt}/").content.decode()
    assert 'aria-label="Progress" data-state="checking" data-stage="quality"' in page
    assert page.count('aria-current="step"') == 1
    assert '<noscript><meta http-equiv="refresh"' in page


@pytest.mark.parametrize(("polls", "delay"), [("0", 1), ("1", 1), ("2", 2), ("6", 5), ("x", 1)])
def test_polling_slows_down(
    client: Client, contribution: Contribution, polls: str, delay: int
) -> None:
    assert f'hx-trigger="load delay:{delay}s"' in progress(client, contribution, polls)


def test_polling_stops_at_the_end(client: Client, contribution: Contribution) -> None:
    Contribution.objects.filter(id=contribution.id).update(
        state=State.FAILED, reason_rule="internal"
    )
    fragment = progress(client, contribution)
    assert "hx-trigger" not in fragment
    assert "Something went wrong on our side" in fragment
    assert 'data-state="failed"' in fragment
    assert "data-stage" not in fragment


def test_a_returned_contribution_leads_back_to_the_call(
    client: Client, contribution: Contribution
) -> None:
    Contribution.objects.filter(id=contribution.id).update(
        state=State.RETURNED, reason_rule="nothing-left"
    )
    page = client.get(f"/en/c/{contribution.receipt}/").content.decode()
    assert f'href="/en/contribute/{city.SLUG}/"' in page
    assert "Fix and resubmit" in page


def test_the_list_of_contributions_asks_the_database_a_fixed_number_of_times(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    city.open_call()
    cast.log_in(client, cast.mina())
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    city.contribution_of(cast.mina(), "2026-11-01,11320,31")
    with CaptureQueriesContext(connection) as one:
        client.get("/c/")
    for day in range(2, 8):
        city.contribution_of(cast.mina(), f"2026-11-0{day},11320,31")
    with django_assert_num_queries(len(one)):
        page = client.get("/c/").content.decode()
    assert page.count("data-label") == 7 * 6

"""The first page: where data is missing, why a record is worth more there, what became of it."""

from __future__ import annotations

import pytest
from django.test import Client

from dure.core.money import format_amount
from portal.public.figures import budget_spent, city_yield
from portal.strata import Dimension, StratumRow
from tests import cast
from tests.contributions.conftest import _warm_engine
from tests.contributions.releases.test_trained import licensed, told
from tests.portal import city

__all__ = ["_warm_engine"]

pytestmark = pytest.mark.django_db(transaction=True)


def row(key: str, price: str | None, multiplier: str | None = None) -> StratumRow:
    return StratumRow("district", key, key, "0", "1000", price, multiplier)


def test_the_places_that_are_missed_most_are_named_dearest_first() -> None:
    rows = tuple(
        row(str(number), str(number), "1.25" if number > 2 else "1.24") for number in range(7)
    )
    found = Dimension("district", "District", rows)
    assert [one.key for one in found.missed_most] == ["6", "5", "4"]
    assert found.extremes == (rows[6], rows[0])


def test_where_all_are_worth_the_same_nobody_is_told_otherwise() -> None:
    alike = Dimension("district", "District", (row("a", "5", "1"), row("b", "5", "1")))
    assert (alike.missed_most, alike.extremes) == ([], None)
    unpriced = Dimension("district", "District", (row("a", None),))
    assert (unpriced.missed_most, unpriced.extremes) == ([], None)


def test_a_new_city_tells_of_nothing_that_did_not_happen() -> None:
    city.open_call()
    page = Client().get("/").content.decode()
    assert "모은 데이터가 쓰인 곳" in page
    found = city_yield()
    assert (found.releases, found.models, found.revenue, found.dividends) == (0, 0, "0", "0")


def test_the_page_says_what_became_of_the_data_and_what_was_paid_for_it() -> None:
    licence, release, _receipt = licensed()
    told(release)
    found = city_yield()
    assert (found.releases, found.models) == (1, 1)
    assert found.revenue == format_amount(licence.total)
    assert found.dividends == "0", "no epoch has settled anybody's records yet"
    page = Client().get("/en/").content.decode()
    assert f'value="{found.revenue}"' in page


def test_a_call_says_what_of_its_budget_is_confirmed_and_that_records_count_by_quality() -> None:
    slug = city.open_call()
    assert budget_spent(slug, "DURE", "1000000") == "0"
    assert budget_spent(slug, "DURE", "1000000.4") == "0.4", "exactly what has left the pool"
    assert budget_spent("no-such-call", "DURE", "1") == ""
    page = Client().get(f"/en/calls/{slug}/").content.decode()
    assert "Confirmed so far" in page
    assert "0 of 100 full-quality records" in page
    assert page.count("counts for less than one.") == 1


def test_a_wallet_says_what_its_tokens_are_worth_in_won(client: Client) -> None:
    city.open_call()
    city.contribution_of(cast.mina())
    cast.log_in(client, cast.mina())
    assert "when paid out" not in client.get("/en/wallet/").content.decode()
    assert (
        "1 DURE = 1 won".replace(" ", "\xa0")
        in client.get(f"/en/calls/{city.SLUG}/").content.decode()
    )
    assert "1 두레 = 1원".replace(" ", "\xa0") in client.get("/how/").content.decode()

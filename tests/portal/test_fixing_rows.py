"""Rows that were set aside are corrected on the page of the contribution, without JavaScript."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from contributions.models import Attempt, Contribution
from contributions.pipeline.stages import check
from contributions.selectors import fixing
from tests import cast
from tests.contributions.conftest import _warm_engine
from tests.contributions.seoul import air_csv, handed_in, published

__all__ = ["_warm_engine"]
pytestmark = pytest.mark.django_db(transaction=True)

GOOD = [f"202611{day:02d},종로구,{day}" for day in range(1, 7)]
BAD = ("20261109,종로구,-5", "20261110,010-1234-5678,9999", "20261111,도봉구,30,1,2")


@pytest.fixture
def returned(client: Client) -> Contribution:
    published()
    cast.log_in(client, cast.mina())
    made = check(handed_in(cast.mina(), air_csv(*GOOD, *BAD)).id)
    assert made.state == "returned"
    return made


def fields(page: str) -> dict[str, str]:
    return dict(re.findall(r'name="(cell-[0-9-]+)" value="([^"]*)"', page))


def page_of(client: Client, made: Contribution) -> str:
    return str(client.get(f"/en/c/{made.receipt}/").content.decode())


def test_the_table_shows_failing_rows_without_personal_cells(
    client: Client, returned: Contribution
) -> None:
    page = page_of(client, returned)
    found = fields(page)
    assert found["cell-7-2"] == "-5"
    assert "cell-8-1" not in found, "the gate found a number of a telephone there"
    assert "personal, not shown" in page
    assert "1234-5678" not in page
    assert found["cell-9-0"] == "", "what was no row stands empty"
    assert not [name for name in found if name.startswith("cell-1-")]
    assert 'aria-label="PM10, row 7" aria-invalid="true" aria-describedby="why-7"' in page


def test_changed_rows_are_sent_and_the_contribution_is_accepted(
    client: Client, returned: Contribution
) -> None:
    sent = fields(page_of(client, returned))
    sent |= {"cell-7-2": "5", "cell-9-0": "20261111", "cell-9-1": "도봉구", "cell-9-2": "30"}
    answer = client.post(f"/en/c/{returned.receipt}/rows/", sent)
    assert answer["Location"] == f"/en/c/{returned.receipt}/"
    assert Attempt.objects.get().mode == "rows"
    done = check(returned.id)
    assert (done.state, done.received, done.accepted, done.quarantined) == ("accepted", 9, 8, 1)
    assert "Correct the rows here" not in page_of(client, returned)


def test_nothing_changed_is_said_and_rows_of_others_are_left_alone(
    client: Client, returned: Contribution
) -> None:
    address = f"/en/c/{returned.receipt}/rows/"
    sent = fields(page_of(client, returned))
    for form in (sent, {"cell-1-2": "99"}, {"cell-8-1": "강남구"}, {"cell-7-99": "1"}, {}):
        answer = client.post(address, form)
        assert answer.status_code == 422
        assert '<a href="#rows">Change at least one cell.</a>' in answer.content.decode()
    assert not Attempt.objects.exists()


def test_a_second_click_and_what_is_being_checked_change_nothing(
    client: Client, returned: Contribution
) -> None:
    address = f"/en/c/{returned.receipt}/rows/"
    assert client.post(address, {"cell-7-2": "5"}).status_code == 302
    assert client.post(address, {"cell-7-2": "6"}).status_code == 422
    assert Attempt.objects.count() == 1


def test_a_stranger_and_a_neighbour_correct_nothing(client: Client, returned: Contribution) -> None:
    address = f"/en/c/{returned.receipt}/rows/"
    assert Client().post(address, {"cell-7-2": "5"})["Location"].startswith("/en/login/")
    neighbour = cast.log_in(Client(), cast.charlie())
    assert neighbour.post(address, {"cell-7-2": "5"}).status_code == 404
    forged = cast.log_in(Client(enforce_csrf_checks=True), cast.mina())
    assert forged.post(address, {"cell-7-2": "5"}).status_code == 403
    assert not Attempt.objects.exists()


def test_no_more_rows_are_shown_than_a_form_holds(
    client: Client, returned: Contribution, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fixing, "CELLS_MAX", 3)
    assert len(fixing.rows_to_fix(returned)) == 1
    assert fixing.ROWS_MAX == 50

"""What a reward is and why: the wallet, the calculation, and settlements under four eyes."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import ROUND_DOWN, Decimal
from math import prod

import pytest
from django.test import Client
from django.utils.timezone import localtime

from contributions.calls.services import draft_call, register_reference
from contributions.models import CallVersion
from dure.core.clock import now, quarter_bounds
from portal.operator import reports as operator_reports
from rewards.epochs.services import approve_epoch, close_epoch
from rewards.models import Epoch, EpochState
from tests import cast
from tests.portal import city as portal_city
from tests.rewards import city

pytestmark = pytest.mark.django_db


@pytest.fixture
def receipt() -> str:
    """Mina's accepted contribution to a call whose settlement runs."""
    call = city.published_call()
    return city.contribution(call, cast.mina().party_id, city.dobong(3), accepted=3).receipt


def values(table: str) -> dict[str, str]:
    """Exact values of a table by the header of the row."""
    rows = re.findall(r'<th scope="row">(.*?)</th>.*?<data[^>]*value="([^"]*)"', table)
    return dict(rows)


def test_the_factors_multiply_to_the_reward(client: Client, receipt: str) -> None:
    page = cast.log_in(client, cast.mina()).get(f"/en/c/{receipt}/why/").content.decode()
    table = page[page.index('<table aria-label="Reward calculation"') : page.index("</table>")]
    found = values(table)
    assert list(found) == [
        "Records", "Base", "Quality", "Representativeness", "Novelty", "Cap", "Reward",
    ]  # fmt: skip
    for meaning in ("Records that passed the checks", "Above 1 where your records fill a gap"):
        assert meaning in table
    reward = Decimal(found.pop("Reward"))
    assert reward > 0
    assert round(prod(map(Decimal, found.values())), 6) == reward


def cells(page: str) -> list[list[str]]:
    """What stands in the rows of the page's tables, as people see it: only digits of figures."""
    rows = [
        re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in re.findall("<tr.*?</tr>", page)
    ]
    return [[re.sub(r"<[^>]+>|[,×]| DURE", "", cell).strip() for cell in row] for row in rows]


def test_a_line_is_recomputed_with_nothing_but_the_page_and_a_pocket_calculator(
    client: Client,
) -> None:
    call = city.published_call()
    mixed = {"district": {"11320": 2_700, "11680": 999}}
    mine = city.contribution(call, cast.mina().party_id, mixed, accepted=4)
    city.contribution(call, cast.joon().party_id, city.gangnam(7), accepted=7)
    page = cast.log_in(client, cast.mina()).get(f"/en/c/{mine.receipt}/why/").content.decode()
    *lines, total = cells(page[page.index('id="by-stratum"') :])[1:]
    assert len(lines) == 2
    for line in lines:
        mass, price, amount = Decimal(line[1]), Decimal(line[4]), Decimal(line[6])
        assert (mass * price).quantize(Decimal("1e-6"), ROUND_DOWN) == amount
    assert sum(Decimal(line[6]) for line in lines) == Decimal(total[-1])
    assert total[-1] == values(page)["Reward"]


def test_a_statement_adds_up_as_it_is_read(client: Client) -> None:
    call = city.published_call()
    for number in (3, 4):
        city.contribution(call, cast.mina().party_id, city.dobong(number), accepted=number)
    epoch = close_epoch(acting=cast.actor(cast.kang()), call_slug=city.SLUG)
    approve_epoch(acting=cast.actor(cast.lim()), epoch=epoch)
    address = f"/en/wallet/statement/{localtime(now()):%Y-%m}/"
    page = cast.log_in(client, cast.mina()).get(address).content.decode()
    first, last = cells(page[page.index("Statement, DURE") :])[1:3]
    assert Decimal(first[3]) == Decimal(first[2])
    assert Decimal(last[3]) == Decimal(first[2]) + Decimal(last[2])
    end = re.search(r"end of the month</dt><dd><data[^>]*>([0-9.,]+) DURE", page)
    assert end is not None
    assert Decimal(end[1].replace(",", "")) == Decimal(last[3])


def test_the_wallet_keeps_pending_confirmed_and_paid_apart(client: Client, receipt: str) -> None:
    page = cast.log_in(client, cast.mina()).get("/en/wallet/").content.decode()
    amounts = re.findall(r'<dd class="amount"><data[^>]* value="([^"]*)"', page)
    pending, confirmed, paid = map(Decimal, amounts)
    assert pending > 0
    assert confirmed == paid == 0
    for word in ("Pending", "Confirmed", "Paid"):
        assert f"<dt>{word}</dt>" in page


def test_a_settlement_is_closed_by_one_person_and_approved_by_another(
    client: Client, receipt: str
) -> None:
    cast.log_in(client, cast.kang())
    answer = client.post(f"/en/console/epochs/{city.SLUG}/closing/")
    epoch = Epoch.objects.get(state=EpochState.CLOSED)
    assert answer["Location"] == f"/en/console/epochs/{epoch.id}/"
    page = client.get(answer["Location"]).content.decode()
    assert receipt in page
    assert "Another person has to approve it" in page
    own = client.post(f"/en/console/epochs/{epoch.id}/approval/")
    assert own.status_code == 422
    assert "<title>Error: " in own.content.decode()
    cast.log_in(client, cast.lim())
    client.post(f"/en/console/epochs/{epoch.id}/approval/")
    epoch.refresh_from_db()
    assert epoch.state == EpochState.APPROVED
    wallet = cast.log_in(client, cast.mina()).get("/en/wallet/").content.decode()
    assert f'href="/en/c/{receipt}/why/"' in wallet
    public = client.get("/en/transparency/settlements/").content.decode()
    assert f"/api/v1/epochs/{epoch.id}/manifest/" in public


def test_a_resident_closes_and_approves_nothing(client: Client, receipt: str) -> None:
    cast.log_in(client, cast.kang()).post(f"/console/epochs/{city.SLUG}/closing/")
    epoch = Epoch.objects.get(state=EpochState.CLOSED)
    cast.log_in(client, cast.mina())
    assert client.get(f"/console/epochs/{epoch.id}/").status_code == 404
    assert client.post(f"/console/epochs/{epoch.id}/approval/").status_code == 404
    epoch.refresh_from_db()
    assert epoch.state == EpochState.CLOSED


def test_a_call_is_proposed_by_one_operator_and_published_by_another(client: Client) -> None:
    kang = cast.actor(cast.kang())
    register_reference(acting=kang, document=portal_city.reference_document())
    draft_call(acting=kang, document=portal_city.call_document())
    address = f"/en/console/calls/{portal_city.SLUG}/"
    cast.log_in(client, cast.kang())
    assert "Propose publication" in client.get(address).content.decode()
    assert client.post(address)["Location"] == address
    assert "Examine and approve" in client.get("/en/console/").content.decode()
    assert client.post(address).status_code == 422
    cast.log_in(client, cast.lim())
    client.post(address)
    assert CallVersion.objects.get().state == CallVersion.State.PUBLISHED
    assert client.get(f"/en/calls/{portal_city.SLUG}/").status_code == 200
    # What is published stays at hand to be changed.
    assert client.get(address).status_code == 200


def test_a_published_report_shows_the_figures_of_its_document(client: Client, receipt: str) -> None:
    cast.log_in(client, cast.kang())
    answer = client.post("/en/console/reports/", {"period": "2026-q4"})
    assert answer["Location"] == "/en/transparency/2026-q4/"
    page = client.get(answer["Location"]).content.decode()
    assert "Quarter 4 of 2026" in page
    assert "/api/v1/reports/2026-q4/" in page
    assert "Quarter 4 of 2026" in client.get("/en/transparency/").content.decode()
    console = client.get("/en/console/").content.decode()
    assert '<option value="2026-q3">Quarter 3 of 2026</option>' in console
    assert '<option value="2026-q4">Quarter 4 of 2026 (still running)</option>' in console
    assert '<a href="/en/transparency/2026-q4/">Quarter 4 of 2026</a>: published on' in console


def test_the_report_of_a_quarter_that_is_over_is_offered_until_it_covers_all_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    end = quarter_bounds("2026-q4")[1]
    moment = end + timedelta(days=5)
    for published, offered in (
        ({}, ["2026-q4", "2027-q1"]),
        ({"2026-q4": end - timedelta(days=30)}, ["2026-q4", "2027-q1"]),
        ({"2026-q4": end + timedelta(days=2)}, ["2027-q1"]),
    ):
        monkeypatch.setattr(operator_reports, "last_published", lambda _, found=published: found)
        shown = operator_reports.report_periods(moment)
        assert [each["code"] for each in shown["periods"]] == offered
        assert [each["code"] for each in shown["published"]] == list(published)


def test_an_empty_wallet_leads_to_the_open_calls_and_not_to_its_use(
    client: Client, receipt: str
) -> None:
    empty = cast.log_in(client, cast.joon()).get("/en/wallet/").content.decode()
    assert "Rewards are earned with data for an open call." in empty
    assert "Use rewards" not in empty
    earning = cast.log_in(client, cast.mina()).get("/en/wallet/").content.decode()
    assert receipt
    assert "Use rewards" in earning

"""Trying rules out, rejecting and taking back: what operators see before, residents afterwards."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from contributions.models import CallVersion
from dure.core.money import format_amount, parse_amount
from rewards.epochs.services import approve_epoch, close_epoch
from rewards.models import Epoch, EpochState
from tests import cast
from tests.rewards import city

pytestmark = pytest.mark.django_db

SIMULATION = f"/en/console/epochs/{city.SLUG}/simulation/"


@pytest.fixture
def receipts() -> list[str]:
    """Mina from Dobong and Joon from Gangnam wait for a settlement."""
    call = city.published_call()
    mina = city.contribution(call, cast.mina().party_id, city.dobong(10), accepted=10)
    joon = city.contribution(call, cast.joon().party_id, city.gangnam(10), accepted=10)
    return [mina.receipt, joon.receipt]


def closed() -> Epoch:
    return close_epoch(acting=cast.actor(cast.kang()), call_slug=city.SLUG)


def paid() -> Epoch:
    return approve_epoch(acting=cast.actor(cast.lim()), epoch=closed())


def page(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


def test_kang_sees_who_would_get_what_before_closing(client: Client, receipts: list[str]) -> None:
    cast.log_in(client, cast.kang())
    assert SIMULATION in page(client, "/en/console/")
    form = page(client, SIMULATION)
    assert "With nothing chosen" in form
    document = CallVersion.objects.get().document
    assert f"empty as published. Published: {document['price_cap']}." in form
    assert f"Published: {document['target_mass']:,}." in form
    assert "As published (Coverage reward)" in form
    first = client.post(SIMULATION, {"method": ""}).content.decode()
    assert all(receipt in first for receipt in receipts)
    assert "0 of 2 contributions would see their share" in first
    tried = client.post(SIMULATION, {"method": "flat"}).content.decode()
    assert "2 of 2 contributions would see their share" in tried
    assert "The largest differences, in amounts" in tried
    assert tried.count('<span class="tag heed">moves</span>') == 2
    drawn = re.findall(r'<strong class="num">([^<]+)</strong>', tried)
    written = re.findall(r'<td class="end"[^>]*><data[^>]*>([^<]+)</data>', tried)
    assert drawn
    assert set(drawn) <= set(written), "an amount is written in one way, not rounded in another"
    epoch = Epoch.objects.get()
    assert epoch.state == EpochState.OPEN, "nothing was closed"


@pytest.mark.parametrize(
    ("typed", "anchor"),
    [
        ({"price_cap": "much"}, "price_cap"),
        ({"intake_fill": "0"}, "intake_fill"),
        ({"target_mass": "-3"}, "target_mass"),
        ({"rules": "[1]"}, "rules"),
        ({"rules": '{"strata": 5}'}, "rules"),
        ({"rules": '{"tolerance": "1"}'}, "rules"),
        ({"method": "cost"}, "rules"),
    ],
)
def test_rules_that_cannot_be_read_are_named_beside_their_field(
    client: Client, receipts: list[str], typed: dict[str, Any], anchor: str
) -> None:
    cast.log_in(client, cast.kang())
    answer = client.post(SIMULATION, typed)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "<title>Error: " in text
    assert f'href="#{anchor}"' in text or "There is a problem" in text
    assert f'id="{anchor}"' in text


def test_lim_rejects_a_wrongly_closed_settlement_and_mina_reads_why(
    client: Client, receipts: list[str]
) -> None:
    epoch = closed()
    where = f"/en/console/epochs/{epoch.id}/"
    cast.log_in(client, cast.kang())
    assert client.post(f"{where}rejection/", {"ground": "wrong-data"}).status_code == 422
    cast.log_in(client, cast.lim())
    shown = page(client, where)
    assert "Nothing is paid. The 2 contributions wait" in shown
    unsaid = client.post(f"{where}rejection/", {})
    assert unsaid.status_code == 422
    assert "Choose the reason." in unsaid.content.decode()
    assert client.post(f"{where}rejection/", {"ground": "wrong-data"})["Location"] == where
    epoch.refresh_from_db()
    assert epoch.state == EpochState.REJECTED
    shown = page(client, where)
    assert all(receipt in shown for receipt in receipts), "what was frozen is still to be read"
    assert shown.count('<span class="tag">Not paid</span>') == 2
    cast.log_in(client, cast.mina())
    why = page(client, f"/en/c/{receipts[0]}/why/")
    assert "Settlement 1 was rejected before it was paid." in why
    assert "records were counted that should not have been" in why


def test_what_was_paid_is_taken_back_by_two_people_who_read_the_effect_before(
    client: Client, receipts: list[str]
) -> None:
    epoch = paid()
    total = format_amount(epoch.total)
    where = f"/en/console/epochs/{epoch.id}/"
    cast.log_in(client, cast.kang())
    before = page(client, where)
    effect = before[before.index("Would come back to the pool") :][:120]
    assert f'value="{total}"' in effect
    assert "Each reward comes back in full or not at all" in before
    answer = client.post(f"{where}reversal/", {"ground": "wrong-rule"})
    reversal = Epoch.objects.get(kind="reversal")
    assert answer["Location"] == f"/en/console/epochs/{reversal.id}/"
    assert client.post(f"{answer['Location']}approval/").status_code == 422, "own proposal"
    cast.log_in(client, cast.lim())
    decision = page(client, answer["Location"])
    assert "Approve and take back" in decision
    assert "each reward that is still in its owner's wallet in full" in decision
    client.post(f"{answer['Location']}approval/")
    reversal.refresh_from_db()
    assert reversal.returned == epoch.total
    after = page(client, where)
    assert after.count('<span class="tag">Taken back</span>') == 2
    lines = re.findall(r'data-label="Reward"><data[^>]*value="([^"]+)"', after)
    assert sum(map(parse_amount, lines)) == epoch.total, "the lines add up to what is written below"
    assert '<h2 id="lines">' not in page(client, f"/en/console/epochs/{reversal.id}/")
    assert "Taking this settlement back" in page(client, where)
    cast.log_in(client, cast.mina())
    why = page(client, f"/en/c/{receipts[0]}/why/")
    assert "Settlement 1 was taken back" in why
    wallet = page(client, "/en/wallet/")
    lines = re.findall(r'data-label="What for">(.*?)</td>', wallet)
    assert len(lines) == 2
    assert lines[0].startswith("Reversal")
    assert f"/en/c/{receipts[0]}/why/" in lines[0]


def test_only_operators_come_near(client: Client, receipts: list[str]) -> None:
    epoch = closed()
    paths = (SIMULATION, f"/en/console/epochs/{epoch.id}/rejection/")
    for path in paths:
        assert Client().post(path, {"ground": "formal"}).status_code in (302, 403)
        for who in (cast.mina(), cast.charlie(), cast.hana()):
            cast.log_in(client, who)
            assert client.post(path, {"ground": "formal"}).status_code in (403, 404)
    epoch.refresh_from_db()
    assert epoch.state == EpochState.CLOSED
    cast.log_in(client, cast.kang())
    assert client.get("/en/console/epochs/none/simulation/").status_code == 404

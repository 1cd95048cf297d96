"""Why a reward is what it is: the page that Mina reads and can recompute."""

from __future__ import annotations

from fractions import Fraction

import pytest

from contributions.registries import price_provider, reward_page_provider, reward_provider
from dure.core.money import SUB_UNITS, format_amount, parse_amount
from rewards.epochs.providers import rewards
from rewards.epochs.selectors import RewardExplanation, reward_document
from rewards.epochs.services import approve_epoch, close_epoch
from rewards.models import Entry, Epoch
from tests import cast
from tests.rewards.city import SLUG, contribution, dobong, gangnam, published_call

pytestmark = pytest.mark.django_db

FACTORS = ["records", "base", "quality", "representativeness", "novelty", "cap"]


def settle() -> Epoch:
    epoch = close_epoch(acting=cast.actor(cast.kang()), call_slug=SLUG)
    return approve_epoch(acting=cast.actor(cast.lim()), epoch=epoch)


def product(document: RewardExplanation) -> Fraction:
    found = Fraction(1)
    for factor in document["factors"]:
        if factor["key"] != "reward":
            found *= Fraction(factor["value"])
    return found


def factor(document: RewardExplanation, key: str) -> Fraction:
    return next(Fraction(f["value"]) for f in document["factors"] if f["key"] == key)


def assert_adds_up(document: RewardExplanation) -> None:
    """Lines sum to the reward, factors multiply to it, to the last sub-unit."""
    assert [f["key"] for f in document["factors"]] == [*FACTORS, "reward"]
    reward = parse_amount(document["reward"])
    assert sum(parse_amount(line["amount"]) for line in document["lines"]) == reward
    assert round(product(document) * SUB_UNITS) == reward
    for line in document["lines"]:
        numerator, denominator = map(int, line["rate"].split("/"))
        assert line["mass"] * numerator // denominator == parse_amount(line["amount"])
        by_hand = Fraction(line["price"]) * line["mass"] / 1000
        assert by_hand * SUB_UNITS // 1 == parse_amount(line["amount"])


def test_the_estimate_the_closed_and_the_paid_reward_are_explained_alike() -> None:
    call = published_call()
    mina = contribution(
        call, cast.mina().party_id, {"district": {"11320": 7_400, "11680": 900}}, accepted=10,
        duplicate=2,
    )  # fmt: skip
    contribution(call, cast.joon().party_id, gangnam(30), accepted=30)
    running = reward_document(mina)
    assert (running["state"], running["epoch"], running["ledger"]) == ("estimate", None, None)
    assert_adds_up(running)
    epoch = close_epoch(acting=cast.actor(cast.kang()), call_slug=SLUG)
    closed = reward_document(mina)
    assert closed["state"] == "closed"
    assert closed["reward"] == running["reward"]
    assert closed["lines"] == running["lines"]
    assert closed["factors"] == running["factors"]
    approve_epoch(acting=cast.actor(cast.lim()), epoch=epoch)
    paid = reward_document(mina)
    assert paid["state"] == "approved"
    assert paid["epoch"] is not None
    assert paid["epoch"]["manifest_sha256"] == epoch.manifest_sha256
    assert paid["ledger"] is not None
    entry = Entry.objects.get(transfer_id=paid["ledger"]["transfer"], amount__gt=0)
    assert format_amount(entry.amount) == paid["reward"] == paid["ledger"]["amount"]


def test_the_factors_say_what_was_counted() -> None:
    call = published_call()
    mina = contribution(
        call, cast.mina().party_id, {"district": {"11320": 8_000}}, accepted=10, duplicate=2
    )
    contribution(call, cast.joon().party_id, gangnam(70), accepted=70)
    document = reward_document(mina)
    assert factor(document, "records") == 12
    assert factor(document, "quality") == Fraction(8, 10)
    assert round(factor(document, "novelty"), 6) == round(Fraction(10, 12), 6)
    assert factor(document, "representativeness") > 1
    assert round(factor(document, "cap"), 6) == 1


def test_a_cap_shows_in_its_factor_and_on_its_line() -> None:
    call = published_call(price_cap="1.1")
    mina = contribution(call, cast.mina().party_id, dobong(1), accepted=1)
    contribution(call, cast.joon().party_id, gangnam(500), accepted=500)
    document = reward_document(mina)
    assert document["lines"][0]["capped"]
    assert Fraction(document["lines"][0]["multiplier"]) == Fraction(11, 10)
    assert factor(document, "cap") < Fraction(9, 10)
    assert_adds_up(document)


def test_several_dimensions_are_paid_by_their_weights() -> None:
    call = published_call(
        strata=[
            {
                "dimension": "district",
                "column": "contributor.district",
                "reference": "two-districts",
                "weight": "0.75",
            },
            {
                "dimension": "sex",
                "column": "contributor.sex",
                "reference": "two-districts",
                "weight": "0.25",
            },
        ]
    )
    mina = contribution(
        call,
        cast.mina().party_id,
        {"district": {"11320": 10_000}, "sex": {"F": 10_000}},
        accepted=10,
    )
    document = reward_document(mina)
    assert_adds_up(document)
    by_dimension = {line["dimension"]: parse_amount(line["amount"]) for line in document["lines"]}
    pool = 1000 * SUB_UNITS
    assert by_dimension["district"] == pool * 3 * 10 // (4 * 5 * 30)
    assert by_dimension["sex"] == pool * 51 * 10_000 // (4 * 100 * 61_000)


def test_a_copy_is_told_that_it_earned_nothing() -> None:
    call = published_call()
    contribution(call, cast.mina().party_id, dobong(10), accepted=10)
    clone = contribution(call, cast.charlie().party_id, {}, accepted=0, duplicate=10)
    settle()
    document = reward_document(clone)
    assert document["reward"] == "0"
    assert factor(document, "novelty") == 0
    assert document["ledger"] is None
    assert_adds_up(document)


def test_what_flat_would_have_paid_is_beside_it() -> None:
    call = published_call()
    mina = contribution(call, cast.mina().party_id, dobong(10), accepted=10)
    contribution(call, cast.joon().party_id, gangnam(90), accepted=90)
    document = reward_document(mina)
    assert document["flat"] == format_amount(1000 * SUB_UNITS * 10 // 200)
    assert parse_amount(document["reward"]) > parse_amount(document["flat"])


def test_the_room_below_is_answered() -> None:
    call = published_call()
    mina = contribution(call, cast.mina().party_id, dobong(10), accepted=10)
    provider = reward_provider.get("reward")
    assert provider is not None
    before = provider(mina)
    assert (before["asset"], before["confirmed"]) == ("DURE", "0")
    assert parse_amount(before["pending"]) == 1000 * SUB_UNITS * 10 // (5 * 30)
    settle()
    assert provider(mina) == {"asset": "DURE", "pending": "0", "confirmed": before["pending"]}
    assert reward_page_provider.get("rewards") is rewards


def test_a_page_of_contributions_costs_a_handful_of_queries(
    django_assert_max_num_queries: object,
) -> None:
    call = published_call()
    made = [contribution(call, cast.mina().party_id, dobong(1), accepted=1) for _ in range(20)]
    assert callable(django_assert_max_num_queries)
    with django_assert_max_num_queries(15):
        found = rewards(made)
    assert len(found) == 20
    assert len({document["pending"] for document in found.values()}) == 1


def test_live_prices_follow_the_stock() -> None:
    call = published_call()
    version = call.published
    prices = price_provider.get("prices")
    assert prices is not None
    assert version is not None
    empty = prices(version, {})
    # Nobody contributed: a record of either district is worth pool × π/τ = 1000 × 1/100.
    assert empty["district"]["11320"] == {"price": "10", "multiplier": "1"}
    contribution(call, cast.joon().party_id, gangnam(80), accepted=80)
    live = prices(version, {"district": {"11680": 80_000}})
    assert live["district"]["11680"]["price"] == "5"
    assert live["district"]["11320"]["price"] == "10"
    assert Fraction(live["district"]["11320"]["multiplier"]) == Fraction("1.6667")
    settle()
    # The next epoch pays increments: half of what is left for Gangnam.
    later = prices(version, {"district": {"11680": 80_000}})
    assert later["district"]["11680"]["price"] == "2.5"


def test_a_flat_call_quotes_one_price_for_everybody() -> None:
    call = published_call(method="flat")
    prices = price_provider.get("prices")
    assert prices is not None
    assert call.published is not None
    quoted = prices(call.published, {})["district"]
    assert quoted["11320"] == quoted["11680"] == {"price": "10", "multiplier": "1"}

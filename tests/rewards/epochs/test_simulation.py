"""Kang tries out other rules before closing: who would get what, and whose share moves."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from rest_framework.test import APIClient

from dure.core.money import format_amount, parse_amount
from dure.core.problems import Problem
from rewards.epochs.services import close_epoch
from rewards.epochs.simulation import simulate
from rewards.models import Epoch, EpochInput
from tests import cast
from tests.rewards.city import SLUG, contribution, dobong, gangnam, published_call

pytestmark = pytest.mark.django_db


def tried(**changes: Any) -> dict[str, Any]:
    return dict(simulate(acting=cast.actor(cast.kang()), call_slug=SLUG, changes=changes))


def two_districts() -> None:
    call = published_call()
    contribution(call, cast.mina().party_id, dobong(10), accepted=10)
    contribution(call, cast.joon().party_id, gangnam(10), accepted=10)


def test_the_rules_in_force_are_shown_as_closing_now_would_pay_them() -> None:
    two_districts()
    found = tried()
    closed = close_epoch(acting=cast.actor(cast.kang()), call_slug=SLUG)
    assert found["now"]["total"] == format_amount(closed.total)
    assert found["now"] == found["then"]
    assert found["moved"] == 0
    rewards = {i.contribution.receipt: i.reward for i in EpochInput.objects.filter(epoch=closed)}
    assert {row["receipt"]: parse_amount(row["now"]) for row in found["rows"]} == rewards


def test_a_flat_rule_moves_shares_by_more_than_a_tenth_and_says_whose() -> None:
    two_districts()
    found = tried(method="flat")
    assert found["then"]["method"] == "flat"
    assert found["moved"] == 2
    assert {row["share_then"] for row in found["rows"]} == {"0.5"}
    by_hand = [Fraction(row["now"]) / Fraction(found["now"]["total"]) for row in found["rows"]]
    assert sum(by_hand) == pytest.approx(1, abs=1e-6)


def test_a_tighter_cap_pays_the_rare_district_less() -> None:
    call = published_call()
    contribution(call, cast.mina().party_id, dobong(1), accepted=1)
    contribution(call, cast.joon().party_id, gangnam(60), accepted=60)
    found = tried(price_cap="1")
    prices = {row["key"]: row for row in found["prices"]}
    assert Fraction(prices["11320"]["then"]) < Fraction(prices["11320"]["now"])
    assert Epoch.objects.filter(state="open").count() == 1, "nothing was closed"


def test_rules_that_cannot_be_tried_are_refused() -> None:
    call = published_call()
    with pytest.raises(Problem, match="epoch"):
        tried()
    contribution(call, cast.mina().party_id, dobong(1), accepted=1)
    for changes in ({"tolerance": "1"}, {"cost_multipliers": {"district": {"x": "9"}}}):
        with pytest.raises(Problem) as refused:
            tried(**changes)
        assert refused.value.kind.status == 422


def test_only_operators_simulate_reject_and_reverse_over_the_api() -> None:
    two_districts()
    epoch = close_epoch(acting=cast.actor(cast.kang()), call_slug=SLUG)
    paths = (
        ("/api/v1/epochs/simulation/", {"call": SLUG}),
        (f"/api/v1/epochs/{epoch.id}/rejection/", {"ground": "formal"}),
        (f"/api/v1/epochs/{epoch.id}/reversal/", {"ground": "formal"}),
    )
    for path, body in paths:
        assert APIClient().post(path, body, format="json").status_code == 401
        assert cast.api(cast.mina()).post(path, body, format="json").status_code == 403
    lim = cast.api(cast.lim())
    assert lim.post(paths[1][0], {"ground": "because"}, format="json").status_code == 400
    assert lim.post(paths[2][0], paths[2][1], format="json").status_code == 409
    rejected = lim.post(paths[1][0], paths[1][1], format="json")
    assert rejected.status_code == 200
    assert rejected.json()["state"] == "rejected"
    found = cast.api(cast.kang()).post(
        paths[0][0], {"call": SLUG, "changes": {"price_cap": "2"}}, format="json"
    )
    assert found.status_code == 200
    assert found.json()["contributions"] == 2

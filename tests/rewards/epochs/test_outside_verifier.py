"""The verifier that outsiders run, which shares no code with the settlement, agrees with it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dure_client.dure_verify import Tampered, check_manifest
from rewards.epochs.selectors import manifest_bytes, reward_document
from rewards.epochs.services import approve_epoch, close_epoch
from rewards.models import Epoch
from tests import cast
from tests.rewards.city import SLUG, contribution, dobong, gangnam, published_call

pytestmark = pytest.mark.django_db


def settle() -> Epoch:
    epoch = close_epoch(acting=cast.actor(cast.kang()), call_slug=SLUG)
    return approve_epoch(acting=cast.actor(cast.lim()), epoch=epoch)


def stated(epoch: Epoch) -> Any:  # Any: JSON
    return json.loads(manifest_bytes(epoch))


@pytest.mark.parametrize(
    "policy",
    [
        {},
        {"price_cap": "1.1"},
        {"method": "flat"},
        {"cost_multipliers": {"district": {"11320": "1.5"}}},
        {"intake_fill": "0.2"},
        {"intake_fill": "0.2", "price_cap": "1.1"},
        {"method": "flat", "intake_fill": "0.2"},
        {"pool": {"asset": "KRW", "amount": "12345.678901"}},
    ],
)
def test_every_epoch_of_a_call_is_confirmed_from_its_manifest_alone(
    policy: dict[str, Any],
) -> None:
    call = published_call(**policy)
    for records in (7, 500, 3):
        contribution(call, cast.mina().party_id, dobong(records), accepted=records)
        contribution(call, cast.joon().party_id, gangnam(2 * records), accepted=2 * records)
        contribution(call, cast.charlie().party_id, {}, accepted=0, duplicate=records)
        assert SLUG in check_manifest(stated(settle()))


def test_a_stratum_that_is_full_pulls_down_the_cap_of_no_other() -> None:
    call = published_call(intake_fill="0.2", price_cap="1.1")
    contribution(call, cast.joon().party_id, gangnam(5_000), accepted=5_000)
    settle()
    mina = contribution(call, cast.mina().party_id, dobong(3), accepted=3)
    contribution(call, cast.joon().party_id, gangnam(3), accepted=3)
    manifest = stated(settle())
    assert check_manifest(manifest)
    assert manifest["parameters"]["cap_over"] == "open"
    prices = manifest["prices"]["district"]
    assert prices["11680"] == {"rate": "0/1", "multiplier": "0"}
    assert prices["11320"]["multiplier"] == "1"
    assert reward_document(mina)["lines"][0]["capped"] is False


def test_several_dimensions_are_confirmed() -> None:
    part = {"reference": "two-districts"}
    call = published_call(
        strata=[
            {**part, "dimension": "district", "column": "contributor.district", "weight": "0.3"},
            {**part, "dimension": "sex", "column": "contributor.sex", "weight": "0.7"},
        ]
    )
    for person in (cast.mina(), cast.joon()):
        masses = {"district": {"11320": 3_300}, "sex": {person.sex: 2_500}}
        contribution(call, person.party_id, masses, accepted=4)
    assert check_manifest(stated(settle()))


def test_an_amount_that_was_raised_is_found() -> None:
    call = published_call()
    contribution(call, cast.mina().party_id, dobong(10), accepted=10)
    manifest = stated(settle())
    manifest["outputs"][0]["amount"] = str(int(manifest["outputs"][0]["amount"]) + 1)
    with pytest.raises(Tampered, match="first bad index 0"):
        check_manifest(manifest)

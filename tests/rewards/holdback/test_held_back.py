"""A part of each reward waits: Mina sees it, gets it on its day, and loses it only by a finding."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import DatabaseError, connection, transaction

from contributions.models import Contribution
from dure.accounts.acting import Actor
from dure.core.clock import now
from dure.core.money import format_amount
from dure.core.problems import Problem
from dure_client.dure_verify import Tampered, check_manifest
from rewards.epochs.corrected import reversal_effect
from rewards.epochs.corrections import propose_reversal
from rewards.epochs.facts import available
from rewards.epochs.replay import replay
from rewards.epochs.selectors import manifest_bytes, reward_document
from rewards.epochs.services import approve_epoch, close_epoch
from rewards.holdback.services import release_due
from rewards.ledger.integrity import check_ledger
from rewards.models import Epoch, EpochGround, EpochInput, HeldReward
from rewards.tasks import release_held_rewards
from rewards.wallet.selectors import entries, entry_documents, wallet_document
from rewards.wallet.statement import statement_document
from tests import cast
from tests.rewards.city import SLUG, contribution, dobong, gangnam, published_call

pytestmark = pytest.mark.django_db
WORKER = Actor.system("worker")
PLEDGE = {"audit_rate": "0.5", "hold_back": "0.25", "hold_back_days": 90, "records": 20}


def call_that_holds_back(**changes: Any) -> Any:
    return published_call(price_cap="3", deterrence={**PLEDGE, **changes})


def settle() -> Epoch:
    epoch = close_epoch(acting=cast.actor(cast.kang()), call_slug=SLUG)
    return approve_epoch(acting=cast.actor(cast.lim()), epoch=epoch)


def two_contributions(**changes: Any) -> tuple[Contribution, Contribution]:
    call = call_that_holds_back(**changes)
    mina = contribution(call, cast.mina().party_id, dobong(10), accepted=10)
    joon = contribution(call, cast.joon().party_id, gangnam(10), accepted=10)
    return mina, joon


def balance(person: Any) -> dict[str, str]:
    found = wallet_document(person.party_id)["balances"]
    (own,) = (each for each in found if each["asset"] == "DURE")
    return {"pending": own["pending"], "confirmed": own["confirmed"]}


def reward_of(made: Contribution) -> int:
    return EpochInput.objects.get(contribution=made).reward


def sound() -> None:
    found = check_ledger()
    assert found["ok"] is True, found["findings"]


def later(days: int) -> datetime:
    return now() + timedelta(days=days)


def test_a_quarter_waits_on_the_pool_and_the_owner_sees_both_parts() -> None:
    mina, _ = two_contributions()
    call = mina.call
    epoch = settle()
    reward = reward_of(mina)
    held = HeldReward.objects.get(contribution=mina)
    assert held.amount == reward // 4
    assert balance(cast.mina())["confirmed"] == format_amount(reward - held.amount)
    assert balance(cast.mina())["pending"] == format_amount(held.amount)
    document = reward_document(mina)
    assert document["reward"] == format_amount(reward)
    assert document["ledger"] is not None
    assert document["held"] is not None
    assert document["ledger"]["amount"] == format_amount(reward - held.amount)
    assert (document["held"]["amount"], document["held"]["state"]) == (
        format_amount(held.amount),
        "waiting",
    )
    month = statement_document(cast.mina().party_id, now().strftime("%Y-%m"))
    assert month["sections"][0]["pending"] == format_amount(held.amount)
    # What waits is promised: the next settlement cannot price with it.
    assert available(call, "DURE") == 1000 * 10**6 - epoch.total
    sound()


def test_what_waited_is_paid_on_its_day_once_however_often_the_task_runs() -> None:
    mina, _ = two_contributions()
    settle()
    reward = reward_of(mina)
    assert release_due(acting=WORKER) == 0
    with time_machine.travel(later(91)):
        assert release_due(acting=WORKER) == 2
        release_held_rewards()
        release_held_rewards()
        assert balance(cast.mina())["confirmed"] == format_amount(reward)
        assert balance(cast.mina())["pending"] == "0"
        lines = entry_documents(list(entries(cast.mina().party_id)))
        assert [line["receipt"] for line in lines] == [mina.receipt, mina.receipt]
        assert sum(int(entry.amount) for entry in entries(cast.mina().party_id)) == reward
        sound()


def test_a_call_without_the_block_pays_at_once_and_its_manifest_says_nothing_of_it() -> None:
    call = published_call()
    mina = contribution(call, cast.mina().party_id, dobong(10), accepted=10)
    epoch = settle()
    assert not HeldReward.objects.exists()
    manifest = json.loads(manifest_bytes(epoch))
    assert "deterrence" not in manifest["parameters"]
    assert set(manifest["outputs"][0]) == {"id", "amount"}
    assert reward_document(mina)["held"] is None


def test_the_manifest_says_what_waits_and_is_replayed_bit_for_bit_here_and_outside() -> None:
    mina, _ = two_contributions()
    epoch = settle()
    stored = manifest_bytes(epoch)
    assert replay(stored) == stored
    manifest = json.loads(stored)
    assert check_manifest(manifest)
    pseudonym = EpochInput.objects.get(contribution=mina).pseudonym
    (own,) = [each for each in manifest["outputs"] if each["id"] == pseudonym]
    assert int(own["held"]) == reward_of(mina) // 4
    own["held"] = str(int(own["held"]) + 1)
    with pytest.raises(Tampered, match="first bad index"):
        check_manifest(manifest)


def test_a_reversal_takes_back_both_parts_and_the_next_settlement_pays_anew() -> None:
    two_contributions()
    paid = settle()
    reversal = propose_reversal(
        acting=cast.actor(cast.kang()), epoch=paid, ground=EpochGround.WRONG_DATA
    )
    effect = reversal_effect(paid)
    assert (effect["returns"], effect["stays"]) == (format_amount(paid.total), "0")
    reversal = approve_epoch(acting=cast.actor(cast.lim()), epoch=reversal)
    assert reversal.returned == paid.total
    assert (balance(cast.mina())["confirmed"], balance(cast.joon())["confirmed"]) == ("0", "0")
    sound()
    again = settle()
    assert again.total == paid.total
    sound()


def test_a_reversal_after_the_day_takes_the_posted_part_back_too() -> None:
    two_contributions(hold_back_days=1)
    paid = settle()
    with time_machine.travel(later(2)):
        assert release_due(acting=WORKER) == 2
        reversal = propose_reversal(
            acting=cast.actor(cast.kang()), epoch=paid, ground=EpochGround.WRONG_DATA
        )
        reversal = approve_epoch(acting=cast.actor(cast.lim()), epoch=reversal)
        assert reversal.returned == paid.total
        sound()


def test_all_of_a_reward_may_wait() -> None:
    mina, _ = two_contributions(hold_back="1", audit_rate="0.2")
    settle()
    assert reward_document(mina)["ledger"] is None
    assert balance(cast.mina())["pending"] == format_amount(reward_of(mina))
    sound()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE rewards_heldreward SET due_at = now()",
        "UPDATE rewards_heldreward SET amount = amount + 1",
        "DELETE FROM rewards_heldreward",
        "TRUNCATE rewards_heldreward CASCADE",
        # Neither before its day, nor without a finding.
        """SELECT * FROM rewards_resolve(gen_random_uuid(), gen_random_uuid(), repeat('0', 64),
           (SELECT hold_id FROM rewards_heldreward LIMIT 1),
           (SELECT amount FROM rewards_heldreward LIMIT 1), now(), 'x')""",
        """SELECT * FROM rewards_resolve(gen_random_uuid(), gen_random_uuid(), repeat('0', 64),
           (SELECT hold_id FROM rewards_heldreward LIMIT 1), 0, now(), 'x')""",
    ],
)
def test_the_database_itself_keeps_what_waits(statement: str) -> None:
    two_contributions()
    settle()
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_a_pledge_that_does_not_deter_is_refused_and_told_what_would() -> None:
    with pytest.raises(Problem) as refused:
        published_call(
            price_cap="3",
            deterrence={"audit_rate": "0.05", "hold_back": "0.2", "hold_back_days": 90},
        )
    (error,) = refused.value.errors
    assert (error.field, error.code) == ("deterrence", "bound")
    for told in ("8.7", "1 %", "audit_rate 0.434783", "records 197"):
        assert told in str(error.message), error.message
    assert published_call(
        price_cap="3",
        deterrence={**PLEDGE, "audit_rate": "0.05", "hold_back": "0.2", "records": 197},
    )


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"deterrence": {**PLEDGE, "audit_rate": "0"}}, "deterrence.audit_rate"),
        ({"deterrence": {**PLEDGE, "hold_back": "1.5"}}, "deterrence.hold_back"),
        ({"deterrence": {**PLEDGE, "hold_back": 0.2}}, "deterrence.hold_back"),
        ({"deterrence": {**PLEDGE, "hold_back_days": 0}}, "deterrence.hold_back_days"),
        ({"deterrence": {**PLEDGE, "records": -1}}, "deterrence.records"),
        ({"deterrence": {**PLEDGE, "fine": 3}}, "deterrence"),
        ({"deterrence": "much"}, "deterrence"),
        ({"deterrence": PLEDGE, "price_cap": None}, "deterrence"),
        ({"deterrence": PLEDGE, "price_cap": "3", "method": "flat"}, "deterrence"),
    ],
)
def test_faults_of_the_block_are_named_by_their_field(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Problem) as refused:
        published_call(**changes)
    assert [error.field for error in refused.value.errors] == [field]

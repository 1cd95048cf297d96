"""An epoch's life: Kang closes it, Lim approves it, everybody can check it."""

from __future__ import annotations

import json
from fractions import Fraction
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from contributions.models import Contribution
from dure.core import outbox
from dure.core.canonical import canonical_bytes, sha256_hex
from dure.core.models import OutboxEvent
from dure.core.money import SUB_UNITS
from dure.core.problems import Problem
from governance.log import merkle
from governance.models import LogEntry
from rewards.epochs.replay import replay
from rewards.epochs.selectors import manifest_bytes, reward_document, running_epoch
from rewards.epochs.services import approve_epoch, close_epoch, open_epoch
from rewards.ledger.accounts import pool_key, wallet_key
from rewards.ledger.integrity import check_ledger
from rewards.ledger.selectors import posted
from rewards.models import Epoch, Transfer
from tests import cast
from tests.rewards.city import SLUG, contribution, dobong, gangnam, published_call

pytestmark = pytest.mark.django_db


def close() -> Epoch:
    return close_epoch(acting=cast.actor(cast.kang()), call_slug=SLUG)


def approve(epoch: Epoch) -> Epoch:
    return approve_epoch(acting=cast.actor(cast.lim()), epoch=epoch)


def earned(person_name: str = "mina") -> int:
    person = getattr(cast, person_name)()
    return posted(wallet_key(person.party_id, "DURE"))


def test_a_published_call_has_a_running_epoch_and_one_only() -> None:
    call = published_call()
    epoch = running_epoch(SLUG)
    assert epoch is not None
    assert epoch.number == 1
    assert open_epoch(acting=cast.actor(cast.kang()), call=call) == epoch
    with pytest.raises(DatabaseError, match="one_open_epoch"), transaction.atomic():
        Epoch.objects.create(call=call, number=2, opened_at=epoch.opened_at)


def test_mina_is_paid_for_the_gap_she_fills_and_joon_less_for_what_is_plenty() -> None:
    call = published_call()
    contribution(call, cast.mina().party_id, dobong(10), accepted=10)
    contribution(call, cast.joon().party_id, gangnam(10), accepted=10)
    contribution(call, cast.hanbit().party_id, gangnam(70), accepted=70)
    approve(close())
    # Dobong: a fifth of the pool, 10 of 20 wanted; Gangnam: four fifths, 80 of 80 wanted.
    assert earned("mina") == 1000 * SUB_UNITS * 10 // (5 * 30)
    assert earned("joon") == 1000 * SUB_UNITS * 4 * 10 // (5 * 160)
    assert earned("mina") > earned("joon")
    assert check_ledger()["ok"] is True


def test_closing_pays_nothing_and_approving_pays_once() -> None:
    call = published_call()
    contribution(call, cast.mina().party_id, dobong(10), accepted=10)
    epoch = close()
    assert earned() == 0
    approve(epoch)
    paid = earned()
    assert paid == epoch.total > 0
    with pytest.raises(Problem, match="epoch-not-waiting"):
        approve(epoch)
    assert earned() == paid
    assert posted(pool_key(SLUG, "DURE")) == 1000 * SUB_UNITS - paid


def test_kang_cannot_approve_what_kang_closed_and_the_database_agrees() -> None:
    call = published_call()
    contribution(call, cast.mina().party_id, dobong(10), accepted=10)
    epoch = close()
    with pytest.raises(Problem, match="second-person"):
        approve_epoch(acting=cast.actor(cast.kang()), epoch=epoch)
    with pytest.raises(DatabaseError, match="epoch_four_eyes"), transaction.atomic():
        Epoch.objects.filter(id=epoch.id).update(
            state="approved", approver=cast.kang(), approved_at=epoch.closed_at
        )


def test_charlie_can_neither_close_nor_approve() -> None:
    call = published_call()
    contribution(call, cast.charlie().party_id, dobong(10), accepted=10)
    with pytest.raises(Problem, match="not-allowed"):
        close_epoch(acting=cast.actor(cast.charlie()), call_slug=SLUG)
    epoch = close()
    with pytest.raises(Problem, match="not-allowed"):
        approve_epoch(acting=cast.actor(cast.charlie()), epoch=epoch)


def test_an_empty_epoch_and_an_unknown_call_are_not_closed() -> None:
    published_call()
    with pytest.raises(Problem, match="epoch-is-empty"):
        close()
    with pytest.raises(Problem, match="not-found"):
        close_epoch(acting=cast.actor(cast.kang()), call_slug="nothing")


def test_later_epochs_pay_the_increment_and_sum_to_one_large_epoch() -> None:
    call = published_call()
    for _ in range(3):
        contribution(call, cast.mina().party_id, dobong(10), accepted=10)
        approve(close())
    first, second, third = Epoch.objects.filter(state="approved").order_by("number")
    assert first.total > second.total > third.total
    at_once = Fraction(1000 * SUB_UNITS * 30, 5 * 50)
    assert at_once - 3 < earned() <= at_once


def test_withdrawing_before_the_close_is_as_if_nothing_was_submitted() -> None:
    call = published_call()
    contribution(call, cast.mina().party_id, dobong(10), accepted=10)
    gone = contribution(call, cast.joon().party_id, dobong(10), accepted=10, state="withdrawn")
    epoch = close()
    assert epoch.inputs_count == 1
    assert epoch.total == 1000 * SUB_UNITS * 10 // (5 * 30)
    assert reward_document(gone)["state"] == "none"


def test_withdrawing_after_the_close_keeps_the_reward_and_frees_the_stratum() -> None:
    call = published_call()
    first = contribution(call, cast.mina().party_id, dobong(10), accepted=10)
    epoch = close()
    Contribution.objects.filter(id=first.id).update(state="withdrawn", reason_rule="tests")
    approve(epoch)
    assert earned() == epoch.total
    contribution(call, cast.joon().party_id, dobong(10), accepted=10)
    approve(close())
    assert earned("joon") == earned("mina")


def test_a_contribution_under_withdrawn_consent_is_not_frozen() -> None:
    call = published_call()
    kept = contribution(call, cast.mina().party_id, dobong(10), accepted=10)
    out = contribution(call, cast.joon().party_id, dobong(10), accepted=10)
    Contribution.objects.filter(id=out.id).update(excluded_at=kept.accepted_at)
    assert close().inputs_count == 1


def test_the_pool_is_never_overdrawn_however_often_data_comes_and_goes() -> None:
    call = published_call(pool={"asset": "DURE", "amount": "1"}, target_mass=1)
    for _ in range(6):
        contribution(call, cast.mina().party_id, dobong(1000), accepted=1000)
        contribution(call, cast.mina().party_id, gangnam(1000), accepted=1000)
        approve(close())
        for each in Contribution.objects.filter(call=call, state="accepted"):
            Contribution.objects.filter(id=each.id).update(state="withdrawn", reason_rule="tests")
    assert 0 <= posted(pool_key(SLUG, "DURE")) < 10
    assert check_ledger()["ok"] is True


def test_the_manifest_names_nobody_and_replays_bit_for_bit() -> None:
    call = published_call(price_cap="1.2")
    mina = contribution(call, cast.mina().party_id, dobong(10), accepted=12)
    contribution(call, cast.joon().party_id, gangnam(10), accepted=10)
    epoch = close()
    manifest = manifest_bytes(epoch)
    assert sha256_hex(manifest) == epoch.manifest_sha256
    assert replay(manifest) == manifest
    for secret in (mina.receipt, str(mina.id), str(mina.party_id), cast.mina().email):
        assert secret.encode() not in manifest
    stated = json.loads(manifest)
    leaves = [merkle.leaf_hash(canonical_bytes(item)) for item in stated["inputs"]]
    assert merkle.root(leaves).hex() == stated["inputs_root"] == epoch.inputs_root
    assert epoch.terms is not None
    assert epoch.terms["stock_added"] == {"district": {"11320": 10_000, "11680": 10_000}}
    assert epoch.terms["records_added"] == sum(item["records"] for item in stated["inputs"]) == 22
    own = reward_document(mina)["pseudonym"]
    assert [i["records"] for i in stated["inputs"] if i["id"] == own] == [12]


@pytest.mark.parametrize(
    "change",
    [
        lambda m: m["inputs"][0].update(records=99),
        lambda m: m["inputs"][0]["masses"]["district"].update({"11320": 1}),
        lambda m: m["outputs"][0].update(amount="1"),
        lambda m: m["totals"].update(paid="1"),
        lambda m: m["parameters"].update(pool="2000000000"),
        lambda m: m.update(outputs_root="00"),
        lambda m: m.update(extra=1),
    ],
)
def test_a_manifest_that_was_touched_replays_to_other_bytes(change: object) -> None:
    call = published_call()
    contribution(call, cast.mina().party_id, dobong(10), accepted=10)
    stated = json.loads(manifest_bytes(close()))
    assert callable(change)
    change(stated)
    touched = canonical_bytes(stated)
    assert replay(touched) != touched


@pytest.mark.parametrize("junk", [b"", b"[]", b"{}", b'{"format": "other"}', b"\xff"])
def test_what_is_no_manifest_is_refused(junk: bytes) -> None:
    with pytest.raises(ValueError, match=r".*"):
        replay(junk)


def test_a_closed_epoch_stands_as_it_is() -> None:
    call = published_call()
    contribution(call, cast.mina().party_id, dobong(10), accepted=10)
    epoch = close()
    for change in (
        "total = total + 1",
        "manifest = 'x'",
        "terms = '{}'",
        "state = 'open'",
        "number = 9",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE rewards_epoch SET {change} WHERE id = %s", [epoch.id])
    for statement in (
        "UPDATE rewards_epochinput SET reward = 1",
        "DELETE FROM rewards_epochinput",
        "UPDATE rewards_rewardline SET amount = 1",
        "DELETE FROM rewards_rewardline",
        "DELETE FROM rewards_epoch",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_each_step_is_logged_and_announced() -> None:
    call = published_call()
    contribution(call, cast.mina().party_id, dobong(10), accepted=10)
    epoch = approve(close())
    kinds = list(
        LogEntry.objects.filter(kind__regex="epoch|reward")
        .order_by("origin_seq")
        .values_list("kind", flat=True)
    )
    assert kinds == [
        "epoch.opened",
        "epoch.closed",
        "epoch.opened",
        "epoch.approved",
        "reward.issued",
    ]
    assert OutboxEvent.objects.filter(kind="epoch.approved", subject=str(epoch.id)).exists()
    assert outbox.drain() > 0


def test_a_firm_is_paid_into_its_own_wallet() -> None:
    call = published_call(pool={"asset": "KRW", "amount": "20000"})
    contribution(call, cast.hanbit().party_id, gangnam(40), accepted=40)
    epoch = approve(close())
    assert posted(wallet_key(cast.hanbit().party_id, "KRW")) == epoch.total > 0


def test_many_contributions_of_one_person_are_paid_one_transfer_each() -> None:
    call = published_call()
    for _ in range(5):
        contribution(call, cast.mina().party_id, dobong(1), accepted=1)
    epoch = approve(close())
    assert Transfer.objects.filter(reference=f"epoch:{epoch.id}").count() == 5
    assert earned() == epoch.total


def test_the_flat_method_pays_every_record_alike() -> None:
    call = published_call(method="flat", strata=[])
    contribution(call, cast.mina().party_id, {}, accepted=30)
    contribution(call, cast.joon().party_id, {}, accepted=10)
    epoch = approve(close())
    assert earned("mina") == 1000 * SUB_UNITS * 30 // 140
    assert earned("joon") == 1000 * SUB_UNITS * 10 // 140
    assert replay(manifest_bytes(epoch)) == manifest_bytes(epoch)


def test_the_commands_close_approve_and_replay(tmp_path: Path) -> None:
    call = published_call()
    contribution(call, cast.mina().party_id, dobong(10), accepted=10)
    out = StringIO()
    call_command("close_epoch", SLUG, "--as", cast.kang().email, stdout=out)
    epoch = Epoch.objects.get(state="closed")
    assert str(epoch.id) in out.getvalue()
    with pytest.raises(CommandError, match="second person"):
        call_command("approve_epoch", str(epoch.id), "--as", cast.kang().email)
    call_command("approve_epoch", str(epoch.id), "--as", cast.lim().email, stdout=out)
    assert earned() == epoch.total
    call_command("replay_epoch", str(epoch.id), stdout=out)
    assert f"ok {epoch.manifest_sha256}" in out.getvalue()
    file = tmp_path / "manifest.json"
    file.write_bytes(manifest_bytes(epoch).replace(b'"records":10', b'"records":11'))
    with pytest.raises(CommandError, match="differs"):
        call_command("replay_epoch", str(file))
    with pytest.raises(CommandError, match="neither"):
        call_command("replay_epoch", "nonsense")
    with pytest.raises(CommandError, match="no active account"):
        call_command("close_epoch", SLUG, "--as", "nobody@dure.example")


def test_the_integrity_check_is_quiet_until_something_is_wrong() -> None:
    call = published_call()
    contribution(call, cast.mina().party_id, dobong(10), accepted=10)
    approve(close())
    out = StringIO()
    call_command("check_integrity", stdout=out)
    assert "ledger" in out.getvalue()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE rewards_balance DISABLE TRIGGER USER")
        cursor.execute("UPDATE rewards_balance SET posted = posted + 1")
        cursor.execute("ALTER TABLE rewards_balance ENABLE ALWAYS TRIGGER balance_follows_entries")
    with pytest.raises(CommandError, match="ledger"):
        call_command("check_integrity", stdout=StringIO())

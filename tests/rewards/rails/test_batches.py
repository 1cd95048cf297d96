"""Batches: four eyes, one file, and nothing that takes back what may be paid already."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
import time_machine
from django.db import DatabaseError, connection, transaction

from dure.accounts.acting import Actor
from dure.accounts.models import Person
from dure.accounts.roles import Role
from dure.accounts.services import create_person
from dure.core import blobs, sealing
from dure.core.canonical import sha256_hex
from dure.core.money import SUB_UNITS
from dure.core.problems import Problem
from governance.models import LogEntry
from rewards.ledger import services as ledger
from rewards.ledger.accounts import clearing_key
from rewards.ledger.integrity import check_ledger
from rewards.ledger.selectors import posted
from rewards.models import ItemState, PayoutBatch, PayoutItem, Redemption
from rewards.rails.batches import (
    approve_batch,
    batch_file,
    discard_batch,
    propose_batch,
    send_batch,
)
from rewards.rails.imports import import_answer
from rewards.rails.retention import purge_files
from rewards.wallet.services import (
    return_redemption,
    reverse_redemption,
    settle_redemption,
)
from tests import cast
from tests.rewards.money import CLERK
from tests.rewards.rails.pain001_rules import faults
from tests.rewards.rails.payouts import confirmed, redeem, sent_batch, settled
from tests.rewards.rails.rail_answers import camt053

pytestmark = pytest.mark.django_db


def test_one_person_proposes_another_approves_and_the_file_is_what_was_approved() -> None:
    redeem(1000)
    redeem(2000, rail="transit", destination="1010555020261122")
    kang, lim = cast.actor(cast.kang()), cast.actor(cast.lim())
    batch = propose_batch(acting=kang, rail="bank", asset="KRW")
    assert (batch.count, batch.control_sum) == (1, 1000 * SUB_UNITS)
    with pytest.raises(Problem, match="payout-needs-second-person"):
        approve_batch(acting=kang, batch_id=batch.id)
    approve_batch(acting=lim, batch_id=batch.id)
    with pytest.raises(Problem, match="batch-not-in-that-state"):
        approve_batch(acting=lim, batch_id=batch.id)
    with pytest.raises(Problem, match="batch-not-in-that-state"):
        batch_file(acting=kang, batch_id=batch.id)
    send_batch(acting=kang, batch_id=batch.id)
    sent, content = batch_file(acting=kang, batch_id=batch.id)
    assert faults(content) == []
    assert sha256_hex(content) == sent.file_sha256
    assert content == blobs.read(batch.file)
    assert sent.sent_at is not None
    kinds = LogEntry.objects.filter(kind__startswith="payout.").values_list("kind", flat=True)
    assert list(kinds.order_by("origin_seq")) == [
        "payout.batched",
        "payout.approved",
        "payout.sent",
    ]


def test_a_redemption_is_in_one_batch_until_that_is_discarded() -> None:
    redeem(1000)
    kang = cast.actor(cast.kang())
    batch = propose_batch(acting=kang, rail="bank", asset="KRW")
    with pytest.raises(Problem, match="nothing-to-pay-out"):
        propose_batch(acting=kang, rail="bank", asset="KRW")
    redemption = Redemption.objects.get()
    with pytest.raises(Problem, match="redemption-in-a-batch"):
        settle_redemption(acting=kang, redemption_id=redemption.id)
    discard_batch(acting=kang, batch_id=batch.id)
    again = propose_batch(acting=kang, rail="bank", asset="KRW")
    uids = set(PayoutItem.objects.values_list("uid", flat=True))
    assert len(uids) == 2
    assert again.items.get().redemption_id == redemption.id


def test_after_it_was_sent_no_time_and_nobody_takes_it_back_without_an_answer() -> None:
    redeem(1000)
    batch = sent_batch()
    assert ledger.expire_holds(acting=CLERK) == 0
    with pytest.raises(Problem, match="batch-not-in-that-state"):
        discard_batch(acting=cast.actor(cast.lim()), batch_id=batch.id)
    assert confirmed() == "0"
    for statement in (
        "UPDATE rewards_payoutbatch SET state = 'discarded', discarded_at = now(), sent_at = NULL",
        "UPDATE rewards_payoutitem SET state = 'discarded', resolved_at = now()",
        "DELETE FROM rewards_payoutitem",
        "UPDATE rewards_payoutbatch SET file_sha256 = ''",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_the_database_refuses_one_pair_of_eyes_and_an_answer_before_sending() -> None:
    redeem(1000)
    batch = propose_batch(acting=cast.actor(cast.kang()), rail="bank", asset="KRW")
    for statement in (
        "UPDATE rewards_payoutbatch SET state='approved', approver_id=proposer_id,"
        " approved_at=now()",
        "UPDATE rewards_payoutbatch SET state='sent', sent_at=now()",
        "UPDATE rewards_payoutitem SET state='settled', resolved_at=now()",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert PayoutBatch.objects.get(id=batch.id).state == "proposed"


def test_what_was_paid_and_came_back_is_reversed_by_name() -> None:
    redemption = redeem(1000)
    sent_batch()
    kang, lim = cast.actor(cast.kang()), cast.actor(cast.lim())
    settled(redemption)
    assert posted(clearing_key("bank", "KRW")) == 1000 * SUB_UNITS
    with pytest.raises(Problem, match="redemption-already-resolved"):
        return_redemption(acting=kang, redemption_id=redemption.id, reason="AC04")
    # One person alone would have it paid twice.
    first = reverse_redemption(acting=kang, redemption_id=redemption.id, reason="AC04")
    assert (first.state, confirmed()) == ("settled", "0")
    with pytest.raises(Problem, match="another-person-needed"):
        reverse_redemption(acting=kang, redemption_id=redemption.id, reason="AC04")
    with pytest.raises(Problem, match="proposed-otherwise"):
        reverse_redemption(acting=lim, redemption_id=redemption.id, reason="other")
    assert posted(clearing_key("bank", "KRW")) == 1000 * SUB_UNITS
    reverse_redemption(acting=lim, redemption_id=redemption.id, reason="AC04")
    assert (confirmed(), posted(clearing_key("bank", "KRW"))) == ("1000", 0)
    assert PayoutItem.objects.get().state == ItemState.RETURNED
    assert check_ledger()["ok"] is True
    with pytest.raises(Problem, match="redemption-already-resolved"):
        reverse_redemption(acting=kang, redemption_id=redemption.id, reason="AC04")


def test_what_was_sent_is_given_back_by_two_and_what_was_not_by_one() -> None:
    sent = redeem(1000)
    sent_batch()
    kept = redeem(500)
    kang, lim = cast.actor(cast.kang()), cast.actor(cast.lim())
    assert return_redemption(acting=kang, redemption_id=kept.id, reason="x").state == "returned"
    assert return_redemption(acting=kang, redemption_id=sent.id, reason="AC04").state == "held"
    with pytest.raises(Problem, match="another-person-needed"):
        return_redemption(acting=kang, redemption_id=sent.id, reason="AC04")
    assert return_redemption(acting=lim, redemption_id=sent.id, reason="AC04").state == "returned"
    assert LogEntry.objects.filter(kind__in=["act.proposed", "act.approved"]).count() == 2


def test_nobody_decides_about_an_amount_of_their_own() -> None:
    own = redeem(1000, person=cast.kang())
    with pytest.raises(Problem, match="another-person-needed"):
        settle_redemption(acting=cast.actor(cast.kang()), redemption_id=own.id)
    with pytest.raises(Problem, match="another-person-needed"):
        return_redemption(acting=cast.actor(cast.kang()), redemption_id=own.id, reason="x")
    other = create_person(
        acting=Actor.system("tests"),
        email="han@dure.example",
        name="Han",
        password=None,
        roles=[Role.OPERATOR],
    )
    for person in (cast.lim(), other):
        settle_redemption(acting=cast.actor(person), redemption_id=own.id)
    own.refresh_from_db()
    assert own.state == "settled"
    with pytest.raises(Problem, match="another-person-needed"):
        reverse_redemption(acting=cast.actor(cast.kang()), redemption_id=own.id, reason="x")


def test_the_database_lets_nothing_come_back_without_its_reversal() -> None:
    redemption = redeem(1000)
    settled(redemption)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE rewards_redemption SET state = 'returned'")


def test_who_has_been_forgotten_is_left_out_of_the_file() -> None:
    redeem(1000)
    redeem(500, person=cast.joon())
    sealing.destroy_keys(cast.joon().party_id)
    batch = propose_batch(acting=cast.actor(cast.kang()), rail="bank", asset="KRW")
    assert (batch.count, batch.total) == (1, 1000 * SUB_UNITS)


def test_a_gift_to_a_neighbourhood_fund_moves_at_once() -> None:
    redemption = redeem(1000, rail="fund", destination="11320")
    assert redemption.state == "settled"
    with pytest.raises(Problem, match="invalid-request"):
        propose_batch(acting=cast.actor(cast.kang()), rail="fund", asset="KRW")
    assert check_ledger()["ok"] is True


@pytest.mark.parametrize("who", [cast.mina, cast.charlie, cast.seo])
def test_only_staff_handles_batches(who: Callable[[], Person]) -> None:
    redeem(1000)
    batch = sent_batch()
    actor = cast.actor(who())
    with pytest.raises(Problem, match="not-allowed"):
        propose_batch(acting=actor, rail="bank", asset="KRW")
    handles: list[Callable[..., object]] = [approve_batch, send_batch, discard_batch, batch_file]
    for handle in handles:
        with pytest.raises(Problem, match="not-allowed"):
            handle(acting=actor, batch_id=batch.id)
    with pytest.raises(Problem, match="not-found"):
        approve_batch(acting=cast.actor(cast.lim()), batch_id=UUID(int=0))


def test_a_wish_of_many_is_collected_oldest_first() -> None:
    first = redeem(10)
    redeem(20)
    batch = propose_batch(acting=cast.actor(cast.kang()), rail="bank", asset="KRW", limit=1)
    assert batch.items.get().redemption_id == first.id


def test_a_file_goes_with_its_batch_and_after_five_years(
    django_capture_on_commit_callbacks: Callable[..., object],
) -> None:
    kang = cast.actor(cast.kang())
    with time_machine.travel("2024-02-28T03:00:00Z", tick=False):
        redeem(1000)
        sent = sent_batch()
        redeem(2000)
        dropped = propose_batch(acting=kang, rail="bank", asset="KRW")
        with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
            discard_batch(acting=kang, batch_id=dropped.id)
        dropped.file.refresh_from_db()
        assert dropped.file.purged_at is not None
        source = import_answer(acting=kang, rail="bank", content=camt053())
    with time_machine.travel("2029-02-28T14:59:59Z", tick=False):
        assert purge_files() == 0
        assert blobs.read(sent.file)
    with time_machine.travel("2029-02-28T15:00:00Z", tick=False):
        assert purge_files() == 2
        assert purge_files() == 0
    for blob in (sent.file, source.file):
        blob.refresh_from_db()
        with pytest.raises(sealing.Unreadable):
            blobs.read(blob)


def test_a_discarded_file_that_a_crash_left_behind_is_found() -> None:
    redeem(1000)
    kang = cast.actor(cast.kang())
    dropped = propose_batch(acting=kang, rail="bank", asset="KRW")
    discard_batch(acting=kang, batch_id=dropped.id)  # the purge after the commit never came
    assert blobs.read(dropped.file)
    assert purge_files() == 1

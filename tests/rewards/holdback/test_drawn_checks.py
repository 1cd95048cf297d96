"""The log draws what is checked; two people void what waits, and the owner reads why."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256

import pytest
import time_machine
from django.db import DatabaseError, IntegrityError, connection, transaction

from contributions.models import Contribution
from dure.accounts.acting import Actor
from dure.core.clock import now
from dure.core.money import format_amount
from dure.core.problems import Problem
from governance.log.services import sequence
from governance.models import LogCheckpoint, LogEntry
from rewards.epochs.providers import who_decided
from rewards.epochs.selectors import manifest_bytes, reward_document
from rewards.holdback.checks import decide_finding, pass_check, propose_finding
from rewards.holdback.drawing import draw, draw_waiting
from rewards.holdback.selectors import checks_of, pledge_document
from rewards.holdback.services import release_due
from rewards.ledger.accounts import pool_key
from rewards.ledger.selectors import spendable
from rewards.models import CheckGround, ClaimCheck, ClaimDrawing, Epoch, EpochInput, HeldReward
from rewards.wallet.selectors import wallet_document
from tests import cast
from tests.rewards.city import SLUG
from tests.rewards.holdback.test_held_back import WORKER, settle, sound, two_contributions

pytestmark = pytest.mark.django_db


def drawn() -> tuple[Epoch, ClaimCheck]:
    """One of two contributions is drawn."""
    two_contributions()
    epoch = settle()
    sequence()
    assert draw_waiting(acting=WORKER) == 1
    return epoch, checks_of(epoch).get()


def found(check: ClaimCheck) -> ClaimCheck:
    return propose_finding(
        acting=cast.actor(cast.kang()),
        check_id=check.id,
        ground=CheckGround.FALSE_STRATUM,
        reason="강남구에서 잰 값입니다.",
    )


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(Problem) as problem:
        act()
    return problem.value.kind.code


def test_nothing_is_drawn_before_the_log_has_signed_the_approval_and_then_once() -> None:
    two_contributions()
    epoch = settle()
    assert draw_waiting(acting=WORKER) == 0
    sequence()
    assert draw_waiting(acting=WORKER) == 1
    assert draw_waiting(acting=WORKER) == 0
    first = ClaimDrawing.objects.get()
    again = draw(acting=WORKER, epoch=epoch)
    assert again is not None
    assert (again.id, ClaimCheck.objects.count()) == (first.id, 1)


def test_anybody_draws_the_same_with_a_hash_and_a_sort() -> None:
    epoch, check = drawn()
    names = list(EpochInput.objects.filter(epoch=epoch).values_list("pseudonym", flat=True))
    stated = ClaimDrawing.objects.get()
    seed = sha256(manifest_bytes(epoch)).hexdigest()
    lines = ["dure-sample/1", seed, stated.checkpoint_root, stated.population_root, "1"]
    key = sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest()
    tickets = {sha256(f"{key}\n{name}\n".encode()).hexdigest(): name for name in names}
    assert (
        tickets[min(tickets)] == EpochInput.objects.get(contribution=check.contribution).pseudonym
    )
    head = LogCheckpoint.objects.get(size=stated.checkpoint_size)
    assert bytes(head.root).hex() == stated.checkpoint_root


def test_an_upheld_finding_sends_what_waits_back_and_the_owner_reads_why() -> None:
    epoch, check = drawn()
    held = HeldReward.objects.get(contribution=check.contribution)
    free = spendable(pool_key(SLUG, "DURE"))
    found(check)
    with time_machine.travel(now() + timedelta(days=91)):
        # The other part is paid; this one stays while the finding is open.
        assert release_due(acting=WORKER) == 1
        decide_finding(acting=cast.actor(cast.lim()), check_id=check.id, upheld=True)
        assert release_due(acting=WORKER) == 0
    assert spendable(pool_key(SLUG, "DURE")) == free + held.amount
    document = reward_document(check.contribution)["held"]
    assert document is not None
    assert (document["state"], document["check"]) == ("returned", "upheld")
    assert (document["ground"], document["reason"]) == ("false-stratum", "강남구에서 잰 값입니다.")
    party = check.contribution.party_id
    assert wallet_document(party)["balances"][0]["pending"] == "0"
    pledge = pledge_document(epoch)
    assert pledge is not None
    assert (pledge["drawn"], pledge["checked"], pledge["upheld"]) == (1, 1, 1)
    assert pledge["returned"] == format_amount(held.amount)
    sound()
    logged = LogEntry.objects.get(kind="claim.finding_decided")
    assert "강남구" not in bytes(logged.body).decode()
    assert {cast.kang().id, cast.lim().id} <= who_decided(check.contribution.receipt)


def test_a_dismissed_finding_and_a_passed_check_leave_the_pay_to_its_day() -> None:
    _, check = drawn()
    found(check)
    decide_finding(acting=cast.actor(cast.lim()), check_id=check.id, upheld=False)
    document = reward_document(check.contribution)["held"]
    assert document is not None
    assert (document["state"], document["check"], document["reason"]) == (
        "waiting",
        "dismissed",
        "",
    )
    with time_machine.travel(now() + timedelta(days=91)):
        assert release_due(acting=WORKER) == 2
    sound()


def test_a_finding_takes_two_people_a_role_and_a_reason() -> None:
    _, check = drawn()
    kang, lim, mina = (cast.actor(each) for each in (cast.kang(), cast.lim(), cast.mina()))
    ground = CheckGround.MADE_UP

    def propose(acting: Actor, reason: str) -> Callable[[], object]:
        return lambda: propose_finding(
            acting=acting, check_id=check.id, ground=ground, reason=reason
        )

    assert refused(propose(mina, "x")) == "not-allowed"
    assert refused(propose(kang, "  ")) == "finding-needs-reason"
    assert refused(propose(kang, "x" * 2_001)) == "finding-needs-reason"
    assert refused(lambda: pass_check(acting=mina, check_id=check.id)) == "not-allowed"
    found(check)

    def decide(acting: Actor) -> Callable[[], object]:
        return lambda: decide_finding(acting=acting, check_id=check.id, upheld=True)

    assert refused(decide(mina)) == "not-allowed"
    assert refused(decide(kang)) == "check-needs-second-person"
    assert refused(lambda: pass_check(acting=lim, check_id=check.id)) == "check-already-decided"
    decide(lim)()
    assert refused(decide(lim)) == "check-already-decided"


def test_no_finding_after_the_pay_has_been_paid() -> None:
    _, check = drawn()
    with time_machine.travel(now() + timedelta(days=91)):
        release_due(acting=WORKER)
        assert refused(lambda: found(check)) == "nothing-held-back"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE rewards_claimdrawing SET size = 2",
        "DELETE FROM rewards_claimdrawing",
        "DELETE FROM rewards_claimcheck",
        "TRUNCATE rewards_claimcheck",
        "UPDATE rewards_claimcheck SET contribution_id = (SELECT contribution_id FROM"
        " rewards_epochinput WHERE contribution_id <> rewards_claimcheck.contribution_id LIMIT 1)",
        "UPDATE rewards_claimcheck SET state = 'upheld', ground = 'made-up', reason = 'x',"
        " checker_id = (SELECT min(id::text)::uuid FROM accounts_person), checked_at = now(),"
        " decider_id = (SELECT max(id::text)::uuid FROM accounts_person), decided_at = now()",
    ],
)
def test_the_database_itself_keeps_drawing_and_checks(statement: str) -> None:
    drawn()
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_the_database_refuses_another_head_or_another_number() -> None:
    two_contributions()
    epoch = settle()
    sequence()
    head = LogCheckpoint.objects.order_by("size").last()
    assert head is not None
    stated = {
        "epoch": epoch,
        "checkpoint_size": head.size,
        "checkpoint_root": bytes(head.root).hex(),
        "population_root": "0" * 64,
        "size": 1,
        "drawn_at": now(),
        "log_entry": epoch.id,
    }
    for wrong in ({"checkpoint_root": "1" * 64}, {"size": 2}, {"checkpoint_size": 1}):
        with pytest.raises(IntegrityError), transaction.atomic():
            ClaimDrawing.objects.create(**{**stated, **wrong})


def test_a_reversal_after_a_finding_returns_what_is_left() -> None:
    from rewards.epochs.corrected import reversal_effect
    from rewards.epochs.corrections import propose_reversal
    from rewards.epochs.services import approve_epoch
    from rewards.models import EpochGround

    epoch, check = drawn()
    found(check)
    decide_finding(acting=cast.actor(cast.lim()), check_id=check.id, upheld=True)
    gone = HeldReward.objects.get(contribution=check.contribution).amount
    effect = reversal_effect(epoch)
    assert (effect["returns"], effect["stays"]) == (format_amount(epoch.total - gone), "0")
    assert effect["before"] == format_amount(gone), "what is read adds up to what was paid"
    reversal = propose_reversal(
        acting=cast.actor(cast.kang()), epoch=epoch, ground=EpochGround.FRAUD
    )
    reversal = approve_epoch(acting=cast.actor(cast.lim()), epoch=reversal)
    assert reversal.returned == epoch.total - gone
    assert Contribution.objects.filter(epoch_input=None).count() == 2
    sound()

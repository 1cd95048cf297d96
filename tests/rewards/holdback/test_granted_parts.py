"""Mina's objection is granted in part: just that is hers again, by two people and by a day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
import time_machine
from django.core import mail
from django.db import DatabaseError, connection, transaction
from django.test import Client

from dure.accounts.acting import Actor
from dure.accounts.models import Person
from dure.accounts.roles import Role
from dure.accounts.services import create_person
from dure.core import outbox
from dure.core.clock import now
from dure.core.models import OutboxEvent
from dure.core.money import format_amount
from governance.models import LogEntry, Objection
from governance.rights import services as rights
from governance.rights.clocks import end_of_day_after
from portal.letters.post import send_waiting
from rewards.epochs.corrected import reversal_effect
from rewards.epochs.corrections import propose_reversal
from rewards.epochs.providers import reward
from rewards.epochs.selectors import reward_document
from rewards.epochs.services import approve_epoch
from rewards.holdback.giving_back import (
    giving_back_check,
    giving_back_document,
    giving_back_list,
    granted_parts,
    run_clock,
    waiting_to_be_given_back,
)
from rewards.holdback.overruling import give_back
from rewards.holdback.selectors import held_lines, pledge_document
from rewards.ledger.accounts import pool_key
from rewards.ledger.selectors import spendable
from rewards.models import (
    ClaimCheck,
    EpochGround,
    GivingBackClock,
    GrantedPart,
    HeldReward,
    OverruledFinding,
)
from tests import cast
from tests.rewards.city import SLUG
from tests.rewards.holdback.test_drawn_checks import refused
from tests.rewards.holdback.test_held_back import sound
from tests.rewards.holdback.test_overruled_findings import (
    confirmed,
    object_to,
    owner_of,
    third,
    upheld,
)

pytestmark = pytest.mark.django_db
LISTED = "/api/v1/giving-back/"


def objected(check: ClaimCheck) -> Objection:
    return rights.object(
        acting=cast.actor(owner_of(check)),
        subject_kind="reward",
        subject_id=check.contribution.receipt,
        text="두 줄은 도봉구에서 쟀습니다.",
    )


def grant(
    check: ClaimCheck, amount: str, outcome: str = "partly", by: Person | None = None
) -> Objection:
    return rights.answer_objection(
        acting=cast.actor(by or third()),
        objection=objected(check),
        outcome=outcome,
        reason="두 줄은 맞습니다.",
        amount=amount,
    )


def fourth() -> Person:
    """An operator who answers where the third one has decided: those answer no more of it."""
    return create_person(
        acting=Actor.system("tests"),
        email="fourth@dure.example",
        name="Fourth",
        password=cast.PASSWORD,
        roles=[Role.OPERATOR],
    )


def taken_by(check: ClaimCheck) -> int:
    return HeldReward.objects.get(contribution=check.contribution).amount


def test_the_part_that_was_granted_is_paid_and_the_rest_stays_in_the_pool() -> None:
    epoch, check = upheld()
    taken, pool = taken_by(check), spendable(pool_key(SLUG, "DURE"))
    part = taken // 3 + 1  # sub-units that are no whole unit
    earned = reward(check.contribution)["confirmed"]
    objection = grant(check, format_amount(part))
    # The answer alone moves nothing.
    assert spendable(pool_key(SLUG, "DURE")) == pool
    (waiting,) = waiting_to_be_given_back()
    assert (waiting.check.id, waiting.amount, waiting.taken) == (check.id, part, taken)
    held = reward_document(check.contribution)["held"]
    assert held is not None
    assert held["to_give_back"] is not None
    assert held["to_give_back"]["amount"] == format_amount(part)
    (line,) = held_lines(check.contribution.party_id)
    assert (line["state"], line["to_give_back"]) == ("returned", held["to_give_back"])

    given = give_back(acting=cast.actor(cast.kang()), check_id=check.id)
    assert given.amount == part
    assert spendable(pool_key(SLUG, "DURE")) == pool - part
    assert waiting_to_be_given_back() == []
    before = HeldReward.objects.get(contribution=check.contribution)
    whole = reward_document(check.contribution)
    assert whole["held"] is not None
    assert whole["held"]["state"] == "given-back"
    assert whole["held"]["given_back"] is not None
    assert whole["held"]["given_back"]["amount"] == format_amount(part)
    assert whole["held"]["to_give_back"] is None
    assert reward(check.contribution)["confirmed"] == confirmed(check)
    assert reward(check.contribution)["pending"] == "0"
    assert earned != confirmed(check)
    (line,) = held_lines(check.contribution.party_id)
    assert (line["state"], line["amount"]) == ("returned", format_amount(taken - part))
    assert line["to_give_back"] is None
    pledge = pledge_document(epoch)
    assert pledge is not None
    assert (pledge["returned"], pledge["given_back"]) == (
        format_amount(taken - part),
        format_amount(part),
    )
    assert before.amount == taken
    told = granted_parts([objection.id])[objection.id]
    assert (told["amount"], told["taken"]) == (format_amount(part), format_amount(taken))
    assert told["paid_at"] is not None
    logged = bytes(LogEntry.objects.get(kind="claim.part_granted").body).decode()
    assert str(objection.id) in logged
    assert "두 줄" not in logged
    sound()


def test_it_is_paid_once_and_a_second_objection_gives_nothing_more() -> None:
    _, check = upheld()
    grant(check, "0.000001")
    give_back(acting=cast.actor(cast.kang()), check_id=check.id)
    amount = confirmed(check)
    grant(check, "", "granted", by=fourth())  # whole, afterwards
    assert waiting_to_be_given_back() == []
    again = refused(lambda: give_back(acting=cast.actor(cast.kang()), check_id=check.id))
    assert again == "nothing-to-give-back"
    assert confirmed(check) == amount


def test_of_two_answers_the_one_that_gives_more_is_paid() -> None:
    _, check = upheld()
    grant(check, "0.000001")
    object_to(check)  # granted whole, before anything was paid
    (waiting,) = waiting_to_be_given_back()
    assert waiting.amount == taken_by(check)
    give_back(acting=cast.actor(cast.kang()), check_id=check.id)
    assert confirmed(check) == reward_document(check.contribution)["reward"]
    sound()


@pytest.mark.parametrize("amount", ["0", "-1", "1e3", "0.0000001", "많이", "taken", "more"])
def test_no_other_amount_is_a_part_and_then_nothing_is_answered(amount: str) -> None:
    _, check = upheld()
    named = {"taken": taken_by(check), "more": taken_by(check) + 1}
    typed = format_amount(named[amount]) if amount in named else amount
    assert refused(lambda: grant(check, typed)) == "granted-part-unsound"
    assert Objection.objects.get().state == "received"
    assert not GrantedPart.objects.exists()


@pytest.mark.parametrize("outcome", ["granted", "refused"])
def test_an_amount_goes_with_a_part_alone(outcome: str) -> None:
    _, check = upheld()
    assert refused(lambda: grant(check, "1", outcome)) == "objection-amount-unfit"
    assert Objection.objects.get().state == "received"


def test_without_a_finding_that_stands_there_is_nothing_to_name_an_amount_of() -> None:
    _, check = upheld()
    object_to(check)
    give_back(acting=cast.actor(cast.kang()), check_id=check.id)
    assert refused(lambda: grant(check, "0.000001", by=fourth())) == "nothing-to-give-back"


def test_a_reversal_takes_back_what_was_paid_and_no_more() -> None:
    epoch, check = upheld()
    taken = taken_by(check)
    grant(check, format_amount(taken // 2))
    give_back(acting=cast.actor(cast.kang()), check_id=check.id)
    returns = epoch.total - (taken - taken // 2)
    assert reversal_effect(epoch)["returns"] == format_amount(returns)
    reversal = propose_reversal(
        acting=cast.actor(cast.kang()), epoch=epoch, ground=EpochGround.WRONG_DATA
    )
    reversal = approve_epoch(acting=cast.actor(cast.lim()), epoch=reversal)
    assert reversal.returned == returns
    assert confirmed(check) == "0"
    sound()


def test_the_clock_tells_once_when_it_is_due_soon_and_once_when_it_is_late() -> None:
    _, check = upheld()
    objection = grant(check, "0.000001")
    assert objection.answered_at is not None
    due = end_of_day_after(objection.answered_at, 10)
    (waiting,) = waiting_to_be_given_back()
    assert waiting.due_at == due
    assert run_clock() == 0
    with time_machine.travel(due - timedelta(days=1)):
        assert (run_clock(), run_clock()) == (1, 0)
        assert giving_back_document(waiting)["urgency"] == "due-soon"
        assert giving_back_list(urgency="overdue") == []
    with time_machine.travel(due + timedelta(seconds=1)):
        assert (run_clock(), run_clock()) == (1, 0)
        assert giving_back_document(waiting)["overdue"] is True
        assert len(giving_back_list(urgency="overdue", call=SLUG)) == 1
        assert giving_back_check() == {"ok": False, "open": 1, "overdue": 1}
        assert giving_back_list(call="another") == []
        give_back(acting=cast.actor(cast.kang()), check_id=check.id)
        assert run_clock() == 0
    told = OutboxEvent.objects.filter(kind="giving_back.escalated").order_by("created_at")
    assert [event.payload["urgency"] for event in told] == ["due_soon", "overdue"]
    assert GivingBackClock.objects.get().urgency == 2


def test_operators_see_it_and_an_approver_has_it_paid_over_http() -> None:
    _, check = upheld()
    objection = objected(check)
    answer = cast.api(third()).post(
        f"/api/v1/objections/{objection.id}/answer/",
        {"outcome": "partly", "reason": "두 줄은 맞습니다.", "amount": "0.5"},
        format="json",
    )
    assert answer.status_code == 200, answer.content
    (row,) = cast.api(cast.kang()).get(LISTED).json()["results"]
    assert (row["id"], row["outcome"], row["amount"]) == (str(check.id), "partly", "0.5")
    assert row["urgency"] == "in-time"
    for urgency, found in (("in-time", 1), ("overdue", 0)):
        page = cast.api(cast.kang()).get(LISTED, {"urgency": urgency}).json()
        assert len(page["results"]) == found
    assert cast.api(cast.kang()).get(LISTED, {"urgency": "soon"}).status_code == 400
    address = f"{LISTED}{check.id}/approval/"
    assert cast.api(third()).post(address).status_code == 403  # granted it
    assert cast.api(owner_of(check)).get(LISTED).status_code == 403
    paid = cast.api(cast.kang()).post(address)
    assert paid.status_code == 200
    assert paid.json()["amount"] == "0.5"
    assert paid.json()["transfer"] == str(OverruledFinding.objects.get().transfer_id)
    assert cast.api(cast.kang()).post(address).status_code == 409
    assert cast.api(cast.kang()).post(f"{LISTED}{UUID(int=0)}/approval/").status_code == 404


def test_pages_ask_for_the_part_and_its_owner_reads_why(client: Client) -> None:
    _, check = upheld()
    objection = objected(check)
    cast.log_in(client, third())
    address = f"/en/console/requests/objection/{objection.id}/"
    page = client.get(address).content.decode()
    assert "How much is given back" in page
    said = {"outcome": "partly", "reason": "Two rows are right.", "amount": "1000000"}
    wrong = client.post(address, said)
    assert wrong.status_code == 422
    assert 'href="#amount"' in wrong.content.decode()
    assert client.post(address, {**said, "amount": "0.5"}).status_code == 302
    console = client.get("/en/console/checks/").content.decode()
    assert "Granted in part, of" in console
    assert client.get("/en/console/checks/?due=overdue").content.decode().count("<table") == 1
    assert "None of them." in client.get("/en/console/checks/?due=overdue").content.decode()
    cast.log_in(client, cast.kang())
    one = f"/en/console/checks/{check.drawing.epoch_id}/"
    assert "Due by" in client.get(one).content.decode()
    assert client.post(f"{one}{check.id}/", {"act": "give-back"}).status_code == 302
    cast.log_in(client, owner_of(check))
    receipt = check.contribution.receipt
    read = client.get(f"/en/c/{receipt}/objection/").content.decode()
    assert "Two rows are right." in read
    assert "Given back" in read
    assert "0.5" in read[read.index("Given back") :]
    why = client.get(f"/en/c/{receipt}/why/").content.decode()
    assert "granted in part" in why


def test_a_letter_says_how_much_of_it_is_theirs_again() -> None:
    _, check = upheld()
    grant(check, "0.5")
    give_back(acting=cast.actor(cast.kang()), check_id=check.id)
    outbox.drain()
    send_waiting()
    letter = mail.outbox[-1]
    assert "일부" in letter.subject
    assert "0.5" in letter.body


def _insert_part(check: ClaimCheck, objection: Objection, amount: int) -> Callable[[], object]:
    return lambda: GrantedPart.objects.create(
        objection=objection, check_of=check, amount=amount, log_entry=check.id
    )


def test_the_database_itself_refuses_other_parts_and_other_payments() -> None:
    _, check = upheld()
    plain = object_to(check, "partly")  # granted in part, and no amount was named
    for amount in (0, -1, taken_by(check), taken_by(check) + 1):
        with pytest.raises(DatabaseError), transaction.atomic():
            _insert_part(check, plain, amount)()
    refusal = object_to(check, "refused")
    with pytest.raises(DatabaseError), transaction.atomic():
        _insert_part(check, refusal, 1)()
    grant(check, "0.5")
    statements = (
        "UPDATE rewards_grantedpart SET amount = 1",
        "DELETE FROM rewards_grantedpart",
        "TRUNCATE rewards_grantedpart",
    )
    for statement in statements:
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    give_back(acting=cast.actor(cast.kang()), check_id=check.id)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE rewards_overruledfinding SET amount = amount + 1")


def test_nobody_of_the_finding_answers_and_strangers_name_no_amount() -> None:
    _, check = upheld()
    objection = objected(check)

    def by(person: Person) -> Callable[[], object]:
        return lambda: rights.answer_objection(
            acting=cast.actor(person),
            objection=objection,
            outcome="partly",
            reason="두 줄",
            amount="0.5",
        )

    assert refused(by(cast.lim())) == "rights-own-decision"
    assert refused(by(cast.charlie())) == "not-allowed"
    assert not GrantedPart.objects.exists()
    assert now() > objection.received_at

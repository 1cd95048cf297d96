"""Mina's objection to a finding is granted: what was taken is hers again, once, by two people."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from dure.accounts.acting import Actor
from dure.accounts.models import Person
from dure.accounts.roles import Role
from dure.accounts.services import create_person
from dure.core import outbox
from dure.core.clock import now
from dure.core.money import format_amount
from governance.erasure.services import erase
from governance.models import LogEntry, Objection
from governance.rights import services as rights
from portal.letters.post import send_waiting
from portal.models import WaitingLetter
from rewards.epochs.corrected import reversal_effect
from rewards.epochs.corrections import propose_reversal
from rewards.epochs.providers import reward
from rewards.epochs.replay import replay
from rewards.epochs.selectors import manifest_bytes, reward_document
from rewards.epochs.services import approve_epoch
from rewards.holdback.checks import decide_finding
from rewards.holdback.giving_back import waiting_to_be_given_back
from rewards.holdback.overruling import give_back
from rewards.holdback.selectors import held_lines, pledge_document
from rewards.holdback.services import release_due
from rewards.ledger.accounts import find_accounts, pool_key, wallet_key
from rewards.ledger.orders import TransferOrder, derived_key
from rewards.ledger.selectors import spendable
from rewards.ledger.services import post
from rewards.models import (
    ClaimCheck,
    Epoch,
    EpochGround,
    HeldReward,
    OverruledFinding,
    Transfer,
    UnclaimedAmount,
)
from rewards.wallet.selectors import entries, entry_documents, wallet_document
from rewards.wallet.statement import statement_document
from rewards.wallet.unclaimed import run
from tests import cast
from tests.rewards.city import SLUG
from tests.rewards.holdback.test_drawn_checks import drawn, found, refused
from tests.rewards.holdback.test_held_back import WORKER, sound

pytestmark = pytest.mark.django_db


def third() -> Person:
    """An operator and approver who had no part in the check."""
    known = Person.objects.filter(email="third@dure.example").first()
    return known or create_person(
        acting=Actor.system("tests"),
        email="third@dure.example",
        name="Third",
        password=cast.PASSWORD,
        roles=[Role.OPERATOR, Role.APPROVER],
    )


def owner_of(check: ClaimCheck) -> Person:
    return Person.objects.get(party_id=check.contribution.party_id)


def upheld() -> tuple[Epoch, ClaimCheck]:
    epoch, check = drawn()
    found(check)
    decide_finding(acting=cast.actor(cast.lim()), check_id=check.id, upheld=True)
    return epoch, check


def object_to(check: ClaimCheck, outcome: str = "granted", kind: str = "reward") -> Objection:
    objection = rights.object(
        acting=cast.actor(owner_of(check)),
        subject_kind=kind,
        subject_id=check.contribution.receipt,
        text="도봉구에서 쟀습니다.",
    )
    return rights.answer_objection(
        acting=cast.actor(third()), objection=objection, outcome=outcome, reason="맞습니다."
    )


def overruled() -> tuple[Epoch, ClaimCheck]:
    epoch, check = upheld()
    object_to(check)
    give_back(acting=cast.actor(cast.kang()), check_id=check.id)
    check.refresh_from_db()
    return epoch, check


def confirmed(check: ClaimCheck) -> str:
    return wallet_document(check.contribution.party_id)["balances"][0]["confirmed"]


def test_a_granted_objection_gives_back_what_was_taken_and_says_so_everywhere() -> None:
    epoch, check = upheld()
    held = HeldReward.objects.get(contribution=check.contribution)
    pool, before = spendable(pool_key(SLUG, "DURE")), reward_document(check.contribution)
    object_to(check)
    # The answer alone moves nothing: it waits for a second person.
    assert spendable(pool_key(SLUG, "DURE")) == pool
    assert [each.check.id for each in waiting_to_be_given_back()] == [check.id]
    given = give_back(acting=cast.actor(cast.kang()), check_id=check.id)
    assert waiting_to_be_given_back() == []
    assert spendable(pool_key(SLUG, "DURE")) == pool - held.amount
    assert confirmed(check) == before["reward"]
    assert reward(check.contribution)["confirmed"] == before["reward"]
    assert held_lines(check.contribution.party_id) == []

    void = Transfer.objects.get(pending_id=held.hold_id)
    assert given.transfer.reference == f"transfer:{void.id}"
    document = reward_document(check.contribution)["held"]
    assert document is not None
    assert (document["state"], document["check"]) == ("given-back", "overruled")
    assert document["given_back"] is not None
    assert document["given_back"]["corrects"] == str(void.id)
    assert document["given_back"]["transfer"] == str(given.transfer_id)
    line = entry_documents(list(entries(check.contribution.party_id)))[0]
    assert (line["kind"], line["receipt"], line["amount"]) == (
        "reward.given_back",
        check.contribution.receipt,
        format_amount(held.amount),
    )
    month = statement_document(check.contribution.party_id, now().strftime("%Y-%m"))
    last = month["sections"][0]["lines"][-1]
    assert last["receipt"] == check.contribution.receipt

    pledge = pledge_document(epoch)
    assert pledge is not None
    assert (pledge["returned"], pledge["given_back"]) == ("0", format_amount(held.amount))
    assert pledge["upheld"] == 0
    logged = bytes(LogEntry.objects.get(kind="claim.finding_overruled").body).decode()
    assert str(given.transfer_id) in logged
    assert "도봉구" not in logged
    stored = manifest_bytes(epoch)
    assert replay(stored) == stored
    sound()


def test_it_is_paid_once() -> None:
    _, check = overruled()
    amount = confirmed(check)

    def again() -> object:
        return give_back(acting=cast.actor(cast.kang()), check_id=check.id)

    assert refused(again) == "nothing-to-give-back"
    with time_machine.travel(now() + timedelta(days=91)):
        assert release_due(acting=WORKER) == 1  # the other contribution's
    assert confirmed(check) == amount
    assert OverruledFinding.objects.count() == 1


def test_it_takes_an_approver_who_neither_upheld_nor_granted_nor_owns() -> None:
    _, check = upheld()
    object_to(check)

    def by(person: Person) -> Callable[[], object]:
        return lambda: give_back(acting=cast.actor(person), check_id=check.id)

    assert refused(by(owner_of(check))) == "not-allowed"
    assert refused(by(cast.seo())) == "not-allowed"
    assert refused(by(cast.charlie())) == "not-allowed"
    assert refused(by(cast.lim())) == "overruling-needs-another-person"
    assert refused(by(third())) == "overruling-needs-another-person"
    assert not OverruledFinding.objects.exists()


@pytest.mark.parametrize(
    ("outcome", "kind"), [("refused", "reward"), ("partly", "reward"), ("granted", "contribution")]
)
def test_no_other_answer_gives_anything_back(outcome: str, kind: str) -> None:
    _, check = upheld()
    object_to(check, outcome, kind)
    assert waiting_to_be_given_back() == []
    code = refused(lambda: give_back(acting=cast.actor(cast.kang()), check_id=check.id))
    assert code == "nothing-to-give-back"


def test_an_objection_that_was_granted_before_the_finding_does_not_undo_it() -> None:
    _, check = drawn()
    object_to(check)
    found(check)
    decide_finding(acting=cast.actor(cast.lim()), check_id=check.id, upheld=True)
    assert waiting_to_be_given_back() == []
    sound()


def test_a_pool_that_has_no_more_refuses_and_nothing_is_written() -> None:
    _, check = upheld()
    object_to(check)
    accounts = find_accounts(
        wanted=[pool_key(SLUG, "DURE"), wallet_key(cast.joon().party_id, "DURE")]
    )
    drain = TransferOrder.between(
        key=derived_key("drain"),
        kind="test",
        source=accounts[pool_key(SLUG, "DURE")],
        target=accounts[wallet_key(cast.joon().party_id, "DURE")],
        amount=spendable(pool_key(SLUG, "DURE")),
    )
    post(acting=WORKER, transfers=[drain])
    code = refused(lambda: give_back(acting=cast.actor(cast.kang()), check_id=check.id))
    assert code == "insufficient-balance"
    check.refresh_from_db()
    assert check.state == "upheld"
    assert not LogEntry.objects.filter(kind="claim.finding_overruled").exists()


def test_a_reversal_takes_back_what_was_given_back_too() -> None:
    epoch, check = overruled()
    assert reversal_effect(epoch)["returns"] == format_amount(epoch.total)
    reversal = propose_reversal(
        acting=cast.actor(cast.kang()), epoch=epoch, ground=EpochGround.WRONG_DATA
    )
    reversal = approve_epoch(acting=cast.actor(cast.lim()), epoch=reversal)
    assert reversal.returned == epoch.total
    assert confirmed(check) == "0"
    sound()


def test_after_a_reversal_the_objection_gives_nothing_back_because_it_is_priced_anew() -> None:
    epoch, check = upheld()
    object_to(check)
    reversal = propose_reversal(
        acting=cast.actor(cast.kang()), epoch=epoch, ground=EpochGround.WRONG_DATA
    )
    approve_epoch(acting=cast.actor(cast.lim()), epoch=reversal)
    assert waiting_to_be_given_back() == []
    code = refused(lambda: give_back(acting=cast.actor(cast.kang()), check_id=check.id))
    assert code == "nothing-to-give-back"
    sound()


ROW = """INSERT INTO rewards_overruledfinding (id, check_id, objection_id, granted_by_id,
    approver_id, voided_id, transfer_id, paid_at, log_entry)
    SELECT gen_random_uuid(), check_id, objection_id, granted_by_id, approver_id, voided_id,
    transfer_id, paid_at, log_entry FROM rewards_overruledfinding"""


@pytest.mark.parametrize(
    "statement",
    [
        ROW,
        "UPDATE rewards_overruledfinding SET paid_at = now()",
        "DELETE FROM rewards_overruledfinding",
        "TRUNCATE rewards_overruledfinding",
        "UPDATE rewards_claimcheck SET state = 'upheld'",
        "UPDATE rewards_claimcheck SET reason = 'x'",
    ],
)
def test_the_database_itself_keeps_what_was_overruled(statement: str) -> None:
    overruled()
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_the_database_refuses_a_finding_that_falls_without_money_or_by_the_wrong_hands() -> None:
    _, check = upheld()
    objection = object_to(check)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE rewards_claimcheck SET state = 'overruled'")
    void = Transfer.objects.get(state="void")
    row = {
        "check_of": check,
        "objection": objection,
        "granted_by": third(),
        "approver": cast.kang(),
        "voided": void,
        "paid_at": now(),
        "log_entry": check.id,
    }
    # Another transfer than the one that gave back, and whoever upheld the finding.
    reward_paid = Transfer.objects.filter(kind="reward").first()
    for wrong in ({"transfer": reward_paid}, {"transfer": reward_paid, "approver": cast.lim()}):
        with pytest.raises(DatabaseError), transaction.atomic():
            OverruledFinding.objects.create(**{**row, **wrong})


def test_the_owner_gets_a_letter_and_the_pages_say_so() -> None:
    epoch, check = upheld()
    object_to(check)
    outbox.drain()
    WaitingLetter.objects.all().delete()
    mail.outbox.clear()
    kang, lim = (cast.log_in(Client(), person) for person in (cast.kang(), cast.lim()))
    assert check.contribution.receipt in kang.get("/en/console/checks/").content.decode()
    where = f"/en/console/checks/{epoch.id}/{check.id}/"
    assert "Give the amount back" not in lim.get(f"/en/console/checks/{epoch.id}/").content.decode()
    assert lim.post(where, {"act": "give-back"}).status_code == 422
    assert "Give the amount back" in kang.get(f"/en/console/checks/{epoch.id}/").content.decode()
    assert kang.post(where, {"act": "give-back"}).status_code == 302
    stranger = cast.log_in(Client(), cast.charlie())
    assert stranger.post(where, {"act": "give-back"}).status_code in (302, 403, 404)
    outbox.drain()
    send_waiting()
    (letter,) = mail.outbox
    assert letter.to == [owner_of(check).email]
    assert "다시 기여자님의 것입니다" in letter.subject
    mine = cast.log_in(Client(), owner_of(check))
    why = mine.get(f"/en/c/{check.contribution.receipt}/why/").content.decode()
    assert "A part of it was given back to you" in why
    assert str(OverruledFinding.objects.get().transfer_id) in why
    assert "Given back after an objection" in mine.get("/en/wallet/").content.decode()
    api = cast.api(owner_of(check))
    body = api.get(f"/api/v1/contributions/{check.contribution.receipt}/reward/").json()
    assert body["held"]["state"] == "given-back"
    assert body["held"]["given_back"]["transfer"] == str(OverruledFinding.objects.get().transfer_id)
    with override("en"):
        public = Client().get(reverse("portal:epoch", args=[epoch.id])).content.decode()
    assert "Given back after objections" in public
    assert "강남구에서 잰 값입니다." not in public


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("of_finding", [False, True], ids=["waiting", "overruled"])
def test_what_waits_for_somebody_who_left_is_paid_on_its_day_and_goes_by_the_rule(
    of_finding: bool,
) -> None:
    """Earned before they left, it is theirs as what was paid is, and never the city's to keep."""
    _, check = upheld() if of_finding else drawn()
    held = HeldReward.objects.get(contribution=check.contribution)
    whole = reward_document(check.contribution)["reward"]
    if of_finding:
        object_to(check)
    party = check.contribution.party_id
    erase(acting=cast.actor(third()), party_id=party)
    run(acting=WORKER)
    first = UnclaimedAmount.objects.get(party_id=party)
    assert first.why == "left"
    sound()
    if of_finding:
        give_back(acting=cast.actor(cast.kang()), check_id=check.id)
    with time_machine.travel(now() + timedelta(days=91)):
        release_due(acting=WORKER)
        run(acting=WORKER)
        run(acting=WORKER)
        kept = list(UnclaimedAmount.objects.filter(party_id=party).order_by("set_aside_at"))
        assert [each.amount for each in kept] == [first.amount, held.amount]
        assert format_amount(first.amount + held.amount) == whole
        assert spendable(wallet_key(party, "DURE")) == 0
        sound()


@pytest.mark.django_db(transaction=True)
def test_a_finding_still_takes_back_what_waits_for_somebody_who_left() -> None:
    """Leaving does not launder a false claim, nor does it take anybody's reward without one."""
    _, check = drawn()
    erase(acting=cast.actor(third()), party_id=check.contribution.party_id)
    held, pool = (
        HeldReward.objects.get(contribution=check.contribution),
        spendable(pool_key(SLUG, "DURE")),
    )
    found(check)
    decide_finding(acting=cast.actor(cast.lim()), check_id=check.id, upheld=True)
    assert spendable(pool_key(SLUG, "DURE")) == pool + held.amount
    sound()

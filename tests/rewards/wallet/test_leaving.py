"""Who asks to be erased says what becomes of their balance, and not a sub-unit of it is lost."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client

from dure.accounts.models import Person
from dure.core.clock import now
from dure.core.money import SUB_UNITS
from dure.core.problems import Problem
from governance.erasure.services import erase, resume
from governance.models import Erasure, LogEntry, RightsRequest
from governance.rights.services import answer_request
from rewards.ledger.accounts import AccountKey, wallet_key
from rewards.ledger.integrity import check_ledger
from rewards.ledger.selectors import posted, spendable
from rewards.models import LeavingChoice, Redemption, UnclaimedAmount, WhyUnclaimed
from rewards.tasks import care_for_unclaimed
from rewards.wallet.leaving import choose, wish_of
from rewards.wallet.selectors import destination_of
from rewards.wallet.services import fund_key, return_redemption
from tests.cast import PASSWORD, actor, api, joon, kang, lim, log_in, mina
from tests.rewards.money import wallet
from tests.rewards.rails.payouts import sent_batch
from tests.rewards.rails.payouts import settled as settled_by_two

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def her() -> Person:
    """Mina with forty won; who is erased is nobody's Mina any more, so she is kept by hand."""
    wallet(mina(), 40, "KRW")
    return mina()


FUND = AccountKey("KRW", "fund")
ACCOUNT = "088 1103 1234 5678"


def asks(person: Person, **balance: str) -> RightsRequest:
    """The person asks to be erased, with a word on the balance or without one."""
    wish = {"kind": "erasure", **({"balance": balance} if balance else {})}
    answer = api(person).post("/api/v1/rights-requests/", wish, format="json")
    assert answer.status_code == 201, answer.json()
    return RightsRequest.objects.get(id=answer.json()["id"])


def granted(request: RightsRequest) -> None:
    answer_request(acting=actor(lim()), request=request, outcome="granted", reason="As asked.")


def is_erased(person: Person) -> bool:
    return Erasure.objects.filter(party=person.party_id, erased_at__isnull=False).exists()


def settled() -> None:
    for _day in range(2):
        care_for_unclaimed()


def won(person: Person) -> int:
    return posted(wallet_key(person.party_id, "KRW"))


def test_a_gift_goes_to_the_funds_as_soon_as_the_account_is_gone(her: Person) -> None:
    granted(asks(her, wish="fund"))
    assert resume() == 1
    settled()
    assert (won(her), posted(FUND)) == (0, 40 * SUB_UNITS)
    assert check_ledger()["ok"] is True
    (entry,) = LogEntry.objects.filter(kind="leaving.chosen")
    assert b'"wish":"fund"' in bytes(entry.body)


@pytest.mark.parametrize("said", [{"wish": "wait"}, {}])
def test_who_decides_later_or_says_nothing_has_thirty_days(
    her: Person, said: dict[str, str]
) -> None:
    granted(asks(her, **said))
    assert resume() == 1
    settled()
    (kept,) = UnclaimedAmount.objects.all()
    assert (kept.why, kept.amount) == (WhyUnclaimed.LEFT, 40 * SUB_UNITS)
    assert kept.claim_by == kept.set_aside_at + timedelta(days=30)
    assert (won(her), posted(FUND)) == (0, 0)
    with time_machine.travel(now() + timedelta(days=29), tick=False):
        settled()
        assert posted(FUND) == 0
    with time_machine.travel(now() + timedelta(days=31), tick=False):
        settled()
        assert posted(FUND) == 40 * SUB_UNITS
        assert check_ledger()["ok"] is True


def sent(person: Person) -> Redemption:
    """The chosen pay-out on its way, by two people."""
    sent_batch()
    return Redemption.objects.get(party=person.party_id)


def test_a_pay_out_goes_out_before_the_keys_are_destroyed(her: Person) -> None:
    request = asks(her, wish="pay", rail="bank", destination=ACCOUNT)
    held = Redemption.objects.get(party=her.party_id)
    assert (held.state, held.amount) == ("held", 40 * SUB_UNITS)
    granted(request)
    assert resume() == 0
    assert not is_erased(her), "nobody could read where to pay"
    redemption = sent(her)
    assert resume() == 1
    assert is_erased(her)
    settled_by_two(redemption, "T1")
    settled()
    assert (won(her), posted(FUND), UnclaimedAmount.objects.count()) == (0, 0, 0)
    assert check_ledger()["ok"] is True


def test_an_erasure_waits_no_longer_than_the_law_and_the_balance_is_kept(her: Person) -> None:
    request = asks(her, wish="pay", rail="bank", destination=ACCOUNT)
    granted(request)
    assert resume() == 0
    with time_machine.travel(request.due_at + timedelta(seconds=1), tick=False):
        assert resume() == 1
        settled()
        (kept,) = UnclaimedAmount.objects.all()
        assert kept.amount == 40 * SUB_UNITS
        assert kept.claim_by >= kept.set_aside_at + timedelta(days=30), "they wanted it paid"
        assert check_ledger()["ok"] is True


def test_what_a_rail_gives_back_after_the_erasure_is_kept_too(her: Person) -> None:
    request = asks(her, wish="pay", rail="bank", destination=ACCOUNT)
    granted(request)
    redemption = sent(her)
    assert resume() == 1
    for person in (kang(), lim()):
        return_redemption(acting=actor(person), redemption_id=redemption.id, reason="closed")
    settled()
    (kept,) = UnclaimedAmount.objects.all()
    assert (kept.amount, won(her)) == (40 * SUB_UNITS, 0)
    assert check_ledger()["ok"] is True


def test_who_takes_it_out_meanwhile_leaves_nothing_behind(her: Person) -> None:
    request = asks(her, wish="wait")
    asked = {"asset": "KRW", "amount": "40", "rail": "fund", "destination": "11320"}
    answer = api(her).post(
        "/api/v1/redemptions/", asked, format="json", headers={"Idempotency-Key": "last-word"}
    )
    assert answer.status_code == 201, answer.json()
    granted(request)
    assert resume() == 1
    settled()
    assert posted(fund_key("KRW", "11320")) == 40 * SUB_UNITS
    assert not UnclaimedAmount.objects.exists()


def test_the_last_word_counts(her: Person) -> None:
    for wish in ("wait", "fund", "wait"):
        choose(acting=actor(her), party_id=her.party_id, wish=wish)
    assert wish_of(her.party_id) == "wait"
    assert LeavingChoice.objects.count() == 3


def test_nothing_is_taken_that_cannot_be_done(her: Person) -> None:
    address = "/api/v1/rights-requests/"
    mine = api(her)
    for wish, status, kind in (
        ({"kind": "correction", "text": "x", "balance": {"wish": "fund"}}, 422, "farewell-unfit"),
        ({"kind": "erasure", "balance": {"wish": "burn"}}, 400, "invalid-request"),
        ({"kind": "erasure", "balance": {"wish": "pay", "rail": "fund"}}, 400, "invalid-request"),
        ({"kind": "erasure", "balance": {"wish": "pay", "rail": "bank", "destination": "?"}},
         400, "invalid-request"),
    ):  # fmt: skip
        answer = mine.post(address, wish, format="json")
        assert (answer.status_code, answer.json()["type"].split("/")[-2]) == (status, kind)
    with pytest.raises(Problem, match="nothing-to-take-out"):
        choose(
            acting=actor(joon()), party_id=joon().party_id, wish="pay", rail="bank",
            destination=ACCOUNT,
        )  # fmt: skip
    assert not RightsRequest.objects.exists(), "a request that fails leaves nothing"
    assert not LeavingChoice.objects.exists()
    assert spendable(wallet_key(her.party_id, "KRW")) == 40 * SUB_UNITS


def test_postgresql_keeps_what_was_said_and_the_thirty_days(her: Person) -> None:
    choose(acting=actor(her), party_id=her.party_id, wish="wait")
    for write in (
        lambda: LeavingChoice.objects.update(wish="fund"),
        lambda: LeavingChoice.objects.all().delete(),
        lambda: connection.cursor().execute("TRUNCATE rewards_leavingchoice"),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            write()
    erase(acting=actor(kang()), party_id=her.party_id)
    care_for_unclaimed()
    (kept,) = UnclaimedAmount.objects.all()
    with pytest.raises(IntegrityError, match="waits for 30 days"), transaction.atomic():
        UnclaimedAmount.objects.create(
            party_id=kept.party_id, asset="KRW", amount=1, why="left", policy_number=0,
            set_aside_id=kept.set_aside_id, set_aside_at=now(),
            claim_by=now() + timedelta(days=29),
        )  # fmt: skip


def test_mina_chooses_on_the_page_on_which_she_leaves(client: Client) -> None:
    page = "/en/me/rights/erasure/"
    log_in(client, mina())
    empty = client.get(page).content.decode()
    assert "What becomes of your balance?" not in empty, "nothing is asked of an empty wallet"
    wallet(mina(), 40, "KRW")
    shown = client.get(page).content.decode()
    assert "What becomes of your balance?" in shown
    assert shown.count('name="wish"') == 3
    sent = {"sure": "yes", "password": PASSWORD, "wish": "pay", "rail": "bank"}
    wrong = client.post(page, {**sent, "destination": "?"})
    assert wrong.status_code == 422
    assert 'id="destination-error"' in wrong.content.decode()
    assert not RightsRequest.objects.exists()
    number = ACCOUNT.removeprefix("088 ")
    bankless = client.post(page, {**sent, "destination": number})
    assert bankless.status_code == 422
    assert '<a href="#bank">Choose the bank of the account.</a>' in bankless.content.decode()
    assert f'value="{number}"' in bankless.content.decode()
    assert not RightsRequest.objects.exists()
    right = client.post(page, {**sent, "bank": "088", "destination": number})
    assert right.status_code == 302
    assert destination_of(Redemption.objects.get()) == "088:" + number.replace(" ", "")
    assert Redemption.objects.get().amount == 40 * SUB_UNITS
    assert wish_of(mina().party_id) == "pay"
    assert mina().party_id == RightsRequest.objects.get().party_id

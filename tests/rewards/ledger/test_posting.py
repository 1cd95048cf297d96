"""Posting, holding and reversing, as the people with the wallets see it."""

from __future__ import annotations

from fractions import Fraction
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dure.core.money import SUB_UNITS
from dure.core.problems import Problem
from governance.models import LogEntry
from rewards.ledger import selectors
from rewards.ledger.accounts import clearing_key, open_accounts
from rewards.ledger.integrity import check_ledger
from rewards.ledger.orders import Leg, Posted, TransferOrder
from rewards.ledger.services import hold, post, post_hold, reverse, void_hold
from rewards.ledger.writing import SLICES
from rewards.models import Entry, Transfer
from tests import cast
from tests.rewards.money import CLERK, issuance, pay, transfer, units, wallet

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _the_ledger_adds_up_afterwards(db: None) -> object:
    yield
    assert check_ledger()["ok"] is True


def test_mina_gives_joon_a_part_of_what_she_has() -> None:
    mina, joon = wallet(cast.mina(), 10), wallet(cast.joon())
    pay(mina, joon, 4)
    assert (units(mina), units(joon), units(issuance())) == (6, 4, -10)
    entry = Entry.objects.get(account_id=mina, version=2)
    assert (entry.amount, entry.after) == (-4 * SUB_UNITS, 6 * SUB_UNITS)
    assert selectors.balance_at(mina, 1) == 10 * SUB_UNITS


def test_nobody_spends_what_is_not_there() -> None:
    mina, joon = wallet(cast.mina(), 10), wallet(cast.joon())
    with pytest.raises(Problem, match="insufficient-balance"):
        pay(mina, joon, 11)
    assert (units(mina), units(joon)) == (10, 0)


def test_the_same_order_twice_moves_once_and_answers_alike() -> None:
    mina, joon = wallet(cast.mina(), 10), wallet(cast.joon())
    order = transfer(mina, joon, SUB_UNITS)
    first = post(acting=CLERK, transfers=[order])[0]
    again = post(acting=CLERK, transfers=[order, order])
    assert first.created
    assert [a.transfer_id for a in again] == [first.transfer_id] * 2
    assert not any(a.created for a in again)
    assert units(joon) == 1


def test_who_has_paid_already_is_told_so_whatever_is_left() -> None:
    mina, joon = wallet(cast.mina(), 10), wallet(cast.joon())
    order = transfer(mina, joon, 10 * SUB_UNITS)
    (first,) = post(acting=CLERK, transfers=[order])
    assert post(acting=CLERK, transfers=[order]) == [Posted(first.transfer_id, False)]
    other = order._replace(legs=transfer(mina, joon, 11 * SUB_UNITS).legs)
    with pytest.raises(Problem, match="transfer-key-reused"):
        post(acting=CLERK, transfers=[other])
    assert (units(mina), units(joon)) == (0, 10)


def test_a_key_cannot_be_used_for_another_order() -> None:
    mina, joon = wallet(cast.mina(), 10), wallet(cast.joon())
    key = uuid4()
    pay(mina, joon, 1, key)
    with pytest.raises(Problem, match="transfer-key-reused"):
        pay(mina, joon, 2, key)
    twice = [transfer(mina, joon, 5, key := uuid4()), transfer(mina, joon, 6, key)]
    with pytest.raises(Problem, match="transfer-key-reused"):
        post(acting=CLERK, transfers=twice)
    assert units(joon) == 1


def test_a_batch_is_posted_whole_or_not_at_all() -> None:
    mina, joon = wallet(cast.mina(), 3), wallet(cast.joon())
    with pytest.raises(Problem, match="insufficient-balance"):
        post(acting=CLERK, transfers=[transfer(mina, joon, 2 * SUB_UNITS) for _ in range(2)])
    assert (units(mina), Transfer.objects.filter(kind="test").count()) == (3, 1)


def test_entries_within_a_batch_continue_one_another() -> None:
    mina, joon = wallet(cast.mina(), 100), wallet(cast.joon())
    post(acting=CLERK, transfers=[transfer(mina, joon, n * SUB_UNITS) for n in range(1, 6)])
    after = list(
        Entry.objects.filter(account_id=joon).order_by("version").values_list("version", "after")
    )
    assert after == [(n, sum(range(1, n + 1)) * SUB_UNITS) for n in range(1, 6)]


def test_thousands_of_transfers_take_a_few_statements() -> None:
    mina, joon = wallet(cast.mina(), 3000), wallet(cast.joon())
    orders = [transfer(mina, joon, SUB_UNITS) for _ in range(3000)]
    with CaptureQueriesContext(connection) as queries:
        answers = post(acting=CLERK, transfers=orders)
    # Locks, a small slice and those after it, and the savepoint around them.
    assert len(queries) == 1 + 1 + SLICES + 2
    assert units(joon) == 3000
    kept = dict(Transfer.objects.filter(kind="test").values_list("idem", "id"))
    assert [a.transfer_id for a in answers] == [kept[order.key] for order in orders]
    assert post(acting=CLERK, transfers=orders) == [Posted(a.transfer_id, False) for a in answers]


def test_what_refuses_the_last_of_thousands_refuses_the_first() -> None:
    mina, joon = wallet(cast.mina(), 1000), wallet(cast.joon())
    orders = [transfer(mina, joon, SUB_UNITS) for _ in range(1001)]
    with pytest.raises(Problem, match="insufficient-balance"):
        post(acting=CLERK, transfers=orders)
    assert (units(mina), units(joon)) == (1000, 0)
    post(acting=CLERK, transfers=orders[:1])
    answers = post(acting=CLERK, transfers=orders[:1000])
    assert [a.created for a in answers] == [False, *[True] * 999]
    assert (units(mina), units(joon)) == (0, 1000)


def test_thousands_that_name_an_account_that_is_not_there_are_refused_as_one_is() -> None:
    mina, joon = wallet(cast.mina(), 1000), wallet(cast.joon())
    orders = [transfer(mina, joon, SUB_UNITS) for _ in range(1000)]
    with pytest.raises(ValueError, match="no such account"):
        post(acting=CLERK, transfers=[*orders, transfer(mina, 1 << 40, SUB_UNITS)])
    assert (units(mina), units(joon)) == (1000, 0)


def test_what_comes_in_at_the_end_of_thousands_pays_for_their_beginning() -> None:
    mina, joon = wallet(cast.mina()), wallet(cast.joon())
    orders = [transfer(mina, joon, SUB_UNITS) for _ in range(1000)]
    post(acting=CLERK, transfers=[*orders, transfer(issuance(), mina, 1000 * SUB_UNITS)])
    assert (units(mina), units(joon)) == (0, 1000)


def test_one_transfer_is_one_statement() -> None:
    mina, joon = wallet(cast.mina(), 10), wallet(cast.joon())
    with CaptureQueriesContext(connection) as queries:
        pay(mina, joon, 4)
    assert len(queries) == 1


def test_of_a_batch_that_was_posted_in_part_only_the_rest_is_posted() -> None:
    mina, joon = wallet(cast.mina(), 10), wallet(cast.joon())
    orders = [transfer(mina, joon, n * SUB_UNITS) for n in (1, 2, 3)]
    (second,) = post(acting=CLERK, transfers=orders[1:2])
    answers = post(acting=CLERK, transfers=[*orders, orders[0]])
    assert [a.created for a in answers] == [True, False, True, True]
    assert (answers[1].transfer_id, answers[0]) == (second.transfer_id, answers[3])
    assert (units(mina), units(joon)) == (4, 6)


def test_an_amount_stays_in_its_asset() -> None:
    mina, won = wallet(cast.mina(), 10), wallet(cast.joon(), 0, "KRW")
    for order in (post_one, hold_one):
        with pytest.raises(Problem, match="amount-changes-asset"):
            order(mina, won)
    assert not Transfer.objects.filter(kind="test", state="pending").exists()
    assert (units(mina), units(won)) == (10, 0)


def test_what_no_account_can_hold_is_refused() -> None:
    mina = wallet(cast.mina())
    most = 9_000_000_000_000_000_000
    post(acting=CLERK, transfers=[transfer(issuance(), mina, most)])
    with pytest.raises(Problem, match="amount-too-large"):
        post(acting=CLERK, transfers=[transfer(issuance(), mina, most)])
    treasury = wallet(cast.joon())
    with pytest.raises(ValueError, match="larger than an account"):
        post(acting=CLERK, transfers=[transfer(issuance(), treasury, 1 << 63)])
    assert selectors.balance(mina).posted == most


def post_one(source: int, target: int) -> None:
    post(acting=CLERK, transfers=[transfer(source, target, 1)])


def hold_one(source: int, target: int) -> None:
    hold(acting=CLERK, order=transfer(source, target, 1))


def test_a_transfer_may_have_many_legs_and_several_assets() -> None:
    mina, joon = wallet(cast.mina(), 10), wallet(cast.joon())
    won = wallet(cast.mina(), 500, "KRW")
    pot = wallet(cast.joon(), 0, "KRW")
    legs = (Leg(mina, -2), Leg(joon, 2), Leg(won, -7), Leg(pot, 7))
    post(acting=CLERK, transfers=[TransferOrder(uuid4(), "exchange", legs)])
    assert selectors.balance(pot).posted == 7


@pytest.mark.parametrize("legs", [(), (5,), (5, -4), (0, 0)])
def test_an_order_that_cannot_be_meant_is_refused(legs: tuple[int, ...]) -> None:
    account = wallet(cast.mina(), 10)
    order = TransferOrder(uuid4(), "odd", tuple(Leg(account, amount) for amount in legs))
    with pytest.raises(ValueError, match="legs"):
        post(acting=CLERK, transfers=[order])


def test_an_unknown_account_is_refused() -> None:
    with pytest.raises(ValueError, match="no such account"):
        pay(issuance(), 10**12, 1)


def test_a_hold_keeps_the_amount_until_it_is_posted() -> None:
    mina, joon = wallet(cast.mina(), 10), wallet(cast.joon())
    held = hold(acting=CLERK, order=transfer(mina, joon, 8 * SUB_UNITS))
    assert selectors.balance(mina).spendable == 2 * SUB_UNITS
    with pytest.raises(Problem, match="insufficient-balance"):
        pay(mina, joon, 3)
    with pytest.raises(Problem, match="insufficient-balance"):
        hold(acting=CLERK, order=transfer(mina, joon, 3 * SUB_UNITS))
    post_hold(acting=CLERK, hold_id=held.transfer_id)
    assert (units(mina), units(joon), selectors.balance(mina).pending_out) == (2, 8, 0)


def test_a_hold_is_resolved_once() -> None:
    mina, joon = wallet(cast.mina(), 10), wallet(cast.joon())
    held = hold(acting=CLERK, order=transfer(mina, joon, 8 * SUB_UNITS))
    void_hold(acting=CLERK, hold_id=held.transfer_id)
    assert not void_hold(acting=CLERK, hold_id=held.transfer_id).created
    with pytest.raises(Problem, match="hold-already-resolved"):
        post_hold(acting=CLERK, hold_id=held.transfer_id)
    assert (units(mina), selectors.balance(mina).spendable) == (10, 10 * SUB_UNITS)


def test_a_mistake_is_reversed_once_by_name_and_the_log_says_so() -> None:
    mina, joon = wallet(cast.mina(), 10), wallet(cast.joon())
    mistake = pay(mina, joon, 4)
    reversal = reverse(acting=CLERK, transfer_id=mistake, reason="wrong-account")
    assert (units(mina), units(joon)) == (10, 0)
    assert Transfer.objects.get(id=reversal.transfer_id).reverses_id == mistake
    assert LogEntry.objects.filter(kind="transfer.reversed").count() == 1
    with pytest.raises(Problem, match="transfer-already-reversed"):
        reverse(acting=CLERK, transfer_id=mistake, reason="wrong-account")
    with pytest.raises(ValueError, match="no reversal"):
        reverse(acting=CLERK, transfer_id=reversal.transfer_id, reason="again")


def test_what_was_spent_cannot_be_taken_back() -> None:
    mina, joon, kang = wallet(cast.mina(), 10), wallet(cast.joon()), wallet(cast.kang())
    mistake = pay(mina, joon, 4)
    pay(joon, kang, 4)
    with pytest.raises(Problem, match="insufficient-balance"):
        reverse(acting=CLERK, transfer_id=mistake, reason="wrong-account")


def test_opening_an_account_twice_finds_it() -> None:
    key = clearing_key("bank", "KRW")
    assert open_accounts(wanted=[key, key]) == open_accounts(wanted=[key])
    assert open_accounts(wanted=[]) == {}


@pytest.mark.parametrize("setting", ["synchronous_commit"])
def test_no_money_moves_on_a_database_that_may_forget(setting: str) -> None:
    mina, joon = wallet(cast.mina(), 10), wallet(cast.joon())
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL {setting} = off")
    try:
        assert check_ledger()["not_durable"] == [setting]
        with pytest.raises(Problem, match="database-not-durable"):
            pay(mina, joon, 1)
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL {setting} = on")


@pytest.mark.parametrize("amount", [0, -5, 0.5, 1.0, Fraction(1, 2), "5"])
def test_an_amount_is_a_whole_number_of_sub_units_and_never_turns_round(amount: object) -> None:
    mina, joon = wallet(cast.mina(), 10), wallet(cast.joon(), 10)
    with pytest.raises(ValueError, match="whole number of sub-units"):
        TransferOrder.between(
            key=uuid4(),
            kind="test",
            source=mina,
            target=joon,
            amount=amount,  # type: ignore[arg-type]  # what must not be given
        )
    assert (units(mina), units(joon)) == (10, 10)


def test_legs_that_are_no_integers_are_refused_before_anything_is_written() -> None:
    mina, joon = wallet(cast.mina(), 10), wallet(cast.joon())
    half = Leg(mina, -0.5), Leg(joon, 0.5)  # type: ignore[arg-type]  # what must not be given
    with pytest.raises(ValueError, match="whole number of sub-units"):
        post(acting=CLERK, transfers=[TransferOrder(uuid4(), "test", half)])
    assert (units(mina), units(joon)) == (10, 0)


def test_one_order_that_cannot_be_meant_refuses_the_thousands_around_it() -> None:
    mina, joon = wallet(cast.mina(), 2_000), wallet(cast.joon())
    orders = [transfer(mina, joon, SUB_UNITS) for _ in range(1_500)]
    orders[1_400] = TransferOrder(uuid4(), "test", (Leg(mina, -2), Leg(joon, 1)))
    with pytest.raises(ValueError, match="sum to zero"):
        post(acting=CLERK, transfers=orders)
    assert (units(mina), units(joon)) == (2_000, 0)

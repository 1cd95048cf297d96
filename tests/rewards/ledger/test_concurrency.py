"""Several people at once: one wins, nothing is lost, nothing happens twice."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import connection

from dure.core.money import SUB_UNITS
from dure.core.problems import Problem
from rewards.epochs.services import approve_epoch, close_epoch
from rewards.ledger.accounts import open_accounts, wallet_key
from rewards.ledger.integrity import check_ledger
from rewards.ledger.orders import TransferOrder
from rewards.ledger.selectors import posted
from rewards.ledger.services import hold, post, post_hold, reverse, void_hold
from rewards.models import Transfer
from tests import cast
from tests.rewards.city import SLUG, contribution, dobong, published_call
from tests.rewards.money import CLERK, pay, transfer, units, wallet

pytestmark = pytest.mark.django_db(transaction=True)


def together(*jobs: Callable[[], object]) -> list[object]:
    """Run jobs at the same moment, each on a connection of its own; results or problem codes."""
    start = Barrier(len(jobs))

    def run(job: Callable[[], object]) -> object:
        try:
            start.wait(10)
            return job()
        except Problem as problem:
            return problem.kind.code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return [future.result(60) for future in [pool.submit(run, job) for job in jobs]]


def test_two_people_spend_one_balance_and_one_of_them_wins() -> None:
    mina, joon, kang = wallet(cast.mina(), 100), wallet(cast.joon()), wallet(cast.kang())
    results = together(lambda: pay(mina, joon, 100), lambda: pay(mina, kang, 100))
    assert results.count("insufficient-balance") == 1
    assert (units(mina), units(joon) + units(kang)) == (0, 100)
    assert check_ledger()["ok"] is True


def test_one_order_given_by_many_at_once_is_one_transfer() -> None:
    mina, joon = wallet(cast.mina(), 100), wallet(cast.joon())
    order = transfer(mina, joon, SUB_UNITS, uuid4())
    results = together(*[lambda: post(acting=CLERK, transfers=[order])[0]] * 4)
    assert len({result.transfer_id for result in results}) == 1  # type: ignore[attr-defined]
    assert sum(result.created for result in results) == 1  # type: ignore[attr-defined]
    assert units(joon) == 1


def test_thousands_given_twice_at_once_and_some_of_them_by_themselves() -> None:
    mina, joon = wallet(cast.mina(), 2000), wallet(cast.joon())
    orders = [transfer(mina, joon, SUB_UNITS, uuid4()) for _ in range(1200)]

    def posting(part: list[TransferOrder]) -> Callable[[], object]:
        return lambda: post(acting=CLERK, transfers=part)

    parts = [orders, orders[::-1], orders[-1:], orders[:300]]
    results = together(*map(posting, parts))
    assert sum(a.created for answers in results for a in answers) == 1200  # type: ignore[attr-defined]
    assert (units(mina), units(joon)) == (800, 1200)
    assert check_ledger()["ok"] is True


def test_one_key_in_two_batches_of_different_people_at_once_is_one_order() -> None:
    """They share no account, so no lock keeps them apart: the key does."""
    mina, joon, kang, lim = (
        wallet(each(), 10) for each in (cast.mina, cast.joon, cast.kang, cast.lim)
    )
    key = uuid4()

    def batch(source: int, target: int) -> Callable[[], object]:
        orders = [transfer(source, target, SUB_UNITS, each) for each in (uuid4(), key, uuid4())]
        return lambda: post(acting=CLERK, transfers=orders)

    results = together(batch(mina, joon), batch(kang, lim))
    assert results.count("transfer-key-reused") == 1
    assert sorted([(units(mina), units(joon)), (units(kang), units(lim))]) == [(7, 13), (10, 10)]
    assert check_ledger()["ok"] is True


def test_batches_that_cross_do_not_deadlock() -> None:
    mina, joon = wallet(cast.mina(), 1000), wallet(cast.joon(), 1000)

    def batch(source: int, target: int) -> Callable[[], object]:
        orders = [transfer(source, target, SUB_UNITS) for _ in range(200)]
        return lambda: post(acting=CLERK, transfers=orders)

    together(batch(mina, joon), batch(joon, mina), batch(mina, joon), batch(joon, mina))
    assert (units(mina), units(joon)) == (1000, 1000)
    assert check_ledger()["ok"] is True


def test_a_hold_posted_and_voided_at_once_ends_one_way() -> None:
    mina, joon = wallet(cast.mina(), 100), wallet(cast.joon())
    held = hold(acting=CLERK, order=transfer(mina, joon, 100 * SUB_UNITS)).transfer_id
    results = together(
        lambda: post_hold(acting=CLERK, hold_id=held), lambda: void_hold(acting=CLERK, hold_id=held)
    )
    assert results.count("hold-already-resolved") == 1
    assert units(mina) + units(joon) == 100
    assert check_ledger()["ok"] is True


def test_a_mistake_reversed_by_two_at_once_is_reversed_once() -> None:
    mina, joon = wallet(cast.mina(), 100), wallet(cast.joon(), 100)
    mistake = pay(mina, joon, 40)
    results = together(
        *[lambda: reverse(acting=CLERK, transfer_id=mistake, reason="wrong-account")] * 2
    )
    assert results.count("transfer-already-reversed") == 1
    assert (units(mina), units(joon)) == (100, 100)


def test_an_account_opened_by_many_at_once_is_one_account() -> None:
    key = wallet_key(cast.mina().party_id, "DURE")
    found = together(*[lambda: open_accounts(wanted=[key])[key]] * 4)
    assert len(set(found)) == 1


def test_an_epoch_closed_and_approved_by_two_at_once_pays_once() -> None:
    call = published_call()
    contribution(call, cast.mina().party_id, dobong(10), accepted=10)
    kang, lim = cast.actor(cast.kang()), cast.actor(cast.lim())
    closed = together(
        lambda: close_epoch(acting=kang, call_slug=SLUG),
        lambda: close_epoch(acting=lim, call_slug=SLUG),
    )
    assert closed.count("epoch-is-empty") == 1
    (epoch,) = call.epochs.filter(state="closed")
    approver = lim if epoch.proposer_id == cast.kang().id else kang
    approved = together(*[lambda: approve_epoch(acting=approver, epoch=epoch)] * 2)
    assert approved.count("epoch-not-waiting") == 1
    assert posted(wallet_key(cast.mina().party_id, "DURE")) == epoch.total
    assert Transfer.objects.filter(kind="reward").count() == 1


def test_eight_who_spend_the_same_hundred_spend_it_once() -> None:
    mina = wallet(cast.mina(), 100)
    joon = wallet(cast.joon())
    results = together(*[lambda: pay(mina, joon, 100)] * 8)
    assert results.count("insufficient-balance") == 7
    assert (units(mina), units(joon)) == (0, 100)

"""Whatever people do in whatever order: the ledger agrees with a ledger of two lines of Python."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from dure.core.problems import Problem
from rewards.ledger import selectors
from rewards.ledger.integrity import check_ledger
from rewards.ledger.orders import TransferOrder
from rewards.ledger.services import hold, post, post_hold, reverse, void_hold
from tests import cast
from tests.rewards.money import CLERK, issuance, transfer, wallet

PEOPLE = st.integers(0, 2)
AMOUNTS = st.integers(1, 50)


class Ledger(RuleBasedStateMachine):
    """Three wallets, an issuance, and a dictionary that remembers what should be in them."""

    orders: Bundle[TransferOrder] = Bundle("orders")
    holds: Bundle[tuple[UUID, int, int, int]] = Bundle("holds")

    @initialize()
    def open(self) -> None:
        self.scope = transaction.atomic()
        self.scope.__enter__()
        self.wallets = [wallet(person()) for person in (cast.mina, cast.joon, cast.kang)]
        self.source = issuance()
        self.posted = dict.fromkeys([*self.wallets, self.source], 0)
        self.held = dict.fromkeys(self.posted, 0)
        self.resolved: dict[UUID, str] = {}
        self.reversed: set[UUID] = set()

    def teardown(self) -> None:
        if hasattr(self, "scope"):
            transaction.set_rollback(True)
            self.scope.__exit__(None, None, None)

    def free(self, account: int) -> int:
        return self.posted[account] - self.held[account]

    def attempt(self, allowed: bool, job: Any) -> Any:  # Any: what the service answers
        """Do it; the services must agree with the model whether it is allowed."""
        answer = None
        try:
            with transaction.atomic():
                answer = job()
        except Problem:
            answer = None
        assert (answer is not None) == allowed
        return answer

    @rule(target=orders, person=PEOPLE, amount=AMOUNTS)
    def issue(self, person: int, amount: int) -> TransferOrder:
        order = transfer(self.source, self.wallets[person], amount)
        post(acting=CLERK, transfers=[order])
        self.posted[self.source] -= amount
        self.posted[self.wallets[person]] += amount
        return order

    @rule(batch=st.lists(st.tuples(PEOPLE, PEOPLE, AMOUNTS), min_size=1, max_size=6))
    def pay(self, batch: list[tuple[int, int, int]]) -> None:
        orders, change = [], dict.fromkeys(self.posted, 0)
        for giver, taker, amount in batch:
            if giver != taker:
                source, target = self.wallets[giver], self.wallets[taker]
                orders.append(transfer(source, target, amount))
                change[source] -= amount
                change[target] += amount
        allowed = all(self.free(w) + change[w] >= 0 for w in self.wallets)
        if self.attempt(allowed, lambda: post(acting=CLERK, transfers=orders)) is not None:
            for account, amount in change.items():
                self.posted[account] += amount

    @rule(order=orders)
    def repeat(self, order: TransferOrder) -> None:
        assert not post(acting=CLERK, transfers=[order])[0].created

    @rule(order=orders)
    def undo(self, order: TransferOrder) -> None:
        id_ = post(acting=CLERK, transfers=[order])[0].transfer_id
        account, amount = max(order.legs, key=lambda leg: leg.amount)
        allowed = id_ not in self.reversed and self.free(account) >= amount
        done = self.attempt(allowed, lambda: reverse(acting=CLERK, transfer_id=id_, reason="test"))
        if done is not None:
            self.reversed.add(id_)
            self.posted[account] -= amount
            self.posted[self.source] += amount

    @rule(target=holds, giver=PEOPLE, taker=PEOPLE, amount=AMOUNTS)
    def keep_back(self, giver: int, taker: int, amount: int) -> tuple[UUID, int, int, int]:
        source, target = self.wallets[giver], self.wallets[taker]
        nothing = (uuid4(), source, target, 0)
        if source == target:
            return nothing
        order = transfer(source, target, amount)
        done = self.attempt(self.free(source) >= amount, lambda: hold(acting=CLERK, order=order))
        if done is None:
            return nothing
        self.held[source] += amount
        return (done.transfer_id, source, target, amount)

    @rule(held=holds, way=st.sampled_from(["post", "void"]))
    def resolve(self, held: tuple[UUID, int, int, int], way: str) -> None:
        id_, source, target, amount = held
        if not amount:
            return
        service = post_hold if way == "post" else void_hold
        before = self.resolved.get(id_)
        self.attempt(before in (None, way), lambda: service(acting=CLERK, hold_id=id_))
        if before is None:
            self.resolved[id_] = way
            self.held[source] -= amount
            if way == "post":
                self.posted[source] -= amount
                self.posted[target] += amount

    @invariant()
    def the_ledger_agrees(self) -> None:
        if hasattr(self, "posted"):
            for account, amount in self.posted.items():
                assert selectors.balance(account) == (amount, self.held[account])
            assert check_ledger()["ok"] is True


@pytest.mark.django_db
def test_any_history_of_postings_holds_and_reversals_adds_up() -> None:
    run_state_machine_as_test(
        Ledger,
        settings=settings(
            max_examples=15,
            stateful_step_count=15,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )

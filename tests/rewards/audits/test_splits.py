"""The audit of the split of revenue finds terms of another day, and money that went elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

import pytest

from governance.audits.data import AuditData
from governance.audits.findings import examine
from rewards.audits import splits
from rewards.dividends.services import pay
from rewards.models import Dividend, Licence
from rewards.valuation.community import Split, split
from tests.rewards.dividends.test_dividends import paid_licence
from tests.rewards.money import CLERK

pytestmark = pytest.mark.django_db


def city() -> Dividend:
    dividend = paid_licence()
    pay(acting=CLERK, dividend_id=dividend.id)
    return dividend


def broken(data: AuditData) -> dict[str, int]:
    trials = [*data.counterfactuals, *data.conservation, *([data.replay] if data.replay else [])]
    return {trial.name: trial.broken for trial in trials if trial.broken}


def test_an_honest_split_gives_no_alarm() -> None:
    city()
    data = splits.revenue_split()
    assert broken(data) == {}
    tried = {trial.name: trial.tried for trial in data.conservation}
    assert tried["revenue-conserved"] == tried["terms-were-in-force"] == 1
    assert tried["dividends-add-up"] == 1
    assert tried["shares-follow-again"] == 3
    assert len(data.rewards) == 3
    assert sum(data.rewards) == Dividend.objects.get().amount - Dividend.objects.get().rest
    assert examine(data) == examine(splits.revenue_split())


def test_a_part_of_another_size_and_a_total_of_another_are_found() -> None:
    city()
    paid = list(Licence.objects.filter(paid_at__isnull=False))
    policies = splits._logged()
    assert splits.split_again(paid, policies).broken == 0
    paid[0].total += 10
    assert splits.split_again(paid, policies).broken == 1
    assert splits._conserved(paid).broken == 1


def test_terms_that_were_not_in_force_are_found() -> None:
    city()
    paid = list(Licence.objects.filter(paid_at__isnull=False))
    other = {str(paid[0].id): "licensing-1"}
    assert splits._in_force(paid, other).broken == 1
    assert splits.split_again(paid, other).broken == 1
    assert splits._in_force(paid, {}).broken == 1, "nothing logged is nothing in force"


def test_a_share_that_one_gained_and_another_lost_is_found() -> None:
    dividend = city()
    lines = splits._lines(dividend)
    given = {dividend.id: lines}
    assert splits.shares_again([dividend], given).broken == 0
    moved = [
        replace(lines[0], amount=lines[0].amount + 1),
        replace(lines[1], amount=lines[1].amount - 1),
        *lines[2:],
    ]
    found = splits.shares_again([dividend], {dividend.id: moved})
    assert (found.tried, found.broken) == (3, 2)
    assert splits._dividends_add_up([dividend], {dividend.id: moved}).broken == 0
    assert splits._dividends_add_up([dividend], {dividend.id: lines[1:]}).broken == 1


def test_rules_that_look_at_order_or_names_are_found() -> None:
    def first_takes_it(amount: int, shares: Mapping[str, Fraction]) -> Split:
        made = split(amount, shares)
        name = next(iter(shares))
        return Split({**made.parts, name: made.parts[name] + made.rest}, 0)

    def by_name(amount: int, shares: Mapping[str, Fraction]) -> Split:
        made = split(amount, shares)
        name = min(made.parts)
        bonus = int(name.startswith("z"))
        return Split({**made.parts, name: made.parts[name] + bonus}, made.rest - bonus)

    assert [trial.broken for trial in splits.swayed(split)] == [0, 0]
    order, name = splits.swayed(first_takes_it)
    assert order.broken > 0
    assert name.broken == 0
    assert list(splits.swayed(by_name))[1].broken == splits.TRIED

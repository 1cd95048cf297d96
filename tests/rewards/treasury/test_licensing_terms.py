"""What access costs and where revenue goes: decided by two people, in versions."""

from __future__ import annotations

from typing import Any

import pytest

from dure.core.money import parse_amount
from dure.core.problems import Problem
from rewards.ledger.accounts import AccountKey
from rewards.ledger.selectors import posted
from rewards.models import Dividend, TreasuryPolicy
from rewards.treasury.rules import EXAMPLE_LICENSING, NotARule, licensing
from rewards.treasury.services import approve_rule, propose_rule
from tests import cast
from tests.rewards.dividends.test_dividends import agreed, settled_city
from tests.rewards.money import paid_by_two

pytestmark = pytest.mark.django_db


def terms(**changes: Any) -> dict[str, Any]:
    return {**EXAMPLE_LICENSING, **changes}


def proposed(**changes: Any) -> TreasuryPolicy:
    kang = cast.actor(cast.kang())
    return propose_rule(acting=kang, subject="licensing", document=terms(**changes))


def split(contributors: str, funds: str, operation: str) -> dict[str, str]:
    return {"contributors": contributors, "funds": funds, "operation": operation}


def test_until_the_city_has_decided_a_quote_says_that_it_follows_an_example() -> None:
    settled_city()
    assert agreed().quote["policy"] == "example"


def test_a_version_that_two_people_decided_prices_quotes_and_splits_what_they_bring() -> None:
    settled_city()
    direct = [{"key": "delivery", "fixed": "1000", "per_record": "10"}]
    rule = proposed(
        direct=direct,
        infrastructure={"cost": "0", "share": "0"},
        investment={"cost": "0", "recovered": "0", "user_share": "0"},
        margin="0.5",
        split=split("0.5", "0.5", "0"),
    )
    assert agreed().quote["policy"] == "example", "a proposal has no effect"
    with pytest.raises(Problem, match="second"):
        approve_rule(acting=cast.actor(cast.kang()), rule_id=rule.id)
    approve_rule(acting=cast.actor(cast.lim()), rule_id=rule.id)
    licence = agreed()
    assert licence.quote["policy"] == "licensing-1"
    # 25 records: 1,000 + 25 × 10 = 1,250 won, and half as margin.
    assert licence.total == parse_amount("1875")
    paid = paid_by_two(licence.id)
    assert Dividend.objects.get(licence=paid).amount == parse_amount("937.5")
    assert posted(AccountKey("KRW", "fund")) == parse_amount("937.5")
    assert posted(AccountKey("KRW", "operation")) == 0


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"split": split("0.7", "0.2", "0.2")}, "split"),
        ({"split": split("0.7", "0.2", "0.099999999")}, "split"),
        ({"split": split("1.1", "-0.1", "0")}, "split.contributors"),
        ({"split": {"contributors": "1"}}, "split"),
        ({"split": None}, "split"),
        ({"direct": []}, "direct"),
        ({"direct": [{"key": "x y", "fixed": "1", "per_record": "0"}]}, "direct[0].key"),
        ({"direct": [{"key": "a", "fixed": "-1", "per_record": "0"}]}, "direct[0].fixed"),
        ({"direct": [{"key": "a", "fixed": "1", "per_record": "1e9"}]}, "direct[0].per_record"),
        ({"margin": 0.1}, "margin"),
        ({"margin": "2"}, "margin"),
        ({"infrastructure": {"cost": "1", "share": "1.5"}}, "infrastructure.share"),
        ({"investment": {"cost": "1", "user_share": "0"}}, "investment.recovered"),
    ],
)
def test_terms_that_cannot_be_are_refused_by_name(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Problem) as refused:
        proposed(**changes)
    assert [error.field for error in refused.value.errors] == [field]
    with pytest.raises(NotARule):
        licensing(terms(**changes))
    assert not TreasuryPolicy.objects.exists()


def test_parts_that_do_not_add_up_are_refused_with_what_they_add_up_to() -> None:
    with pytest.raises(Problem) as refused:
        proposed(split=split("0.5", "0.4", "0.2"))
    (error,) = refused.value.errors
    assert (error.field, "1.1" in str(error.message)) == ("split", True)
    assert not TreasuryPolicy.objects.exists()

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


RATE = {"won": 3201, "euro": 2, "as_of": "2026-11-02", "source": "한국은행"}
SIZES = {"purpose": "commercial", "people": 10, "currency": "KRW"}


def quoted_in_won(turnover: int, **more: Any) -> Any:  # Any: JSON
    asked = {**SIZES, "call": "air-daily", "turnover": turnover, "balance": 10**15, **more}
    return cast.api(cast.hana()).post("/api/v1/licences/quote/", asked, format="json")


def test_won_are_compared_at_the_published_rate_to_the_last_won() -> None:
    settled_city()
    rule = proposed(euro=RATE)
    approve_rule(acting=cast.actor(cast.lim()), rule_id=rule.id)
    limit = 50_000_000 * 3201 // 2
    for turnover, reduced in ((limit, True), (limit + 1, False)):
        quote = quoted_in_won(turnover).json()
        assert quote["reduced"] is reduced
    assert quote["limits"]["turnover_most"] == {"EUR": 50_000_000, "KRW": limit}
    assert quote["limits"]["rate"] == RATE
    group = [{"people": 1, "turnover": 2, "balance": 1, "share": "0.5"}]
    assert quoted_in_won(limit - 1, others=group).json()["reduced"] is True  # half of two won
    assert quoted_in_won(limit, others=group).json()["reduced"] is False


def test_without_a_rate_in_the_terms_won_are_refused_and_euro_are_not() -> None:
    settled_city()
    rule = proposed(**{"euro": RATE})
    document = {key: value for key, value in rule.document.items() if key != "euro"}
    none = propose_rule(acting=cast.actor(cast.kang()), subject="licensing", document=document)
    approve_rule(acting=cast.actor(cast.lim()), rule_id=none.id)
    refused = quoted_in_won(1)
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["field"] == "currency"
    told = quoted_in_won(1, currency="EUR").json()
    assert told["limits"]["rate"] is None
    assert told["limits"]["turnover_most"] == {"EUR": 50_000_000, "KRW": None}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"won": 0}, "euro.won"),
        ({"won": "1600"}, "euro.won"),
        ({"euro": 1.5}, "euro.euro"),
        ({"as_of": "2026-13-01"}, "euro.as_of"),
        ({"as_of": "20261102"}, "euro.as_of"),
        ({"source": " "}, "euro.source"),
        ({"bank": "x"}, "euro.bank"),
    ],
)
def test_a_rate_is_two_whole_numbers_a_day_and_a_source(change: dict[str, Any], field: str) -> None:
    with pytest.raises(NotARule) as refusal:
        licensing(terms(euro={**RATE, **change}))
    assert refusal.value.field == field

"""Rules of the treasury: read strictly, versioned, in force by two people, and held to."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from dure.core.money import SUB_UNITS
from dure.core.problems import Problem
from governance.models import LogEntry
from rewards.models import Redemption, TreasuryPolicy
from rewards.rails.batches import propose_batch
from rewards.treasury import rules
from rewards.treasury.rules import BASELINE, EXAMPLE_WITHHOLDING, READ, NotARule
from rewards.treasury.selectors import in_force, withholding_rule
from rewards.treasury.services import approve_rule, propose_rule
from tests import cast
from tests.rewards.rails.payouts import confirmed, redeem


def decide(subject: str, document: dict[str, Any]) -> TreasuryPolicy:
    rule = propose_rule(acting=cast.actor(cast.kang()), subject=subject, document=document)
    return approve_rule(acting=cast.actor(cast.lim()), rule_id=rule.id)


def payout(**changes: Any) -> dict[str, Any]:
    return {**BASELINE["payout"], **changes}


def test_the_baselines_and_the_example_are_rules() -> None:
    for subject, document in BASELINE.items():
        READ[subject](document)
    example = rules.withholding(EXAMPLE_WITHHOLDING)
    assert "verified by counsel" in example.source


@pytest.mark.parametrize(
    ("amount", "tax"),
    [(50_000, 0), (50_001, 11_000), (100_000, 22_000), (99_999, 21_990), (1_000_000, 220_000)],
)
def test_the_example_withholds_a_fifth_and_a_tenth_of_it_above_the_threshold(
    amount: int, tax: int
) -> None:
    rule = rules.withholding(EXAMPLE_WITHHOLDING)
    won = amount * SUB_UNITS
    assert rule.tax(asset="KRW", rail="bank", amount=won, worth=won) == tax * SUB_UNITS


def test_a_threshold_in_won_is_held_against_what_tokens_are_worth() -> None:
    document = {**BASELINE["payout"], "rate": {"won": 10, "tokens": 1}}
    pays, rule = rules.payout(document), rules.withholding(EXAMPLE_WITHHOLDING)

    def tax(tokens: int) -> int:
        amount = tokens * SUB_UNITS
        worth = pays.worth("DURE", amount)
        return rule.tax(asset="DURE", rail="bank", amount=amount, worth=worth) // SUB_UNITS

    assert (tax(5_000), tax(5_001), tax(8_000)) == (0, 1_100, 1_760)


@pytest.mark.django_db
def test_tokens_worth_more_than_the_threshold_are_taxed_when_they_are_taken_out() -> None:
    kang, lim = cast.actor(cast.kang()), cast.actor(cast.lim())
    dear = {**BASELINE["payout"], "rate": {"won": 10, "tokens": 1}}
    for subject, document in (("payout", dear), ("withholding", EXAMPLE_WITHHOLDING)):
        rule = propose_rule(acting=kang, subject=subject, document=document)
        approve_rule(acting=lim, rule_id=rule.id)
    few, many = redeem(5_000, asset="DURE"), redeem(8_000, asset="DURE")
    assert (few.tax, many.tax) == (0, 1_760 * SUB_UNITS)
    assert [item.pays for item in propose_batch(acting=kang, rail="bank", asset="DURE")
            .items.order_by("number")] == [50_000 * SUB_UNITS, 62_400 * SUB_UNITS]  # fmt: skip


@given(
    amount=st.integers(1, 9_000_000_000_000).map(lambda units: units * SUB_UNITS),
    rate=st.integers(0, 999),
    taxable=st.integers(1, 1000),
)
def test_a_tax_is_whole_units_and_always_less_than_the_amount(
    amount: int, rate: int, taxable: int
) -> None:
    rule = rules.withholding({**EXAMPLE_WITHHOLDING, "rate": rate, "taxable": taxable})
    tax = rule.tax(asset="DURE", rail="transit", amount=amount, worth=amount)
    assert 0 <= tax < amount
    assert tax % SUB_UNITS == 0
    assert rule.tax(asset="DURE", rail="fund", amount=amount, worth=amount) == 0


@pytest.mark.parametrize(
    ("subject", "changes", "field"),
    [
        ("payout", {"overdue_days": 0}, "overdue_days"),
        ("payout", {"overdue_days": True}, "overdue_days"),
        ("payout", {"minimum": {}}, "minimum.bank"),
        ("payout", {"minimum": {**BASELINE["payout"]["minimum"], "bank": "01"}}, "minimum.bank"),
        ("payout", {"minimum": {**BASELINE["payout"]["minimum"], "bank": 1}}, "minimum.bank"),
        ("payout", {"assets": {"bank": ["EUR"]}}, "assets.bank"),
        ("payout", {"rate": {"won": 1, "tokens": 0}}, "rate.tokens"),
        ("payout", {"debtor": {"name": "", "account": "1", "bic": "x"}}, "debtor.name"),
        ("withholding", {"rate": 1000}, "rate"),
        ("withholding", {"rate": 0.22}, "rate"),
        ("withholding", {"rate": 1, "source": ""}, "source"),
        ("withholding", {"step": "0.5"}, "step"),
        ("withholding", {"rails": ["bank", "bank"]}, "rails"),
        ("unclaimed", {"leaving": "city"}, "leaving"),
        ("unclaimed", {"years": 0}, "years"),
    ],
)
def test_what_cannot_be_a_rule_is_refused_by_its_member(
    subject: str, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(NotARule) as refusal:
        READ[subject]({**BASELINE[subject], **changes})
    assert refusal.value.field == field


@pytest.mark.django_db
def test_versions_hold_from_their_approval_and_stand_in_the_log() -> None:
    kang, lim = cast.actor(cast.kang()), cast.actor(cast.lim())
    first = propose_rule(acting=kang, subject="withholding", document=EXAMPLE_WITHHOLDING)
    assert withholding_rule()[0] == 0
    with pytest.raises(Problem, match="payout-needs-second-person"):
        approve_rule(acting=kang, rule_id=first.id)
    second = propose_rule(
        acting=kang, subject="withholding", document={**EXAMPLE_WITHHOLDING, "rate": 100}
    )
    approve_rule(acting=lim, rule_id=second.id)
    assert in_force("withholding").number == 2
    with pytest.raises(Problem, match="treasury-rule-decided"):
        approve_rule(acting=lim, rule_id=first.id)
    logged = LogEntry.objects.filter(kind__startswith="treasury.").count()
    assert logged == 3


@pytest.mark.django_db
def test_the_database_keeps_what_was_approved_and_two_pairs_of_eyes() -> None:
    rule = decide("withholding", dict(EXAMPLE_WITHHOLDING))
    kang = cast.actor(cast.kang())
    waiting = propose_rule(acting=kang, subject="payout", document=payout())
    for statement, values in (
        ("UPDATE rewards_treasurypolicy SET document = '{}' WHERE id = %s", [rule.id]),
        ("DELETE FROM rewards_treasurypolicy WHERE id = %s", [rule.id]),
        (
            "UPDATE rewards_treasurypolicy SET approver_id = proposer_id, approved_at = now()"
            " WHERE id = %s",
            [waiting.id],
        ),
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, values)


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["mina", "charlie", "seo"])
def test_only_operators_propose_and_only_approvers_approve(who: str) -> None:
    person = getattr(cast, who)()
    with pytest.raises(Problem, match="not-allowed"):
        propose_rule(acting=cast.actor(person), subject="payout", document=payout())
    rule = propose_rule(acting=cast.actor(cast.kang()), subject="payout", document=payout())
    with pytest.raises(Problem, match="not-allowed"):
        approve_rule(acting=cast.actor(person), rule_id=rule.id)


@pytest.mark.django_db
def test_the_smallest_amount_of_a_way_is_held_to_and_named() -> None:
    decide("payout", payout(minimum={**BASELINE["payout"]["minimum"], "bank": "1000"}))
    with pytest.raises(Problem, match="below-minimum-payout") as refusal:
        redeem(999)
    assert refusal.value.errors[0].field == "amount"
    assert "1,000" in str(refusal.value.errors[0].message)
    assert (Redemption.objects.count(), confirmed()) == (0, "999")
    redeem(1000)
    redeem(1, rail="transit", destination="1010555020261122")


@pytest.mark.django_db
def test_a_way_takes_only_the_assets_of_the_rule_and_tokens_at_its_rate() -> None:
    decide(
        "payout",
        payout(
            assets={**BASELINE["payout"]["assets"], "bank": ["KRW"]},
            rate={"won": 3, "tokens": 2},
        ),
    )
    with pytest.raises(Problem, match="asset-not-on-rail"):
        redeem(10, asset="DURE")
    redeem(11, asset="DURE", rail="transit", destination="1010555020261122")
    batch = propose_batch(acting=cast.actor(cast.kang()), rail="transit", asset="DURE")
    assert (batch.total, batch.control_sum) == (11 * SUB_UNITS, 16 * SUB_UNITS)

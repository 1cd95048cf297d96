"""The audit of licence quotes finds other terms for equal facts, and charges above the cap."""

from __future__ import annotations

from typing import Any

import pytest

from dure.core.money import format_amount, parse_amount
from governance.audits.data import AuditData
from governance.audits.findings import examine
from rewards.audits import quotes
from rewards.licences.services import agree
from rewards.licences.sizes import Asker, Told
from rewards.models import Licence
from rewards.treasury.selectors import licensing_rule
from rewards.valuation.cost import Purpose, Quote, QuoteLine, Recipient, quote
from tests import cast
from tests.rewards.city import SLUG
from tests.rewards.dividends.test_dividends import agreed, settled_city
from tests.rewards.money import paid_by_two

pytestmark = pytest.mark.django_db


def licences() -> list[Licence]:
    """A large firm's licence, and one for non-profit research."""
    settled_city()
    research = agree(
        acting=cast.actor(cast.hana()),
        party_id=cast.hanbit().party_id,
        call_slug=SLUG,
        asker=Asker(Purpose.RESEARCH, Told(900, 90_000_000, 80_000_000)),
    )
    return [agreed(), research]


def broken(data: AuditData) -> dict[str, int]:
    trials = [*data.counterfactuals, *data.conservation, *([data.replay] if data.replay else [])]
    return {trial.name: trial.broken for trial in trials if trial.broken}


def test_honest_quotes_give_no_alarm() -> None:
    licences()
    data = quotes.licence_quotes()
    assert broken(data) == {}
    assert data.replay is not None
    assert data.replay.tried == 2
    (share,) = data.shares
    assert (share.part, share.whole) == (1, 2)
    outcome, findings = examine(data)
    assert outcome == "fair"
    assert findings == examine(quotes.licence_quotes())[1]


def raised(licence: Licence, key: str, by: int) -> Licence:
    """The licence with one line dearer, and a total that agrees."""
    lines = [
        {**line, "amount": format_amount(parse_amount(line["amount"]) + by)}
        if line["key"] == key
        else line
        for line in licence.quote["lines"]
    ]
    licence.total += by
    licence.quote = {**licence.quote, "lines": lines, "total": format_amount(licence.total)}
    return licence


def test_a_quote_above_its_terms_is_found_by_replay_and_by_the_cap() -> None:
    large, research = licences()
    assert quotes.quoted_again([large, research]).broken == 0
    dearer = raised(large, "margin", 10**9)
    assert quotes.quoted_again([dearer, research]).broken == 1
    assert quotes.within_the_margin([dearer, research]).broken == 1
    assert quotes.lines_add_up([dearer]).broken == 0
    dearer.total += 1
    assert quotes.lines_add_up([dearer, research]).broken == 1


def test_a_reduced_price_that_the_size_did_not_earn_is_found() -> None:
    large, research = licences()
    told = {**large.quote["asker"], "people": 249, "turnover": 50_000_000}
    large.quote = {**large.quote, "asker": told}
    assert quotes.quoted_again([large, research]).broken == 1
    research.quote = {**research.quote, "asker": {**told, "people": 250}}
    assert quotes.quoted_again([research]).broken == 1
    research.quote = {**research.quote, "asker": {**told, "currency": "KRW"}}
    assert quotes.quoted_again([research]).broken == 0
    for before in (large, research):
        del before.quote["asker"]  # agreed before it was kept
    assert quotes.quoted_again([large, research]).broken == 0


def test_other_prices_for_equal_facts_are_found() -> None:
    one, _research = licences()
    paid_by_two(one.id)
    two = agreed()
    assert quotes.equal_terms([one, two]).broken == 0
    assert quotes.equal_terms([one, raised(two, "infrastructure", 10**6)]).broken == 1


def test_terms_that_nobody_approved_are_found() -> None:
    large, _research = licences()
    large.quote = {**large.quote, "policy": "licensing-7"}
    assert quotes.quoted_again([large]).broken == 1
    assert quotes.within_the_margin([large]).broken == 1


def test_rules_that_treat_made_up_firms_unequally_are_found() -> None:
    basis = licensing_rule()[1].basis

    def names(rule: Any) -> list[str]:
        return [trial.name for trial in quotes.swayed(basis, rule) if trial.broken]

    def by_order(basis: Any, recipient: Recipient, **kept: Any) -> Quote:
        made = quote(basis, recipient, **kept)
        first = recipient.others[0].share if recipient.others else 0
        return Quote((*made.lines, QuoteLine("order", int(first * 100))), made.reduced)

    def alone(basis: Any, recipient: Recipient, **kept: Any) -> Quote:
        return quote(basis, Recipient(recipient.purpose, recipient.own), **kept)

    def backwards(basis: Any, recipient: Recipient, *, records: int, **kept: Any) -> Quote:
        return quote(basis, recipient, records=max(0, 2_000_000 - records), **kept)

    def hard_on_research(basis: Any, recipient: Recipient, **kept: Any) -> Quote:
        made = quote(basis, recipient, **kept)
        extra = 10**15 * (recipient.purpose is Purpose.RESEARCH)
        return Quote((*made.lines, QuoteLine("extra", extra)), made.reduced)

    assert names(quote) == []
    assert "partner-order" in names(by_order)
    assert names(alone) == ["split-firm"]
    assert names(backwards) == ["more-records-never-cost-less"]
    assert names(hard_on_research) == ["research-never-pays-more"]

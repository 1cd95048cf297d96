"""The treasury's rules: proposed in a form by one person, put in force by another."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client

from dure.accounts.models import Person
from portal.operator.rule_form import asked, document_of
from rewards.models import TreasuryPolicy
from rewards.treasury.rules import BASELINE, EXAMPLE_LICENSING, EXAMPLE_WITHHOLDING
from tests import cast

RULES = "/en/console/redemptions/rules/"

pytestmark = pytest.mark.django_db


def client_of(person: Person) -> Client:
    return cast.log_in(Client(), person)


def filled(subject: str, document: Any) -> dict[str, str]:  # Any: JSON
    """What a browser sends when nobody changes anything in the form."""
    return {"subject": subject} | {
        each.name: each.value
        for group in asked(subject, document, {})
        for each in group.inputs
        if each.kind != "tick" or each.ticked
    }


FUNDS = {
    "dobong": {"ko": "도봉 마을기금", "en": "Dobong village fund"},
    "eastside": {"ko": "동쪽 기금", "en": "East = side"},
}


@pytest.mark.parametrize(
    ("subject", "document"),
    [
        *BASELINE.items(),
        ("withholding", EXAMPLE_WITHHOLDING),
        ("payout", {**BASELINE["payout"], "funds": FUNDS}),
    ],
)
def test_a_form_that_nobody_changes_says_the_same_rule(subject: str, document: Any) -> None:
    assert document_of(subject, filled(subject, document)) == document


def test_terms_without_a_rate_stay_without_one_in_the_form() -> None:
    document = {name: part for name, part in EXAMPLE_LICENSING.items() if name != "euro"}
    assert document_of("licensing", filled("licensing", document)) == document


def test_a_rule_is_proposed_by_one_and_put_in_force_by_another() -> None:
    kang, lim = client_of(cast.kang()), client_of(cast.lim())
    sent = filled("withholding", EXAMPLE_WITHHOLDING) | {"withholding-threshold": "60,000"}
    assert kang.post(RULES, sent)["Location"] == RULES
    rule = TreasuryPolicy.objects.get()
    assert rule.document == {**EXAMPLE_WITHHOLDING, "threshold": "60000"}
    page = kang.get(RULES).content.decode()
    assert "Put in force" not in page
    page = lim.get(RULES).content.decode()
    assert "Put in force" in page
    assert re.search(r"<strong>60,000</strong> <span[^>]*>Changed", page)
    lim.post(f"{RULES}{rule.id}/approval/")
    assert "Version 1 is in force." in lim.get(RULES).content.decode()


@pytest.mark.parametrize(
    ("subject", "field", "value"),
    [
        ("payout", "payout-minimum-bank", "a lot"),
        ("payout", "payout-debtor-bic", ""),
        ("payout", "payout-overdue_days", "0"),
        ("payout", "payout-funds", "dobong = 도봉 기금"),
        ("withholding", "withholding-rate", "1000"),
        ("withholding", "withholding-step", "0.5"),
        ("unclaimed", "unclaimed-leaving", "burn"),
        ("unclaimed", "unclaimed-years", "²"),
        ("licensing", "licensing-direct-1-fixed", "-1"),
        ("licensing", "licensing-margin", "1,5"),
        ("licensing", "licensing-euro-won", ""),
        ("licensing", "licensing-euro-as_of", "yesterday"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field_and_the_rest_is_kept(
    subject: str, field: str, value: str
) -> None:
    sent = filled(subject, BASELINE[subject]) | {field: value}
    answer = client_of(cast.kang()).post(RULES, sent)
    page = unescape(answer.content.decode())
    assert answer.status_code == 422
    assert f'href="#{field}"' in page
    assert f'id="{field}-error"' in page
    assert not TreasuryPolicy.objects.exists()
    for name, kept in sent.items():
        if name not in (field, "subject") and kept:
            assert f'name="{name}" value="{kept}"' in page or kept in page


def test_parts_of_a_revenue_that_do_not_add_up_are_said_at_the_first_of_them() -> None:
    sent = filled("licensing", EXAMPLE_LICENSING) | {"licensing-split-funds": "0.3"}
    answer = client_of(cast.kang()).post(RULES, sent)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "these add up to 1.1" in page
    assert 'href="#licensing-split-contributors"' in page


def test_a_line_of_costs_is_added_and_another_left_out() -> None:
    sent = filled("licensing", EXAMPLE_LICENSING)
    sent |= {f"licensing-direct-0-{name}": "" for name in ("key", "fixed", "per_record")}
    sent |= {
        "licensing-direct-2-key": "support",
        "licensing-direct-2-fixed": "5000",
        "licensing-direct-2-per_record": "0",
    }
    client_of(cast.kang()).post(RULES, sent)
    keys = [line["key"] for line in TreasuryPolicy.objects.get().document["direct"]]
    assert keys == ["delivery", "support"]


def test_rules_are_read_in_words_and_units() -> None:
    kang = client_of(cast.kang())
    english, korean = (kang.get(path).content.decode() for path in (RULES, RULES[3:]))
    for said in (
        "<h3>Direct costs</h3>",
        "<dt>Preparing the data</dt><dd>150,000 won and 0 won for each record</dd>",
        "<dt>Exchange rate</dt><dd>1 euro = 1,600 won</dd>",
        "<dt>Exchange rate</dt><dd>1 DURE = 1 won</dd>",
        "<dd>2 November 2026</dd>",
        "<dd>an example, not a published rate</dd>",
        "<dd>0.5%</dd>",
        "<dd>70%</dd>",
        "<dt>Rate</dt><dd>22%</dd>",
        "<dd>1 DURE · 1 won</dd>",
    ):
        assert said in english, said
    assert "<dd>1유로 = 1,600원</dd>" in korean
    assert "<dd>1 두레 · 1원</dd>" in korean
    assert "<dd>예시 환율" not in korean, "both languages in one line"


@pytest.mark.parametrize("subject", ["", "taxes", "payout\x00"])
def test_a_rule_that_there_is_not_is_not_found(subject: str) -> None:
    assert client_of(cast.kang()).post(RULES, {"subject": subject}).status_code == 404

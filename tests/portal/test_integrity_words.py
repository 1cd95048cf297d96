"""The open page of promises: each check of the ledger is told in words, in both languages."""

from __future__ import annotations

import re

import pytest
from django.utils.translation import override

from portal.public.integrity import _ledger_text, _of_ledger, _of_log, _part
from rewards.ledger.integrity import check_ledger

pytestmark = pytest.mark.django_db


def test_what_was_not_looked_at_yet_has_no_figure() -> None:
    with override("en"):
        fresh = {each.text: each for each in _of_log({"size": 9, "verified_up_to": 0})}
        read = {
            each.text: each
            for each in _of_log({"verified_at": "2026-11-30T00:00:00Z", "verified_up_to": 9})
        }
    again = "Read again from the first entry on, nothing was changed"
    assert (fresh[again].holds, fresh[again].figure) == (None, "not read yet")
    assert (read[again].holds, read[again].figure) == (True, "the first 9")
    assert fresh["Witnesses outside the city sign the same log"].figure == "no witness yet"


def test_rules_are_told_as_what_holds_and_money_by_its_name() -> None:
    with override("en"):
        (late,) = _part("rights", {"ok": True, "open": 2, "overdue": 0}).promises[1:]
        texts = [each.text for each in _of_ledger({"sums": {"KRW": "0", "DURE": "0"}})]
    assert (late.text, late.holds) == ("Nothing is late", True)
    assert texts[0] == "All accounts in won together come to zero"
    with override("ko"):
        won, dure, _disk = _of_ledger({"sums": {"KRW": "0", "DURE": "0"}})
    assert (won.text, dure.text) == (
        "원 계정을 모두 더하면 0입니다",
        "두레 계정을 모두 더하면 0입니다",
    )


@pytest.mark.parametrize("language", ["ko", "en"])
def test_no_check_of_the_ledger_is_told_by_its_name_in_the_code(language: str) -> None:
    findings = check_ledger()["findings"]
    assert isinstance(findings, dict)
    with override(language):
        told = [_ledger_text(name) for name in findings]
    assert len(set(told)) == len(told) > 10
    assert [text for text in told if "_" in text] == []
    assert all(bool(re.search("[가-힣]", text)) is (language == "ko") for text in told)

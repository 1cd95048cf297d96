"""Why a contribution ended, in both languages."""

from __future__ import annotations

import pytest
from django.utils import translation

from contributions.reasons import _SENTENCES, reason

PARAMS = {
    "missing": "PM10",
    "unknown": "",
    "quarantined": 2,
    "received": 3,
    "tolerance": "20",
    "check": "expect_table_row_count_to_equal",
    "purpose": "city-ai",
}


@pytest.mark.parametrize("rule", _SENTENCES)
def test_every_reason_is_a_sentence_in_korean_and_in_english(rule: str) -> None:
    english = reason(rule, PARAMS)
    with translation.override("ko"):
        korean = reason(rule, PARAMS)
    assert english
    assert korean
    assert english != korean
    assert "%(" not in english + korean
    assert korean.endswith(("니다.", "십시오."))


def test_nothing_ended_means_no_reason_and_a_file_s_rule_has_its_own_sentence() -> None:
    assert reason("", {}) is None
    assert reason("file.empty", {})

"""The open page of promises: each check of the ledger is told in words, in both languages."""

from __future__ import annotations

import re

import pytest
from django.utils.translation import override

from portal.public.integrity import _ledger_text
from rewards.ledger.integrity import check_ledger

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("language", ["ko", "en"])
def test_no_check_of_the_ledger_is_told_by_its_name_in_the_code(language: str) -> None:
    findings = check_ledger()["findings"]
    assert isinstance(findings, dict)
    with override(language):
        told = [_ledger_text(name) for name in findings]
    assert len(set(told)) == len(told) > 10
    assert [text for text in told if "_" in text] == []
    assert all(bool(re.search("[가-힣]", text)) is (language == "ko") for text in told)

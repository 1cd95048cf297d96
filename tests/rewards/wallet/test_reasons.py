"""Mina reads why her bank sent a payment back, not the bank's code alone."""

from __future__ import annotations

import pytest
from django.utils.translation import override

from rewards.wallet.reasons import reason_in_words
from rewards.wallet.selectors import redemption_document
from rewards.wallet.services import return_redemption
from tests import cast
from tests.rewards.rails.payouts import redeem


@pytest.mark.django_db
def test_a_code_of_the_bank_is_said_in_words() -> None:
    waiting = redeem(1000)
    back = return_redemption(
        acting=cast.actor(cast.kang()), redemption_id=waiting.id, reason="AC04"
    )
    assert back.reason == "AC04"  # the record keeps what the bank said
    with override("en"):
        assert redemption_document(back)["reason"] == "The account is closed. (AC04)"
    with override("ko"):
        assert redemption_document(back)["reason"] == "해지된 계좌입니다. (AC04)"


def test_a_sentence_and_an_unknown_code_stay_as_they_are() -> None:
    for reason in ("", "ZZ99", "Card was blocked"):
        assert reason_in_words(reason) == reason
    assert "other" not in reason_in_words("other")

"""What somebody sees of a share: at once in the wallet, then as a line of the statement."""

from __future__ import annotations

import pytest

from rewards.models import Balance
from tests import cast
from tests.rewards.ledger.bulk import shared
from tests.rewards.money import wallet

pytestmark = pytest.mark.django_db


def test_a_share_is_confirmed_at_once_and_the_statement_shows_its_line() -> None:
    mina = wallet(cast.mina(), 2, "KRW")
    shared({mina: 1, wallet(cast.joon(), 0, "KRW"): 2}, 9)
    client = cast.api(cast.mina())
    balances = {row["asset"]: row for row in client.get("/api/v1/wallet/").json()["balances"]}
    assert balances["KRW"]["confirmed"] == "5"
    assert Balance.objects.get(account_id=mina).version == 1
    lines = client.get("/api/v1/wallet/entries/").json()["results"]
    assert [(line["amount"], line["balance"]) for line in lines] == [("3", "5"), ("2", "2")]
    assert lines[0]["reference"] == "test:bulk"
    again = client.get("/api/v1/wallet/entries/").json()["results"]
    assert again == lines

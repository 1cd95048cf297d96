"""Taking value out: held, paid or given back; the destination known to nobody."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from dure.core import sealing
from dure.core.models import OutboxEvent
from dure.core.money import SUB_UNITS
from dure.core.problems import Problem
from governance.models import LogEntry
from rewards.ledger.accounts import clearing_key
from rewards.ledger.integrity import check_ledger
from rewards.ledger.selectors import posted
from rewards.models import Balance, Redemption
from rewards.personal_data import RewardsHolder
from rewards.treasury.rules import BASELINE
from rewards.treasury.services import approve_rule, propose_rule
from rewards.wallet.destinations import SEALED_AS
from rewards.wallet.selectors import destination_of, wallet_document
from rewards.wallet.services import (
    request_redemption,
    return_redemption,
    settle_redemption,
)
from tests import cast
from tests.rewards.money import wallet
from tests.rewards.rails.payouts import settled

pytestmark = pytest.mark.django_db

ACCOUNT = "088-110123456789"


def redeem(units: int, *, destination: str = ACCOUNT, asset: str = "KRW") -> Redemption:
    mina = cast.mina()
    return request_redemption(
        acting=cast.actor(mina),
        party_id=mina.party_id,
        asset=asset,
        amount=units * SUB_UNITS,
        rail="bank",
        destination=destination,
    )


def won() -> dict[str, str]:
    balances = wallet_document(cast.mina().party_id)["balances"]
    found = next(balance for balance in balances if balance["asset"] == "KRW")
    return {key: str(value) for key, value in found.items()}


def test_mina_takes_money_out_and_the_bank_pays() -> None:
    wallet(cast.mina(), 5000, "KRW")
    redemption = redeem(3000)
    assert (won()["confirmed"], won()["paid"]) == ("2000", "0")
    settled(redemption, "B-1")
    assert (won()["confirmed"], won()["paid"]) == ("2000", "3000")
    assert posted(clearing_key("bank", "KRW")) == 3000 * SUB_UNITS
    assert check_ledger()["ok"] is True


def test_mina_takes_out_where_she_was_paid() -> None:
    """Nobody else reads it; what she takes out by law holds it, until her key is gone."""
    wallet(cast.mina(), 5000, "KRW")
    redeem(3000)
    held = RewardsHolder().export(cast.mina().party_id)
    assert isinstance(held, dict)
    assert [each["destination"] for each in held["redemptions"]] == [ACCOUNT.replace("-", "")]
    sealing.destroy_keys(cast.mina().party_id)
    held = RewardsHolder().export(cast.mina().party_id)
    assert isinstance(held, dict)
    assert [each["destination"] for each in held["redemptions"]] == [None]


def test_the_bank_refuses_and_mina_has_it_back() -> None:
    wallet(cast.mina(), 5000, "KRW")
    redemption = redeem(3000)
    kang = cast.actor(cast.kang())
    return_redemption(acting=kang, redemption_id=redemption.id, reason="unknown account")
    assert (won()["confirmed"], won()["paid"]) == ("5000", "0")
    with pytest.raises(Problem, match="redemption-already-resolved"):
        settle_redemption(acting=kang, redemption_id=redemption.id)
    assert check_ledger()["ok"] is True


def test_nobody_takes_out_more_than_is_free() -> None:
    wallet(cast.mina(), 5000, "KRW")
    redeem(3000)
    with pytest.raises(Problem, match="insufficient-balance"):
        redeem(2001)
    assert Redemption.objects.count() == 1


def test_only_whole_units_leave() -> None:
    wallet(cast.mina(), 5000, "KRW")
    mina = cast.mina()
    with pytest.raises(Problem, match="whole-units-only"):
        request_redemption(
            acting=cast.actor(mina),
            party_id=mina.party_id,
            asset="KRW",
            amount=SUB_UNITS + 1,
            rail="bank",
            destination=ACCOUNT,
        )


def test_charlie_cannot_empty_minas_wallet_nor_settle_anything() -> None:
    wallet(cast.mina(), 5000, "KRW")
    charlie = cast.actor(cast.charlie())
    with pytest.raises(Problem, match="not-found"):
        request_redemption(
            acting=charlie,
            party_id=cast.mina().party_id,
            asset="KRW",
            amount=SUB_UNITS,
            rail="bank",
            destination=ACCOUNT,
        )
    redemption = redeem(1)
    with pytest.raises(Problem, match="not-allowed"):
        settle_redemption(acting=charlie, redemption_id=redemption.id)


def test_the_destination_is_sealed_and_stands_nowhere_else() -> None:
    wallet(cast.mina(), 5000, "KRW")
    redemption = redeem(10)
    stored = bytes(Redemption.objects.get(id=redemption.id).destination)
    plain = b"088110123456789"
    assert plain not in stored
    owner = cast.mina().party_id
    assert sealing.unseal(owner=owner, sealed=stored, context=SEALED_AS) == plain
    for entry in LogEntry.objects.all():
        assert plain not in bytes(entry.body)
    for event in OutboxEvent.objects.all():
        assert plain.decode() not in str(event.payload)
    sealing.destroy_keys(owner)
    with pytest.raises(sealing.Unreadable):
        sealing.unseal(owner=owner, sealed=stored, context=SEALED_AS)


@pytest.mark.parametrize(
    "destination",
    ["", "not an account", "1" * 50, "１２３４５６７８９０１２", "DE89370400440532013001"],
)
def test_a_destination_of_the_wrong_shape_is_refused_without_repeating_it(
    destination: str,
) -> None:
    wallet(cast.mina(), 5000, "KRW")
    with pytest.raises(Problem, match="invalid-request") as refusal:
        redeem(1, destination=destination)
    shown = str(refusal.value.document())
    assert not destination or destination not in shown


def test_an_iban_is_taken_as_it_is_typed_and_its_check_digits_are_checked() -> None:
    wallet(cast.mina(), 5000, "KRW")
    redemption = redeem(1, destination="de89 3704 0044 0532 0130 00")
    assert destination_of(redemption) == "DE89370400440532013000"
    with pytest.raises(Problem) as refusal:
        redeem(1, destination="DE98 3704 0044 0532 0130 00")
    (fault,) = refusal.value.errors
    assert (fault.field, fault.code) == ("destination", "destination-check")
    assert Redemption.objects.count() == 1


def test_what_was_asked_for_stands_and_is_resolved_once() -> None:
    wallet(cast.mina(), 5000, "KRW")
    redemption = redeem(10)
    settled(redemption)
    other = redeem(20)
    for statement in (
        "UPDATE rewards_redemption SET state = 'returned' WHERE id = %s",
        "DELETE FROM rewards_redemption WHERE id = %s",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, [redemption.id])
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE rewards_redemption SET amount = 1 WHERE id = %s", [other.id])


@pytest.mark.parametrize("number", ["110-123-456789", "3333-01-1234567", "1002-123-456789"])
def test_an_account_number_without_its_bank_is_not_read_as_one_of_another_bank(number: str) -> None:
    wallet(cast.mina(), 5, "KRW")
    with pytest.raises(Problem, match="invalid-request") as refused:
        redeem(1, destination=number)
    (fault,) = refused.value.errors
    assert (fault.code, number[:3] in str(fault.message)) == ("destination-bank", True)
    assert destination_of(redeem(1, destination=f"088-{number}")) is not None


@pytest.mark.parametrize("named", ["11320", "도봉구", "dobong-gu", " Dobong-gu "])
def test_a_gift_goes_to_a_fund_that_there_is(named: str) -> None:
    mina = cast.mina()
    wallet(mina, 5000, "KRW")
    gift = {"asset": "KRW", "amount": "1000", "rail": "fund", "destination": named}
    answer = cast.api(mina).post("/api/v1/redemptions/", gift, format="json")
    assert (answer.status_code, answer.json()["state"]) == (201, "settled")
    assert destination_of(Redemption.objects.get()) == "11320"
    funds = Balance.objects.filter(account__kind="fund", posted__gt=0)
    # The books say whose it is: the destination is sealed, and gone with its giver's key.
    assert list(funds.values_list("account__scope", "posted")) == [("11320", 1_000 * SUB_UNITS)]


@pytest.mark.parametrize("named", ["dobong", "11999", "gangnamfund", "도봉", "1132 0"])
def test_a_fund_that_is_not_there_is_refused_with_those_that_are(named: str) -> None:
    mina = cast.mina()
    wallet(mina, 5000, "KRW")
    gift = {"asset": "KRW", "amount": "1000", "rail": "fund", "destination": named}
    answer = cast.api(mina).post(
        "/api/v1/redemptions/", gift, format="json", headers={"accept-language": "en"}
    )
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["field"], error["code"]) == (
        400,
        "destination",
        "no-such-fund",
    )
    assert "11320 Dobong-gu" in error["message"]
    assert won()["confirmed"] == "5000"


def test_the_city_names_its_funds_in_the_rule_of_paying_out() -> None:
    funds = {"dobong": {"ko": "도봉 마을기금", "en": "Dobong village fund"}}
    kang, lim = cast.actor(cast.kang()), cast.actor(cast.lim())
    for wrong in ({}, {"": funds["dobong"]}, {"a b": funds["dobong"]}, {"dobong": {"ko": "가"}}):
        with pytest.raises(Problem, match="invalid-request"):
            propose_rule(
                acting=kang, subject="payout", document={**BASELINE["payout"], "funds": wrong}
            )
    rule = propose_rule(
        acting=kang, subject="payout", document={**BASELINE["payout"], "funds": funds}
    )
    approve_rule(acting=lim, rule_id=rule.id)
    mina = cast.mina()
    wallet(mina, 5000, "KRW")
    gift = {"asset": "KRW", "amount": "1000", "rail": "fund", "destination": "11320"}
    refused = cast.api(mina).post("/api/v1/redemptions/", gift, format="json")
    assert "dobong 도봉 마을기금" in refused.json()["errors"][0]["message"]
    gift["destination"] = "도봉 마을기금"
    assert cast.api(mina).post("/api/v1/redemptions/", gift, format="json").status_code == 201

"""Unclaimed amounts: set aside, warned of in time, given on, and claimed late all the same."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from dure.accounts.models import Person
from dure.core.clock import CITY_ZONE, now
from dure.core.models import OutboxEvent
from dure.core.money import SUB_UNITS
from dure.core.problems import Problem
from governance.erasure.services import erase
from rewards.dividends import city
from rewards.dividends.services import freeze, pay
from rewards.epochs.services import approve_epoch, close_epoch
from rewards.ledger.accounts import AccountKey, open_accounts, wallet_key
from rewards.ledger.bulk import folding
from rewards.ledger.integrity import check_ledger
from rewards.ledger.selectors import posted
from rewards.licences.services import agree
from rewards.models import BulkBatch, Dividend, UnclaimedAmount
from rewards.tasks import care_for_unclaimed, sweep_bulk
from rewards.treasury.rules import BASELINE
from rewards.treasury.services import approve_rule, propose_rule
from rewards.wallet import unclaimed
from rewards.wallet.limitation import ends_at
from rewards.wallet.selectors import unclaimed_amounts, unclaimed_document, unclaimed_sums
from rewards.wallet.services import request_redemption
from tests import cast
from tests.rewards.city import contribution, dobong, published_call
from tests.rewards.dividends.test_dividends import FIRM, agreed, settled_city
from tests.rewards.money import CLERK, issuance, paid_by_two, wallet
from tests.rewards.money import pay as give
from tests.rewards.rails.payouts import redeem

FUND = AccountKey("KRW", "fund")
YEARS = 5


def paid_dividend(units: int = 100) -> Dividend:
    """A dividend that is all Mina's, paid at this moment."""
    call = published_call()
    contribution(call, cast.mina().party_id, dobong(10), accepted=10)
    epoch = close_epoch(acting=cast.actor(cast.kang()), call_slug=call.slug)
    approve_epoch(acting=cast.actor(cast.lim()), epoch=epoch)
    licence = agree(
        acting=cast.actor(cast.hana()),
        party_id=cast.hanbit().party_id,
        call_slug=call.slug,
        asker=FIRM,
    )
    key = AccountKey("KRW", "dividend", None, str(licence.id))
    (source,) = open_accounts(wanted=[key]).values()
    give(issuance("KRW"), source, units)
    dividend = freeze(acting=CLERK, licence=licence, source=source, amount=units * SUB_UNITS)
    assert dividend is not None
    pay(acting=CLERK, dividend_id=dividend.id)
    dividend.refresh_from_db()
    return dividend


def won() -> int:
    return posted(wallet_key(cast.mina().party_id, "KRW")) // SUB_UNITS


def at(days: int) -> time_machine.travel:
    """So many days after the dividend was paid."""
    paid = Dividend.objects.get().paid_at
    assert paid is not None
    return time_machine.travel(paid + timedelta(days=days), tick=False)


def run() -> dict[str, int]:
    return unclaimed.run(acting=CLERK)


@pytest.mark.parametrize(
    ("event", "over"),
    [
        ("2024-02-28T12:00", "2029-03-01"),
        ("2024-02-29T12:00", "2029-03-01"),
        ("2024-03-01T12:00", "2029-03-02"),
        ("2023-02-28T12:00", "2028-03-01"),
        ("2023-12-31T23:59", "2029-01-01"),
    ],
)
def test_a_period_ends_as_civil_law_counts_also_at_leap_days(event: str, over: str) -> None:
    zone = ZoneInfo("Asia/Seoul")
    moment = datetime.fromisoformat(event).replace(tzinfo=zone)
    assert ends_at(moment, 5, zone) == datetime.fromisoformat(over).replace(tzinfo=zone)


def test_the_citys_day_counts_not_that_of_greenwich() -> None:
    evening = datetime(2026, 3, 1, 15, 0, tzinfo=UTC)  # 2 March in Seoul
    assert ends_at(evening, 1, CITY_ZONE).isoformat() == "2027-03-03T00:00:00+09:00"
    assert ends_at(evening - timedelta(seconds=1), 1, CITY_ZONE).day == 2


@given(
    st.datetimes(datetime(2000, 1, 1), datetime(2090, 1, 1)),  # noqa: DTZ001  # given its zone below
    st.integers(1, 30),
)
def test_nobody_gets_less_than_the_years_promised(event: datetime, years: int) -> None:
    moment = event.replace(tzinfo=CITY_ZONE)
    over = ends_at(moment, years, CITY_ZONE)
    assert timedelta(0) < over - moment - timedelta(days=365 * years) < timedelta(days=10)


@pytest.mark.django_db
def test_an_amount_is_set_aside_warned_of_and_given_to_the_funds_in_time() -> None:
    dividend = paid_dividend()
    with at(1000):
        assert run()["set_aside"] == 0
    with at(1100):
        assert run()["set_aside"] == 1
        assert run()["set_aside"] == 0
        assert (won(), check_ledger()["ok"]) == (0, True)
    kept = AccountKey("KRW", "unclaimed", None, str(dividend.id))
    assert posted(kept) == 100 * SUB_UNITS
    found = UnclaimedAmount.objects.get()
    assert dividend.paid_at is not None
    assert found.claim_by == ends_at(dividend.paid_at, YEARS, CITY_ZONE)
    days = (found.claim_by - dividend.paid_at).days
    with at(days - 61):
        assert run()["warned"] == 0
    with at(days - 59):
        assert run()["warned"] == 1
        assert run()["warned"] == 0
        (shown,) = unclaimed_amounts(frozenset({cast.mina().party_id}))
        assert unclaimed_document(shown)["state"] == "warned"
    assert OutboxEvent.objects.filter(kind="unclaimed.warned").count() == 1
    with at(days - 1):
        assert run()["expired"] == 0
    with at(days + 3):
        before = posted(FUND)
        assert run()["expired"] == 1
        assert run()["expired"] == 0
        assert posted(FUND) - before == 100 * SUB_UNITS
        assert check_ledger()["ok"] is True


@pytest.mark.django_db
def test_a_late_warning_postpones_the_end() -> None:
    paid_dividend()
    days = 365 * 6
    with at(days):
        assert run() == {"freed": 0, "set_aside": 1, "left": 0, "warned": 1, "expired": 0}
    with at(days + 59):
        assert run()["expired"] == 0
    with at(days + 60):
        assert run()["expired"] == 1


@pytest.mark.django_db
def test_the_database_lets_nothing_expire_unwarned() -> None:
    paid_dividend()
    with at(1100):
        run()
    other = give(issuance("KRW"), wallet(cast.joon(), asset="KRW"), 1)
    for statement in (
        "UPDATE rewards_unclaimedamount SET expiry_id = %s, expired_at = claim_by",
        "UPDATE rewards_unclaimedamount SET expiry_id = %s, expired_at = claim_by,"
        " warned_at = claim_by - interval '29 days'",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, [other])


@pytest.mark.django_db
def test_who_signs_in_or_takes_something_out_keeps_the_share() -> None:
    paid_dividend()
    with at(500):
        mina = cast.mina()
        request_redemption(
            acting=cast.actor(mina),
            party_id=mina.party_id,
            asset="KRW",
            amount=40 * SUB_UNITS,
            rail="bank",
            destination="088-110123456789",
        )
    with at(1100):
        assert run()["set_aside"] == 0


@pytest.mark.django_db
@pytest.mark.parametrize("late", [False, True])
def test_a_claim_reverses_what_was_done_also_after_the_end(late: bool) -> None:
    paid_dividend()
    with at(1100):
        run()
    if late:
        with at(365 * 6):
            run()
        with at(365 * 6 + 60):
            assert run()["expired"] == 1
    found = UnclaimedAmount.objects.get()
    mina = cast.api(cast.mina())
    address = f"/api/v1/wallet/unclaimed/{found.id}/claim/"
    assert cast.api(cast.charlie()).post(address).status_code == 404
    assert cast.api().post(address).status_code == 401
    assert cast.api(cast.charlie()).get("/api/v1/wallet/unclaimed/").json()["results"] == []
    (shown,) = mina.get("/api/v1/wallet/unclaimed/").json()["results"]
    assert shown["state"] == ("expired" if late else "waiting")
    assert mina.post(address).json()["state"] == "claimed"
    assert mina.post(address).status_code == 409
    assert (won(), check_ledger()["ok"]) == (100, True)
    with at(365 * 7):
        assert run()["set_aside"] == 0


def city_dividend(monkeypatch: pytest.MonkeyPatch) -> BulkBatch:
    """A dividend posted to everybody at once: Mina, Joon and Charlie share in it."""
    monkeypatch.setattr(city, "CITY_FROM", 1)
    settled_city()
    paid_by_two(agreed().id)
    sweep_bulk()
    return BulkBatch.objects.get()


@pytest.mark.django_db
@pytest.mark.parametrize("folded", [True, False])
def test_a_share_of_a_whole_citys_dividend_is_set_aside_and_claimed_as_any_other(
    folded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not folded:
        monkeypatch.setattr(folding, "fold_some", lambda **_: 0)
    batch = city_dividend(monkeypatch)
    assert (batch.folded_at is not None) == folded
    posted_at = batch.posted_at
    assert posted_at is not None
    share = posted(wallet_key(cast.mina().party_id, "KRW"))
    with time_machine.travel(posted_at + timedelta(days=1000), tick=False):
        assert run()["set_aside"] == 0
        Person.objects.filter(id=cast.joon().id).update(last_login=now())
    with time_machine.travel(posted_at + timedelta(days=1100), tick=False):
        assert [run()["set_aside"] for _ in range(2)] == [2, 0]
        assert posted(wallet_key(cast.joon().party_id, "KRW")) > 0
        assert (won(), check_ledger()["ok"]) == (0, True)
    found = UnclaimedAmount.objects.get(party=cast.mina().party_id)
    assert (found.batch_id, found.dividend_id, found.amount) == (batch.id, None, share)
    assert found.claim_by == ends_at(posted_at, YEARS, CITY_ZONE)
    with time_machine.travel(found.claim_by - timedelta(days=59), tick=False):
        assert run()["warned"] == 2
    with time_machine.travel(found.claim_by + timedelta(days=3), tick=False):
        assert run()["expired"] == 2
        unclaimed.claim(acting=cast.actor(cast.mina()), unclaimed_id=found.id)
        assert posted(wallet_key(cast.mina().party_id, "KRW")) == share
        assert run()["set_aside"] == 0
        assert check_ledger()["ok"] is True
    with pytest.raises(DatabaseError), transaction.atomic():
        UnclaimedAmount.objects.filter(id=found.id).update(batch=None)
    (shown,) = unclaimed_amounts(frozenset({cast.mina().party_id}))
    assert unclaimed_document(shown)["dividend"] == str(batch.id)


@pytest.mark.django_db
def test_the_database_sets_no_share_of_a_city_aside_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    batch = city_dividend(monkeypatch)
    assert batch.posted_at is not None
    with time_machine.travel(batch.posted_at + timedelta(days=1100), tick=False):
        run()
    again = UnclaimedAmount.objects.filter(batch=batch)[0]
    again.id, again.set_aside_id = (
        uuid4(),
        give(issuance("KRW"), wallet(cast.joon(), asset="KRW"), 1),
    )
    with pytest.raises(IntegrityError, match="a_city_share"), transaction.atomic():
        again.save(force_insert=True)


@pytest.mark.django_db
def test_the_wallet_shows_what_was_set_aside_and_lets_it_be_claimed() -> None:
    paid_dividend()
    with at(1100):
        run()
    found = UnclaimedAmount.objects.get()
    address = f"/en/wallet/unclaimed/{found.id}/claim/"
    stranger = cast.log_in(Client(), cast.charlie())
    assert stranger.post(address).status_code == 404
    client = cast.log_in(Client(), cast.mina())
    assert "Claim the amount" in client.get("/en/wallet/").content.decode()
    assert client.post(address)["Location"] == "/en/wallet/"
    assert "Claim the amount" not in client.get("/en/wallet/").content.decode()
    assert won() == 100


@pytest.mark.django_db
def test_owner_and_operator_see_when_the_time_runs_out() -> None:
    paid_dividend()
    mina, kang = cast.log_in(Client(), cast.mina()), cast.log_in(Client(), cast.kang())
    Person.objects.filter(id=cast.mina().id).update(last_login=None)
    before = mina.get("/en/wallet/use/").content.decode()
    assert "5 years after it was paid" in before
    assert "do not expire" not in before
    assert (
        "Nothing has been set aside" in kang.get("/en/console/redemptions/rules/").content.decode()
    )
    with at(1100):
        run()
    found = UnclaimedAmount.objects.get()
    warned_at = found.claim_by - timedelta(days=59)
    assert "running out" not in mina.get("/en/wallet/").content.decode()
    with time_machine.travel(warned_at, tick=False):
        run()
    assert "running out" in mina.get("/en/wallet/").content.decode()
    assert "Owners are warned" in kang.get("/en/console/redemptions/rules/").content.decode()
    (row,) = unclaimed_sums()
    assert (row["state"], row["count"], row["amount"]) == ("warned", 1, "100")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("leaving", ["escrow", "keep", "fund"])
def test_what_somebody_left_behind_goes_by_the_rule(leaving: str) -> None:
    rule = propose_rule(
        acting=cast.actor(cast.kang()),
        subject="unclaimed",
        document={**BASELINE["unclaimed"], "leaving": leaving},
    )
    approve_rule(acting=cast.actor(cast.lim()), rule_id=rule.id)
    wallet(cast.joon(), 20, "KRW")
    redeem(10, person=cast.joon())
    care_for_unclaimed()
    assert not UnclaimedAmount.objects.exists()
    erase(acting=cast.actor(cast.kang()), party_id=cast.joon().party_id)
    care_for_unclaimed()
    care_for_unclaimed()
    (found,) = UnclaimedAmount.objects.all()
    assert (found.why, found.amount) == ("left", 30 * SUB_UNITS)
    assert posted(FUND) == (30 * SUB_UNITS if leaving == "fund" else 0)
    if leaving == "keep":
        assert found.claim_by > now() + timedelta(days=5 * 365 - 1)
    if leaving == "escrow":
        assert found.claim_by == found.set_aside_at + timedelta(days=30)
    assert check_ledger()["ok"] is True


@pytest.mark.django_db
def test_the_rule_never_warns_later_than_thirty_days() -> None:
    with pytest.raises(Problem, match="invalid-request") as refusal:
        propose_rule(
            acting=cast.actor(cast.kang()),
            subject="unclaimed",
            document={**BASELINE["unclaimed"], "warning_days": 29},
        )
    assert refusal.value.errors[0].field == "warning_days"

"""Who has left claims with a code what still waits, to a bank account and through two people."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.core.cache import caches
from django.db import IntegrityError, connection, transaction
from django.utils.translation import override

from dure.accounts.acting import Actor
from dure.accounts.models import Person
from dure.core.blobs import read
from dure.core.clock import now
from dure.core.ids import new_id
from dure.core.models import DataKey
from dure.core.money import SUB_UNITS
from dure.core.problems import Problem
from governance.erasure.services import resume
from governance.models import LogEntry
from governance.rights.services import answer_request
from rewards.ledger.accounts import AccountKey, wallet_key
from rewards.ledger.integrity import check_ledger
from rewards.ledger.selectors import posted
from rewards.ledger.services import post
from rewards.models import ClaimCode, PayoutBatch, ProvenClaim, Redemption, UnclaimedAmount
from rewards.tasks import care_for_unclaimed
from rewards.wallet.claims import claim_with_code, issue_code
from rewards.wallet.services import return_redemption
from tests.cast import actor, api, charlie, joon, kang, lim, mina
from tests.rewards.money import issuance, transfer, wallet
from tests.rewards.rails.payouts import sent_batch, settled
from tests.rewards.wallet.test_leaving import asks, granted
from tests.stories import marks

pytestmark = pytest.mark.django_db(transaction=True)
FUND = AccountKey("KRW", "fund")
TO = {"holder": "Kim Mina", "destination": "088:110312345678"}


@pytest.fixture(autouse=True)
def _nobody_tried_before() -> None:
    caches["default"].clear()


@pytest.fixture
def her() -> Person:
    """Mina with forty won; who is erased is nobody's Mina any more, so she is kept by hand."""
    wallet(mina(), 40, "KRW")
    return mina()


def left(person: Person, wish: str = "wait") -> str:
    """The person asked to be erased, noted the code and is gone; what was left is set aside."""
    request = asks(person, wish=wish)
    code = issue_code(acting=actor(person))
    granted(request)
    assert resume() == 1
    care_for_unclaimed()
    return code


def won(person: Person) -> int:
    return posted(wallet_key(person.party_id, "KRW"))


def claim(code: str, **changes: str) -> list[Redemption]:
    return claim_with_code(**{"code": code, **TO, **changes})


def test_with_the_code_what_waits_is_paid_by_a_batch_of_two_people(her: Person) -> None:
    code = left(her)
    assert won(her) == 0
    typed = code.lower().replace("-", " ")
    answer = api().post("/api/v1/claims/", {"code": typed, **TO}, format="json")
    assert answer.status_code == 202, answer.content
    assert answer.json() == {
        "amounts": [{"asset": "KRW", "amount": "40", "tax": "0", "pays": "40"}]
    }
    (redemption,) = Redemption.objects.all()
    assert (redemption.state, redemption.rail, redemption.amount) == (
        "held",
        "bank",
        40 * SUB_UNITS,
    )
    care_for_unclaimed()
    redemption.refresh_from_db()
    assert redemption.state == "held", "nothing takes the claim for an abandoned hold"
    batch = sent_batch()
    text = read(PayoutBatch.objects.select_related("file").get(id=batch.id).file).decode()
    assert "Kim Mina" in text
    assert "110312345678" in text
    assert check_ledger()["ok"] is True
    settled(redemption, "T1")
    care_for_unclaimed()
    assert (won(her), posted(FUND)) == (0, 0)
    assert check_ledger()["ok"] is True
    key = DataKey.objects.get(owner=ProvenClaim.objects.get().id)
    assert key.wrapped is None, "nobody needs the name and the account any more"
    again = api().post("/api/v1/claims/", {"code": code, **TO}, format="json")
    assert (again.status_code, again.json()["type"].rstrip("/").split("/")[-1]) == (
        404, "claim-code-unknown",
    )  # fmt: skip


def test_what_the_bank_gives_back_waits_anew_and_is_claimed_with_the_same_code(
    her: Person,
) -> None:
    code = left(her)
    (first,) = claim(code)
    sent_batch()
    for two in (kang(), lim()):
        return_redemption(acting=actor(two), redemption_id=first.id, reason="closed")
    care_for_unclaimed()
    kept = UnclaimedAmount.objects.get(claimed_at=None)
    assert kept.claim_by >= kept.set_aside_at + timedelta(days=30)
    (second,) = claim(code, destination="004:12345678901")
    assert second.amount == 40 * SUB_UNITS
    batch = sent_batch()
    text = read(PayoutBatch.objects.select_related("file").get(id=batch.id).file).decode()
    assert "12345678901" in text
    assert check_ledger()["ok"] is True


def test_after_thirty_days_the_funds_have_it_and_the_code_is_worth_nothing(her: Person) -> None:
    code = left(her)
    with time_machine.travel(now() + timedelta(days=31), tick=False):
        with pytest.raises(Problem, match="claim-code-unknown"):
            claim(code)
        care_for_unclaimed()
        assert posted(FUND) == 40 * SUB_UNITS
        with pytest.raises(Problem, match="claim-code-unknown"):
            claim(code)


def test_what_was_not_set_aside_yet_is_claimed_at_once(her: Person) -> None:
    request = asks(her, wish="wait")
    code = issue_code(acting=actor(her))
    granted(request)
    assert resume() == 1
    (held,) = claim(code)
    assert held.amount == 40 * SUB_UNITS
    assert check_ledger()["ok"] is True


def test_what_is_too_little_is_said_and_stays_where_it_waits() -> None:
    her = mina()
    half = transfer(issuance("KRW"), wallet(her, 0, "KRW"), SUB_UNITS // 2)
    post(acting=Actor.system("test"), transfers=[half])
    code = left(her)
    before = set(UnclaimedAmount.objects.values_list("id", "claimed_at"))
    with pytest.raises(Problem, match="nothing-to-take-out"):
        claim(code)
    assert set(UnclaimedAmount.objects.values_list("id", "claimed_at")) == before
    assert not ProvenClaim.objects.exists()


def test_who_claims_a_second_time_is_told_that_it_is_on_its_way(her: Person) -> None:
    half = transfer(issuance("KRW"), wallet(her, 0, "KRW"), SUB_UNITS // 2)
    post(acting=Actor.system("test"), transfers=[half])
    code = left(her)
    (held,) = claim(code)
    with override("en"), pytest.raises(Problem, match="nothing-to-take-out") as refused:
        claim(code)
    assert "on its way to the account" in str(refused.value.detail)
    assert held.amount == 40 * SUB_UNITS


def test_every_code_behind_which_nothing_waits_gets_the_same_answer(her: Person) -> None:
    request = asks(her, wish="wait")
    replaced, living = (issue_code(acting=actor(her)) for _ in range(2))
    said = {}
    for name, code in {
        "before she is gone": living, "made up": "AAAAA-BBBBB-CCCCC-DDDDD-EEEEE", "no code": "?",
    }.items():  # fmt: skip
        answer = api().post("/api/v1/claims/", {"code": code, **TO}, format="json")
        said[name] = (answer.status_code, answer.json())
    granted(request)
    assert resume() == 1
    care_for_unclaimed()
    answer = api().post("/api/v1/claims/", {"code": replaced, **TO}, format="json")
    said["replaced"] = (answer.status_code, answer.json())
    assert len({str(each) for each in said.values()}) == 1, said
    assert said["replaced"][0] == 404
    assert len(claim(living)) == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"holder": " "}, "holder"),
        ({"holder": "x" * 71}, "holder"),
        ({"destination": "12"}, "destination"),
    ],
)
def test_a_wrong_account_is_said_whatever_the_code(
    her: Person, change: dict[str, str], field: str
) -> None:
    code = left(her)
    for each in (code, "AAAAA-BBBBB-CCCCC-DDDDD-EEEEE"):
        with pytest.raises(Problem) as refused:
            claim(each, **change)
        assert [error.field for error in refused.value.errors] == [field]


def test_only_who_is_leaving_and_keeps_the_balance_gets_a_code(her: Person) -> None:
    code = api(her).post("/api/v1/wallet/claim-code/")
    assert code.status_code == 409
    assert api().post("/api/v1/wallet/claim-code/").status_code == 401
    request = asks(her)
    told = api(her).post("/api/v1/wallet/claim-code/")
    assert told.status_code == 201
    assert told["Cache-Control"] == "no-store"
    assert len(told.json()["code"]) == 29
    kept = ClaimCode.objects.get()
    assert told.json()["code"].replace("-", "").encode() not in bytes(kept.digest)
    assert LogEntry.objects.filter(kind="leaving.code_issued").count() == 1
    answer_request(acting=actor(lim()), request=request, outcome="refused", reason="No.")
    assert api(her).post("/api/v1/wallet/claim-code/").status_code == 409
    wallet(joon(), 5, "KRW")
    asks(joon(), wish="fund")
    assert api(joon()).post("/api/v1/wallet/claim-code/").status_code == 409


def test_who_took_a_code_and_said_nothing_has_thirty_days(her: Person) -> None:
    request = asks(her)
    code = issue_code(acting=actor(her))
    granted(request)
    assert resume() == 1
    care_for_unclaimed()
    (kept,) = UnclaimedAmount.objects.all()
    assert kept.claim_by == kept.set_aside_at + timedelta(days=30)
    assert len(claim(code)) == 1


def test_few_tries_from_one_address(her: Person, settings: pytest.FixtureRequest) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "claim": "2/hour"}  # type: ignore[attr-defined]
    codes = [
        api().post("/api/v1/claims/", {"code": "?", **TO}, format="json").status_code
        for _try in range(3)
    ]
    assert codes == [404, 404, 429]


def test_postgresql_itself_keeps_codes_and_claims(her: Person) -> None:
    entry = {"at": now(), "log_entry": new_id()}

    def refused(said: str, act: Callable[[], object]) -> None:
        with pytest.raises(IntegrityError, match=said), transaction.atomic():
            act()

    def emptied(table: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {table} CASCADE")

    leaving = "somebody who is leaving"
    refused(leaving, lambda: ClaimCode.objects.create(party=her.party, digest=b"x" * 32, **entry))
    request = asks(her, wish="wait")
    refused(leaving, lambda: ClaimCode.objects.create(party=her.party, digest=b"x", **entry))
    code = issue_code(acting=actor(her))
    row = ClaimCode.objects.get()
    early = "somebody who has left"
    refused(early, lambda: ProvenClaim.objects.create(code=row, holder=b"x", at=now()))
    granted(request)
    assert resume() == 1
    care_for_unclaimed()
    refused(leaving, lambda: ClaimCode.objects.create(party=her.party, digest=b"y" * 32, **entry))
    (held,) = claim(code)
    claimed = ProvenClaim.objects.get()
    for act in (
        lambda: ClaimCode.objects.update(at=now()),
        lambda: ClaimCode.objects.all()._raw_delete("default"),
        lambda: ProvenClaim.objects.update(at=now()),
        lambda: emptied("rewards_claimcode"),
        lambda: emptied("rewards_provenclaim"),
        lambda: Redemption.objects.filter(id=held.id).update(proven_claim=None),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            act()
    other = {
        "party": charlie().party, "asset": "KRW", "amount": 1, "rail": "bank", "destination": b"x",
        "hold_id": held.hold_id, "proven_claim": claimed, "requested_at": now(),
    }  # fmt: skip
    refused("its own owner", lambda: Redemption.objects.create(**other))
    own = {**other, "party": her.party, "rail": "transit"}
    refused("its own owner", lambda: Redemption.objects.create(**own))


def test_name_and_account_stand_nowhere_as_they_were_written(her: Person) -> None:
    code = left(her)
    holder = {"holder": f"{marks.MARK} Kim", "destination": marks.ACCOUNT}
    answer = api().post("/api/v1/claims/", {"code": code, **holder}, format="json")
    assert answer.status_code == 202
    sent_batch()
    assert marks.found() == set()

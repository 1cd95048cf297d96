"""A licence where the contributors decide by name who receives their data."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from uuid import UUID

import pytest

from contributions.models import Call
from contributions.releases.reach import within_reach
from dure.accounts.models import Person
from dure.accounts.services import add_member, create_organisation
from governance.consent.selectors import latest_notices
from governance.consent.services import decide
from rewards import tasks
from rewards.dividends import city
from rewards.dividends.services import pay
from rewards.epochs.services import approve_epoch, close_epoch
from rewards.ledger.accounts import wallet_key
from rewards.ledger.bulk import job, steps
from rewards.ledger.integrity import check_ledger
from rewards.ledger.selectors import posted
from rewards.models import BulkBatch, BulkState, Dividend, DividendShare
from tests import cast
from tests.rewards.city import SLUG, contribution, dobong, document, gangnam, published_call
from tests.rewards.ledger.crashes import dying_at, kill_me
from tests.rewards.money import CLERK, paid_by_two

pytestmark = pytest.mark.django_db

ASKED = {
    "call": SLUG,
    "purpose": "commercial",
    "people": 900,
    "turnover": 90_000_000,
    "balance": 80_000_000,
}


def settled_call(*, named: bool = True, more: Sequence[Person] = ()) -> Call:
    """Mina agreed to Hanbit, and so did ``more``; Joon refused. All were rewarded."""
    recipient = {
        "key": "hanbit",
        "name": {"ko": "한빛", "en": "Hanbit"},
        "organisation": str(cast.hanbit().party_id),
    }
    (purpose,) = document()["purposes"]
    call = published_call(purposes=[{**purpose, "recipients": [recipient] if named else []}])
    contribution(call, cast.mina().party_id, dobong(10), accepted=10)
    contribution(call, cast.joon().party_id, gangnam(15), accepted=15)
    for person in more:
        contribution(call, person.party_id, gangnam(5), accepted=5)
    notice = latest_notices().get(scope=SLUG)
    agreeing = ((person, True) for person in (cast.mina(), *more))
    for person, yes in (*agreeing, (cast.joon(), False)):
        for key, granted in (("", True), ("hanbit", yes)) if named else (("", True),):
            decide(
                acting=cast.actor(person),
                party_id=person.party_id,
                notice=notice,
                granted=granted,
                language="ko",
                recipient=key,
            )
    epoch = close_epoch(acting=cast.actor(cast.kang()), call_slug=SLUG)
    approve_epoch(acting=cast.actor(cast.lim()), epoch=epoch)
    return call


def test_hanbit_is_quoted_for_those_who_agreed_and_another_firm_is_refused() -> None:
    settled_call()
    hana, charlie = cast.api(cast.hana(), cast.hanbit()), cast.api(cast.charlie())
    hers = {**ASKED, "party": str(cast.hanbit().party_id)}
    assert hana.post("/api/v1/licences/quote/", hers, format="json").json()["records"] == 10
    assert hana.post("/api/v1/licences/", hers, format="json").json()["quote"]["records"] == 10
    answer = charlie.post("/api/v1/licences/quote/", hers, format="json")
    assert answer.status_code == 404, "for another's organisation nobody is told anything"
    refused = charlie.post("/api/v1/licences/", ASKED, format="json")
    assert refused.status_code == 409
    assert refused.json()["type"].endswith("/licence-out-of-reach/")
    assert cast.api().post("/api/v1/licences/", ASKED, format="json").status_code == 401


def test_where_nobody_is_named_everybody_is_quoted_alike() -> None:
    call = settled_call(named=False)
    assert within_reach(call, cast.hanbit().party_id) is None
    charlie = cast.api(cast.charlie())
    assert charlie.post("/api/v1/licences/quote/", ASKED, format="json").json()["records"] == 25
    assert charlie.post("/api/v1/licences/", ASKED, format="json").status_code == 201


def test_a_no_counts_from_the_moment_of_the_next_quote() -> None:
    call = settled_call()
    party = cast.hanbit().party_id
    reach = within_reach(call, party)
    assert reach is not None
    assert [each.party_id for each in reach] == [cast.mina().party_id]
    decide(
        acting=cast.actor(cast.mina()),
        party_id=cast.mina().party_id,
        notice=latest_notices().get(scope=SLUG),
        granted=False,
        language="ko",
        recipient="hanbit",
    )
    now = within_reach(call, party)
    assert now is not None
    assert not now.exists()
    other = create_organisation(acting=cast.actor(cast.kang()), name={"ko": "다른", "en": "Other"})
    add_member(acting=cast.actor(cast.kang()), organisation=other, person=cast.hana())
    nobody = within_reach(call, other.party_id)
    assert nobody is not None
    assert not nobody.exists()


def test_what_hanbit_pays_goes_to_those_who_let_it_have_their_data() -> None:
    settled_call()
    hana = cast.api(cast.hana(), cast.hanbit())
    hers = {**ASKED, "party": str(cast.hanbit().party_id)}
    licence = hana.post("/api/v1/licences/", hers, format="json").json()["id"]
    paid_by_two(UUID(licence))
    dividend = Dividend.objects.get(licence=licence)
    (share,) = DividendShare.objects.filter(dividend=dividend)
    assert share.account.owner_id == cast.mina().party_id
    assert share.amount == dividend.amount
    pay(acting=CLERK, dividend_id=dividend.id)
    assert posted(wallet_key(cast.joon().party_id, "KRW")) == 0
    assert posted(wallet_key(cast.mina().party_id, "KRW")) == dividend.amount


def test_where_nobody_is_named_what_a_firm_pays_goes_to_everybody() -> None:
    settled_call(named=False)
    licence = cast.api(cast.charlie()).post("/api/v1/licences/", ASKED, format="json").json()["id"]
    paid_by_two(UUID(licence))
    owners = {share.account.owner_id for share in DividendShare.objects.select_related("account")}
    assert owners == {cast.mina().party_id, cast.joon().party_id}


def ordered_for_hanbit(monkeypatch: pytest.MonkeyPatch) -> BulkBatch:
    """What Hanbit paid, to be shared as for a whole city."""
    monkeypatch.setattr(city, "CITY_FROM", 1)
    hana = cast.api(cast.hana(), cast.hanbit())
    hers = {**ASKED, "party": str(cast.hanbit().party_id)}
    paid_by_two(UUID(hana.post("/api/v1/licences/", hers, format="json").json()["id"]))
    assert not Dividend.objects.exists()
    return BulkBatch.objects.get()


def say(person: Person, *, granted: bool) -> None:
    decide(
        acting=cast.actor(person),
        party_id=person.party_id,
        notice=latest_notices().get(scope=SLUG),
        granted=granted,
        language="ko",
        recipient="hanbit",
    )


def test_to_a_whole_city_it_goes_as_one_job_and_to_the_same_people(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settled_call()
    batch = ordered_for_hanbit(monkeypatch)
    tasks.sweep_bulk()
    batch.refresh_from_db()
    assert (batch.state, batch.people) == (BulkState.POSTED, 1)
    assert posted(wallet_key(cast.mina().party_id, "KRW")) == batch.amount
    assert posted(wallet_key(cast.joon().party_id, "KRW")) == 0
    assert check_ledger()["ok"] is True


def test_what_holds_when_the_shares_are_frozen_counts_and_what_is_said_later_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settled_call(more=[cast.charlie()])
    batch = ordered_for_hanbit(monkeypatch)
    say(cast.charlie(), granted=False)
    steps.freeze(acting=CLERK, batch_id=batch.id)
    say(cast.joon(), granted=True)
    say(cast.mina(), granted=False)
    tasks.sweep_bulk()
    batch.refresh_from_db()
    assert (batch.state, batch.people) == (BulkState.POSTED, 1)
    assert posted(wallet_key(cast.mina().party_id, "KRW")) == batch.amount


def test_where_nobody_is_left_within_reach_the_money_stays_where_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settled_call()
    batch = ordered_for_hanbit(monkeypatch)
    say(cast.mina(), granted=False)
    tasks.sweep_bulk()
    batch.refresh_from_db()
    assert (batch.state, batch.reason) == (BulkState.FAILED, steps.NOBODY)
    assert check_ledger()["ok"] is True


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("committed", [False, True])
def test_killed_in_the_middle_it_goes_on_and_everybody_is_paid_once(
    monkeypatch: pytest.MonkeyPatch, *, committed: bool
) -> None:
    monkeypatch.setattr(job, "LEASE_S", 0)
    monkeypatch.setattr(steps, "order", partial(steps.order, chunk_bits=1))
    more = [cast.charlie(), cast.hana()]
    settled_call(more=more)
    batch = ordered_for_hanbit(monkeypatch)
    dying_at("load", committed=committed, batch_id=batch.id, kill=kill_me)
    batch.refresh_from_db()
    assert batch.state == BulkState.LOADING
    wallets = [wallet_key(person.party_id, "KRW") for person in (cast.mina(), *more)]
    assert [posted(key) for key in wallets] == [0, 0, 0]
    say(cast.charlie(), granted=False)  # frozen is frozen
    assert job.run(acting=CLERK, batch_id=batch.id)
    assert not job.run(acting=CLERK, batch_id=batch.id)
    batch.refresh_from_db()
    assert batch.state == BulkState.POSTED
    paid = [posted(key) for key in wallets]
    assert all(paid)
    assert sum(paid) == batch.total
    assert posted(wallet_key(cast.joon().party_id, "KRW")) == 0
    assert check_ledger()["ok"] is True

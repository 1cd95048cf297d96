"""From a licence to everybody's wallet: split, frozen, paid once, and provable by each."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from functools import partial
from uuid import UUID

import pytest
from django.db import DatabaseError, connection, transaction

from contributions.models import Contribution, Release
from contributions.withdrawal.services import withdraw
from dure.core.canonical import canonical_bytes
from dure.core.money import SUB_UNITS
from dure.core.problems import Problem
from governance.log import merkle
from governance.models import LogEntry
from rewards.dividends.selectors import dividend_document, share_document
from rewards.dividends.services import freeze, pay, pay_chunk
from rewards.epochs.services import approve_epoch, close_epoch
from rewards.ledger.accounts import AccountKey, open_accounts, wallet_key
from rewards.ledger.integrity import check_ledger
from rewards.ledger.selectors import balance, posted
from rewards.licences.selectors import licensees
from rewards.licences.services import (
    agree,
    confirm_payment,
    note_payment,
    quoted,
    record_payment,
)
from rewards.licences.sizes import Asker, Told
from rewards.models import Dividend, DividendShare, Licence
from rewards.valuation.cost import Purpose
from tests import cast
from tests.rewards.city import SLUG, contribution, dobong, gangnam, published_call
from tests.rewards.money import CLERK, issuance, paid_by_two
from tests.rewards.money import pay as give

pytestmark = pytest.mark.django_db

FIRM = Asker(Purpose.COMMERCIAL, Told(900, 90_000_000, 80_000_000))


def settled_city() -> None:
    """Mina, Joon and Charlie have been rewarded for what they contributed."""
    call = published_call()
    contribution(call, cast.mina().party_id, dobong(10), accepted=10)
    contribution(call, cast.joon().party_id, gangnam(10), accepted=10)
    contribution(call, cast.charlie().party_id, gangnam(5), accepted=5)
    epoch = close_epoch(acting=cast.actor(cast.kang()), call_slug=SLUG)
    approve_epoch(acting=cast.actor(cast.lim()), epoch=epoch)


def agreed() -> Licence:
    hana = cast.hana()
    return agree(
        acting=cast.actor(hana),
        party_id=cast.hanbit().party_id,
        call_slug=SLUG,
        asker=FIRM,
    )


def paid_licence() -> Dividend:
    settled_city()
    licence = paid_by_two(agreed().id)
    return Dividend.objects.get(licence=licence)


def won(party_id: UUID) -> int:
    return posted(wallet_key(party_id, "KRW"))


def test_a_licence_costs_whole_won_so_that_it_can_be_paid() -> None:
    settled_city()
    licence = agreed()
    assert licence.total % SUB_UNITS == 0
    assert all("." not in line["amount"] for line in licence.quote["lines"])


def test_a_revenue_is_split_by_the_policy_to_the_last_sub_unit() -> None:
    dividend = paid_licence()
    total = dividend.licence.total
    funds = posted(AccountKey("KRW", "fund"))
    operation = posted(AccountKey("KRW", "operation"))
    assert dividend.amount + funds + operation == total
    assert (dividend.amount, funds) == (total * 7 // 10, total * 2 // 10)


def test_the_dividend_follows_what_the_data_of_each_was_worth() -> None:
    dividend = paid_licence()
    assert pay(acting=CLERK, dividend_id=dividend.id) == 1
    people = [cast.mina(), cast.joon(), cast.charlie()]
    worth = [posted(wallet_key(person.party_id, "DURE")) for person in people]
    for person, weight in zip(people, worth, strict=True):
        assert won(person.party_id) == int(Fraction(dividend.amount * weight, sum(worth)))
    # Gangnam has the fewer records for its people, so that ten from there are worth more.
    assert won(people[1].party_id) > won(people[0].party_id) > won(people[2].party_id)
    left = balance(dividend.source_id).posted
    assert left == dividend.rest == dividend.amount - sum(won(p.party_id) for p in people)
    assert check_ledger()["ok"] is True
    assert dividend_document(dividend)["flat"] != "0"


def test_a_dividend_is_paid_once_however_often_it_is_ordered() -> None:
    dividend = paid_licence()
    assert [pay(acting=CLERK, dividend_id=dividend.id) for _ in range(3)] == [1, 0, 0]
    dividend.refresh_from_db()
    assert dividend.state == "paid"
    with pytest.raises(Problem, match="licence-already-paid"):
        record_payment(acting=cast.actor(cast.kang()), licence_id=dividend.licence_id)


def many(chunk: int) -> Dividend:
    """The shares of the settled city, in chunks of a few."""
    settled_city()
    licence = agreed()
    source = AccountKey("KRW", "dividend", None, str(licence.id))
    (account,) = open_accounts(wanted=[source]).values()
    give(issuance("KRW"), account, 1000)
    found = freeze(
        acting=CLERK, licence=licence, source=account, amount=1000 * SUB_UNITS, chunk=chunk
    )
    assert found is not None
    return found


def test_a_payment_that_was_cut_short_goes_on_at_the_next_chunk() -> None:
    dividend = many(chunk=1)
    with transaction.atomic():
        pay_chunk(acting=CLERK, dividend_id=dividend.id, first=0, last=0)
        transaction.set_rollback(True)  # the worker dies before it commits
    assert balance(dividend.source_id).posted == 1000 * SUB_UNITS
    assert pay_chunk(acting=CLERK, dividend_id=dividend.id, first=0, last=0)
    assert not pay_chunk(acting=CLERK, dividend_id=dividend.id, first=0, last=0)
    with pytest.raises(DatabaseError, match="stands as it is"), transaction.atomic():
        Dividend.objects.update(state="paid", paid_at=dividend.frozen_at)
    assert pay(acting=CLERK, dividend_id=dividend.id) == 2
    assert balance(dividend.source_id).posted == dividend.rest


@pytest.mark.django_db(transaction=True)
def test_two_copies_of_the_job_at_once_pay_everybody_once() -> None:
    dividend = many(chunk=1)

    def copy() -> int:
        try:
            return pay(acting=CLERK, dividend_id=dividend.id)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as workers:
        jobs = [workers.submit(copy) for _ in range(2)]
        assert sum(job.result(60) for job in jobs) == 3
    assert balance(dividend.source_id).posted == dividend.rest
    assert check_ledger()["ok"] is True


def test_the_log_keeps_the_root_that_every_proof_leads_to() -> None:
    dividend = paid_licence()
    (entry,) = LogEntry.objects.filter(kind="dividend.frozen")
    payload = json.loads(bytes(entry.body))["payload"]
    assert payload == {
        "dividend": str(dividend.id),
        "licence": str(dividend.licence_id),
        "people": 3,
        "root": dividend.root,
    }
    shown = share_document(cast.mina().party_id, dividend)
    assert shown is not None
    assert shown["root"] == payload["root"]


def test_each_person_can_prove_the_own_line_and_no_other() -> None:
    dividend = paid_licence()
    for person in (cast.mina(), cast.joon(), cast.charlie()):
        shown = share_document(person.party_id, dividend)
        assert shown is not None
        leaf = merkle.leaf_hash(canonical_bytes({**shown["line"]}))
        proof = [bytes.fromhex(node) for node in shown["proof"]]
        verified = partial(
            merkle.verify_inclusion,
            index=shown["index"],
            size=shown["size"],
            proof=proof,
            expected_root=bytes.fromhex(dividend.root),
        )
        assert verified(leaf=leaf)
        wrong = merkle.leaf_hash(canonical_bytes({**shown["line"], "amount": "1"}))
        assert not verified(leaf=wrong)
    assert share_document(cast.hanbit().party_id, dividend) is None


def test_what_was_frozen_and_agreed_stands() -> None:
    dividend = paid_licence()
    for change in (
        lambda: DividendShare.objects.update(amount=1),
        lambda: DividendShare.objects.all().delete(),
        lambda: Dividend.objects.update(root="0"),
        lambda: Licence.objects.update(total=1),
        lambda: Licence.objects.filter(id=dividend.licence_id).update(paid_at=None, payment=None),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_a_quote_has_lines_and_nobody_agrees_for_others_or_records_payments() -> None:
    settled_city()
    _call, _found, document = quoted(SLUG, FIRM)
    assert document["records"] == 25
    assert sum(Fraction(line["amount"]) for line in document["lines"]) == int(document["total"])
    with pytest.raises(Problem, match="not-found"):
        agree(
            acting=cast.actor(cast.charlie()),
            party_id=cast.hanbit().party_id,
            call_slug=SLUG,
            asker=FIRM,
        )
    with pytest.raises(Problem, match="not-allowed"):
        record_payment(acting=cast.actor(cast.hana()), licence_id=agreed().id)


def test_what_was_withdrawn_is_neither_quoted_nor_shares_in_a_later_revenue() -> None:
    settled_city()
    own = Contribution.objects.get(party=cast.joon().party)
    withdraw(acting=cast.actor(cast.joon()), receipt=own.receipt)
    _call, _found, document = quoted(SLUG, FIRM)
    assert document["records"] == 15
    dividend = Dividend.objects.get(licence=paid_by_two(agreed().id))
    shares = DividendShare.objects.filter(dividend=dividend)
    parties = set(shares.values_list("account__owner", flat=True))
    assert parties == {cast.mina().party_id, cast.charlie().party_id}


def test_only_who_has_paid_licensees_what_is_licensed() -> None:
    settled_city()
    licence, hana = agreed(), cast.actor(cast.hana())
    release = Release(call=licence.call)
    assert not licensees(hana, release)
    paid_by_two(licence.id)
    assert licensees(hana, release)
    assert not licensees(cast.actor(cast.charlie()), release)


def test_one_person_notes_a_payment_and_another_confirms_it() -> None:
    settled_city()
    licence = agreed()
    kang, lim = cast.actor(cast.kang()), cast.actor(cast.lim())
    with pytest.raises(Problem, match="payment-not-noted"):
        confirm_payment(acting=lim, licence_id=licence.id)
    noted = record_payment(acting=kang, licence_id=licence.id)
    assert (noted.paid_at, noted.payment_id, Dividend.objects.count()) == (None, None, 0)
    with pytest.raises(Problem, match="payment-needs-second-person"):
        record_payment(acting=kang, licence_id=licence.id)
    assert not licensees(cast.actor(cast.hana()), Release(call=licence.call))
    paid = record_payment(acting=lim, licence_id=licence.id)
    assert paid.paid_at is not None
    assert Dividend.objects.filter(licence=paid).exists()


@pytest.mark.parametrize(
    "change",
    [
        "paid_at = now(), payment_id = (SELECT id FROM rewards_transfer LIMIT 1)",
        "noted_at = now() - interval '1 day'",
        "noted_by_id = NULL",
        "confirmed_by_id = noted_by_id",
    ],
)
def test_the_database_wants_two_people_for_a_payment(change: str) -> None:
    settled_city()
    licence = agreed()
    note_payment(acting=cast.actor(cast.kang()), licence_id=licence.id)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE rewards_licence SET {change}")

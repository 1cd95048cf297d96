"""Money that went out is paid, refused or back because two people say so, or a file that fits does.

``sent_batch`` is proposed by Kang and sent by Lim.
"""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction

from dure.accounts.models import Person
from dure.core.problems import Problem
from governance.models import LogEntry
from rewards.models import PayoutBatch, PayoutItem, RailEvent, RailImport
from rewards.rails.imports import agree_to_answer, discard_answer, import_answer
from rewards.rails.trying import try_answer
from rewards.wallet.services import drop_proposed, reverse_redemption, settle_redemption
from tests import cast
from tests.rewards.rails.payouts import confirmed, redeem, sent_batch
from tests.rewards.rails.rail_answers import camt053, entry, pain002, result

pytestmark = pytest.mark.django_db
ANSWERS = "/api/v1/payouts/answers/"


def one_sent(units: int = 1000) -> PayoutItem:
    redeem(units)
    return sent_batch().items.get()


def brought(content: bytes, *, lim: bool = False) -> RailImport:
    person = cast.lim() if lim else cast.kang()
    return import_answer(acting=cast.actor(person), rail="bank", content=content)


def by_sql(statement: str) -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_what_was_paid_by_hand_is_proposed_by_one_and_agreed_to_by_another() -> None:
    redemption = redeem(1000)
    kang, lim = cast.actor(cast.kang()), cast.actor(cast.lim())
    first = settle_redemption(acting=kang, redemption_id=redemption.id, rail_reference="T1")
    assert first.state == "held"
    with pytest.raises(Problem, match="another-person-needed"):
        settle_redemption(acting=kang, redemption_id=redemption.id, rail_reference="T1")
    with pytest.raises(Problem, match="proposed-otherwise"):
        settle_redemption(acting=lim, redemption_id=redemption.id, rail_reference="T2")
    by_sql("UPDATE rewards_redemption SET state = 'settled', resolved_at = now()")
    second = settle_redemption(acting=lim, redemption_id=redemption.id, rail_reference="T1")
    assert (second.state, second.rail_reference) == ("settled", "T1")
    assert LogEntry.objects.filter(kind__in=["act.proposed", "act.approved"]).count() == 2


def test_what_was_proposed_by_mistake_is_taken_back_or_declined_and_said_anew() -> None:
    redemption = redeem(1000)
    kang, lim = cast.actor(cast.kang()), cast.actor(cast.lim())
    with pytest.raises(Problem, match="not-found"):
        drop_proposed(acting=kang, redemption_id=redemption.id, settlement=True)
    for who in (kang, lim):
        settle_redemption(acting=kang, redemption_id=redemption.id, rail_reference="T l")
        drop_proposed(acting=who, redemption_id=redemption.id, settlement=True)
        by_sql("UPDATE governance_proposal SET dropped_at = NULL, dropper_id = NULL")
        by_sql("UPDATE governance_proposal SET decided_at = now(), approver_id = dropper_id")
    settle_redemption(acting=kang, redemption_id=redemption.id, rail_reference="T1")
    done = settle_redemption(acting=lim, redemption_id=redemption.id, rail_reference="T1")
    assert (done.state, done.rail_reference) == ("settled", "T1")
    reverse_redemption(acting=kang, redemption_id=redemption.id, reason="typo")
    drop_proposed(acting=lim, redemption_id=redemption.id, settlement=False)
    reverse_redemption(acting=kang, redemption_id=redemption.id, reason="account closed")
    back = reverse_redemption(acting=lim, redemption_id=redemption.id, reason="account closed")
    assert (back.state, back.reason) == ("returned", "account closed")
    assert LogEntry.objects.filter(kind="act.dropped").count() == 3


def test_only_operators_drop_and_never_what_is_about_their_own() -> None:
    hers, kangs = redeem(1000), redeem(1000, person=cast.kang())
    settle_redemption(acting=cast.actor(cast.kang()), redemption_id=hers.id)
    settle_redemption(acting=cast.actor(cast.lim()), redemption_id=kangs.id)
    for person in (cast.charlie(), cast.mina(), cast.seo()):
        with pytest.raises(Problem, match="not-allowed"):
            drop_proposed(acting=cast.actor(person), redemption_id=hers.id, settlement=True)
    with pytest.raises(Problem, match="another-person-needed"):
        drop_proposed(acting=cast.actor(cast.kang()), redemption_id=kangs.id, settlement=True)


def test_who_sent_the_batch_is_not_who_says_that_it_was_paid() -> None:
    """Lim sent it: Lim may propose, and Kang agrees; not the other way round."""
    theirs, ours = redeem(1000), redeem(2000)
    sent_batch()
    kang, lim = cast.actor(cast.kang()), cast.actor(cast.lim())
    settle_redemption(acting=kang, redemption_id=theirs.id)
    with pytest.raises(Problem, match="sender-cannot-settle"):
        settle_redemption(acting=lim, redemption_id=theirs.id)
    assert settle_redemption(acting=lim, redemption_id=ours.id).state == "held"
    assert settle_redemption(acting=kang, redemption_id=ours.id).state == "settled"


def test_the_database_knows_who_sent_the_batch() -> None:
    """An agreement of the sender, written past the service, settles nothing."""
    redemption = redeem(1000)
    sent_batch()
    settle_redemption(acting=cast.actor(cast.kang()), redemption_id=redemption.id)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE governance_proposal SET approver_id = %s, decided_at = now()", [cast.lim().id]
        )
    by_sql("UPDATE rewards_redemption SET state = 'settled', resolved_at = now()")
    by_sql("UPDATE rewards_redemption SET state = 'returned', resolved_at = now()")
    batch = PayoutBatch.objects.get()
    assert batch.sender == cast.lim()
    by_sql(f"UPDATE rewards_payoutbatch SET sender_id = '{cast.kang().id}'")


def test_a_file_that_fits_is_taken_over_by_whoever_did_not_send_the_batch() -> None:
    item = one_sent()
    taken = brought(camt053(entry(item.uid.hex, "1000", "B1")))
    assert (taken.state, taken.doubts, taken.counts["settled"]) == ("taken", [], 1)


def test_the_sender_needs_another_person_for_a_file_and_the_same_file_is_an_agreement() -> None:
    item = one_sent()
    content = camt053(entry(item.uid.hex, "1000", "B1"))
    waits = brought(content, lim=True)
    assert (waits.state, waits.doubts, waits.counts) == ("waiting", ["sender"], {})
    assert brought(content, lim=True).state == "waiting"
    with pytest.raises(Problem, match="payout-needs-second-person"):
        agree_to_answer(acting=cast.actor(cast.lim()), answer_id=waits.id)
    assert not RailEvent.objects.exists()
    assert PayoutItem.objects.get().state == "open"
    by_sql("UPDATE rewards_railimport SET state = 'taken'")
    by_sql(
        "UPDATE rewards_railimport SET state = 'taken', confirmer_id = importer_id,"
        " decided_at = now()"
    )
    taken = brought(content)
    assert (taken.id, taken.state, taken.counts["settled"]) == (waits.id, "taken", 1)
    assert brought(content, lim=True).counts == taken.counts
    logged = LogEntry.objects.filter(kind__startswith="payout.answer")
    assert logged.count() == 2


@pytest.mark.parametrize(
    ("name", "doubt"),
    [
        ("refused", "gives-back"),
        ("came-back", "gives-back"),
        ("other-amount", "differs"),
        ("other-sum", "figures"),
        ("other-count", "figures"),
        ("cut-statement", "figures"),
        ("no-amount", "amount-unsaid"),
    ],
)
def test_a_file_with_a_doubt_does_nothing_until_another_person_agrees(
    name: str, doubt: str
) -> None:
    redeem(1000)
    redeem(2000)
    batch = sent_batch()
    first, second = batch.items.order_by("number")
    both = pain002(batch, {first: "ACSC", second: "ACSC"})
    paid = entry(first.uid.hex, "1000", "B1")
    group = b"</OrgnlMsgNmId>"
    total = "<TxsSummry><TtlNtries><NbOfNtries>2</NbOfNtries></TtlNtries></TxsSummry>"
    content = {
        "refused": pain002(batch, {first: "ACSC", second: "RJCT"}),
        "came-back": camt053(
            paid, entry(first.uid.hex, "1000", "B2", direction="CRDT", returned=True)
        ),
        "other-amount": camt053(paid, entry(second.uid.hex, "1999", "B2")),
        "other-sum": both.replace(group, group + b"<OrgnlCtrlSum>3001</OrgnlCtrlSum>"),
        "other-count": both.replace(group, group + b"<OrgnlNbOfTxs>3</OrgnlNbOfTxs>"),
        "cut-statement": camt053(total, paid),
        "no-amount": both.replace(
            b'<OrgnlTxRef><Amt><InstdAmt Ccy="KRW">1000</InstdAmt></Amt></OrgnlTxRef>', b""
        ),
    }[name]
    tried = try_answer(acting=cast.actor(cast.kang()), rail="bank", content=content)
    waits = brought(content)
    assert (waits.state, waits.doubts, tried["doubts"]) == ("waiting", [doubt], [doubt])
    assert not RailEvent.objects.exists()
    assert confirmed() == "0"
    agree_to_answer(acting=cast.actor(cast.lim()), answer_id=waits.id)
    assert PayoutItem.objects.filter(state="open").count() < 2
    with pytest.raises(Problem, match="rail-answer-decided"):
        agree_to_answer(acting=cast.actor(cast.lim()), answer_id=waits.id)


def test_a_report_without_amounts_fits_by_the_sum_of_its_batch() -> None:
    redeem(1000)
    redeem(2000)
    batch = sent_batch()
    first, second = batch.items.order_by("number")
    content = pain002(batch, {first: "ACSC", second: "ACSC"})
    for units in (b"1000", b"2000"):
        amount = b'<InstdAmt Ccy="KRW">' + units + b"</InstdAmt>"
        content = content.replace(b"<OrgnlTxRef><Amt>" + amount + b"</Amt></OrgnlTxRef>", b"")
    group = b"</OrgnlMsgNmId>"
    figures = b"<OrgnlNbOfTxs>2</OrgnlNbOfTxs><OrgnlCtrlSum>3000</OrgnlCtrlSum>"
    taken = brought(content.replace(group, group + figures))
    assert (taken.state, taken.counts["settled"]) == ("taken", 2)


def test_a_file_that_changes_nothing_is_taken_over_at_once_and_shows_its_differences() -> None:
    item = one_sent()
    taken = brought(camt053(entry(item.uid.hex, "999", "B1")), lim=True)
    assert (taken.state, taken.counts["amount"]) == ("taken", 1)


def test_a_statement_of_the_bank_with_payments_of_others_fits_all_the_same() -> None:
    item = one_sent()
    taken = brought(camt053(entry(item.uid.hex, "1000", "B1"), entry("FEE", "5", "B2")))
    assert (taken.state, taken.counts["unknown"]) == ("taken", 1)


def test_the_database_takes_no_line_of_a_file_that_waits() -> None:
    item = one_sent()
    waits = brought(camt053(entry(item.uid.hex, "1000", "B1")), lim=True)
    by_sql(
        "INSERT INTO rewards_railevent (id, rail, external_id, source_id, kind, outcome, reference,"
        " item_id, amount, reason, sha256, recorded_at) VALUES (gen_random_uuid(), 'bank', 'B1',"
        f" '{waits.id}', 'settled', 'applied', '', '{item.uid}', 1, '', '', now())"
    )


def test_a_file_that_waits_is_discarded_and_can_come_again() -> None:
    item = one_sent()
    content = camt053(entry(item.uid.hex, "1000", "B1"))
    waits = brought(content, lim=True)
    discard_answer(acting=cast.actor(cast.lim()), answer_id=waits.id)
    with pytest.raises(Problem, match="rail-answer-decided"):
        agree_to_answer(acting=cast.actor(cast.kang()), answer_id=waits.id)
    for stranger in (cast.mina(), cast.seo()):
        with pytest.raises(Problem, match="not-allowed"):
            agree_to_answer(acting=cast.actor(stranger), answer_id=waits.id)
        with pytest.raises(Problem, match="not-allowed"):
            discard_answer(acting=cast.actor(stranger), answer_id=waits.id)
    again = brought(content)
    assert (again.state, RailImport.objects.count()) == ("taken", 2)


def test_over_the_api_another_person_sends_the_same_file() -> None:
    item = one_sent()
    content = camt053(entry(item.uid.hex, "1000", "B1"))

    def sends(person: Person, what: bytes = content) -> tuple[int, dict[str, object]]:
        body = {"rail": "bank", "file": SimpleUploadedFile("a.xml", what)}
        answer = cast.api(person).post(ANSWERS, body, format="multipart")
        return answer.status_code, answer.json()

    status, first = sends(cast.lim())
    assert (status, first["state"], first["doubts"]) == (202, "waiting", ["sender"])
    status, second = sends(cast.kang())
    assert (status, second["state"], second["id"]) == (200, "taken", first["id"])
    back = camt053(entry(item.uid.hex, "1000", "B2", direction="CRDT", returned=True), name="S2")
    status, third = sends(cast.kang(), back)
    assert (status, third["doubts"]) == (202, ["gives-back"])
    at = f"{ANSWERS}{third['id']}/discarding/"
    assert cast.api(cast.mina()).post(at).status_code == 403
    assert cast.api(cast.kang()).post(at).json()["state"] == "discarded"
    assert cast.api(cast.kang()).post(at).status_code == 409


def test_other_rails_are_held_to_the_same() -> None:
    redeem(10, rail="transit", destination="1010555020261122", asset="DURE")
    item = sent_batch("transit", "DURE").items.get()
    content = result((item.uid.hex, "T-1", "failed", "", "closed", ""))
    waits = import_answer(acting=cast.actor(cast.kang()), rail="transit", content=content)
    assert waits.doubts == ["gives-back"]

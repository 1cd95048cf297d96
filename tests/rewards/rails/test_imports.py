"""Answers of rails: done once, done only where they fit, and never read without care."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command

from dure.core.clock import now
from dure.core.money import SUB_UNITS
from dure.core.problems import Problem
from governance.models import LogEntry
from rewards.ledger.accounts import clearing_key
from rewards.ledger.integrity import check_ledger
from rewards.ledger.selectors import posted
from rewards.models import PayoutItem, RailEvent, RailImport, Redemption
from rewards.rails.answers import SIZE_MAX
from rewards.rails.imports import import_answer
from rewards.rails.notes import note_difference
from rewards.rails.reconciliation import difference_documents, differences
from tests import cast
from tests.rewards.rails.payouts import confirmed, redeem, sent_batch, settled, taken_over
from tests.rewards.rails.rail_answers import URN, camt053, entry, pain002, result

pytestmark = pytest.mark.django_db


def take(content: bytes, rail: str = "bank") -> RailImport:
    return taken_over(content, rail)


def kinds() -> list[str]:
    return [each.kind for each in differences()]


def test_a_batch_is_partly_refused_and_each_amount_goes_its_way() -> None:
    good, bad = redeem(1000), redeem(2000)
    batch = sent_batch()
    first, second = batch.items.order_by("number")
    content = pain002(batch, {first: "ACSC", second: "RJCT"})
    counts = take(content).counts
    assert (counts["settled"], counts["failed"]) == (1, 1)
    good.refresh_from_db()
    bad.refresh_from_db()
    assert (good.state, bad.state, bad.reason) == ("settled", "returned", "AC04")
    assert (confirmed(), posted(clearing_key("bank", "KRW"))) == ("2000", 1000 * SUB_UNITS)
    assert take(content).id == RailImport.objects.get().id
    assert RailEvent.objects.count() == 2
    assert check_ledger()["ok"] is True
    logged = LogEntry.objects.filter(kind__in=["payout.settled", "payout.failed"])
    assert logged.count() == 2
    assert kinds() == []


def test_a_group_that_is_refused_refuses_everything_in_it() -> None:
    redeem(1000)
    redeem(2000)
    batch = sent_batch()
    take(pain002(batch, {}, group="RJCT"))
    assert set(batch.items.values_list("state", flat=True)) == {"failed"}
    assert confirmed() == "3000"


def test_a_payment_information_that_is_refused_refuses_all_that_has_no_answer_of_its_own() -> None:
    paid, mine, whole = redeem(1000), redeem(2000), redeem(3000)
    batch = sent_batch()
    first, second, _third = batch.items.order_by("number")
    take(pain002(batch, {first: "ACSC", second: "RJCT"}, payment="RJCT"))
    for redemption, state, reason in (
        (paid, "settled", ""),
        (mine, "returned", "AC04"),
        (whole, "returned", "DT01"),
    ):
        redemption.refresh_from_db()
        assert (redemption.state, redemption.reason) == (state, reason)
    assert confirmed() == "5000"
    assert kinds() == []


def test_lines_that_a_bank_numbers_anew_in_every_statement_are_lines_of_their_own() -> None:
    today, tomorrow = redeem(1000), redeem(2000)
    first, second = sent_batch().items.order_by("number")
    take(camt053(entry(first.uid.hex, "1000", "", number="1"), name="STMT-1"))
    take(camt053(entry(second.uid.hex, "2000", "", number="1"), name="STMT-2"))
    for redemption in (today, tomorrow):
        redemption.refresh_from_db()
        assert redemption.state == "settled"
    assert kinds() == []


@pytest.mark.parametrize("reversal", [True, False])
def test_money_that_a_bank_books_back_without_a_reason_comes_back_all_the_same(
    reversal: bool,
) -> None:
    redemption = redeem(1000)
    (item,) = sent_batch().items.all()
    take(camt053(entry(item.uid.hex, "1000", "B1")))
    back = entry(item.uid.hex, "1000", "B2", direction="CRDT", reversal=reversal)
    take(camt053(back, entry("", "7", "B3", direction="CRDT"), name="STMT-2"))
    redemption.refresh_from_db()
    assert (redemption.state, confirmed()) == ("returned", "1000")
    assert RailEvent.objects.get(external_id="B3").kind == "noted"
    assert kinds() == ["unknown-at-bank"]


def test_a_day_may_name_its_time_zone_as_xml_lets_it() -> None:
    days = ("2026-11-23+09:00", "2026-11-23Z", "2026-11-23")
    take(camt053(*(entry("f" * 32, "1", f"B{n}", day=day) for n, day in enumerate(days))))
    booked = RailEvent.objects.values_list("booked_on", flat=True)
    assert {each.isoformat() for each in booked if each} == {"2026-11-23"}
    assert len(booked) == len(days)


def test_a_statement_settles_what_was_paid_and_reverses_what_came_back() -> None:
    redemption = redeem(1000)
    (item,) = sent_batch().items.all()
    take(camt053(entry(item.uid.hex, "1000", "B1")))
    assert confirmed() == "0"
    back = entry(item.uid.hex, "1000", "B2", direction="CRDT", returned=True)
    take(camt053(entry(item.uid.hex, "1000", "B1"), back, name="STMT-2"))
    redemption.refresh_from_db()
    assert (redemption.state, redemption.reason) == ("returned", "AC04")
    assert (confirmed(), posted(clearing_key("bank", "KRW"))) == ("1000", 0)
    assert RailEvent.objects.count() == 2
    assert LogEntry.objects.filter(kind="transfer.reversed").count() == 1
    assert check_ledger()["ok"] is True


def test_a_batch_that_the_bank_books_as_one_sum_settles_all_of_it() -> None:
    redeem(1000)
    redeem(2000)
    batch = sent_batch()
    one = (
        '<Ntry><NtryRef>N1</NtryRef><Amt Ccy="KRW">3000</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>'
        "<Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-11-23</Dt></BookgDt><NtryDtls><Btch>"
        f"<PmtInfId>{batch.message_id}</PmtInfId></Btch></NtryDtls></Ntry>"
    )
    take(camt053(one))
    assert set(batch.items.values_list("state", flat=True)) == {"settled"}


def test_other_rails_answer_in_csv() -> None:
    redeem(10, rail="transit", destination="1010555020261122", asset="DURE")
    redeem(20, rail="transit", destination="1010555020261122", asset="DURE")
    first, second = sent_batch("transit", "DURE").items.order_by("number")
    content = result(
        (first.uid.hex, "T-1", "settled", "10", "", "2026-11-23"),
        (second.uid.hex, "T-2", "failed", "", "card closed!", ""),
    )
    take(content, "transit")
    assert set(Redemption.objects.values_list("state", "reason")) == {
        ("settled", ""),
        ("returned", "other"),
    }
    assert kinds() == []


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not-xml"),
        (b"<a", "not-xml"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "declares-entities"),
        (
            b'<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
            b"<a>&b;</a>",
            "declares-entities",
        ),
        (b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "declares-entities"),
        (b'<Document xmlns="urn:other"/>', "unknown-namespace"),
        (camt053().replace(b".08", b".02"), "unknown-namespace"),
        (f'<Document xmlns="{URN}pain.002.001.10"/>'.encode(), "element-missing"),
        (camt053("<a>" * 40 + "</a>" * 40), "too-deep"),
        (camt053(entry("x", "1", "B1").replace("KRW", "EUR")), "currency"),
        (camt053(entry("x", "-1", "B1")), "amount"),
        (camt053(entry("x", "1", "B 1")), "reference"),
    ],
)
def test_a_file_that_is_no_answer_is_refused_with_its_reason(content: bytes, reason: str) -> None:
    with pytest.raises(Problem, match="rail-answer-unreadable") as refusal:
        take(content)
    assert refusal.value.errors[0].code == reason
    assert not RailImport.objects.exists()


def test_lines_without_the_banks_own_id_are_told_apart_by_statement_and_place() -> None:
    take(camt053(entry("f" * 32, "5", ""), entry("e" * 32, "5", "")))
    take(camt053(entry("f" * 32, "5", ""), name="STMT-2"))
    assert kinds() == ["unknown-at-bank"] * 3


def test_a_huge_file_is_refused_before_it_is_read() -> None:
    with pytest.raises(Problem, match="rail-answer-too-large"):
        take(b" " * (SIZE_MAX + 1))


def test_a_csv_out_of_a_korean_spreadsheet_is_read_as_it_was_written() -> None:
    redeem(10, rail="transit", destination="1010555020261122", asset="DURE")
    (item,) = sent_batch("transit", "DURE").items.all()
    line = (item.uid.hex, "T-1", "failed", "", "해지된 카드", "")
    take(result(line).decode().encode("cp949"), "transit")
    assert Redemption.objects.get().reason == "other"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\xff\xfe", "not-utf-8"),
        (b"uid,other\r\n", "columns"),
        (result(("a", "b", "paid", "", "", "")), "status"),
        (result(("a", "", "settled", "", "", "")), "reference"),
        (result(("a", "b", "settled", "1e3", "", "")), "amount"),
        (result(("a", "b", "settled", "", "", "23.11.2026")), "date"),
    ],
)
def test_a_csv_that_is_no_answer_is_refused_with_its_reason(content: bytes, reason: str) -> None:
    with pytest.raises(Problem) as refusal:
        take(content, "transit")
    assert refusal.value.errors[0].code == reason
    assert not RailEvent.objects.exists()


def test_every_difference_has_its_name() -> None:
    for units in (1000, 2000, 3000):
        redeem(units)
    amount, manual, fine = sent_batch().items.order_by("number")
    settled(manual.redemption)
    take(
        camt053(
            entry(amount.uid.hex, "999", "B1"),
            entry("f" * 32, "5", "B2"),
            entry("김철수 010-1234-5678", "5", "B3"),
            entry(fine.uid.hex, "3000", "B4"),
        )
    )
    take(camt053(entry(fine.uid.hex, "2999", "B4"), entry(fine.uid.hex, "3000", "B5"), name="S2"))
    assert kinds() == [
        "missing-at-bank",
        "unknown-at-bank",
        "unknown-at-bank",
        "amount-differs",
        "duplicate",
        "paid-twice",
    ]
    assert not RailEvent.objects.filter(reference__contains="김").exists()
    assert PayoutItem.objects.get(uid=amount.uid).state == "open"


def test_a_note_explains_a_difference_and_stays_beside_it() -> None:
    take(camt053(entry("f" * 32, "5", "B2")))
    kang = cast.actor(cast.kang())
    with pytest.raises(CommandError, match="1 differences"):
        call_command("reconcile")
    (found,) = differences()
    with pytest.raises(Problem, match="invalid-request"):
        note_difference(acting=kang, name=found.name, note=" ", closes=True)
    with pytest.raises(Problem, match="not-found"):
        note_difference(acting=kang, name="overdue:x", note="x", closes=True)
    note_difference(acting=kang, name=found.name, note="Asked the bank.", closes=False)
    assert difference_documents(closed=False)
    note_difference(acting=kang, name=found.name, note="A fee of the bank.", closes=True)
    assert difference_documents(closed=False) == []
    assert [note["note"] for note in difference_documents()[0]["notes"]] == [
        "Asked the bank.",
        "A fee of the bank.",
    ]
    call_command("reconcile")


def test_silence_after_sending_and_holds_without_batch_are_seen() -> None:
    redeem(1000)
    sent_batch()
    redeem(5)
    assert kinds() == []
    with time_machine.travel(now() + timedelta(days=6)):
        assert kinds() == ["overdue", "hold-without-batch"]


def test_only_operators_import() -> None:
    for who in (cast.mina, cast.charlie, cast.seo):
        with pytest.raises(Problem, match="not-allowed"):
            import_answer(acting=cast.actor(who()), rail="bank", content=camt053())

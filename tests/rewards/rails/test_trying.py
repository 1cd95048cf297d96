"""Kang looks what a file of a bank would do before taking it over; nothing is written by that."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from dure.core.models import Blob
from dure.core.problems import Problem
from governance.models import LogEntry
from rewards.models import EventOutcome, PayoutItem, RailEvent, RailImport
from rewards.rails.imports import import_answer
from rewards.rails.trying import TrialDocument, try_answer
from tests import cast
from tests.rewards.rails.payouts import confirmed, redeem, sent_batch, taken_over
from tests.rewards.rails.rail_answers import camt053, entry, pain002, result

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/payouts/answers/trial/"


def tried(content: bytes, rail: str = "bank") -> TrialDocument:
    return try_answer(acting=cast.actor(cast.kang()), rail=rail, content=content)


def everything() -> tuple[object, ...]:
    return (
        RailImport.objects.count(),
        RailEvent.objects.count(),
        Blob.objects.count(),
        LogEntry.objects.count(),
        list(PayoutItem.objects.order_by("uid").values_list("state", flat=True)),
        confirmed(),
    )


def two_items() -> tuple[PayoutItem, PayoutItem]:
    redeem(1000)
    redeem(2000)
    first, second = sent_batch().items.order_by("number")
    return first, second


def test_each_line_says_what_it_would_do_and_nothing_is_written() -> None:
    first, second = two_items()
    content = camt053(
        entry(first.uid.hex, "1000", "B1"),
        entry(second.uid.hex, "1999", "B2"),
        entry("SOMEBODY-ELSE", "5", "B3"),
        entry(first.uid.hex, "1000", "B4", direction="CRDT", returned=True),
        entry(first.uid.hex, "1000", "B1"),
        entry(second.uid.hex, "2000", "B1"),
    )
    before = everything()
    found = tried(content)
    assert everything() == before
    told = [(line["outcome"], line["does"]) for line in found["lines"]]
    assert told == [
        ("applied", "settled"),
        ("amount", ""),
        ("unknown", ""),
        ("applied", "returned"),  # upon the first line of the same file
        ("repeated", ""),
        ("duplicate", ""),
    ]
    assert found["lines"][1]["ours"] == "2000"
    assert "SOMEBODY" not in str(found["lines"][2]["reference"])
    assert found["taken_over_at"] is None
    # Taking the file over does just that.
    counts = taken_over(content).counts
    assert counts == found["counts"]
    again = tried(content)
    assert again["taken_over_at"] is not None
    assert not any(line["does"] for line in again["lines"])


def test_a_group_that_is_refused_is_told_item_by_item_without_those_answered_before() -> None:
    redeem(1000)
    redeem(2000)
    batch = sent_batch()
    first, _second = batch.items.order_by("number")
    for content in (pain002(batch, {}, group="RJCT"), pain002(batch, {first: "ACSC"})):
        found = tried(content)
        assert RailImport.objects.count() == 0
        assert found["counts"].get("failed", 0) == (2 if b"RJCT" in content else 0)
    content = pain002(batch, {first: "ACSC"}, group="RJCT")
    found = tried(content)
    counts = taken_over(content).counts
    assert counts == found["counts"]


def test_many_lines_are_looked_up_together() -> None:
    first, _second = two_items()
    lines = [entry(first.uid.hex, "1000", f"B{number}") for number in range(1500)]
    with CaptureQueriesContext(
        connection,
    ) as few:
        found = tried(camt053(*lines))
    assert len(few) < 20
    assert (len(found["lines"]), found["more"]) == (1000, True)
    assert found["counts"]["known"] == 1499


def test_csv_of_another_rail_is_tried_as_well() -> None:
    redeem(500, rail="transit", destination="1010555020261122", asset="DURE")
    (item,) = sent_batch("transit", "DURE").items.all()
    row = (item.uid.hex, "T1", "failed", "", "NO-CARD", "2026-11-23")
    found = tried(result(row), "transit")
    assert [line["does"] for line in found["lines"]] == ["failed"]
    assert {each.value for each in EventOutcome} >= {line["outcome"] for line in found["lines"]}


@pytest.mark.parametrize(
    ("content", "rail", "code"),
    [
        (b"<a/>", "bank", "rail-answer-unreadable"),
        (b"x" * (5 * 1024 * 1024 + 1), "bank", "rail-answer-too-large"),
        (b"uid", "transit", "rail-answer-unreadable"),
        (b"", "fund", "invalid-request"),
    ],
)
def test_a_file_that_is_none_is_refused_as_when_it_is_taken_over(
    content: bytes, rail: str, code: str
) -> None:
    with pytest.raises(Problem) as refusal:
        tried(content, rail)
    with pytest.raises(Problem) as same:
        import_answer(acting=cast.actor(cast.kang()), rail=rail, content=content)
    assert refusal.value.kind.code == same.value.kind.code == code


def test_the_api_and_the_page_tell_it_and_only_to_operators(client: Client) -> None:
    first, second = two_items()
    content = camt053(entry(first.uid.hex, "1000", "B1"), entry(second.uid.hex, "1", "B2"))

    def file() -> SimpleUploadedFile:
        return SimpleUploadedFile("stmt.xml", content)

    for person in (cast.mina(), cast.seo()):
        answer = cast.api(person).post(ADDRESS, {"rail": "bank", "file": file()}, "multipart")
        assert answer.status_code == 403
    answer = cast.api(cast.kang()).post(ADDRESS, {"rail": "bank", "file": file()}, "multipart")
    assert answer.status_code == 200, answer.content
    assert [line["outcome"] for line in answer.json()["lines"]] == ["applied", "amount"]
    cast.log_in(client, cast.kang())
    address = "/en/console/redemptions/answers/"
    page = client.post(address, {"rail": "bank", "file": file(), "do": "try"})
    text = page.content.decode()
    assert page.status_code == 200
    assert "Would be recorded: 1 paid, 0 refused, 0 returned." in text
    assert "1 line does not fit our books." in text
    assert "Another amount was sent." in text
    assert client.post(address, {"rail": "bank", "do": "try"}).status_code == 422
    assert RailImport.objects.count() == 0
    assert "A line differs from what was sent." in text
    done = client.post(address, {"rail": "bank", "file": file()}, follow=True).content.decode()
    assert "Nothing is done yet. A second person has to agree to this file." in done
    assert "You brought this answer." in done
    assert "Would be recorded: 1 paid, 0 refused, 0 returned." in done
    waits = RailImport.objects.get()
    decision = f"{address}{waits.id}/decision/"
    assert client.post(decision).status_code == 403
    assert cast.log_in(Client(), cast.mina()).post(decision).status_code == 404
    other = cast.log_in(Client(), cast.lim())
    assert (
        "A colleague brought this answer." in other.get("/en/console/redemptions/").content.decode()
    )
    agreed = other.post(decision, follow=True).content.decode()
    assert "Applied: 1 paid, 0 refused, 0 returned." in agreed
    assert "1 line does not fit our books." in agreed
    assert other.post(decision, {"do": "discard"}).status_code == 422
    assert (
        "taken over before"
        in client.post(address, {"rail": "bank", "file": file(), "do": "try"}).content.decode()
    )

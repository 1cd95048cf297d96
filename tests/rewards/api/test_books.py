"""A treasurer's month over HTTP: read, taken out, closed; others are refused."""

from __future__ import annotations

import csv
import json
from datetime import datetime
from io import StringIO

import pytest
import time_machine

from governance.models import LogEntry
from rewards.ledger.statements import ZONE
from rewards.models import ClosedPeriod
from tests import cast
from tests.rewards.money import pay, wallet

BOOKS = "/api/v1/books/"
SUMMER = datetime(2026, 8, 20, 12, tzinfo=ZONE)
AUTUMN = datetime(2026, 10, 5, 12, tzinfo=ZONE)

pytestmark = pytest.mark.django_db


def two_months() -> None:
    """Ten tokens to Mina in August; three of them to Joon in October."""
    with time_machine.travel(SUMMER):
        mina = wallet(cast.mina(), 10)
        cast.kang(), cast.lim()
    with time_machine.travel(AUTUMN):
        pay(mina, wallet(cast.joon()), 3)


@pytest.mark.parametrize("address", ["", "2026-10/", "2026-10.csv"])
def test_nobody_but_staff_reads(address: str) -> None:
    assert cast.api().get(BOOKS + address).status_code == 401
    for person in (cast.charlie(), cast.mina(), cast.seo()):
        assert cast.api(person).get(BOOKS + address).status_code == 403


def test_nobody_but_operators_close() -> None:
    assert cast.api().post(f"{BOOKS}2026-08/closing/").status_code == 401
    for person in (cast.charlie(), cast.mina(), cast.seo()):
        assert cast.api(person).post(f"{BOOKS}2026-08/closing/").status_code == 403
    assert not ClosedPeriod.objects.exists()


def test_a_month_is_read_closed_and_stays_as_it_was() -> None:
    two_months()
    with time_machine.travel(AUTUMN):
        kang = cast.api(cast.kang())
        months = kang.get(BOOKS).json()["results"]
        assert [(month["month"], month["state"]) for month in months] == [
            ("2026-10", "running"),
            ("2026-09", "open"),
            ("2026-08", "open"),
        ]
        august = kang.get(f"{BOOKS}2026-08/").json()
        assert august["sums"] == {"DURE": "0"}
        assert [(line["kind"], line["out"], line["into"]) for line in august["trial_balance"]] == [
            ("issuance", "-10", "0"),
            ("wallet", "0", "10"),
        ]
        assert kang.post(f"{BOOKS}2026-10/closing/").status_code == 409
        closed = kang.post(f"{BOOKS}2026-09/closing/").json()
        assert closed["state"] == "closed"
        assert closed["trial_balance"] == august["trial_balance"]
        assert kang.post(f"{BOOKS}2026-09/closing/").json() == closed
        assert LogEntry.objects.filter(kind="period.closed").count() == 1
        months = kang.get(BOOKS).json()["results"]
        assert [month["state"] for month in months] == ["running", "closed", "closed"]
        (wallets,) = (
            line
            for line in kang.get(f"{BOOKS}2026-10/").json()["trial_balance"]
            if line["kind"] == "wallet"
        )
        assert (wallets["out"], wallets["into"], wallets["balance"]) == ("-3", "13", "10")


@pytest.mark.parametrize("month", ["2026-07", "2026-12", "2026-13", "august", "2026-8", "0000-01"])
def test_a_month_that_is_not_there_is_not_found(month: str) -> None:
    two_months()
    with time_machine.travel(AUTUMN):
        kang = cast.api(cast.kang())
        for address in (f"{month}/", f"{month}.csv"):
            answer = kang.get(BOOKS + address)
            assert answer.status_code == 404
            assert answer["Content-Type"] == "application/problem+json"
        assert kang.post(f"{BOOKS}{month}/closing/").status_code in (404, 409)
        assert kang.get(f"{BOOKS}2026-10.pdf").status_code == 404
        assert not ClosedPeriod.objects.exists()


def test_a_month_is_taken_out_without_names_and_the_log_says_by_whom() -> None:
    two_months()
    with time_machine.travel(AUTUMN):
        answer = cast.api(cast.lim()).get(f"{BOOKS}2026-10.csv")
    text = answer.getvalue().decode()
    assert answer["Content-Disposition"] == 'attachment; filename="dure-2026-10.csv"'
    assert [row["amount"] for row in csv.DictReader(StringIO(text))] == ["-3", "3"]
    assert cast.mina().name not in text
    leaf = json.loads(bytes(LogEntry.objects.get(kind="books.exported").body))
    assert leaf["payload"] == {"month": "2026-10", "format": "csv"}

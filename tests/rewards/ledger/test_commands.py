"""The books from a terminal: accepted by other people's book-keeping, closed and summed up."""

from __future__ import annotations

import csv
import shutil
import subprocess
from io import StringIO

import pytest
from beancount import loader
from beancount.core.data import Transaction
from django.core.management import CommandError, call_command

from dure.core.clock import now
from governance.models import LogEntry
from rewards.ledger.services import reverse
from rewards.ledger.statements import ZONE
from rewards.models import ClosedPeriod
from tests import cast
from tests.rewards.ledger.bulk import people, shared
from tests.rewards.money import CLERK, pay, wallet

pytestmark = pytest.mark.django_db


def told(command: str, *arguments: str) -> str:
    text = StringIO()
    call_command(command, *arguments, stdout=text)
    return text.getvalue()


def some_books() -> None:
    """Payments, a reversal, two assets and a share that is taken into its balance."""
    mina, joon = wallet(cast.mina(), 10), wallet(cast.joon(), 3)
    reverse(acting=CLERK, transfer_id=pay(mina, joon, 4), reason="wrong-account")
    first, second = people(2)
    shared({first: 1, second: 2}, 9)
    pay(second, first, 1)


def test_beancount_accepts_the_books_and_finds_the_same_balances() -> None:
    some_books()
    entries, errors, _options = loader.load_string(told("export_books", "--format", "beancount"))
    assert errors == []
    transfers = [entry for entry in entries if isinstance(entry, Transaction)]
    postings = [posting for transfer in transfers for posting in transfer.postings]
    total = sum(
        posting.units.number or 0
        for posting in postings
        if posting.units and posting.account.startswith("Assets:Wallet")
    )
    assert (len(entries) > 8, total) == (True, 10 + 3 + 9)


@pytest.mark.skipif(shutil.which("hledger") is None, reason="hledger is not installed")
def test_hledger_accepts_the_books() -> None:
    some_books()
    text = told("export_books", "--format", "hledger")
    done = subprocess.run(
        ["hledger", "-f", "-", "check"], input=text, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_csv_holds_one_month_and_hides_names() -> None:
    some_books()
    month = f"{now().astimezone(ZONE):%Y-%m}"
    rows = list(csv.DictReader(StringIO(told("export_books", "--format=csv", "--period", month))))
    assert len(rows) > 10
    assert "Mina" not in str(rows)
    assert told("export_books", "--format=csv", "--period", "2001-01").count("\n") == 1
    with pytest.raises(CommandError, match="2026-11"):
        told("export_books", "--period", "soon")


def test_the_trial_balance_sums_to_zero() -> None:
    some_books()
    lines = [line.split("\t") for line in told("trial_balance").splitlines()]
    assert [line[-1] for line in lines if line[1] == "sum"] == ["0", "0"]
    assert ["KRW", "wallet", "-", "-1", "10", "9"] in lines
    assert told("trial_balance", "--period", "2001-01") == ""
    with pytest.raises(CommandError, match="2026-11"):
        told("trial_balance", "--period", "soon")


def test_a_month_is_closed_by_an_operator_and_the_log_says_so() -> None:
    some_books()
    email = cast.kang().email
    said = told("close_period", "2026-09", "--as", email)
    assert ClosedPeriod.objects.get().trial_balance_sha256 in said
    assert told("close_period", "2026-09", "--as", email) == said
    assert LogEntry.objects.filter(kind="period.closed").count() == 1
    with pytest.raises(CommandError, match="cannot be closed"):
        told("close_period", "2999-01", "--as", email)
    with pytest.raises(CommandError, match="may not"):
        told("close_period", "2026-08", "--as", cast.charlie().email)

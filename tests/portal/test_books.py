"""The books on the console: a month is read, taken out and closed without a terminal."""

from __future__ import annotations

import pytest
import time_machine
from django.test import Client

from rewards.ledger.accounts import open_accounts
from rewards.models import ClosedPeriod
from rewards.wallet.services import fund_key
from tests import cast
from tests.rewards.api.test_books import AUTUMN, two_months
from tests.rewards.money import pay, wallet

BOOKS = "/en/console/books/"

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("address", ["", "2026-10/", "2026-10/files/csv/"])
def test_the_pages_do_not_exist_for_others(address: str) -> None:
    assert Client().get(BOOKS + address)["Location"].startswith("/en/login/")
    for person in (cast.mina(), cast.charlie(), cast.seo()):
        assert cast.log_in(Client(), person).get(BOOKS + address).status_code == 404


def test_others_cannot_close() -> None:
    assert cast.log_in(Client(), cast.mina()).post(f"{BOOKS}2026-08/closing/").status_code == 404


def test_kang_reads_takes_out_and_closes_a_month() -> None:
    two_months()
    with time_machine.travel(AUTUMN):
        kang = cast.log_in(Client(), cast.kang())
        page = kang.get(BOOKS).content.decode()
        assert "Books, October 2026" in page
        assert "The month is not over" in page
        assert "Close the books of" not in page
        page = kang.get(f"{BOOKS}2026-09/").content.decode()
        assert "These months are closed with it: August 2026." in page
        assert "Close the books of September 2026" in page
        files = kang.get(f"{BOOKS}2026-10/files/hledger/")
        assert b"Assets:Wallet" in files.getvalue()
        assert kang.get(f"{BOOKS}2026-10/files/pdf/").status_code == 404
        done = kang.post(f"{BOOKS}2026-09/closing/", follow=True).content.decode()
        assert "The books of September 2026 are closed" in done
        assert ClosedPeriod.objects.get().trial_balance_sha256 in done
        assert "Close the books of" not in done
        assert "together with a later month" in kang.get(f"{BOOKS}2026-08/").content.decode()


def test_what_was_given_to_a_neighbourhood_fund_stands_under_its_name() -> None:
    two_months()
    with time_machine.travel(AUTUMN):
        fund = fund_key("DURE", "11320")
        pay(wallet(cast.mina()), open_accounts(wanted=[fund])[fund], 2)
        page = cast.log_in(Client(), cast.kang()).get(BOOKS).content.decode()
        assert "Neighbourhood funds: Dobong-gu" in page


def test_a_month_that_runs_is_not_closed_and_one_before_the_first_is_not_there() -> None:
    two_months()
    with time_machine.travel(AUTUMN):
        kang = cast.log_in(Client(), cast.kang())
        refused = kang.post(f"{BOOKS}2026-10/closing/")
        assert refused.status_code == 409
        assert "Close a month that is over" in refused.content.decode()
        for month in ("2026-07", "2026-11", "soon"):
            assert kang.get(f"{BOOKS}{month}/").status_code == 404
            assert kang.post(f"{BOOKS}{month}/closing/").status_code == 404
        assert not ClosedPeriod.objects.exists()


def test_the_page_speaks_korean() -> None:
    two_months()
    with time_machine.travel(AUTUMN):
        page = cast.log_in(Client(), cast.kang()).get("/console/books/").content.decode()
    assert "2026년 10월 장부" in page
    assert "시산표" in page

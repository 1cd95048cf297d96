"""Statements: equal to the ledger to the sub-unit, nothing mixed, the same bytes again."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.db.models import Sum
from django.test import Client
from django.utils import translation

from dure.core.clock import CITY_ZONE, now
from dure.core.money import SUB_UNITS, parse_amount
from rewards.ledger.accounts import find_accounts, wallet_key
from rewards.ledger.selectors import posted
from rewards.models import Entry
from rewards.treasury.rules import EXAMPLE_WITHHOLDING
from rewards.treasury.services import approve_rule, propose_rule
from rewards.wallet.services import (
    reverse_redemption,
    tax_key,
)
from rewards.wallet.statement import statement_document, tax_document
from rewards.wallet.statement_files import statement_csv, statement_pdf
from tests import cast
from tests.rewards.money import issuance, pay, wallet
from tests.rewards.rails.payouts import redeem, settled

pytestmark = pytest.mark.django_db


def this_month() -> str:
    return f"{now().astimezone(CITY_ZONE):%Y-%m}"


def units(text: str) -> int:
    return parse_amount(text.removeprefix("-")) * (-1 if text.startswith("-") else 1)


def section(month: str, asset: str = "KRW") -> dict[str, Any]:
    document = statement_document(cast.mina().party_id, month)
    return next({**each} for each in document["sections"] if each["asset"] == asset)


def tax_rule() -> None:
    kang, lim = cast.actor(cast.kang()), cast.actor(cast.lim())
    rule = propose_rule(acting=kang, subject="withholding", document=EXAMPLE_WITHHOLDING)
    approve_rule(acting=lim, rule_id=rule.id)


def test_a_statement_is_the_ledger_to_the_sub_unit() -> None:
    account = wallet(cast.mina(), 500, "KRW")
    pay(issuance("KRW"), account, 7)
    paid, _open = redeem(100), redeem(40)
    settled(paid)
    found = section(this_month())
    total = Entry.objects.filter(account_id=account).aggregate(total=Sum("amount"))["total"]
    assert units(found["closing"]) == total == posted(wallet_key(cast.mina().party_id, "KRW"))
    assert units(found["opening"]) + units(found["into"]) + units(found["out"]) == total
    running = units(found["opening"])
    for line in found["lines"]:
        running += units(line["amount"])
        assert units(line["balance"]) == running
    assert running == total
    apart = [found[name] for name in ("pending", "confirmed", "held", "paid")]
    assert apart == ["0", "507", "40", "100"]
    assert units(found["confirmed"]) + units(found["held"]) == total


def test_months_are_those_of_the_city_also_at_a_leap_day() -> None:
    last = datetime(2028, 2, 29, 14, 59, 59, tzinfo=UTC)
    with time_machine.travel(last, tick=False):
        wallet(cast.mina(), 1, "KRW")
    with time_machine.travel(datetime(2028, 2, 29, 15, 0, 0, tzinfo=UTC), tick=False):
        pay(issuance("KRW"), wallet(cast.mina(), asset="KRW"), 2)
    assert (section("2028-02")["closing"], section("2028-03")["opening"]) == ("1", "1")
    assert section("2028-03")["closing"] == "3"


def test_a_past_month_reads_the_same_after_what_came_later() -> None:
    with time_machine.travel(datetime(2026, 9, 10, tzinfo=UTC), tick=False):
        redemption = redeem(100)
    before = statement_document(cast.mina().party_id, "2026-09")
    pdf, table = statement_pdf(before), statement_csv(before)
    assert section("2026-09")["held"] == "100"
    settled(redemption)
    wallet(cast.mina(), 9, "KRW")
    after = statement_document(cast.mina().party_id, "2026-09")
    assert (after["complete"], after) == (True, before)
    assert (statement_pdf(after), statement_csv(after)) == (pdf, table)


def test_tax_is_withheld_owed_and_shown_and_comes_back_with_the_payment() -> None:
    tax_rule()
    redemption = redeem(100_000)
    assert redemption.tax == 22_000 * SUB_UNITS
    assert redeem(50_000).tax == 0
    assert redeem(100_000, rail="fund", destination="11320").tax == 0
    settled(redemption)
    assert posted(tax_key("KRW")) == 22_000 * SUB_UNITS
    shown = cast.api(cast.mina()).get(f"/api/v1/redemptions/{redemption.id}/").json()
    assert (shown["amount"], shown["tax"], shown["pays"]) == ("100000", "22000", "78000")
    assert section(this_month())["withheld_in_year"] == "22000"
    year = now().astimezone(CITY_ZONE).year
    (summary,) = tax_document(cast.mina().party_id, year)["assets"]
    assert (summary["amount"], summary["withheld"], summary["paid"]) == (
        "200000",
        "22000",
        "178000",
    )
    for person in (cast.kang(), cast.lim()):
        acting = cast.actor(person)
        reverse_redemption(acting=acting, redemption_id=redemption.id, reason="closed")
    assert posted(tax_key("KRW")) == 0
    assert section(this_month())["withheld_in_year"] == "0"
    (summary,) = tax_document(cast.mina().party_id, year)["assets"]
    assert (summary["amount"], summary["withheld"]) == ("100000", "0")


def test_the_csv_holds_every_line_and_no_formula() -> None:
    wallet(cast.mina(), 5, "KRW")
    content = statement_csv(statement_document(cast.mina().party_id, this_month()))
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert [row["row"] for row in rows] == [
        "opening",
        "line",
        "closing",
        "pending",
        "confirmed",
        "held",
        "paid",
    ]
    cells = [cell for row in rows for cell in row.values() if cell]
    assert not [cell for cell in cells if cell[0] in "=+@" or cell[:2] == "-="]


def test_the_pdf_is_made_of_the_projects_own_font_in_both_languages() -> None:
    wallet(cast.mina(), 5, "KRW")
    document = statement_document(cast.mina().party_id, this_month())
    made = {}
    for language in ("ko", "en"):
        with translation.override(language):
            made[language] = statement_pdf(document)
            assert made[language] == statement_pdf(document)
    assert made["ko"] != made["en"]
    for content in made.values():
        assert content.startswith(b"%PDF-")
        fonts = set(re.findall(rb"/BaseFont\s*/[A-Z]{6}\+([A-Za-z-]+)", content))
        assert fonts <= {b"Dure-Sans-Regular", b"Dure-Sans-Bold"}


def test_statements_are_their_owners_only() -> None:
    account = wallet(cast.mina(), 5, "KRW")
    assert account in find_accounts(wanted=[wallet_key(cast.mina().party_id, "KRW")]).values()
    mina, charlie = cast.api(cast.mina()), cast.api(cast.charlie())
    month, party = this_month(), cast.mina().party_id
    for address in (f"statement/{month}/", f"statement/{month}.pdf", f"statement/{month}.csv"):
        assert mina.get(f"/api/v1/wallet/{address}").status_code == 200
        assert cast.api().get(f"/api/v1/wallet/{address}").status_code == 401
        assert charlie.get(f"/api/v1/wallet/{address}?party={party}").status_code == 404
    assert mina.get("/api/v1/wallet/tax/2026/").status_code == 200
    assert charlie.get(f"/api/v1/wallet/tax/2026/?party={party}").status_code == 404
    for wrong in ("2026-13/", "2026-1/", "x/", f"{month}.xls"):
        assert mina.get(f"/api/v1/wallet/statement/{wrong}").status_code == 404


def test_the_page_offers_the_files() -> None:
    wallet(cast.mina(), 5, "KRW")
    client = cast.log_in(Client(), cast.mina())
    page = client.get(f"/en/wallet/statement/{this_month()}/").content.decode()
    links = re.findall(r'href="(/en/wallet/statement/[^"]+\.(?:pdf|csv)\?party=[^"]+)"', page)
    assert len(links) == 2
    stranger = cast.log_in(Client(), cast.charlie())
    for link in links:
        assert client.get(link).status_code == 200
        assert stranger.get(link).status_code == 404
        assert Client().get(link)["Location"].startswith("/en/login/")

"""A licence in the browser: the price first, the agreement to exactly it, the files once paid."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from dure.accounts.acting import Actor
from dure.accounts.roles import Role
from dure.accounts.services import grant_role
from dure.core.money import parse_amount
from governance.models import AccessNote
from rewards.licences.invoice import invoice_document, invoice_number, invoice_pdf
from rewards.licences.services import note_payment
from rewards.models import Licence
from tests import cast
from tests.contributions.conftest import _warm_engine
from tests.contributions.seoul import AIR
from tests.portal.test_data import built, contributed
from tests.rewards.money import paid_by_two

__all__ = ["_warm_engine"]

pytestmark = pytest.mark.django_db


def _asked(**changes: str) -> dict[str, str]:
    own = {
        "party": str(cast.hanbit().party_id),
        "purpose": "commercial",
        "people": "900",
        "turnover": "90000000",
        "balance": "80000000",
    }
    return {**own, **changes}


def test_what_several_fields_lack_names_each_of_them(client: Client) -> None:
    contributed()
    cast.log_in(client, cast.hana())
    sent = {**_asked(people="", turnover="", balance="7"), "step": "quote"}
    address = f"/en/data/{built('licensed').id}/licence/"
    page = client.post(address, sent).content.decode()
    summary = page[page.index('role="alert"') : page.index("<h1")]
    assert re.findall(r'<a href="#id_(\w+)">([^<:]+):', summary) == [
        ("people", "People employed"), ("turnover", "Turnover a year"),
    ]  # fmt: skip
    one = client.post(address, {**_asked(people=""), "step": "quote"}).content.decode()
    assert '<a href="#id_people">This field is required.</a>' in one


def test_hana_sees_the_price_agrees_pays_and_downloads(client: Client) -> None:
    contributed()
    release = built("licensed")
    address = f"/en/data/{release.id}/licence/"
    assert client.get(address)["Location"].startswith("/en/login/")
    cast.log_in(client, cast.hana())
    assert address in client.get(f"/en/data/{release.id}/").content.decode()
    shown = client.post(address, {**_asked(), "step": "quote"}).content.decode()
    total = re.search(r'name="total" value="([0-9.]+)"', shown)
    assert total is not None
    assert "Preparing the data" in shown
    assert not Licence.objects.exists()
    stale = client.post(address, {**_asked(), "step": "agree", "total": "1"})
    assert stale.status_code == 422
    assert not Licence.objects.exists()
    made = client.post(address, {**_asked(), "step": "agree", "total": total[1]})
    licence = Licence.objects.get()
    assert made["Location"] == f"/en/licences/{licence.id}/"
    assert licence.party_id == cast.hanbit().party_id
    unpaid = client.get(made["Location"]).content.decode()
    assert "How to pay" in unpaid
    assert "/files/" not in unpaid
    paid_by_two(licence.id)
    files = re.findall(r'href="(/api/v1/releases/[^"]+/files/data\.csv)"',
                       client.get(made["Location"]).content.decode())  # fmt: skip
    assert client.get(files[0]).status_code == 200
    assert f"/licences/{licence.id}/" in client.get("/en/firm/licences/").content.decode()
    cast.log_in(client, cast.charlie())
    assert client.get(made["Location"]).status_code == 404
    assert f"/licences/{licence.id}/" not in client.get("/en/licences/").content.decode()
    assert client.get(files[0]).status_code == 403


def test_a_list_of_licences_asks_no_more_for_more_of_them(client: Client) -> None:
    contributed()
    address = f"/en/data/{built('licensed').id}/licence/"
    cast.log_in(client, cast.hana())
    asked: list[int] = []
    for licences in (1, 3):
        for more in range(Licence.objects.count(), licences):
            own = _asked(people=f"{900 + more}")
            shown = client.post(address, {**own, "step": "quote"}).content.decode()
            total = re.search(r'name="total" value="([0-9.]+)"', shown)
            assert total is not None
            client.post(address, {**own, "step": "agree", "total": total[1]})
        client.get("/en/licences/")
        with CaptureQueriesContext(connection) as queries:
            page = client.get("/en/licences/").content.decode()
        assert page.count('href="/en/licences/') >= licences
        asked.append(len(queries))
    assert asked[0] == asked[1]


def test_where_people_decide_by_name_a_firm_that_nobody_named_is_told_so(client: Client) -> None:
    lab = {"key": "han-lab", "name": {"ko": "한강연구소", "en": "Han Lab"}}
    contributed(purposes=[{**AIR["purposes"][0], "recipients": [lab]}])
    address = f"/en/data/{built('licensed').id}/licence/"
    cast.log_in(client, cast.hana())
    for step in ("quote", "agree"):
        answer = client.post(address, {**_asked(), "step": step, "total": "1"})
        assert answer.status_code == 422
        assert "Nobody’s records may reach this licensee" in answer.content.decode()
    assert not Licence.objects.exists()


def _firm(number: int, **firm: str) -> dict[str, str]:
    return {f"others-{number}-{name}": value for name, value in firm.items()}


def test_linked_firms_count_and_are_kept_until_the_agreement(client: Client) -> None:
    contributed()
    address = f"/en/data/{built('licensed').id}/licence/"
    cast.log_in(client, cast.hana())
    small = _asked(people="20", turnover="1000000", balance="1000000")
    rows = {"others-TOTAL_FORMS": "2", "others-INITIAL_FORMS": "0"}
    linked = _firm(0, people="900", turnover="90000000", balance="80000000", share="60")

    def price(sent: dict[str, str]) -> str:
        shown = client.post(address, {**sent, "step": "quote"}).content.decode()
        found = re.search(r'name="total" value="([0-9.]+)"', shown)
        assert found is not None
        return found[1]

    alone, with_two_empty_rows = price(small), price({**small, **rows})
    together = price({**small, **rows, **linked})
    assert float(alone) == float(with_two_empty_rows) < float(together)
    half = {**small, **rows, **_firm(0, people="900")}
    assert client.post(address, {**half, "step": "quote"}).status_code == 422
    sent = {**small, **rows, **linked, "step": "agree", "total": together}
    assert client.post(address, {**sent, "total": alone}).status_code == 422
    client.post(address, sent)
    assert Licence.objects.get().quote["reduced"] is False


def test_a_second_click_agrees_to_nothing_more_and_the_page_keeps_what_was_told(
    client: Client,
) -> None:
    contributed()
    cast.log_in(client, cast.hana())
    address = f"/en/data/{built('licensed').id}/licence/"
    named = {"people": "3", "turnover": "5", "balance": "7", "share": "30.5"}
    others = {"others-TOTAL_FORMS": "1", "others-INITIAL_FORMS": "0"}
    others |= {f"others-0-{name}": value for name, value in named.items()}
    shown = client.post(address, {**_asked(), **others, "step": "quote"}).content.decode()
    (total,) = re.findall(r'name="total" value="([0-9.]+)"', shown)
    sent = {**_asked(), **others, "step": "agree", "total": total}
    first, second = client.post(address, sent), client.post(address, sent)
    assert first["Location"] == second["Location"]
    assert Licence.objects.count() == 1
    page = client.get(first["Location"]).content.decode()
    told = re.sub(r"<[^>]+>", " ", page[page.index("licensee declared") : page.index("</details>")])
    assert re.findall(r"[\d.,]+", told) == [
        "900", "90,000,000", "80,000,000", "1", "30.5", "3", "5", "7",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "changes",
    [
        {"people": "-1"}, {"people": "many"}, {"people": "1" * 30}, {"purpose": "spying"},
        {"party": "00000000-0000-0000-0000-000000000000"}, {"party": "x"}, {"turnover": ""},
    ],
)  # fmt: skip
def test_what_cannot_be_priced_is_refused_with_the_field(
    client: Client, changes: dict[str, str]
) -> None:
    contributed()
    address = f"/en/data/{built('licensed').id}/licence/"
    cast.log_in(client, cast.hana())
    answer = client.post(address, {**_asked(**changes), "step": "agree", "total": "0"})
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.content.decode()
    assert not Licence.objects.exists()


def _agreed(client: Client) -> Licence:
    """Hana has agreed to a licence in the name of Hanbit."""
    contributed()
    address = f"/en/data/{built('licensed').id}/licence/"
    cast.log_in(client, cast.hana())
    shown = client.post(address, {**_asked(), "step": "quote"}).content.decode()
    total = re.search(r'name="total" value="([0-9.]+)"', shown)
    assert total is not None
    client.post(address, {**_asked(), "step": "agree", "total": total[1]})
    return Licence.objects.get()


def test_the_invoice_says_on_the_page_and_in_the_pdf_what_was_agreed(client: Client) -> None:
    licence = _agreed(client)
    number = invoice_number(licence)
    page = client.get(f"/en/licences/{licence.id}/").content.decode()
    assert f"/en/licences/{licence.id}/invoice/" in page
    assert number in page
    for language, words in (("/en", "To be paid"), ("", "납부 대기")):
        shown = client.get(f"{language}/licences/{licence.id}/invoice/").content.decode()
        assert number in shown
        assert words in shown
        pdf = client.get(f"{language}/licences/{licence.id}/invoice.pdf")
        assert (pdf["Content-Type"], pdf.content[:5]) == ("application/pdf", b"%PDF-")
        assert f"{number}.pdf" in pdf["Content-Disposition"]
        assert client.get(f"{language}/licences/{licence.id}/invoice.pdf").content == pdf.content
        where = {"/en": "110 Sejong-daero, Jung-gu, Seoul", "": "서울특별시 중구 세종대로 110"}
        assert where[language] in shown
    document = invoice_document(licence)
    lines = sum(parse_amount(line["amount"]) for line in document["lines"])
    assert lines == parse_amount(document["total"]) == licence.total
    with override("ko"):
        unpaid = invoice_pdf(licence)
        paid_by_two(licence.id)
        licence.refresh_from_db()
        assert invoice_pdf(licence) != unpaid
    assert 'class="tag good"' in client.get(f"/en/licences/{licence.id}/invoice/").content.decode()
    for stranger in (cast.mina, cast.charlie, cast.seo):
        cast.log_in(client, stranger())
        assert client.get(f"/en/licences/{licence.id}/invoice/").status_code == 404
        assert client.get(f"/en/licences/{licence.id}/invoice.pdf").status_code == 404
    client.logout()
    assert client.get(f"/en/licences/{licence.id}/invoice/").status_code == 302


def test_kang_notes_the_payment_that_has_arrived_and_lim_confirms_it_once(client: Client) -> None:
    licence = _agreed(client)
    address = f"/en/console/licences/{licence.id}/payment/"
    for nobody in (cast.hana, cast.mina, cast.seo):
        cast.log_in(client, nobody())
        assert client.get("/en/console/licences/").status_code == 404
        assert client.post(address).status_code == 404
    cast.log_in(client, cast.kang())
    queue = client.get("/en/console/licences/").content.decode()
    assert f"Payment of {invoice_number(licence)} has arrived" in queue
    invoice = client.get(f"/en/licences/{licence.id}/invoice/").content.decode()
    assert 'href="/en/console/licences/"' in invoice
    assert 'href="/en/licences/"' not in invoice
    own = client.get("/en/licences/").content.decode()
    assert "Neither you nor your organisations have a licence yet." in own
    assert "/en/console/licences/" in client.get("/en/console/").content.decode()
    assert AccessNote.objects.filter(party=licence.party_id, what="licence").count() == 1
    assert client.post(address)["Location"] == "/en/console/licences/"
    licence.refresh_from_db()
    assert licence.paid_at is None
    queue = client.get("/en/console/licences/").content.decode()
    assert "Another person has to confirm it" in queue
    assert client.post(address).status_code == 422
    cast.log_in(client, cast.lim())
    queue = client.get("/en/console/licences/").content.decode()
    assert f"Confirm the payment of {invoice_number(licence)}" in queue
    assert client.post(address)["Location"] == "/en/console/licences/"
    licence.refresh_from_db()
    assert licence.paid_at is not None
    queue = client.get("/en/console/licences/").content.decode()
    assert "No licence waits" in queue
    assert "Equal share per person" in queue
    assert f"/en/licences/{licence.id}/invoice/" in queue
    assert client.post(address).status_code == 422
    grant_role(acting=Actor.system("tests"), person=cast.seo(), role=Role.APPROVER)
    cast.log_in(client, cast.seo())
    queue = client.get("/en/console/licences/").content.decode()
    assert invoice_number(licence) in queue
    assert "/invoice/" not in queue, "who only approves may not read it"
    cast.log_in(client, cast.lim())
    unknown = "00000000-0000-4000-8000-000000000000"
    assert client.post(f"/en/console/licences/{unknown}/payment/").status_code == 404


def test_a_firm_tells_its_size_in_won_and_reads_the_limits_in_both(client: Client) -> None:
    contributed()
    address = f"/en/data/{built('licensed').id}/licence/"
    cast.log_in(client, cast.hana())
    page = client.get(address).content.decode()
    assert "50,000,000 euro (80,000,000,000 won)" in page
    assert "43,000,000 euro (68,800,000,000 won)" in page
    assert "1,600 won for 1 euro on 2 November 2026 (an example, not a published rate)" in page
    korean = client.get(address.removeprefix("/en")).content.decode()
    assert "5,000만유로 (800억원)" in korean
    assert "example" not in korean.partition("</form>")[0].partition("<main")[2]
    small = {"people": "10", "turnover": "80000000000", "balance": "68800000001"}
    said = {**_asked(**small), "step": "quote"}
    reduced = "Reduced to the direct costs"
    assert reduced in client.post(address, {**said, "currency": "KRW"}).content.decode()
    assert reduced not in client.post(address, {**said, "currency": "EUR"}).content.decode()
    over = {**said, "currency": "KRW", "turnover": "80000000001"}
    assert reduced not in client.post(address, over).content.decode()
    marked = {**said, "currency": "KRW", "turnover": "80,000,000,000", "balance": "68 800 000 000"}
    assert reduced in client.post(address, marked).content.decode()
    wrong = client.post(address, {**said, "people": "<b>ten</b>"})
    assert (wrong.status_code, b"Enter a whole number." in wrong.content) == (422, True)
    assert client.post(address, {**said, "currency": "USD"}).status_code == 422


def test_one_price_that_was_shown_leads_to_one_licence_however_often_it_is_agreed_to(
    client: Client,
) -> None:
    """A double click, or a step back and the button once more: a second invoice was made."""
    contributed()
    address = f"/en/data/{built('licensed').id}/licence/"
    cast.log_in(client, cast.hana())
    shown = client.post(address, {**_asked(), "step": "quote"}).content.decode()
    hidden = dict(re.findall(r'name="(total|key)" value="([^"]+)"', shown))
    assert set(hidden) == {"total", "key"}
    sent = {**_asked(), "step": "agree", **hidden}
    places = {client.post(address, sent)["Location"] for _time in range(3)}
    assert len(places) == 1
    assert Licence.objects.count() == 1
    anew = client.post(address, {**_asked(), "step": "quote"}).content.decode()
    key = re.search(r'name="key" value="([^"]+)"', anew)
    assert key is not None
    again = {**sent, "key": key[1]}
    assert {client.post(address, again)["Location"]} == places, "the same is owed once"
    # Once its payment has arrived, who agrees anew wants another; the old page still leads to it.
    note_payment(acting=cast.actor(cast.kang()), licence_id=Licence.objects.get().id)
    later = client.post(address, {**_asked(), "step": "quote"}).content.decode()
    key = re.search(r'name="key" value="([^"]+)"', later)
    assert key is not None
    assert client.post(address, {**sent, "key": key[1]})["Location"] not in places
    assert {client.post(address, sent)["Location"]} == places

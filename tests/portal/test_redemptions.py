"""Using rewards through the portal: held once, said in words, and nobody else's."""

from __future__ import annotations

import re
from uuid import UUID

import pytest
from django.test import Client

from dure.accounts.acting import Actor
from dure.accounts.roles import Role
from dure.accounts.services import grant_role
from dure.core import sealing
from rewards.models import Redemption
from rewards.rails.lines import bank_account
from rewards.wallet.destinations import SEALED_AS
from rewards.wallet.selectors import destination_of, proposed_settlements
from rewards.wallet.services import return_redemption
from tests import cast
from tests.rewards import city
from tests.rewards.rails.payouts import settled

pytestmark = pytest.mark.django_db
WANTED = {"asset": "DURE", "amount": "2", "rail": "bank", "destination": "004:12345678901"}


@pytest.fixture
def client(client: Client) -> Client:
    """Mina, with a confirmed reward in her wallet."""
    call = city.published_call()
    city.contribution(call, cast.mina().party_id, city.dobong(3), accepted=3)
    cast.log_in(client, cast.kang()).post(f"/console/epochs/{city.SLUG}/closing/")
    epoch = re.search(r"/console/epochs/[0-9a-f-]{36}/", client.get("/console/").content.decode())
    assert epoch is not None
    cast.log_in(client, cast.lim()).post(f"{epoch[0]}approval/")
    return cast.log_in(client, cast.mina())


def form(client: Client) -> dict[str, str]:
    """Hidden fields of a fresh form."""
    page = client.get("/en/wallet/use/").content.decode()
    found = dict(re.findall(r'type="hidden" name="(key|party)" value="([^"]+)"', page))
    assert set(found) == {"key", "party"}
    return found


def test_a_form_sent_twice_holds_the_amount_once(client: Client) -> None:
    sent = {**form(client), **WANTED}
    for _time in range(2):
        assert client.post("/en/wallet/use/", sent)["Location"] == "/en/wallet/use/"
    assert Redemption.objects.count() == 1
    page = client.get("/en/wallet/use/").content.decode()
    assert "2 DURE is on its way." in page
    assert "Being paid out" in page
    assert "12345678901" not in page[page.index("Taken out so far") :]


def test_the_same_form_with_another_amount_is_refused_and_can_be_sent_anew(client: Client) -> None:
    sent = {**form(client), **WANTED}
    client.post("/en/wallet/use/", sent)
    answer = client.post("/en/wallet/use/", {**sent, "amount": "1"})
    assert answer.status_code == 422
    assert Redemption.objects.count() == 1
    assert f'name="key" value="{sent["key"]}"' not in answer.content.decode()


def test_a_bank_is_chosen_by_its_name_and_the_number_is_written_as_it_is(client: Client) -> None:
    wanted = {**WANTED, "bank": "088", "destination": "110-123-456789"}
    page = client.get("/en/wallet/use/").content.decode()
    assert '<option value="088">Shinhan Bank</option>' in page
    assert '<option value="088">신한은행</option>' in client.get("/wallet/use/").content.decode()
    assert client.post("/en/wallet/use/", {**form(client), **wanted}).status_code == 302
    held = Redemption.objects.get()
    target = sealing.unseal(owner=held.party_id, sealed=bytes(held.destination), context=SEALED_AS)
    assert bank_account(target.decode()) == ("088", "110123456789")


def test_a_number_without_its_bank_is_asked_for_the_bank(client: Client) -> None:
    sent = {**form(client), **WANTED, "destination": "110-1234-56789"}
    page = client.post("/en/wallet/use/", sent).content.decode()
    assert '<a href="#id_bank">Choose the bank of the account.</a>' in page
    assert 'value="110-1234-56789"' in page
    assert not Redemption.objects.exists()
    # A card has no bank.
    card = {**form(client), **WANTED, "rail": "transit", "destination": "1010123456789012"}
    answer = client.post("/en/wallet/use/", card)
    assert answer.status_code == 302


def test_a_gift_goes_to_a_fund_chosen_by_its_name(client: Client) -> None:
    page = client.get("/en/wallet/use/").content.decode()
    assert '<option value="11320">Dobong-gu</option>' in page
    assert '<option value="11320">도봉구</option>' in client.get("/wallet/use/").content.decode()
    gift = {**form(client), **WANTED, "rail": "fund", "destination": ""}
    answer = client.post("/en/wallet/use/", gift)
    assert answer.status_code == 422
    assert '<a href="#id_fund">Choose the fund that the gift is for.</a>' in answer.content.decode()
    assert client.post("/en/wallet/use/", {**gift, "fund": "11999"}).status_code == 422
    assert not Redemption.objects.exists()
    # Whatever stands in the field of the other ways is not where a gift goes.
    sent = {**gift, "fund": "11320", "destination": "1010123456789012"}
    assert client.post("/en/wallet/use/", sent).status_code == 302
    given = Redemption.objects.get()
    assert (given.state, destination_of(given)) == ("settled", "11320")


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("amount", "", "Enter an amount."),
        ("amount", "ten", "Enter the amount in digits."),
        ("amount", "-5", "Enter"),
        ("amount", "1.5", "Enter a whole amount"),
        ("amount", "999999999", "can be taken out now"),
        ("destination", "<b>x</b>", "has 8 to 16 digits"),
        ("destination", "", "Enter where the amount should go."),
        ("rail", "carrier-pigeon", "Select a valid choice"),
        ("asset", "GOLD", "Select a valid choice"),
        ("key", "tampered", "The form was out of date"),
    ],
)
def test_what_is_wrong_is_said_at_its_place_and_what_was_typed_stays(
    client: Client, field: str, value: str, said: str
) -> None:
    answer = client.post("/en/wallet/use/", {**form(client), **WANTED, field: value})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "<title>Error: Use rewards" in page
    assert said in page
    assert "<b>x</b>" not in page
    if field != "destination":
        assert 'value="004:12345678901"' in page
    assert not Redemption.objects.exists()


def test_nobody_takes_value_out_of_the_wallet_of_another(client: Client) -> None:
    own = form(client)
    answer = client.post("/en/wallet/use/", {**own, **WANTED, "party": str(cast.joon().party_id)})
    assert answer.status_code == 422
    stranger = cast.log_in(Client(), cast.charlie())
    stolen = {**own, **WANTED}
    assert stranger.post("/en/wallet/use/", stolen).status_code == 422
    assert Client().post("/wallet/use/", stolen)["Location"].startswith("/login/")
    assert not Redemption.objects.exists()


def test_what_came_back_says_so_with_the_reason(client: Client) -> None:
    client.post("/en/wallet/use/", {**form(client), **WANTED})
    found = Redemption.objects.get()
    return_redemption(
        acting=cast.actor(cast.kang()), redemption_id=found.id, reason="account <closed>"
    )
    page = client.get("/en/wallet/use/").content.decode()
    assert "Given back to your wallet" in page
    assert "account &lt;closed&gt;" in page


def test_a_statement_lists_the_month_and_belongs_to_its_person(client: Client) -> None:
    wallet = client.get("/en/wallet/").content.decode()
    link = re.search(r'href="(/en/wallet/statement/\d{4}-\d\d/\?party=[0-9a-f-]+)"', wallet)
    assert link is not None
    page = client.get(link[1]).content.decode()
    assert "Balance at the end of the month" in page
    assert "/why/" in page
    stranger = cast.log_in(Client(), cast.charlie())
    assert stranger.get(link[1]).status_code == 404
    assert client.get("/en/wallet/statement/2026-13/").status_code == 404
    assert "Nothing moved" in client.get("/en/wallet/statement/2001-01/").content.decode()
    assert UUID(link[1].rpartition("=")[2]) == cast.mina().party_id


def test_what_came_back_takes_two_operators(client: Client) -> None:
    client.post("/en/wallet/use/", {**form(client), **WANTED})
    found = Redemption.objects.get()
    queue = "/en/console/redemptions/"
    cast.log_in(client, cast.kang())
    settled(found)
    reversal = f"{queue}{found.id}/reversal/"
    said = client.post(reversal, {"reason": "closed <account>"}, follow=True).content.decode()
    assert "Proposed. A second person has to agree." in said
    assert "You proposed to give this back." in said
    # Two sessions of one person are one person.
    again = cast.log_in(Client(), cast.kang())
    assert again.post(reversal, {"reason": "closed <account>"}).status_code == 403
    found.refresh_from_db()
    assert found.state == "settled"
    other = cast.log_in(Client(), cast.lim())
    page = other.get(queue).content.decode()
    assert "A colleague proposed to give this back." in page
    assert "closed &lt;account&gt;" in page
    other.post(reversal, {"reason": "closed <account>"})
    found.refresh_from_db()
    assert (found.state, found.reason) == ("returned", "closed <account>")


def test_operators_pay_out_once_or_give_back_with_a_reason(client: Client) -> None:
    for amount in ("2", "1"):
        client.post("/en/wallet/use/", {**form(client), **WANTED, "amount": amount})
    large, small = Redemption.objects.order_by("-amount")
    queue = "/en/console/redemptions/"
    assert client.get(queue).status_code == 404
    assert client.post(f"{queue}{large.id}/settlement/").status_code == 404
    cast.log_in(client, cast.kang())
    assert "Mina" in client.get(queue).content.decode()
    paid = f"{queue}{large.id}/settlement/"
    assert client.post(paid, {"reference": "B-1"})["Location"] == queue
    page = client.get(queue).content.decode()
    assert "You proposed that this was paid." in page
    assert "Take the proposal back: Mina" in page
    assert client.post(paid, {"reference": "B-1"}).status_code == 403
    dropped = client.post(f"{queue}{large.id}/dropping/", {"said": "paid"}, follow=True)
    assert "The proposal is dropped. No money moved." in dropped.content.decode()
    again = client.post(f"{queue}{large.id}/dropping/", {"said": "paid"}, follow=True)
    assert "This proposal is not open any more." in again.content.decode()
    client.post(paid, {"reference": "B-1"})
    other = cast.log_in(Client(), cast.lim())
    page = other.get(queue).content.decode()
    assert "A colleague proposed that this was paid." in page
    assert 'name="reference" value="B-1"' in page
    assert other.post(paid, {"reference": "B-2"}).status_code == 422
    assert other.post(paid, {"reference": "B-1"})["Location"] == queue
    assert client.post(paid).status_code == 422
    assert client.post(f"{queue}{small.id}/return/", {"reason": " "}).status_code == 422
    client.post(f"{queue}{small.id}/return/", {"reason": "No such account"})
    large.refresh_from_db()
    small.refresh_from_db()
    assert (large.state, small.state) == ("settled", "returned")
    assert "Nothing waits to be paid out." in client.get(queue).content.decode()
    page = cast.log_in(client, cast.mina()).get("/en/wallet/use/").content.decode()
    assert "No such account" in page


def test_a_paste_that_is_too_long_is_not_cut_and_what_is_no_text_is_refused(client: Client) -> None:
    client.post("/en/wallet/use/", {**form(client), **WANTED})
    (held,) = Redemption.objects.all()
    step = f"/en/console/redemptions/{held.id}/"
    cast.log_in(client, cast.kang())
    page = client.post(f"{step}settlement/", {"reference": "B" * 81})
    assert page.status_code == 422
    assert f'<a href="#reference-{held.id}">Say it in at most 80' in page.content.decode()
    for path, typed in (("return", {"reason": "no\x00"}), ("settlement", {"reference": "B\x00"})):
        refused = client.post(f"{step}{path}/", typed)
        assert refused.status_code == 400
        assert "We could not understand the request" in refused.content.decode()
    held.refresh_from_db()
    assert (held.state, held.reason) == ("held", "")
    assert "You proposed" not in client.get("/en/console/redemptions/").content.decode()


def test_a_step_that_needs_somebody_else_says_so_on_the_page_of_its_button(client: Client) -> None:
    client.post("/en/wallet/use/", {**form(client), **WANTED})
    (held,) = Redemption.objects.all()
    queue = "/en/console/redemptions/"
    step, paid = f"{queue}{held.id}/settlement/", {"reference": "B-1"}
    before = f"http://testserver{queue}"
    cast.log_in(client, cast.kang()).post(step, paid)
    again = client.post(step, paid, headers={"referer": before}, follow=True)
    assert again.redirect_chain == [(queue, 302)]
    assert "Somebody else than the person who proposed it" in again.content.decode()
    # Seo also approves here, and does not operate.
    grant_role(acting=Actor.system("tests"), person=cast.seo(), role=Role.APPROVER)
    cast.log_in(client, cast.seo())
    other = client.post(step, paid, headers={"referer": before}, follow=True)
    assert other.redirect_chain == [(queue, 302)]
    assert "You may not do this" in other.content.decode()
    assert client.post(step, paid).status_code == 403
    # The page before was an answer to a form, so its address has none to go back to.
    before = f"http://testserver{queue}answers/"
    other = client.post(step, paid, headers={"referer": before}, follow=True)
    assert other.redirect_chain == [(f"{queue}answers/", 302), (queue, 302)]
    assert "You may not do this" in other.content.decode()


def test_who_agrees_to_what_was_taken_back_meanwhile_proposes_nothing(client: Client) -> None:
    """Lim's page still showed Kang's mistyped reference; agreeing said it anew, in Lim's name."""
    client.post("/en/wallet/use/", {**form(client), **WANTED, "amount": "2"})
    found = Redemption.objects.get()
    queue = "/en/console/redemptions/"
    paid = f"{queue}{found.id}/settlement/"
    cast.log_in(client, cast.kang())
    client.post(paid, {"reference": "B-1"})
    lim = cast.log_in(Client(), cast.lim())
    assert 'name="agreeing" value="1"' in lim.get(queue).content.decode()
    client.post(f"{queue}{found.id}/dropping/", {"said": "paid"})
    said = lim.post(paid, {"reference": "B-1", "agreeing": "1"})
    assert said.status_code == 422
    assert "taken back or declined meanwhile" in said.content.decode()
    assert not proposed_settlements([found])
    lim.post(f"{queue}{found.id}/return/", {"reason": "none", "agreeing": "1"})
    found.refresh_from_db()
    assert found.state == "held"


def test_what_is_being_paid_out_stays_in_sight_in_the_wallet(client: Client) -> None:
    """It was gone from what is confirmed and not yet among what is paid."""
    wallet = "/en/wallet/"
    assert "Being paid out" not in client.get(wallet).content.decode()
    client.post("/en/wallet/use/", {**form(client), **WANTED, "amount": "2"})
    page = client.get(wallet).content.decode()
    told = re.search(r"Being paid out: <strong>(.*?)</strong>", page)
    assert told is not None
    assert re.sub(r"<[^>]+>", "", told[1]) == "2 DURE"
    settled(Redemption.objects.get())
    assert "Being paid out" not in client.get(wallet).content.decode()

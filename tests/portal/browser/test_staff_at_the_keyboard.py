"""Staff who use no mouse, click twice, go back or were logged out meanwhile, in a real browser."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, expect

from dure.accounts.models import Person
from governance.models import Proposal
from rewards.epochs.services import close_epoch
from rewards.models import Epoch, EpochState, Transfer
from tests import cast
from tests.portal.browser.test_settlement_pages import log_in
from tests.rewards import city

pytestmark = pytest.mark.django_db(transaction=True)


def tab_to(page: Page, name: str) -> None:
    """Tab until the focus is on what has this name; it is always within sight."""
    for _press in range(120):
        page.keyboard.press("Tab")
        reached = page.evaluate(
            "() => { const e = document.activeElement, r = e.getBoundingClientRect();"
            " const label = e.getAttribute('aria-label') ?? e.labels?.[0]?.textContent"
            " ?? e.textContent; return [label.trim(), r.bottom > 0 && r.top < innerHeight]; }"
        )
        assert reached[1], f"{reached[0]} has the focus out of sight"
        if reached[0] == name:
            return
    raise AssertionError(f"Tab does not lead to {name}")


def focused(page: Page) -> str:
    """The text of what has the focus."""
    return str(page.evaluate("document.activeElement.textContent")).strip()


def test_after_a_form_the_focus_is_on_what_is_wrong_or_on_what_became_of_it(
    page: Page, live_server: Any, transactional_db: None, complaints: list[str]
) -> None:
    charlie = cast.charlie()
    log_in(page, live_server.url, cast.kang())
    page.goto(f"{live_server.url}/en/console/people/")
    tab_to(page, "E-mail address")
    page.keyboard.type("nobody@dure.example")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_focused()
    tab_to(page, "E-mail address")
    page.keyboard.press("Control+A")
    page.keyboard.type(charlie.email)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/people/{charlie.id}/")
    tab_to(page, "Propose")
    page.keyboard.press("Enter")
    page.wait_for_url("**/people/")
    told = page.get_by_role("status").filter(has_text="Another person agrees")
    expect(told).to_be_focused()
    log_in(page, live_server.url, cast.lim())
    page.goto(f"{live_server.url}/en/console/people/")
    tab_to(page, f"Agree: {charlie.name}, Give: Auditor")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="The role is changed.")).to_be_focused()
    assert "The role is changed." in focused(page)


def test_kang_is_logged_out_in_the_middle_of_a_form_and_sends_it_afterwards(
    page: Page, live_server: Any, transactional_db: None, complaints: list[str]
) -> None:
    kang, charlie = cast.kang(), cast.charlie()
    log_in(page, live_server.url, kang)
    page.goto(f"{live_server.url}/en/console/people/{charlie.id}/")
    page.get_by_label("Last day").fill("2099-01-31")
    Session.objects.all().delete()
    page.get_by_role("button", name="Propose", exact=True).click()
    expect(page).to_have_url(re.compile(r"/en/login/\?next=/en/unsent/"))
    expect(page.get_by_role("status")).to_contain_text("What you typed is kept")
    page.get_by_label("E-mail address").fill(kang.email)
    page.get_by_label("Password").fill(cast.PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You had been logged out")
    assert not Proposal.objects.exists()
    page.get_by_role("button", name="Send it now").click()
    expect(page.get_by_role("status").filter(has_text="Proposed.")).to_be_focused()
    assert Proposal.objects.get().details["until"].startswith("2099-01-31")


def waiting_for(page: Page, url: str, person: Person) -> Epoch:
    """A closed settlement, on the page of whoever may approve it."""
    call = city.published_call()
    city.contribution(call, cast.mina().party_id, city.dobong(10), accepted=10)
    epoch = close_epoch(acting=cast.actor(cast.kang()), call_slug=city.SLUG)
    log_in(page, url, person)
    page.goto(f"{url}/en/console/epochs/{epoch.id}/")
    return epoch


def test_a_double_click_and_a_step_back_pay_once(
    page: Page, live_server: Any, transactional_db: None
) -> None:
    epoch = waiting_for(page, live_server.url, cast.lim())
    other = page.context.new_page()
    other.goto(page.url)
    page.get_by_role("button", name="Approve and pay").dblclick()
    expect(page.get_by_role("status").filter(has_text="approved and paid")).to_be_visible()
    transfers = Transfer.objects.count()
    epoch.refresh_from_db()
    assert epoch.state == EpochState.APPROVED
    page.go_back()
    if page.get_by_role("button", name="Approve and pay").count():
        page.get_by_role("button", name="Approve and pay").click()
        expect(page.get_by_role("alert")).to_be_visible()
    other.get_by_role("button", name="Approve and pay").click()
    expect(other.get_by_role("alert")).to_be_focused()
    assert Transfer.objects.count() == transfers, "two tabs and a step back paid nothing more"


def test_a_look_in_a_new_tab_does_not_keep_a_call_from_being_saved(
    page: Page, live_server: Any, transactional_db: None
) -> None:
    city.published_call()
    log_in(page, live_server.url, cast.kang())
    page.goto(f"{live_server.url}/en/console/calls/{city.SLUG}/edit/")
    page.get_by_label("Title (English)").fill("Another title")
    with page.context.expect_page() as opened:
        page.get_by_role("button", name=re.compile("^Preview")).click()
    opened.value.close()
    page.get_by_role("button", name="Save the draft").click()
    expect(page.get_by_role("status").filter(has_text="The draft is saved.")).to_be_focused()

"""Double clicks, two tabs, the back button, huge pastes, lost sessions, a keyboard and no mouse."""

from __future__ import annotations

import re
from typing import Any
from unicodedata import normalize

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Browser, Page, expect

from contributions.models import Contribution, Draft
from governance.models import Objection
from tests import cast
from tests.portal import city

pytestmark = pytest.mark.django_db(transaction=True)

STEP = f"/en/contribute/{city.SLUG}"
ROW = f"{city.HEADER}\n2026-11-05,11680,22\n".encode()
#: From the home page to the receipt, as the design promises at most.
SCREENS_MAX = 5
ACTIONS_MAX = 9


def dust(name: str = "dust.csv", data: bytes = ROW) -> Any:  # Any: a FilePayload
    return {"name": name, "mimeType": "text/csv", "buffer": data}


def at_consent(page: Page, base: str, **file: Any) -> None:
    """As far as the last page before the receipt."""
    page.goto(f"{base}{STEP}/where/")
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Choose files").set_input_files(dust(**file))
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Continue").click()


def agree(page: Page) -> None:
    page.get_by_role("checkbox", name="City AI and policy").check()
    page.get_by_role("button", name="Agree and submit").click()


def sent() -> int:
    """How many contributions Mina handed in beside the one of the town."""
    return Contribution.objects.filter(party=cast.mina().party_id).count() - 1


def test_from_home_to_the_receipt_in_five_screens_and_nine_actions(
    page: Page, live_server: Any, signed_in: str, complaints: list[str]
) -> None:
    screens: list[str] = []
    page.on("framenavigated", lambda frame: screens.append(frame.url))
    page.goto(f"{live_server.url}/en/")
    screens.clear()
    actions = 0

    def act(doing: Any) -> None:
        nonlocal actions
        actions += 1
        doing()

    act(page.get_by_role("link", name="Contribute data").first.click)
    if page.url.rstrip("/").endswith("/calls"):
        act(page.get_by_role("link", name="Neighbourhood dust").click)
    act(page.get_by_role("link", name="Contribute to this call").click)
    act(page.get_by_role("button", name="Continue").click)
    act(lambda: page.get_by_label("Choose files").set_input_files(dust()))
    act(page.get_by_role("button", name="Continue").click)
    act(page.get_by_role("button", name="Continue").click)
    act(page.get_by_role("checkbox", name="City AI and policy").check)
    act(page.get_by_role("button", name="Agree and submit").click)
    expect(page.get_by_role("heading", level=1)).to_have_text("Received")
    between = {url.partition("?")[0] for url in screens} - {page.url}
    assert len(between) <= SCREENS_MAX, sorted(between)
    assert actions <= ACTIONS_MAX


def test_a_double_click_sends_once(
    page: Page, live_server: Any, signed_in: str, complaints: list[str]
) -> None:
    at_consent(page, live_server.url)
    page.get_by_role("checkbox", name="City AI and policy").check()
    page.get_by_role("button", name="Agree and submit").dblclick()
    expect(page.get_by_role("heading", level=1)).to_have_text("Received")
    assert sent() == 1


def test_two_tabs_with_one_form_make_one_contribution(
    page: Page, live_server: Any, signed_in: str, complaints: list[str]
) -> None:
    at_consent(page, live_server.url)
    other = page.context.new_page()
    other.goto(f"{live_server.url}{STEP}/consent/")
    agree(page)
    receipt = page.get_by_label("Receipt number").inner_text()
    agree(other)
    expect(other.get_by_label("Receipt number")).to_have_text(receipt)
    assert sent() == 1


def test_the_back_button_after_sending_leads_to_the_receipt_and_sends_nothing(
    page: Page, live_server: Any, signed_in: str, complaints: list[str]
) -> None:
    at_consent(page, live_server.url)
    agree(page)
    receipt = page.get_by_label("Receipt number").inner_text()
    page.go_back()
    if page.get_by_role("button", name="Agree and submit").count():
        agree(page)
    expect(page.get_by_label("Receipt number")).to_have_text(receipt)
    assert sent() == 1


def test_a_session_that_ends_midway_loses_nothing(
    page: Page, live_server: Any, signed_in: str, complaints: list[str]
) -> None:
    at_consent(page, live_server.url)
    Session.objects.all().delete()
    agree(page)
    expect(page).to_have_url(re.compile(r"/en/login/\?next="))
    page.get_by_label("E-mail address").fill(cast.mina().email)
    page.get_by_label("Password").fill(cast.PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What may your data be used for?")
    assert Draft.objects.get(contribution=None, person=cast.mina()).filename == "dust.csv"
    agree(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Received")


def test_a_name_in_pieces_of_hangul_is_shown_in_whole_syllables(
    page: Page, live_server: Any, signed_in: str, complaints: list[str]
) -> None:
    at_consent(page, live_server.url, name=normalize("NFD", "미세먼지.csv"))
    page.goto(f"{live_server.url}{STEP}/check/")
    expect(page.get_by_role("main")).to_contain_text("미세먼지.csv")


def test_a_huge_paste_is_refused_in_words_and_kept(
    page: Page, live_server: Any, signed_in: str, complaints: list[str]
) -> None:
    page.goto(f"{live_server.url}/en/c/{signed_in}/objection/")
    box = page.get_by_role("main").locator("textarea")
    box.evaluate("box => { box.removeAttribute('maxlength'); box.value = '가'.repeat(100000); }")
    page.get_by_role("main").get_by_role("button").last.click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert not Objection.objects.exists()


def test_somebody_elses_receipt_is_unknown(page: Page, live_server: Any, signed_in: str) -> None:
    theirs = city.contribution_of(cast.joon()).receipt
    for rest in ("", "why/", "quality/", "withdrawal/", "objection/", "photos/", "rows/"):
        answer = page.request.get(f"{live_server.url}/en/c/{theirs}/{rest}")
        assert answer.status in (404, 405), rest
        assert "Received" not in answer.text(), rest


def test_a_keyboard_is_enough_to_contribute(
    page: Page, live_server: Any, signed_in: str, complaints: list[str]
) -> None:
    """Tab and Enter alone; what has the focus is always within the window and not covered."""
    page.set_viewport_size({"width": 390, "height": 700})
    page.goto(f"{live_server.url}/en/calls/{city.SLUG}/")

    def tab_to(name: str) -> None:
        for _press in range(80):
            page.keyboard.press("Tab")
            reached = page.evaluate(
                "() => { const e = document.activeElement, r = e.getBoundingClientRect();"
                " const label = e.labels?.[0]?.textContent ?? e.textContent;"
                " return [label.trim(), r.bottom > 0 && r.top < innerHeight]; }"
            )
            assert reached[1], f"{reached[0]} has the focus out of sight"
            if reached[0] == name:
                return
        raise AssertionError(f"Tab does not lead to {name}")

    tab_to("Contribute to this call")
    page.keyboard.press("Enter")
    page.wait_for_url("**/where/")
    tab_to("Continue")
    page.keyboard.press("Enter")
    page.wait_for_url("**/file/")
    tab_to("Choose files")
    page.get_by_label("Choose files").set_input_files(dust())  # the system's own window
    tab_to("Continue")
    page.keyboard.press("Enter")
    page.wait_for_url("**/check/")
    tab_to("Continue")
    page.keyboard.press("Enter")
    page.wait_for_url("**/consent/**")
    page.get_by_role("checkbox", name="City AI and policy").focus()
    page.keyboard.press("Space")
    tab_to("Agree and submit")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Received")


@pytest.mark.parametrize(
    "address", ["/", f"/calls/{city.SLUG}/", "/wallet/", "/me/rights/", "/log/"]
)
def test_at_two_hundred_percent_everything_is_still_there(
    page: Page, live_server: Any, signed_in: str, address: str
) -> None:
    """A window of 1280 at 200 % is one of 640; text alone twice as large is harder, and holds."""
    page.set_viewport_size({"width": 640, "height": 450})
    page.goto(f"{live_server.url}/en{address}")
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
    page.set_viewport_size({"width": 1280, "height": 900})
    page.evaluate(
        "() => { const sheet = new CSSStyleSheet(); sheet.replaceSync('html{font-size:200%}');"
        " document.adoptedStyleSheets = [sheet]; }"
    )
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")


def test_the_korean_menu_stays_on_one_line_on_a_small_phone(
    browser: Browser, live_server: Any, town: str
) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 640})
    page.goto(f"{live_server.url}/")
    tops = page.evaluate(
        "[...document.querySelectorAll('.top nav a')].map(a => a.getBoundingClientRect().top)"
    )
    assert len(set(tops)) == 1
    page.close()


def test_an_operation_is_tried_from_its_reference_with_no_other_host_asked(
    page: Page, live_server: Any, town: str, complaints: list[str]
) -> None:
    page.goto(f"{live_server.url}/en/developers/reference/")
    operation = page.locator("details#calls_read")
    operation.locator("summary").click()
    operation.get_by_label("slug").fill(city.SLUG)
    operation.get_by_role("button", name="Send this request").click()
    expect(operation.get_by_role("status")).to_have_text(re.compile("^200"))
    expect(operation.locator(".try pre")).to_contain_text("Neighbourhood dust")

"""Seo's day at the desk in a browser: by keyboard alone, on a phone as on a wide screen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from governance.log.services import sequence
from governance.models import AuditCase, AuditFinding, AuditSample, FindingAnswer
from tests import cast
from tests.portal.browser.conftest import browser_of
from tests.rewards.city import SLUG
from tests.rewards.dividends.test_dividends import settled_city

pytestmark = pytest.mark.django_db(transaction=True)

MOST_TABS = 60


@pytest.fixture
def settled(transactional_db: None) -> None:
    settled_city()
    sequence()


@pytest.fixture(params=[390, 1280], ids=["phone", "wide"])
def seo(request: Any, browser: Browser, live_server: Any, settled: None) -> Iterator[Page]:
    """Seo's own browser; what it complains about fails the test."""
    yield from browser_of(browser, live_server, cast.seo(), width=request.param)


def reach(page: Page, name: str, role: str = "") -> None:
    """Press Tab until what is called so has the focus, as somebody without a mouse does."""
    for _time in range(MOST_TABS):
        page.keyboard.press("Tab")
        focused = page.locator(":focus")
        wanted = page.get_by_role(role, name=name) if role else page.get_by_label(name, exact=True)  # type: ignore[arg-type]  # a role by its name
        if focused.and_(wanted).count():
            box = focused.bounding_box()
            assert box is not None
            # Links in a line of text may be as low as the text.
            assert role == "link" or box["height"] >= 24, f"{name} is too small to be hit"
            assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
            return
    pytest.fail(f"Tab does not reach {name!r}")


def choose(page: Page, name: str, begins: str) -> None:
    """Type the beginning of an option into a list that has the focus."""
    reach(page, name)
    page.keyboard.type(begins)


def press(page: Page, name: str, role: str = "button") -> None:
    reach(page, name, role)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def stands(page: Page) -> None:
    """The page fits the screen."""
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")


def test_a_case_a_sample_a_look_and_a_finding_by_keyboard_alone(
    seo: Page, browser: Browser, live_server: Any
) -> None:
    page = seo
    page.goto(f"{live_server.url}/en/audit/")
    stands(page)
    press(page, "Open a case", "link")
    press(page, "Open a case")  # nothing is filled in
    expect(page.get_by_role("alert")).to_be_focused()
    reach(page, "What is examined")
    page.keyboard.type("Settlement 1")
    choose(page, "Scope", "Settlement")
    press(page, "Open a case")
    expect(page.get_by_role("heading", level=1)).to_have_text("Settlement 1")
    assert AuditCase.objects.get().about_kind == "epoch"
    stands(page)

    press(page, "Draw sample")
    choose(page, "Drawn from", "Contributions")
    reach(page, "Size of the sample")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("2")
    reach(page, "Make a seed in my browser", "button")
    page.keyboard.press("Enter")
    seed = page.locator("[data-seed] [role=status] code")
    expect(seed).not_to_be_empty()
    kept = seed.inner_text()
    press(page, "Commit to the seed")
    expect(page.get_by_text("has not signed your commitment yet")).to_be_visible()
    sequence()
    press(page, "Load again", "link")
    reach(page, "Your seed")
    page.keyboard.type(kept)
    press(page, "Draw sample")
    sample = AuditSample.objects.get()
    assert sample.drawing.seed == kept
    drawn = page.get_by_role("table", name="What was drawn").locator("tbody tr")
    expect(drawn).to_have_count(2)
    stands(page)

    press(page, "How it was checked and paid 1", "link")
    expect(page.get_by_role("heading", name="How it was checked")).to_be_visible()
    stands(page)
    press(page, "Next", "link")
    for person in (cast.mina(), cast.joon(), cast.charlie()):
        assert person.name not in page.content()

    page.goto(f"{live_server.url}/en/audit/cases/{AuditCase.objects.get().id}/")
    press(page, "Publish a finding", "link")
    choose(page, "Kind of finding", "Wrong")
    choose(page, "Severity", "High")
    reach(page, "What was found")
    page.keyboard.type("The amount of line 2 is not what the rule gives.")
    reach(page, "Evidence")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("0")
    press(page, "Sign and publish")
    finding = AuditFinding.objects.get()
    assert (finding.kind, finding.severity) == ("amount", "high")
    expect(page.get_by_text("The city has not answered yet.")).to_be_visible()
    stands(page)

    width = page.viewport_size["width"] if page.viewport_size else 1280
    for kang in browser_of(browser, live_server, cast.kang(), width=width):
        kang.goto(f"{live_server.url}/en/console/findings/")
        stands(kang)
        press(kang, f"Wrong amount: {finding_name(kang)}", "link")
        choose(kang, "Answer", "The city accepts")
        reach(kang, "Reason, as everybody will read it")
        kang.keyboard.type("It was rounded twice. We pay the rest.")
        press(kang, "Publish the answer")
    assert FindingAnswer.objects.get().outcome == "accepted"
    page.goto(f"{live_server.url}/en/findings/{finding.id}/")
    expect(page.get_by_text("The city accepts it")).to_be_visible()
    expect(page.get_by_text("It was rounded twice.")).to_be_visible()
    stands(page)


def finding_name(page: Page) -> str:
    """What the finding is about, as the list of the console calls it."""
    link = page.get_by_role("link").filter(has_text="Wrong amount:").first
    return link.inner_text().partition(": ")[2]


def test_the_desk_is_the_first_entry_of_an_auditors_menu(seo: Page, live_server: Any) -> None:
    for path in ("/", "/en/", f"/en/calls/{SLUG}/"):
        seo.goto(live_server.url + path)
        links = seo.get_by_role("navigation").first.get_by_role("link")
        expect(links.first).to_have_text("감사 업무" if path == "/" else "Auditor’s desk")
        expect(links.first).to_be_in_viewport(ratio=1)
        tops = {link.bounding_box()["y"] for link in links.all()}  # type: ignore[index]  # all are drawn
        assert len(tops) == 1, "a desk in front must not cost the menu a second line"
        # What does not fit moves under the finger and with the keyboard.
        links.last.focus()
        expect(links.last).to_be_in_viewport(ratio=1)
        assert not seo.evaluate("document.documentElement.scrollWidth > innerWidth")


@pytest.mark.parametrize("width", [390, 600])
def test_the_menu_takes_one_line_in_both_languages(
    page: Page, live_server: Any, settled: None, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    for path in ("/", "/en/"):
        page.goto(live_server.url + path)
        tops = page.evaluate(
            "[...document.querySelectorAll('.top nav a')].map(e => e.getBoundingClientRect().top)"
        )
        assert len(set(tops)) == 1, (path, width)


def test_a_seed_made_in_the_browser_outlives_a_refused_form_and_waits_for_the_draw(
    seo: Page, live_server: Any
) -> None:
    """The hash came back with the refused form and the seed did not: nothing could be drawn."""
    seo.goto(f"{live_server.url}/en/audit/cases/new/")
    seo.get_by_label("What is examined").fill("Settlement 1")
    seo.get_by_label("Scope").select_option(index=1)
    seo.get_by_role("button", name="Open a case").click()
    seo.get_by_role("button", name="Draw sample").click()
    seo.get_by_role("button", name="Make a seed in my browser").click()
    status = seo.get_by_role("group", name="Seed").get_by_role("status")
    expect(status).to_contain_text("Keep this seed")
    seed = status.locator("code").inner_text()
    seo.get_by_label("Size of the sample").fill("400")
    seo.get_by_label("Drawn from").select_option(index=1)
    seo.get_by_role("button", name="Commit to the seed").click()
    expect(seo.get_by_role("alert")).to_contain_text("from 1 to")
    expect(status.locator("code")).to_have_text(seed)
    seo.get_by_label("Size of the sample").fill("1")
    seo.get_by_role("button", name="Commit to the seed").click()
    sequence()
    seo.reload()
    expect(seo.get_by_label("Your seed")).to_have_value(seed)
    seo.get_by_role("button", name="Draw sample").click()
    assert AuditSample.objects.get().drawing is not None

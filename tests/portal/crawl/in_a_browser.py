"""Every page in Chromium: accessible, within its policy and the screen, still, and in one language.

The whole matrix of page, role, language, scheme and width would take hours. Main pages are looked
at in all eight views; every other page in two opposite views out of the eight, which ones turns
with the place of the page in the list, so that each view meets many pages. `CRAWL_TURN=1` to `3`
turns the wheel on; `CRAWL_PICTURES=folder` keeps a picture of every look.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from tests import cast
from tests.contributions.conftest import _warm_engine
from tests.portal.browser.conftest import (
    browser_context_args,
    browser_type_launch_args,
    no_connection_is_left,
    pytest_collection_modifyitems,
    static_folder,
)
from tests.portal.crawl.places import MAIN, Place, places
from tests.portal.crawl.test_everybody import browser_of, insiders
from tests.portal.crawl.town import Town, built_town

__all__ = [
    "_warm_engine",
    "browser_context_args",
    "browser_type_launch_args",
    "no_connection_is_left",
    "pytest_collection_modifyitems",
    "static_folder",
]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(3600)]

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SHARDS = 4
#: Layout shift is measured by the browser itself; nothing may move after it was drawn.
SHIFTED = """() => new Promise(done => {
  let sum = 0;
  new PerformanceObserver(list => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) sum += entry.value;
  }).observe({type: "layout-shift", buffered: true});
  requestAnimationFrame(() => setTimeout(() => done(sum), 30));
})"""


@dataclass(frozen=True)
class View:
    language: str
    scheme: str
    width: int


#: Opposite views stand four apart: other language, other scheme, other width.
VIEWS = [
    View("ko", "light", 1280), View("en", "light", 390), View("ko", "dark", 1280),
    View("en", "dark", 390), View("en", "dark", 1280), View("ko", "dark", 390),
    View("en", "light", 1280), View("ko", "light", 390),
]  # fmt: skip
NARROW = (View("ko", "light", 320), View("en", "dark", 320))


def rounds(found: list[Place]) -> Iterator[tuple[Place, View, str]]:
    """Each place with its views and the role that looks; roles take turns as well."""
    turn = int(os.environ.get("CRAWL_TURN", "0"))
    for at, place in enumerate(found):
        roles = insiders(place)
        views = (
            [*VIEWS, *NARROW]
            if place.name in MAIN
            else [VIEWS[(at + turn) % 8], VIEWS[(at + turn + 4) % 8]]
        )
        for number, view in enumerate(views):
            yield place, view, roles[(at + number) % len(roles)]


@pytest.mark.parametrize("shard", range(SHARDS))
def test_every_page_keeps_every_promise(
    browser: Browser, live_server: LiveServer, shard: int
) -> None:
    town = built_town()
    wrong: list[str] = []
    looked = 0
    mine = itertools.islice(rounds(places(town)[0]), shard, None, SHARDS)
    for (view, role), group in _grouped(mine):
        reader = browser_of(town, role)
        with _window(browser, live_server, town, view, role) as (page, complaints):
            for place in group:
                address = place.address(view.language)
                if not _is_a_page(reader, address):
                    continue
                page.goto(live_server.url + address)
                looked += 1
                name = f"{address} {view.scheme} {view.width} as {role}"
                _keep_picture(page, place, view)
                wrong += [f"{name}: {fault}" for fault in (*_faults(page), *complaints)]
                complaints.clear()
    assert wrong == [], "\n".join(wrong)
    assert looked > 20


def _is_a_page(reader: Client, address: str) -> bool:
    """Not a file, a fragment or a step that is only ever sent; those are tried elsewhere."""
    answer = reader.get(address)
    html = answer.get("Content-Type", "").startswith("text/html")
    return answer.status_code == 200 and html and b"<html" in answer.content


def _keep_picture(page: Page, place: Place, view: View) -> None:
    folder = os.environ.get("CRAWL_PICTURES")
    if folder:
        name = f"{place.name}-{view.language}-{view.width}-{view.scheme}.png"
        page.screenshot(path=Path(folder) / name, full_page=True)


def _grouped(
    each: Iterator[tuple[Place, View, str]],
) -> Iterator[tuple[tuple[View, str], list[Place]]]:
    """Places of one view and role together: one window for all of them."""
    found: dict[tuple[View, str], list[Place]] = {}
    for place, view, role in each:
        found.setdefault((view, role), []).append(place)
    yield from found.items()


class _window:  # used like a function
    """A window of a view in which a role has logged in, and what the browser complains about."""

    def __init__(
        self, browser: Browser, server: LiveServer, town: Town, view: View, role: str
    ) -> None:
        self.context = browser.new_context(
            viewport={"width": view.width, "height": 844},
            color_scheme="dark" if view.scheme == "dark" else "light",
            locale="ko-KR" if view.language == "ko" else "en-GB",
            timezone_id="Asia/Seoul",
        )
        if role != "stranger":
            client = cast.log_in(Client(), town.people[role])
            cookie: Any = {"name": "sessionid", "value": client.cookies["sessionid"].value,
                           "url": server.url}  # fmt: skip
            self.context.add_cookies([cookie])
        self.own = server.url.removeprefix("http://")

    def __enter__(self) -> tuple[Page, list[str]]:
        complaints: list[str] = []
        page = self.context.new_page()

        def on_console(message: Any) -> None:  # Any: playwright's event
            if message.type in ("error", "warning"):
                complaints.append(f"{message.type}: {message.text}")

        def on_request(request: Any) -> None:  # Any: playwright's event
            if not request.url.startswith(("data:", f"http://{self.own}")):
                complaints.append(f"request to {request.url}")

        page.on("console", on_console)
        page.on("request", on_request)
        page.on("pageerror", lambda error: complaints.append(f"page error: {error}"))
        return page, complaints

    def __exit__(self, *_about: object) -> None:
        self.context.close()


def _faults(page: Page) -> list[str]:
    """What is wrong with the page as it stands."""
    found = [
        f"{violation['id']} at {[node['target'] for node in violation['nodes']][:3]}"
        for violation in Axe().run(page, options={"runOnly": TAGS}).response["violations"]
    ]
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        found.append("scrolls sideways")
    if page.evaluate("document.querySelectorAll('[style]').length"):
        found.append("has inline styles")
    if page.evaluate("[...document.querySelectorAll('[tabindex]')].some(e => e.tabIndex > 0)"):
        found.append("changes the order of focus")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Tab")
    if not page.evaluate("document.activeElement.classList.contains('skip')"):
        first = page.evaluate("document.activeElement.outerHTML.slice(0, 80)")
        # A refused form moves the focus to its summary; the town has none open.
        found.append(f"is entered by Tab at {first}")
    shift = page.evaluate(SHIFTED)
    if shift > 0.001:
        found.append(f"moves by {shift:.4f} after it was drawn")
    return found

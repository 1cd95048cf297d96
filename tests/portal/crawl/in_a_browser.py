"""Every page in Chromium: accessible, within its policy and the screen, still, and in one language.

A page is loaded once for a language and a role and then looked at in place: widths and colour
schemes are switched under it. Main pages are looked at as every role that may see them, all others
as one role for each language, which ones turns with the place of the page in the list; so does the
view in which a page is loaded, as only there it can be seen to move. The second look at a width
asks of axe what depends on colours alone. `CRAWL_TURN=1` to `3` turns
the wheel on; `CRAWL_PICTURES=folder` keeps a picture of every look; `CRAWL_TIMES=1` says where the
time went.
"""

from __future__ import annotations

import os
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

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
]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(1800)]

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
#: All that another scheme can break where the width stays.
OF_COLOUR = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
SHARDS = 4
#: Asked once for a look, so that the browser is called few times: each call costs milliseconds.
FAULTS = """() => {
  const found = [];
  if (document.documentElement.scrollWidth > innerWidth) found.push("scrolls sideways");
  // An empty one is what taking a picture leaves behind.
  if (document.querySelector('[style]:not([style=""])')) found.push("has inline styles");
  if ([...document.querySelectorAll("[tabindex]")].some(each => each.tabIndex > 0))
    found.push("changes the order of focus");
  return found;
}"""
#: A refused form moves the focus to its summary; the town has none open.
ENTERED = """() => document.activeElement.classList.contains("skip")
  ? null : document.activeElement.outerHTML.slice(0, 80)"""
#: Layout shift is measured by the browser itself; nothing may move after it was drawn.
SHIFTED = """() => new Promise(done => {
  let sum = 0;
  new PerformanceObserver(list => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) sum += entry.value;
  }).observe({type: "layout-shift", buffered: true});
  requestAnimationFrame(() => setTimeout(() => done(sum), 30));
})"""
#: What was switched is drawn once two frames have passed.
DRAWN = """() => new Promise(done =>
  requestAnimationFrame(() => requestAnimationFrame(() => done(null))))"""
#: Of what it examines axe says only what is wrong: the rest of its answer weighs megabytes.
EXAMINED = """async rules => {
  const answer = await axe.run(document, {...rules, resultTypes: ["violations"]});
  return answer.violations.map(each =>
    `${each.id} at ${JSON.stringify(each.nodes.slice(0, 3).map(node => node.target))}`);
}"""


@dataclass(frozen=True)
class View:
    scheme: Literal["light", "dark"]
    width: int


VIEWS = (View("light", 1280), View("dark", 1280), View("dark", 390), View("light", 390))
NARROW = (View("dark", 320), View("light", 320))


@dataclass(frozen=True)
class Visit:
    """One load of a page and the views in which it is then looked at, the one of the load first."""

    place: Place
    language: str
    role: str
    views: tuple[View, ...]


def visits(found: list[Place]) -> Iterator[Visit]:
    """Each page in both languages; roles and the view of the load take turns."""
    turn = int(os.environ.get("CRAWL_TURN", "0"))
    for at, place in enumerate(found, turn):
        roles = insiders(place)
        main = place.name in MAIN
        for number, language in enumerate(("ko", "en")):
            lookers = roles if main else (roles[(at + number) % len(roles)],)
            for nth, role in enumerate(lookers):
                first = (at + nth + 2 * number) % 4
                views = (*VIEWS[first:], *VIEWS[:first])
                yield Visit(place, language, role, (*views, *NARROW) if main else views)


@pytest.mark.parametrize("shard", range(SHARDS))
def test_every_page_keeps_every_promise(
    browser: Browser, live_server: LiveServer, shard: int
) -> None:
    town = built_town()
    wrong: list[str] = []
    looked = 0
    mine = [each for each in places(town)[0][shard::SHARDS] if _is_a_page(town, each)]
    for (language, role), group in _grouped(visits(mine)):
        with _window(browser, live_server, town, language, role) as (page, complaints):
            # The fonts, which whoever comes again has: what moves below moves by itself.
            page.goto(f"{live_server.url}/help/")
            page.evaluate("() => document.fonts.ready.then(() => null)")
            for visit in group:
                looked += len(visit.views)
                for view, fault in _looks(page, live_server.url, visit):
                    where = visit.place.address(language)
                    wrong.append(f"{where} {view.scheme} {view.width} as {role}: {fault}")
                wrong += [f"{visit.place.address(language)} as {role}: {c}" for c in complaints]
                complaints.clear()
    if os.environ.get("CRAWL_TIMES"):
        print(f"\nshard {shard}: {looked} looks", dict(TIMES))
    assert wrong == [], "\n".join(wrong)
    assert looked > 80


def test_the_very_first_page_hardly_moves_when_its_fonts_arrive(
    page: Page, live_server: LiveServer
) -> None:
    """Nothing is in the browser's store yet; below 0.1 the Web Vitals call it good."""
    built_town()
    page.goto(live_server.url)
    page.evaluate("() => document.fonts.ready.then(() => null)")
    assert page.evaluate(SHIFTED) < 0.05


def _looks(page: Page, server: str, visit: Visit) -> Iterator[tuple[View, str]]:
    """What is wrong with a page, view by view; it is loaded once."""
    _switch(page, visit.views[0])
    with _timed("load"):
        page.goto(server + visit.place.address(visit.language))
    with _timed("shift"):
        shift = page.evaluate(SHIFTED)
    if shift > 0.001:
        yield visit.views[0], f"moves by {shift:.4f} after it was drawn"
    with _timed("axe script"):
        page.evaluate(Axe().axe_script)
    widths: set[int] = set()
    for view in visit.views:
        with _timed("switch"):
            _switch(page, view)
            page.evaluate(DRAWN)
        with _timed("picture"):
            _keep_picture(page, visit, view)
        with _timed("axe"):
            rules = OF_COLOUR if view.width in widths else TAGS
            found = page.evaluate(EXAMINED, {"runOnly": rules})
        widths.add(view.width)
        with _timed("faults"):
            found += page.evaluate(FAULTS)
        yield from ((view, fault) for fault in found)
    # Last, as it moves the focus; the order of what can have it is the same in every view.
    page.keyboard.press("Tab")
    entered = page.evaluate(ENTERED)
    if entered is not None:
        yield visit.views[-1], f"is entered by Tab at {entered}"


def _switch(page: Page, view: View) -> None:
    page.emulate_media(color_scheme=view.scheme, reduced_motion="reduce")
    page.set_viewport_size({"width": view.width, "height": 844})


TIMES: defaultdict[str, float] = defaultdict(float)


@contextmanager
def _timed(part: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    TIMES[part] += time.perf_counter() - start


def _is_a_page(town: Town, place: Place) -> bool:
    """Not a file, a fragment or a step that is only ever sent; those are tried elsewhere."""
    roles = insiders(place)
    role = "resident" if "resident" in roles else roles[0]
    answer = browser_of(town, role).get(place.path)
    html = answer.get("Content-Type", "").startswith("text/html")
    return answer.status_code == 200 and html and b"<html" in answer.content


def _keep_picture(page: Page, visit: Visit, view: View) -> None:
    folder = os.environ.get("CRAWL_PICTURES")
    if folder:
        name = f"{visit.place.name}-{visit.language}-{view.width}-{view.scheme}-{visit.role}.png"
        page.screenshot(path=Path(folder) / name, full_page=True)


def _grouped(each: Iterator[Visit]) -> Iterator[tuple[tuple[str, str], list[Visit]]]:
    """Visits in one language by one role together: one window for all of them."""
    found: dict[tuple[str, str], list[Visit]] = {}
    for visit in each:
        found.setdefault((visit.language, visit.role), []).append(visit)
    yield from found.items()


class _window:  # used like a function
    """A window in which a role has logged in, and what the browser complains about."""

    def __init__(
        self, browser: Browser, server: LiveServer, town: Town, language: str, role: str
    ) -> None:
        self.context = browser.new_context(
            locale="ko-KR" if language == "ko" else "en-GB",
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

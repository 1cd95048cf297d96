"""Every main page in a real browser: accessible, within its policy, within the screen."""

from __future__ import annotations

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import Page

from governance.log.services import sequence
from tests import cast
from tests.portal import city

pytestmark = pytest.mark.django_db(transaction=True)

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PUBLIC = [
    "/", "/calls/", f"/calls/{city.SLUG}/", "/login/", "/transparency/", "/log/", "/log/0/",
    "/algorithms/", "/developers/", "/developers/errors/", "/developers/reference/",
    "/developers/changelog/", "/developers/webhooks/", "/developers/errors/scope-missing/",
    "/help/", "/privacy/", "/accessibility/", "/verify/",
    "/how/", "/status/", "/signup/", "/login/code/", "/recovery/",
]  # fmt: skip
VIEWS = [("", 1280, "light"), ("/en", 390, "dark"), ("", 390, "light"), ("/en", 1280, "dark")]


def examine(page: Page, name: str) -> list[str]:
    """What is wrong with the page as it stands."""
    found = [
        f"{name}: {violation['id']} at {[node['target'] for node in violation['nodes']][:3]}"
        for violation in Axe().run(page, options={"runOnly": TAGS}).response["violations"]
    ]
    if page.locator("h1").count() != 1:
        found.append(f"{name}: not exactly one h1")
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        found.append(f"{name}: scrolls sideways")
    if page.evaluate("document.querySelectorAll('[style]').length"):
        found.append(f"{name}: has inline styles")
    return found


@pytest.mark.parametrize(("language", "width", "scheme"), VIEWS)
def test_public_pages_keep_every_promise(
    page: Page,
    live_server: Any,
    town: str,
    complaints: list[str],
    language: str,
    width: int,
    scheme: Any,
) -> None:
    sequence()
    page.set_viewport_size({"width": width, "height": 844})
    page.emulate_media(color_scheme=scheme)
    found: list[str] = []
    for address in PUBLIC:
        page.goto(f"{live_server.url}{language}{address}")
        found += examine(page, f"{language}{address} {width} {scheme}")
    assert found == []


@pytest.mark.parametrize(("language", "width", "scheme"), VIEWS)
def test_personal_pages_keep_every_promise(
    page: Page,
    live_server: Any,
    signed_in: str,
    complaints: list[str],
    language: str,
    width: int,
    scheme: Any,
) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    page.emulate_media(color_scheme=scheme)
    found: list[str] = []
    for address in (
        "/c/", f"/c/{signed_in}/", f"/c/{signed_in}/why/", f"/c/{signed_in}/withdrawal/",
        f"/c/{signed_in}/objection/", "/wallet/", "/wallet/use/", "/wallet/statement/2026-11/",
        "/me/consents/", "/me/", "/me/rights/", "/me/rights/erasure/", "/me/rights/correction/",
        f"/contribute/{city.SLUG}/where/", "/me/letters/", "/me/signin/",
        "/me/signin/once-more/", "/me/signin/password/", "/me/signin/passkeys/",
    ):  # fmt: skip
        page.goto(f"{live_server.url}{language}{address}")
        found += examine(page, f"{language}{address} {width} {scheme}")
    assert found == []


@pytest.mark.parametrize(("language", "width", "scheme"), VIEWS[:2])
def test_pages_for_work_keep_every_promise(
    page: Page,
    client: Client,
    live_server: Any,
    town: str,
    complaints: list[str],
    language: str,
    width: int,
    scheme: Any,
) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    page.emulate_media(color_scheme=scheme)
    found: list[str] = []
    desks = {
        cast.hana: (
            "/firm/", "/firm/keys/", "/firm/submissions/", "/firm/settlements/", "/firm/members/",
            "/firm/requests/", "/firm/webhooks/", "/firm/licences/", "/firm/new/", "/licences/",
        ),
        cast.kang: (
            "/console/", "/console/requests/", "/console/redemptions/", "/console/live-access/",
        ),
    }  # fmt: skip
    for person, addresses in desks.items():
        session = cast.log_in(client, person()).cookies["sessionid"].value
        cookie = {"name": "sessionid", "value": session, "url": live_server.url}
        page.context.add_cookies([cookie])  # type: ignore[list-item]  # a SetCookieParam
        for address in addresses:
            page.goto(f"{live_server.url}{language}{address}")
            assert page.url.endswith(address)
            found += examine(page, f"{language}{address} {width} {scheme}")
    assert found == []


HANGUL = re.compile("[가-힣]+")


def test_english_pages_speak_english(
    page: Page, live_server: Any, signed_in: str, complaints: list[str]
) -> None:
    """Hangul stands only in the language link, in names and in data."""
    sequence()
    found: list[str] = []
    for address in (*PUBLIC, f"/c/{signed_in}/", "/wallet/use/", f"/c/{signed_in}/objection/"):
        page.goto(f"{live_server.url}/en{address}")
        text = page.evaluate(
            """[...document.querySelectorAll('[lang=ko], pre, textarea, .source')]
               .forEach(part => part.remove()), document.title + document.body.innerText"""
        )
        found += [f"{address}: {word}" for word in HANGUL.findall(text)]
    assert found == []


@pytest.mark.parametrize("width", [320, 390, 768])
def test_the_whole_menu_is_in_sight_on_a_narrow_screen(
    page: Page, live_server: Any, town: str, complaints: list[str], width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 700})
    for language in ("", "/en"):
        page.goto(f"{live_server.url}{language}/")
        for link in page.get_by_role("navigation").first.get_by_role("link").all():
            box = link.bounding_box()
            assert box is not None
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= width
            assert box["height"] >= 24
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")


def test_the_map_has_25_links_and_a_table_of_the_same_figures(
    page: Page, live_server: Any, town: str, complaints: list[str]
) -> None:
    page.goto(f"{live_server.url}/")
    drawing = page.get_by_role("group", name="자치구별 데이터 대표성 지도")
    assert drawing.get_by_role("link").count() == 25
    table = page.get_by_role("table", name="자치구별 충족률")
    assert table.locator("tbody tr").count() == 4
    row = table.get_by_role("row", name="도봉구")
    percent = row.get_by_role("cell").nth(0).inner_text()
    assert drawing.get_by_role("link", name=f"도봉구: 충족률 {percent}").count() == 1


def test_words_on_the_map_stay_readable(
    page: Page, live_server: Any, town: str, complaints: list[str]
) -> None:
    for width in (360, 390, 600, 1000, 1280):
        page.set_viewport_size({"width": width, "height": 844})
        page.goto(f"{live_server.url}/")
        sizes = page.evaluate(
            """[...document.querySelectorAll('.map text')].filter(t => t.getClientRects().length)
               .map(t => parseFloat(getComputedStyle(t).fontSize)
                         * t.ownerSVGElement.clientWidth / 720)"""
        )
        assert sizes
        assert min(sizes) >= 11


def test_the_first_load_is_light(page: Page, live_server: Any, town: str) -> None:
    """Served without compression here: the page itself and its styles shrink further."""
    sizes: dict[str, int] = {}
    page.on("response", lambda answer: sizes.update({answer.url: len(answer.body())}))
    page.goto(f"{live_server.url}/", wait_until="networkidle")
    scripts = sum(size for url, size in sizes.items() if url.endswith(".js"))
    fonts = {url.rpartition("/")[2]: size for url, size in sizes.items() if ".woff2" in url}
    assert scripts < 20_000
    assert set(fonts) == {"dure-sans-400-core.woff2", "dure-sans-700-core.woff2"}
    assert sum(fonts.values()) < 60_000
    assert page.evaluate("document.fonts.check('16px \"Dure Sans\"', '가')")


def test_the_skip_link_is_the_first_stop(
    page: Page, live_server: Any, town: str, complaints: list[str]
) -> None:
    page.goto(f"{live_server.url}/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "본문 바로가기"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"

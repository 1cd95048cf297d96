"""Deciding on settlements, and reading of it, in a real browser: every promise of every page."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from dure.accounts.models import Person
from rewards.dividends.services import pay
from rewards.epochs.corrections import propose_reversal
from rewards.epochs.services import approve_epoch, close_epoch
from rewards.models import EpochGround
from tests import cast
from tests.portal.browser.test_pages import examine
from tests.rewards import city
from tests.rewards.dividends.test_dividends import paid_licence

pytestmark = pytest.mark.django_db(transaction=True)


def log_in(page: Page, url: str, person: Person) -> None:
    page.context.clear_cookies()
    page.goto(f"{url}/en/login/")
    page.get_by_label("E-mail address").fill(person.email)
    page.get_by_label("Password").fill(cast.PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Log in").click()
    page.wait_for_url(f"{url}/en/")


@pytest.mark.parametrize(
    ("language", "width", "scheme"), [("", 390, "dark"), ("/en", 1280, "light")]
)
def test_pages_of_settlements_keep_every_promise(
    page: Page,
    live_server: Any,
    transactional_db: None,
    complaints: list[str],
    language: str,
    width: int,
    scheme: Any,
) -> None:
    dividend = paid_licence()  # settles what three people brought
    pay(acting=cast.actor(cast.kang()), dividend_id=dividend.id)
    call = dividend.licence.call
    mina = city.contribution(call, cast.mina().party_id, city.dobong(6), accepted=6)
    second = close_epoch(acting=cast.actor(cast.kang()), call_slug=city.SLUG)
    approve_epoch(acting=cast.actor(cast.lim()), epoch=second)
    made = propose_reversal(
        acting=cast.actor(cast.kang()), epoch=second, ground=EpochGround.WRONG_DATA
    )
    approve_epoch(acting=cast.actor(cast.lim()), epoch=made)
    city.contribution(call, cast.joon().party_id, city.gangnam(9), accepted=9)
    third = close_epoch(acting=cast.actor(cast.kang()), call_slug=city.SLUG)
    city.contribution(call, cast.mina().party_id, city.dobong(4), accepted=4)
    city.contribution(call, cast.joon().party_id, city.gangnam(9), accepted=9)
    first = call.epochs.get(number=1)
    page.set_viewport_size({"width": width, "height": 844})
    page.emulate_media(color_scheme=scheme)
    found: list[str] = []
    log_in(page, live_server.url, cast.lim())
    for address in (
        f"/console/epochs/{city.SLUG}/simulation/",
        f"/console/epochs/{third.id}/",
        f"/console/epochs/{first.id}/",
        f"/console/epochs/{made.id}/",
    ):
        page.goto(f"{live_server.url}{language}{address}")
        found += examine(page, f"{language}{address} {width} {scheme}")
    page.goto(f"{live_server.url}{language}/console/epochs/{city.SLUG}/simulation/")
    page.locator("#method").select_option("flat")
    page.locator("main form button").click()
    found += examine(page, f"{language} simulation tried {width} {scheme}")
    log_in(page, live_server.url, cast.mina())
    for address in (
        f"/c/{mina.receipt}/why/",
        f"/wallet/dividends/{dividend.licence_id}/",
        "/wallet/",
    ):
        page.goto(f"{live_server.url}{language}{address}")
        found += examine(page, f"{language}{address} {width} {scheme}")
    assert found == []

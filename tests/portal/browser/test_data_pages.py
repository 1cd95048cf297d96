"""The pages of representativeness and of releases in a real browser."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from contributions.pipeline.stages import check
from contributions.releases.building import build
from contributions.releases.services import build_release
from tests.cast import actor, joon, kang, mina
from tests.contributions.conftest import _warm_engine
from tests.contributions.hours import file, joint_call
from tests.contributions.seoul import handed_in
from tests.portal.browser.test_pages import examine

__all__ = ["_warm_engine"]

pytestmark = pytest.mark.django_db(transaction=True)


def a_week() -> bytes:
    """Records of many hours, thick by day and thin at night, of two districts and kinds."""
    rows = [
        f"2026-11-{day:02d} {hour:02d}:{minute:02d},{where},{kind},{hour + minute}"
        for day in range(16, 23)
        for hour in range(6, 23 if day < 21 else 15)
        for minute in range(0, 60, 5 if hour < 12 else 4)
        for where, kind in (("11110", "street"), ("11320", "park"), ("11320", "street"))
    ]
    return file(*rows)


@pytest.mark.parametrize(
    ("language", "width", "scheme"), [("", 390, "dark"), ("/en", 1280, "light")]
)
def test_data_pages_keep_every_promise(
    page: Page,
    live_server: Any,
    transactional_db: None,
    complaints: list[str],
    language: str,
    width: int,
    scheme: Any,
) -> None:
    joint_call(disclosure={"quasi_identifiers": [], "unit": "record"})
    check(handed_in(mina(), a_week()).id)
    check(handed_in(joon(), file("2026-11-22 08:01,11110,park,5")).id)
    asked = build_release(acting=actor(kang()), call_slug="air-daily", purpose="city-ai")
    build(asked.id)
    page.set_viewport_size({"width": width, "height": 844})
    page.emulate_media(color_scheme=scheme)
    found: list[str] = []
    for address in ("/calls/air-daily/representativeness/", "/data/", f"/data/{asked.id}/"):
        page.goto(f"{live_server.url}{language}{address}")
        found += examine(page, f"{language}{address} {width} {scheme}")
    assert found == []
    assert page.get_by_role("heading", level=1).count() == 1

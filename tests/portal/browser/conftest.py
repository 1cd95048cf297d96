"""Chromium of the system, Korean by default; a page that reports whatever breaks a promise."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test import Client
from playwright.sync_api import Browser, Page

from dure.accounts.models import Person
from tests import cast
from tests.portal import city

# Playwright keeps an event loop in the test's thread, where Django would refuse to work.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests need a browser; without one they are skipped, not failed."""
    if CHROMIUM is None:
        for item in items:
            if Path(__file__).parent in item.path.parents:
                item.add_marker(pytest.mark.skip(reason="no chromium on PATH"))


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": ARGUMENTS}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_context_args, "locale": "ko-KR", "timezone_id": "Asia/Seoul"}


@pytest.fixture(scope="session", autouse=True)
def no_connection_is_left(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """A browser keeps its lines open, and the server a session for each: end them in time.

    Set up before the server and the browser, so that it ends after both and just before the
    test database is dropped.
    """
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.fixture
def complaints(page: Page, live_server: Any) -> Iterator[list[str]]:
    """What the console says and which other hosts a page calls; empty at the end of a test."""
    found = heard(page, live_server)
    yield found
    assert found == []


def heard(page: Page, live_server: Any) -> list[str]:
    """Grows with what a page complains about.

    A refused form answers 422, which Chromium notes as a failed load: that is meant.
    """
    found: list[str] = []
    own = urlsplit(live_server.url).netloc

    def on_console(message: Any) -> None:
        if message.type in ("error", "warning") and "422" not in message.text:
            found.append(f"{message.type}: {message.text}")

    def on_request(request: Any) -> None:
        parts = urlsplit(request.url)
        if parts.scheme != "data" and parts.netloc != own:
            found.append(f"request to {request.url}")

    page.on("console", on_console)
    page.on("request", on_request)
    page.on("pageerror", lambda error: found.append(f"page error: {error}"))
    return found


def browser_of(browser: Browser, live_server: Any, person: Person, *, width: int) -> Iterator[Page]:
    """A page in which somebody is logged in; once, so that a fixture can yield from it."""
    context = browser.new_context(
        viewport={"width": width, "height": 844}, locale="ko-KR", timezone_id="Asia/Seoul"
    )
    session = cast.log_in(Client(), person).cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    page = context.new_page()
    found = heard(page, live_server)
    yield page
    context.close()
    assert found == []


@pytest.fixture
def town(transactional_db: None) -> str:
    """An open call and Mina's first contribution."""
    city.open_call()
    return city.contribution_of(cast.mina()).receipt


@pytest.fixture
def signed_in(page: Page, live_server: Any, town: str) -> str:
    """Mina, logged in through the form; answers her receipt."""
    page.goto(f"{live_server.url}/en/login/")
    page.get_by_label("E-mail address").fill(cast.mina().email)
    page.get_by_label("Password").fill(cast.PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Log in").click()
    page.wait_for_url(f"{live_server.url}/en/")
    return town

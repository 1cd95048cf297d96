"""Passkeys in a real browser, with an authenticator that the browser itself plays."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from playwright.sync_api import Page, expect

from tests import cast

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def authenticator(page: Page) -> Iterator[Any]:
    """A device that holds passkeys and always recognises its owner."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    added = session.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    yield session
    session.send("WebAuthn.removeVirtualAuthenticator", added)


def add_passkey(page: Page, base: str) -> None:
    page.goto(f"{base}/en/me/signin/passkeys/new/")
    page.get_by_label("Password").fill(cast.PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Continue").click()
    page.get_by_label("Name of the passkey").fill("Mina's phone")
    page.get_by_label("Log in with it alone").check()
    page.get_by_role("button", name="Add the passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recovery codes")


def test_a_passkey_alone_signs_in(
    page: Page, live_server: Any, signed_in: str, authenticator: Any, complaints: list[str]
) -> None:
    base = live_server.url
    add_passkey(page, base)
    assert Authenticator.objects.filter(type="webauthn", user=cast.mina()).count() == 1
    page.get_by_role("button", name="Log out").click()
    page.goto(f"{base}/en/login/?next=/en/wallet/")
    page.get_by_role("button", name="Use a passkey instead").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Wallet")
    expect(page.get_by_role("banner")).to_contain_text("Mina")


def test_a_passkey_is_the_second_step_after_a_password(
    page: Page, live_server: Any, signed_in: str, authenticator: Any, complaints: list[str]
) -> None:
    base = live_server.url
    add_passkey(page, base)
    page.get_by_role("button", name="Log out").click()
    page.goto(f"{base}/en/login/")
    page.get_by_label("E-mail address").fill(cast.mina().email)
    page.get_by_label("Password").fill(cast.PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The second step")
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(f"{base}/en/")
    expect(page.get_by_role("banner")).to_contain_text("Mina")


def test_a_passkey_that_was_taken_off_signs_nobody_in(
    page: Page, live_server: Any, signed_in: str, authenticator: Any, complaints: list[str]
) -> None:
    base = live_server.url
    add_passkey(page, base)
    page.get_by_role("button", name="Log out").click()
    Authenticator.objects.all().delete()
    page.goto(f"{base}/en/login/")
    page.get_by_role("button", name="Use a passkey instead").click()
    page.wait_for_load_state()
    expect(page.get_by_role("heading", level=1)).to_have_text("Log in")
    expect(page.get_by_role("link", name="Log in")).to_be_visible()

"""Opening an account and setting up an app, by phone and without JavaScript."""

from __future__ import annotations

import re
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import Browser, Page, expect

from dure.accounts.models import Person
from dure.core.clock import now
from tests import cast
from tests.portal.accounts.letterbox import code_to
from tests.portal.browser.test_pages import examine

pytestmark = pytest.mark.django_db(transaction=True)

PHONE = {"width": 320, "height": 700}


def test_an_account_is_opened_in_korean_without_javascript(
    browser: Browser, live_server: Any, town: str
) -> None:
    context = browser.new_context(java_script_enabled=False, locale="ko-KR", viewport=PHONE)  # type: ignore[arg-type]  # a ViewportSize
    page = context.new_page()
    page.goto(f"{live_server.url}/")
    page.get_by_role("link", name="로그인").click()
    page.get_by_role("link", name="가입하기").click()
    page.get_by_role("button", name="계속").click()
    expect(page.get_by_role("alert")).to_contain_text("문제가 있습니다")
    page.get_by_label("이름").fill("나리")
    page.get_by_label("이메일 주소", exact=True).fill("nari@dure.example")
    page.get_by_label("비밀번호").fill("three quiet herons")
    page.get_by_label("14세 이상").check()
    page.get_by_role("button", name="계속").click()
    page.get_by_label("코드").fill(code_to("nari@dure.example"))
    page.get_by_role("button", name="계속").click()
    expect(page.get_by_role("banner")).to_contain_text("나리")
    assert Person.objects.get(email="nari@dure.example").language == "ko"
    context.close()


def test_an_app_is_set_up_and_every_page_on_the_way_keeps_its_promises(
    page: Page, live_server: Any, signed_in: str, complaints: list[str]
) -> None:
    base = live_server.url
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # a ViewportSize
    page.goto(f"{base}/en/me/signin/")
    page.get_by_role("link", name="Set up an authenticator app").click()
    page.get_by_label("Password").fill(cast.PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Continue").click()
    found = examine(page, "setting up an app")
    key = page.locator("dd code").inner_text()
    page.get_by_label("Code that the app shows").fill(_shown(key))
    page.get_by_role("button", name="Turn on").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recovery codes")
    codes = page.locator("ul code").all_inner_texts()
    found += examine(page, "recovery codes")
    page.get_by_role("button", name="Log out").click()
    page.goto(f"{base}/en/login/")
    page.get_by_label("E-mail address").fill(cast.mina().email)
    page.get_by_label("Password").fill(cast.PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Log in").click()
    found += examine(page, "the second step")
    page.get_by_label("Code").fill(codes[0])
    page.get_by_role("main").get_by_role("button", name="Continue").click()
    expect(page.get_by_role("banner")).to_contain_text(re.compile("Mina"))
    assert found == []


def _shown(key: str) -> str:
    return str(format_hotp_value(hotp_value(key, int(now().timestamp()) // 30)))

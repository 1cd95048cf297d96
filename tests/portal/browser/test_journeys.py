"""What people do with the pages: contribute, follow, verify, with and without JavaScript."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from contributions.models import Contribution, State
from governance.log.selectors import latest_checkpoint
from governance.log.services import sequence
from governance.models import LogEntry
from tests import cast
from tests.portal import city

pytestmark = pytest.mark.django_db(transaction=True)

FILE = {
    "name": "dust.csv",
    "mimeType": "text/csv",
    "buffer": f"{city.HEADER}\n2026-11-05,11680,22\n".encode(),
}


def contribute(page: Page, base: str) -> str:
    """From the call to the receipt, in Korean; answers the receipt number."""
    page.goto(f"{base}/calls/{city.SLUG}/")
    page.get_by_role("link", name="이 모집에 기여하기").click()
    page.get_by_role("button", name="계속").click()
    page.get_by_role("button", name="계속").click()
    expect(page).to_have_title(re.compile("^오류: "))
    expect(page.get_by_role("alert")).to_contain_text("문제가 있습니다")
    page.get_by_label("파일 선택").set_input_files(FILE)  # type: ignore[arg-type]  # a FilePayload
    page.get_by_role("button", name="계속").click()
    page.get_by_role("button", name="계속").click()
    page.get_by_role("button", name="동의하고 제출하기").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_role("checkbox", name="도시 인공지능과 정책").check()
    page.get_by_role("button", name="동의하고 제출하기").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("접수되었습니다")
    receipt = page.get_by_label("접수 번호")
    expect(receipt).to_have_text(re.compile(r"^D-\d{4}-[0-9A-HJKMNP-TV-Z]{8}$"))
    return receipt.inner_text()


def test_a_resident_contributes_in_korean(
    page: Page, live_server: Any, signed_in: str, complaints: list[str]
) -> None:
    receipt = contribute(page, live_server.url)
    page.get_by_role("link", name="처리 상황 보기").click()
    expect(page.get_by_role("list", name="처리 상황")).to_have_attribute("data-state", "received")
    assert Contribution.objects.get(receipt=receipt).filename == "dust.csv"


def test_focus_moves_to_what_is_wrong(
    page: Page, live_server: Any, signed_in: str, complaints: list[str]
) -> None:
    page.goto(f"{live_server.url}/en/contribute/{city.SLUG}/where/")
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Continue").click()
    assert page.evaluate("document.activeElement.hasAttribute('data-error-summary')")
    page.get_by_role("alert").get_by_role("link").click()
    assert page.evaluate("document.activeElement.id") == "file"


def test_everything_works_without_javascript(browser: Browser, live_server: Any, town: str) -> None:
    context = browser.new_context(java_script_enabled=False, locale="ko-KR")
    page = context.new_page()
    page.goto(f"{live_server.url}/login/?next=/calls/{city.SLUG}/")
    page.get_by_label("이메일 주소").fill(cast.joon().email)
    page.get_by_label("비밀번호").fill(cast.PASSWORD)
    page.get_by_role("main").get_by_role("button", name="로그인").click()
    receipt = contribute(page, live_server.url)
    page.goto(f"{live_server.url}/c/{receipt}/")
    expect(page.get_by_role("list", name="처리 상황")).to_have_attribute("data-state", "received")
    context.close()


def test_the_status_page_follows_and_then_rests(
    page: Page, live_server: Any, signed_in: str, complaints: list[str]
) -> None:
    polls: list[str] = []
    page.on("request", lambda r: polls.append(r.url) if "/progress/" in r.url else None)
    Contribution.objects.filter(receipt=signed_in).update(state=State.CHECKING, stage="quality")
    page.goto(f"{live_server.url}/en/c/{signed_in}/")
    steps = page.get_by_role("list", name="Progress")
    expect(steps).to_have_attribute("data-stage", "quality")
    Contribution.objects.filter(receipt=signed_in).update(
        state=State.FAILED, reason_rule="internal"
    )
    expect(steps).to_have_attribute("data-state", "failed")
    expect(steps).not_to_have_attribute("data-stage", re.compile("."))
    seen = len(polls)
    page.wait_for_timeout(1500)
    assert len(polls) == seen


def test_a_browser_verifies_an_entry_by_itself(
    page: Page, live_server: Any, town: str, complaints: list[str]
) -> None:
    sequence()
    checkpoint = latest_checkpoint()
    assert checkpoint is not None
    for index in range(checkpoint.size):
        page.goto(f"{live_server.url}/log/{index}/")
        page.get_by_role("button", name="내 브라우저에서 검증").click()
        expect(page.locator("#verify-status")).to_have_text(re.compile("^검증됨"))


def test_a_changed_entry_does_not_verify(
    page: Page, live_server: Any, town: str, complaints: list[str]
) -> None:
    sequence()
    entry = LogEntry.objects.get(place__index=1)

    def tamper(route: Any) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, json={**answer.json(), "body": '{"v":2}'})

    page.route(f"**/api/v1/log/entries/{entry.index}/", tamper)
    page.goto(f"{live_server.url}/en/log/1/")
    page.get_by_role("button", name="Verify in my browser").click()
    expect(page.locator("#verify-status")).to_have_text(re.compile("^Not verified"))


def test_a_consent_is_withdrawn_where_its_effect_is_stated(
    page: Page, live_server: Any, signed_in: str, complaints: list[str]
) -> None:
    page.goto(f"{live_server.url}/me/consents/")
    expect(page.get_by_text("철회하시면 그 순간부터")).to_be_visible()
    page.get_by_role("button", name="동의 철회: 도시 인공지능과 정책").click()
    expect(page.get_by_role("status")).to_contain_text("동의를 철회했습니다")

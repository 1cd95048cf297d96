"""A large file goes in pieces, survives a reload, and small ones go as they always did."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from contributions.models import Draft, Upload
from tests.portal import city

pytestmark = pytest.mark.django_db(transaction=True)

SCRIPT_BYTES_MAX = 3 * 1024


def large_file(folder: Path) -> Path:
    path = folder / "dust.csv"
    row = "2026-11-05,11680,22"
    path.write_text(f"{city.HEADER}\n" + f"{row}\n" * 620_000)
    assert path.stat().st_size > 2 * 5 * 1024 * 1024
    return path


def test_an_upload_goes_on_after_a_reload(
    page: Page, live_server: Any, signed_in: str, complaints: list[str], tmp_path: Path
) -> None:
    path = large_file(tmp_path)
    page.goto(f"{live_server.url}/en/contribute/{city.SLUG}/where/")
    page.get_by_role("button", name="Continue").click()
    seen: list[int] = []

    def hold_back(route: Any) -> None:
        offset = int(route.request.headers["upload-offset"])
        seen.append(offset)
        if offset == 0:
            route.continue_()  # the others are left hanging, as on a dead line

    page.route("**/api/v1/uploads/*/", lambda route: (
        hold_back(route) if route.request.method == "PATCH" else route.continue_()
    ))  # fmt: skip
    page.wait_for_load_state()  # the script takes over by then; before it, the form goes as ever
    page.get_by_label("Choose files").set_input_files(path)
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("[data-upload] [role=status]")).to_have_text("Sending: 42 %")
    while len(seen) < 2:  # the next piece is asked for a moment after the words
        page.wait_for_timeout(50)
    assert seen == [0, 5 * 1024 * 1024]
    page.reload()  # while the line is still dead: freed before, the second piece would get through
    page.unroute_all()
    stopped = "An upload stopped at 42 %. Choose the same file to go on from there."
    expect(page.locator("[data-upload] [role=status]")).to_have_text(stopped)
    again: list[str] = []
    page.on("request", lambda request: again.append(request.headers.get("upload-offset", "")))
    page.wait_for_load_state()  # the script takes over by then; before it, the form goes as ever
    page.get_by_label("Choose files").set_input_files(path)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What we found in your file")
    assert "0" not in again, "what had arrived was not sent again"
    draft = Draft.objects.get(contribution=None)
    assert draft.blob is not None
    assert (draft.filename, draft.blob.size) == ("dust.csv", path.stat().st_size)
    assert Upload.objects.get().end == "used"
    assert page.evaluate("localStorage.length") == 0


def test_it_can_be_paused(
    page: Page, live_server: Any, signed_in: str, complaints: list[str], tmp_path: Path
) -> None:
    page.goto(f"{live_server.url}/en/contribute/{city.SLUG}/where/")
    page.get_by_role("button", name="Continue").click()
    page.route("**/api/v1/uploads/*/", lambda _route: None)
    page.wait_for_load_state()
    page.get_by_label("Choose files").set_input_files(large_file(tmp_path))
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Pause").click()
    expect(page.locator("[data-upload] [role=status]")).to_have_text("Paused at 0 %")
    page.unroute_all()
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What we found in your file")


def test_what_a_cut_line_stopped_goes_on_by_itself(
    page: Page, live_server: Any, signed_in: str, tmp_path: Path
) -> None:
    page.goto(f"{live_server.url}/en/contribute/{city.SLUG}/where/")
    page.get_by_role("button", name="Continue").click()
    page.wait_for_load_state()
    page.get_by_label("Choose files").set_input_files(large_file(tmp_path))
    expect(page.locator("#file-status")).to_contain_text("MB)")
    page.context.set_offline(True)
    page.get_by_role("button", name="Continue").click()
    status = page.locator("[data-upload] [role=status]")
    expect(status).to_contain_text("The line broke", timeout=20_000)
    page.context.set_offline(False)
    expect(page.get_by_role("heading", level=1)).to_have_text("What we found in your file")


def test_after_a_reload_the_way_on_is_to_choose_the_file_again(
    page: Page, live_server: Any, signed_in: str, tmp_path: Path
) -> None:
    page.goto(f"{live_server.url}/en/contribute/{city.SLUG}/where/")
    page.get_by_role("button", name="Continue").click()
    page.evaluate("localStorage['dure-upload'] = JSON.stringify({mark: 'x', url: '/', part: 0.4})")
    page.reload()
    page.wait_for_load_state()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Go on").click()
    assert not chooser.value.is_multiple()


def test_the_script_is_small_and_only_where_a_file_is_chosen(
    page: Page, live_server: Any, signed_in: str
) -> None:
    script = Path(settings.PROJECT_DIR) / "platform/portal/static/dure/js/upload.js"
    assert script.stat().st_size <= SCRIPT_BYTES_MAX
    loaded: list[str] = []
    page.on("request", lambda request: loaded.append(request.url))
    page.goto(f"{live_server.url}/en/")
    assert not any("upload.js" in url for url in loaded)

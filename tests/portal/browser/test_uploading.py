"""A large file goes in pieces, survives a reload, and small ones go as they always did."""

from __future__ import annotations

import queue
import threading
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect
from rest_framework.request import Request
from rest_framework.response import Response

from contributions.api.uploads import UploadView
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


class DeadLine:
    """The first piece arrives; of the others the server does not hear until the line is back.

    It stands in the server and not between: what the browser is told to hold back, it has been
    seen to lose.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.offsets: queue.Queue[int] = queue.Queue()
        self.back = threading.Event()
        arrives = UploadView.patch

        def patch(view: UploadView, request: Request, upload_id: UUID) -> Response:
            offset = int(request.headers["Upload-Offset"])
            self.offsets.put(offset)
            if offset and not self.back.is_set():
                self.back.wait(60)
                return Response(status=503)
            return arrives(view, request, upload_id)

        monkeypatch.setattr(UploadView, "patch", patch)


def test_an_upload_goes_on_after_a_reload(
    page: Page,
    live_server: Any,
    signed_in: str,
    complaints: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = large_file(tmp_path)
    line = DeadLine(monkeypatch)
    page.goto(f"{live_server.url}/en/contribute/{city.SLUG}/where/")
    page.get_by_role("button", name="Continue").click()
    page.wait_for_load_state()  # the script takes over by then; before it, the form goes as ever
    page.get_by_label("Choose files").set_input_files(path)
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("[data-upload] [role=status]")).to_have_text("Sending: 42 %")
    assert [line.offsets.get(timeout=30), line.offsets.get(timeout=30)] == [0, 5 * 1024 * 1024]
    page.reload()  # while the line is still dead: freed before, the second piece would get through
    line.back.set()
    stopped = "An upload stopped at 42 %. Choose the same file to go on from there."
    expect(page.locator("[data-upload] [role=status]")).to_have_text(stopped)
    page.wait_for_load_state()  # the script takes over by then; before it, the form goes as ever
    page.get_by_label("Choose files").set_input_files(path)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What we found in your file")
    again = {line.offsets.get(timeout=30)}
    while not line.offsets.empty():
        again.add(line.offsets.get())
    assert 0 not in again, "what had arrived was not sent again"
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

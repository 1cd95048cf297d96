"""The desk of an organisation, and the pages for its programmers."""

from __future__ import annotations

import ast
import base64
import html
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import translation
from standardwebhooks.webhooks import Webhook

from contributions.intake.services import submit
from contributions.models import Contribution
from dure.accounts.models import ApiKey, LoggedRequest
from dure.accounts.roles import MemberRole
from dure.accounts.webhooks.kinds import webhook_kinds
from dure.core.clock import now
from dure.core.problems import PROBLEM_KINDS
from portal.public.reference import operations
from tests import cast
from tests.portal import city

FIRM_PAGES = [
    "/en/firm/", "/en/firm/keys/", "/en/firm/submissions/", "/en/firm/settlements/",
    "/en/firm/members/", "/en/firm/requests/", "/en/firm/feeds/", "/en/firm/webhooks/",
]  # fmt: skip
A_TEST_KEY = {"kind": "test", "scopes": ["contributions:read", "contributions:write"]}


@pytest.mark.django_db
def test_a_key_is_shown_once_and_ends_when_revoked(client: Client) -> None:
    cast.log_in(client, cast.hana())
    answer = client.post("/en/firm/keys/", A_TEST_KEY)
    secret = re.search(r">(dure_test_[0-9A-Z]+)<", answer.content.decode())
    assert secret is not None
    assert "no-store" in answer["Cache-Control"]
    assert secret[1] not in client.get("/en/firm/keys/").content.decode()
    program = Client(headers={"Authorization": f"Bearer {secret[1]}"})
    assert program.get("/api/v1/contributions/").status_code == 200
    key = ApiKey.objects.get()
    assert key.organisation == cast.hanbit()
    client.post(f"/en/firm/keys/{key.id}/revocation/")
    assert program.get("/api/v1/contributions/").status_code == 401
    assert "Revoked" in client.get("/en/firm/keys/").content.decode()


@pytest.mark.django_db
def test_a_key_needs_a_kind(client: Client) -> None:
    answer = cast.log_in(client, cast.hana()).post("/en/firm/keys/", {})
    assert answer.status_code == 422
    assert not ApiKey.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("address", FIRM_PAGES)
def test_the_desk_is_for_members_only(client: Client, address: str) -> None:
    assert client.get(address)["Location"].startswith("/en/login/")
    cast.log_in(client, cast.charlie())
    assert client.get(address).status_code == 404
    assert client.get(f"{address}?organisation={cast.hanbit().id}").status_code == 404
    cast.log_in(client, cast.hana())
    assert client.get(address).status_code == 200
    assert client.get(f"{address}?organisation=made-up").status_code == 404


@pytest.mark.django_db
def test_the_only_owner_is_not_offered_to_leave(client: Client) -> None:
    cast.log_in(client, cast.hana())
    reason = "The only owner cannot leave."
    alone = client.get("/en/firm/members/").content.decode()
    assert reason in alone
    assert ">Leave</button>" not in alone
    assert "Role of Hana" not in alone
    cast.hanbit().memberships.create(person=cast.charlie(), role=MemberRole.OWNER)
    two = client.get("/en/firm/members/").content.decode()
    assert reason not in two
    assert ">Leave</button>" in two


@pytest.mark.django_db
def test_nobody_revokes_the_key_of_another(client: Client) -> None:
    cast.log_in(client, cast.hana()).post("/firm/keys/", A_TEST_KEY)
    key = ApiKey.objects.get()
    cast.log_in(client, cast.charlie())
    assert client.post(f"/firm/keys/{key.id}/revocation/").status_code == 404
    key.refresh_from_db()
    assert key.revoked_at is None


@pytest.mark.django_db
def test_submissions_are_the_organisations_own_and_can_be_filtered(client: Client) -> None:
    city.open_call()
    hana = cast.hana()
    own = submit(
        acting=cast.actor(hana),
        party_id=cast.hanbit().party_id,
        call_slug=city.SLUG,
        stream=city.csv_file("2026-11-01,11320,31"),
        filename="dust.csv",
        content_type="text/csv",
        purposes=["city-ai"],
        language="en",
    )
    foreign = city.contribution_of(cast.mina())
    cast.log_in(client, cast.hana())
    page = client.get(f"/en/firm/submissions/?call={city.SLUG}").content.decode()
    assert own.receipt in page
    assert foreign.receipt not in page
    refused = client.get("/en/firm/submissions/?state=rejected").content.decode()
    assert own.receipt not in refused
    assert "Nothing was sent that fits." in refused


@pytest.mark.django_db
def test_the_reference_has_every_operation_of_the_api(client: Client) -> None:
    page = client.get("/en/developers/reference/").content.decode()
    for one in operations("en"):
        broken = one.path.replace("/", "/<wbr>")
        assert f"<code>{one.method} {broken}</code>" in page, "lines break between words only"
    assert len(operations("en")) > 30


@pytest.mark.django_db
def test_the_reference_shows_what_is_sent_and_what_comes_back(client: Client) -> None:
    """Commands of the shell that can be run once their variables are set, and answers in JSON."""
    shown = {one.id: one for one in operations("en")}
    push = shown["contributions_submit"]
    assert "-F file=@data.csv" in push.request
    assert '-H "Idempotency-Key: $(uuidgen)"' in push.request
    assert "text/csv" in push.bodies
    assert json.loads(push.answer)["state"].startswith("received | checking"), "not the dry run"
    read = shown["contributions_read"]
    assert "/contributions/$RECEIPT/" in read.request
    assert set(json.loads(read.answer)["counts"]) == {
        "received", "accepted", "quarantined", "duplicate",
    }  # fmt: skip
    assert "Authorization" not in shown["calls_list"].request, "open to everybody"
    asked = json.loads(shown["redemptions_request"].body)
    assert {"asset", "amount", "rail"} <= set(asked)
    for one in shown.values():
        done = subprocess.run(
            ["bash", "-n", "-c", one.request], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, (one.id, done.stderr)
        if one.answer:
            json.loads(one.answer)
    page = html.unescape(client.get("/en/developers/reference/").content.decode())
    assert push.request in page
    assert read.answer in page
    assert "Purposes you consent to." in page, "what a field means"
    assert "`" not in re.sub("<pre.*?</pre>", "", page, flags=re.S), "code is marked as code"


@pytest.mark.django_db
def test_the_page_of_a_problem_says_why_and_whether_to_send_it_again(client: Client) -> None:
    for code, why, again in (
        ("too-many-requests", "in a short time", "Yes, after the seconds in Retry-After."),
        ("not-found", "answered alike", "Not as it is"),
        ("request-in-progress", "in another state", "may pass"),
        ("server-error", "A fault of ours", "nothing is done twice"),
    ):
        page = html.unescape(client.get(f"/en/developers/errors/{code}/").content.decode())
        assert why in page
        assert again in page
        found = re.search(r"<pre tabindex=\"0\"><code>(.*?)</code>", page, re.DOTALL)
        assert found is not None
        assert json.loads(found[1])["type"] == f"/developers/errors/{code}/"


@pytest.mark.django_db
def test_a_line_of_the_request_log_is_short_and_its_id_is_whole_within(client: Client) -> None:
    cast.log_in(client, cast.hana())
    cast.api(cast.hana(), cast.hanbit()).get("/api/v1/wallet/")
    page = client.get("/en/firm/requests/").content.decode()
    (one,) = LoggedRequest.objects.all()
    assert f"<code>{str(one.id)[:8]}…</code>" in page
    assert f'<code class="long">{one.id}</code>' in page


@pytest.mark.django_db
def test_the_changelog_is_the_one_of_the_code(client: Client) -> None:
    page = client.get("/developers/changelog/").content.decode()
    line = (Path(__file__).resolve().parents[2] / "CHANGELOG.md").read_text().splitlines()
    first = next(text[2:] for text in line if text.startswith("- "))
    assert html.escape(first.replace("`", ""), quote=True).split("&")[0] in page


def _run(script: str, folder: Path, **more: str) -> str:
    """What a shell prints that runs a page's snippet and nothing else."""
    own = Path(sys.executable).parent
    done = subprocess.run(
        ["bash", "-euc", html.unescape(script)],
        cwd=folder,
        env={"PATH": f"{own}:{os.environ['PATH']}", **more},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.django_db(transaction=True)
def test_the_quickstart_runs_as_it_stands_in_all_three_ways(
    client: Client, live_server: Any, settings: Any, tmp_path: Path
) -> None:
    settings.PUBLIC_URL = live_server.url
    city.open_call()
    cast.log_in(client, cast.hana())
    made = client.post("/en/firm/keys/", A_TEST_KEY).content.decode()
    secret = re.search(r"dure_test_[0-9A-Z]{20,}", made)
    assert secret is not None
    page = client.get("/en/developers/").content.decode()
    steps = re.findall(r'<code data-step="\d">(.*?)</code>', page, re.DOTALL)
    assert len(steps) == 3
    said = _run("\n".join(steps), tmp_path, DURE_KEY=secret[0])
    receipt = Contribution.objects.get().receipt
    assert f"{receipt}\n" in said
    assert f'"receipt":"{receipt}"' in said
    others = dict(re.findall(r'<code data-snippet="(\w+)">(.*?)</code>', page, re.DOTALL))
    said = _run(f"python - <<'END'\n{others['python']}\nEND", tmp_path, DURE_KEY=secret[0])
    by_python = Contribution.objects.exclude(receipt=receipt).get().receipt
    assert said.split()[0] == by_python
    said = _run(others["client"], tmp_path, DURE_KEY=secret[0], HOME=str(tmp_path))
    by_command = Contribution.objects.exclude(receipt__in=[receipt, by_python]).get()
    assert by_command.receipt in said
    assert not Contribution.objects.filter(test=False).exists()


@pytest.mark.django_db
def test_the_snippet_that_verifies_agrees_with_the_independent_library(client: Client) -> None:
    page = client.get("/en/developers/webhooks/").content.decode()
    found = re.search(r'<code data-snippet="verify">(.*?)</code>', page, re.DOTALL)
    assert found is not None
    names: dict[str, Any] = {}
    exec(html.unescape(found[1]), names)  # the page's own words, run as they stand
    is_ours, body, moment = names["is_from_the_city"], b'{"type":"x"}', now()
    secret = "whsec_" + base64.b64encode(b"s" * 32).decode()
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": Webhook(secret).sign("msg_1", moment, body.decode()),
    }
    assert is_ours(secret, headers, body)
    assert not is_ours(secret, headers, body + b" ")
    assert not is_ours(secret, {**headers, "webhook-id": "msg_2"}, body)
    old = {**headers, "webhook-timestamp": "1700000000"}
    assert not is_ours(secret, old, body)
    for kind, _item in webhook_kinds.items():
        assert f"<code>{kind}</code>" in page


@pytest.mark.django_db
@pytest.mark.parametrize("code", sorted(PROBLEM_KINDS))
def test_every_problem_has_its_page_in_both_languages(client: Client, code: str) -> None:
    kind = PROBLEM_KINDS[code]
    for prefix, language in (("", "ko"), ("/en", "en")):
        page = client.get(f"{prefix}{kind.type}")
        assert page.status_code == 200
        with translation.override(language):
            shown = html.unescape(page.content.decode())
            assert str(kind.title) in shown
            assert str(kind.advice) in shown
    with translation.override("ko"):
        assert re.search("[가-힣]", str(kind.title)), code


def test_every_problem_that_the_code_names_is_one_that_has_a_page() -> None:
    """Reads the code itself: a kind made anywhere is known wherever pages are made."""
    root = Path(__file__).resolve().parents[2]
    named = set()
    for room in ("platform", "governance", "contributions", "rewards"):
        for path in (root / room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "ProblemKind":
                    given = [*node.args[:1], *(k.value for k in node.keywords if k.arg == "code")]
                    named |= {each.value for each in given if isinstance(each, ast.Constant)}
    assert len(named) > 40
    assert named == set(PROBLEM_KINDS)

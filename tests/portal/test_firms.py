"""The desk of an organisation, and the pages for its programmers."""

from __future__ import annotations

import html
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from contributions.intake.services import submit
from contributions.models import Contribution
from dure.accounts.models import ApiKey
from portal.public.reference import operations
from tests import cast
from tests.portal import city

FIRM_PAGES = [
    "/en/firm/", "/en/firm/keys/", "/en/firm/submissions/", "/en/firm/settlements/",
    "/en/firm/members/", "/en/firm/requests/", "/en/firm/feeds/",
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
        assert f"<code>{one.method} {one.path}</code>" in page
    assert len(operations("en")) > 30


@pytest.mark.django_db
def test_the_changelog_is_the_one_of_the_code(client: Client) -> None:
    page = client.get("/developers/changelog/").content.decode()
    line = (Path(__file__).resolve().parents[2] / "CHANGELOG.md").read_text().splitlines()
    first = next(text[2:] for text in line if text.startswith("- "))
    assert html.escape(first.replace("`", ""), quote=True).split("&")[0] in page


@pytest.mark.django_db(transaction=True)
def test_the_quickstart_runs_as_it_stands(
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
    done = subprocess.run(
        ["bash", "-euc", html.unescape("\n".join(steps))],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "DURE_KEY": secret[0]},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    receipt = Contribution.objects.get().receipt
    assert f"{receipt}\n" in done.stdout
    assert f'"receipt":"{receipt}"' in done.stdout

"""What a key did is noted for a month: never the body, never for a neighbour's eyes."""

from __future__ import annotations

import hashlib
import json
import uuid
from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from dure.accounts.acting import Actor
from dure.accounts.api_key_services import issue_api_key, revoke_api_key
from dure.accounts.models import ApiKey, LoggedRequest
from dure.accounts.rate_limits import parse_rate
from dure.accounts.request_log import sweep_requests
from dure.core.clock import now
from tests import cast

pytestmark = pytest.mark.django_db
BODY = b'{"asset": "KRW", "amount": "-1", "rail": "bank", "destination": {"memo": "very private"}}'


@pytest.fixture
def firm_key() -> tuple[ApiKey, dict[str, str]]:
    key, secret = issue_api_key(
        acting=Actor.system("tests"), person=cast.hana(), organisation=cast.hanbit()
    )
    return key, {"Authorization": f"Bearer {secret}"}


def test_a_request_leaves_its_id_and_the_hash_of_its_body(
    client: Client, firm_key: tuple[ApiKey, dict[str, str]]
) -> None:
    key, headers = firm_key
    answer = client.post(
        "/api/v1/redemptions/?secret=in-the-query", BODY,
        content_type="application/json", headers=headers,
    )  # fmt: skip
    line = LoggedRequest.objects.get(id=uuid.UUID(answer["Request-Id"]))
    assert (line.key, line.organisation) == (key, cast.hanbit())
    assert (line.method, line.path) == ("POST", "/api/v1/redemptions/")
    assert line.status == answer.status_code
    assert line.problem == answer.json()["type"].strip("/").rpartition("/")[2]
    assert (line.body_bytes, line.body_sha256) == (len(BODY), hashlib.sha256(BODY).hexdigest())
    stored = json.dumps(list(LoggedRequest.objects.values()), default=str)
    assert "private" not in stored
    assert "in-the-query" not in stored


@pytest.mark.parametrize("odd", ["%00", "%1B", "%ED%A0%80", "%0A"])
def test_odd_letters_in_a_path_keep_no_line_out(
    client: Client, firm_key: tuple[ApiKey, dict[str, str]], odd: str
) -> None:
    answer = client.get(f"/api/v1/contributions/D-2026{odd}/", headers=firm_key[1])
    assert answer.status_code == 404
    line = LoggedRequest.objects.get()
    assert line.path.isprintable()


def test_a_file_is_hashed_as_it_streams(
    client: Client, firm_key: tuple[ApiKey, dict[str, str]]
) -> None:
    data = b"a,b\n1,2\n" * 30_000
    client.post(
        "/api/v1/contributions/?call=none", data, content_type="text/csv", headers=firm_key[1]
    )
    line = LoggedRequest.objects.get()
    if line.body_bytes is not None:
        assert (line.body_bytes, line.body_sha256) == (len(data), hashlib.sha256(data).hexdigest())
    else:
        assert line.body_sha256 == ""


def test_requests_of_an_ended_key_are_noted_and_of_no_key_are_not(
    client: Client, firm_key: tuple[ApiKey, dict[str, str]]
) -> None:
    key, headers = firm_key
    revoke_api_key(acting=cast.actor(cast.hana()), key=key)
    assert client.get("/api/v1/contributions/", headers=headers).status_code == 401
    assert LoggedRequest.objects.get().status == 401
    for stranger in ({}, {"Authorization": "Bearer dure_live_NONSENSE"}):
        assert "Request-Id" in client.get("/api/v1/contributions/", headers=stranger)
    assert "Request-Id" in client.get("/en/nowhere/")
    assert LoggedRequest.objects.count() == 1


def test_an_address_that_nothing_answers_is_not_kept(
    client: Client, firm_key: tuple[ApiKey, dict[str, str]]
) -> None:
    client.get("/api/v1/contributions/900101-1234568/nothing/", headers=firm_key[1])
    assert not LoggedRequest.objects.filter(path__contains="900101").exists()


def test_a_line_stands_and_goes_after_thirty_days(
    client: Client, firm_key: tuple[ApiKey, dict[str, str]]
) -> None:
    client.get("/api/v1/contributions/", headers=firm_key[1])
    line = LoggedRequest.objects.get()
    with pytest.raises(DatabaseError, match="stands"), transaction.atomic():
        LoggedRequest.objects.update(status=200)
    line.id, line.at = uuid.uuid4(), now() - timedelta(days=30, seconds=1)
    line.save(force_insert=True)
    assert sweep_requests() == 1
    assert sweep_requests() == 0
    assert LoggedRequest.objects.count() == 1


def test_a_key_is_told_how_many_requests_are_left_and_then_to_wait(
    client: Client, firm_key: tuple[ApiKey, dict[str, str]], settings: pytest.FixtureRequest
) -> None:
    settings.RATE_LIMITS = {  # type: ignore[attr-defined]  # pytest-django's settings wrapper
        "stranger": "2/hour", "person": "2/hour", "key": "2/hour", "test-key": "2/hour",
    }  # fmt: skip
    seen = [client.get("/api/v1/contributions/", headers=firm_key[1]) for _ in range(3)]
    assert [each.status_code for each in seen] == [200, 200, 429]
    assert seen[0]["RateLimit-Policy"] == '"key";q=2;w=3600'
    assert seen[0]["RateLimit"].startswith('"key";r=1;t=')
    assert seen[2]["RateLimit"].startswith('"key";r=0;t=')
    assert 0 < int(seen[2]["Retry-After"]) <= 3601
    other = cast.api(cast.mina())
    assert other.get("/api/v1/contributions/").status_code == 200


@pytest.mark.parametrize("text", ["", "0/min", "5/day", "-1/min", "５/min", "5 / min"])
def test_a_rate_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="rate"):
        parse_rate(text)


def test_the_page_shows_the_own_lines_alone(
    client: Client, firm_key: tuple[ApiKey, dict[str, str]]
) -> None:
    from dure.accounts.membership import found_organisation

    program = Client()
    shown = program.get("/api/v1/contributions/", headers=firm_key[1])["Request-Id"]
    refused = program.get("/api/v1/payouts/waiting/", headers=firm_key[1])["Request-Id"]
    page = cast.log_in(client, cast.hana()).get("/en/firm/requests/").content.decode()
    assert shown in page
    only = client.get("/en/firm/requests/?status=4&method=GET&key=nonsense").content.decode()
    assert refused in only
    assert shown not in only
    assert "No requests match." in client.get("/en/firm/requests/?id=made-up").content.decode()
    found_organisation(
        acting=cast.actor(cast.charlie()), name={"ko": "이웃", "en": "Neighbour"}, kind="firm"
    )
    cast.log_in(client, cast.charlie())
    unused = client.get("/en/firm/requests/").content.decode()
    assert shown not in unused
    assert "Your keys have sent no requests yet." in unused
    assert client.get(f"/en/firm/requests/?organisation={cast.hanbit().id}").status_code == 404

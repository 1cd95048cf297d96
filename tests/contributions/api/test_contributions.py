"""Contributions over HTTP, as a firm's program and a resident's see them."""

from __future__ import annotations

import base64
import io
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from contributions.models import Contribution
from contributions.pipeline.stages import check
from contributions.registries import reward_page_provider, reward_provider
from governance.models import ConsentEvent
from tests.cast import api, charlie, hana, hanbit, joon, mina
from tests.contributions.seoul import air_csv, handed_in, published, twenty_rows

pytestmark = pytest.mark.django_db(transaction=True)

ADDRESS = "/api/v1/contributions/"


def form(data: bytes, **changes: Any) -> dict[str, Any]:  # Any: fields of a form
    return {
        "call": "air-daily",
        "file": SimpleUploadedFile("air.csv", data, content_type="text/csv"),
        "purpose": ["city-ai"],
        **changes,
    }


def send(client: APIClient, data: bytes, **headers: str) -> Any:  # Any: DRF's test response
    return client.post(ADDRESS, form(data), format="multipart", headers=headers)


def test_a_form_is_answered_with_a_receipt_at_once() -> None:
    published()
    client = api(mina())
    answer = send(client, twenty_rows())
    assert answer.status_code == 202
    document = answer.json()
    assert answer["Location"] == f"{ADDRESS}{document['receipt']}/"
    assert (document["call"], document["state"], document["stage"]) == (
        "air-daily",
        "received",
        "decode",
    )
    assert document["reward"]["asset"] == "DURE"
    check(Contribution.objects.get().id)
    followed = client.get(answer["Location"]).json()
    assert followed["state"] == "accepted"
    assert followed["stage"] is None
    assert followed["reason"] is None
    assert followed["counts"] == {
        "received": 20,
        "accepted": 20,
        "quarantined": 0,
        "duplicate": 0,
    }
    assert followed["quality"]["score"] == "1.000"
    assert followed["quality"]["checks"][0]["severity"] == "critical"
    assert {(each["key"], each["mass"]) for each in followed["strata"]} == {
        ("11110", 10_000),
        ("11320", 10_000),
    }


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("text/csv", twenty_rows()),
        (
            "application/x-ndjson",
            '{"측정일시": "20261101", "측정소명": "종로구", "PM10": 31}\n'.encode(),
        ),
    ],
)
def test_a_program_sends_the_file_as_the_body(content_type: str, body: bytes) -> None:
    published()
    answer = api(hana(), hanbit()).post(
        f"{ADDRESS}?call=air-daily&purpose=city-ai&purpose=research",
        body,
        content_type=content_type,
    )
    assert answer.status_code == 202
    assert Contribution.objects.get().party == hanbit().party
    assert ConsentEvent.objects.count() == 2
    assert check(Contribution.objects.get().id).state == "accepted"


def test_the_same_key_and_file_have_one_effect() -> None:
    published()
    client = api(mina())
    first = send(client, twenty_rows(), idempotency_key="k1")
    again = send(client, twenty_rows(), idempotency_key="k1")
    assert (first.status_code, again.status_code) == (202, 202)
    assert again.json() == first.json()
    assert again["Location"] == first["Location"]
    assert Contribution.objects.count() == 1
    other = send(client, air_csv("20261101,종로구,1"), idempotency_key="k1")
    assert other.status_code == 422
    assert other.json()["type"].endswith("idempotency-key-reused/")


def test_a_dry_run_leaves_nothing_behind() -> None:
    published()
    answer = api(mina()).post(
        f"{ADDRESS}?validate_only=1",
        form(air_csv("20261101,종로구,31", "20261102,,x"), purpose=[]),
        format="multipart",
    )
    assert answer.status_code == 200
    document = answer.json()
    assert (document["fits"], document["rows_seen"]) == (True, 2)
    assert {each["row"] for each in document["findings"]} == {2}
    assert document["outcome"]["state"] == "returned"
    assert document["outcome"]["counts"]["quarantined"] == 1
    assert "1" in document["outcome"]["reason"]
    assert not Contribution.objects.exists()
    assert not ConsentEvent.objects.exists()


def test_a_dry_run_tells_the_ending_of_the_same_file() -> None:
    published(tolerance="0.5")
    data = air_csv(
        "20261101,종로구,31", "20261101,종로구,31", "20261102,종로구,-4", "20261103,종로구,"
    )
    dry = api(mina()).post(f"{ADDRESS}?validate_only=1", form(data, purpose=[]), format="multipart")
    receipt = send(api(mina()), data).json()["receipt"]
    check(Contribution.objects.get(receipt=receipt).id)
    real, outcome = api(mina()).get(f"{ADDRESS}{receipt}/").json(), dry.json()["outcome"]
    for part in ("state", "reason", "counts", "quality"):
        assert outcome[part] == real[part], part
    assert outcome["counts"] == {"received": 4, "accepted": 2, "quarantined": 1, "duplicate": 1}
    assert [each["row"] for each in outcome["findings"]] == [3]


def test_a_dry_run_of_a_large_file_looks_at_its_beginning_alone() -> None:
    published()
    rows = (f"202611{n % 28 + 1:02d}{n % 24:02d},종로구,{n}.{'0' * 200}" for n in range(24_000))
    answer = api(mina()).post(
        f"{ADDRESS}?validate_only=1", form(air_csv(*rows), purpose=[]), format="multipart"
    )
    assert (answer.status_code, answer.json()["outcome"]) == (200, None)
    assert answer.json()["rows_seen"] > 0


def test_a_problem_names_the_columns() -> None:
    published()
    answer = send(api(mina()), "측정일시,구\n20261101,종로구\n".encode())
    assert answer.status_code == 422
    assert answer["Content-Type"] == "application/problem+json"
    assert [error["field"] for error in answer.json()["errors"]] == ["측정소명", "PM10", "구"]


@pytest.mark.parametrize(
    ("changes", "code", "status"),
    [
        ({"purpose": ["research"]}, "consent-missing", 422),
        ({"call": "no-such-call"}, "call-unknown", 404),
        ({"call": "a\x00b"}, "call-unknown", 404),
        ({"call": ""}, "call-unknown", 404),
        ({"file": ""}, "file-missing", 422),
        ({"party": "not-a-uuid"}, "invalid-request", 400),
    ],
)
def test_other_problems_have_their_codes(changes: dict[str, Any], code: str, status: int) -> None:
    published()
    answer = api(mina()).post(ADDRESS, form(twenty_rows(), **changes), format="multipart")
    assert (answer.status_code, answer.json()["type"]) == (
        status,
        f"/developers/errors/{code}/",
    )
    assert not Contribution.objects.exists()


def test_findings_name_the_row_and_the_rule_in_the_readers_language() -> None:
    published()
    rows = [f"202611{day:02d},종로구,{day}" for day in range(1, 11)]
    made = check(handed_in(mina(), air_csv(*rows, "20261111,,12")).id)
    client = api(mina())
    english = client.get(f"{ADDRESS}{made.receipt}/findings/", headers={"accept-language": "en"})
    korean = client.get(f"{ADDRESS}{made.receipt}/findings/", headers={"accept-language": "ko"})
    (finding,) = english.json()["results"]
    assert (finding["row"], finding["column"], finding["rule"]) == (
        11,
        "측정소명",
        "cell.required",
    )
    assert finding["message"] != korean.json()["results"][0]["message"]


def test_strangers_are_asked_to_sign_in() -> None:
    published()
    made = handed_in(mina(), twenty_rows())
    stranger = api()
    for answer in (
        stranger.get(ADDRESS),
        send(stranger, twenty_rows()),
        stranger.get(f"{ADDRESS}{made.receipt}/"),
        stranger.get(f"{ADDRESS}{made.receipt}/findings/"),
        stranger.post(f"{ADDRESS}{made.receipt}/withdrawal/"),
    ):
        assert answer.status_code == 401


def test_charlie_cannot_tell_mina_s_receipt_from_one_that_never_was() -> None:
    published()
    made = handed_in(mina(), twenty_rows())
    client = api(charlie())
    for method, tail in (("get", ""), ("get", "findings/"), ("post", "withdrawal/")):
        ask = getattr(client, method)
        foreign = ask(f"{ADDRESS}{made.receipt}/{tail}")
        unknown = ask(f"{ADDRESS}D-2026-00000000/{tail}")
        assert foreign.status_code == unknown.status_code == 404
        assert foreign.json() == unknown.json()
    assert client.get(ADDRESS).json()["results"] == []
    made.refresh_from_db()
    assert made.state == "received"


def test_hanbit_s_key_and_hana_s_own_key_see_different_things() -> None:
    published()
    own, firm = api(hana()), api(hana(), hanbit())
    assert send(firm, twenty_rows()).status_code == 202
    assert len(firm.get(ADDRESS).json()["results"]) == 1
    assert own.get(ADDRESS).json()["results"] == []
    foreign = own.post(
        ADDRESS, form(twenty_rows(), party=str(hanbit().party_id)), format="multipart"
    )
    assert foreign.status_code == 403


def test_mina_takes_her_contribution_back_and_may_ask_twice() -> None:
    published()
    made = check(handed_in(mina(), twenty_rows()).id)
    client = api(mina())
    for _attempt in range(2):
        answer = client.post(f"{ADDRESS}{made.receipt}/withdrawal/")
        assert (answer.status_code, answer.json()["state"]) == (200, "withdrawn")


def test_a_page_takes_the_same_few_queries_however_long_it_is(
    django_assert_num_queries: DjangoAssertNumQueries,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reward_page_provider, "_items", {})
    monkeypatch.setattr(reward_provider, "_items", {})
    published()
    client = api(joon())
    for day in range(1, 4):
        check(handed_in(joon(), air_csv(f"2026110{day},종로구,1")).id)
    client.get(ADDRESS)
    # The key, contributions, their masses, their places in the log, the line of the request log.
    with django_assert_num_queries(5):
        page = client.get(f"{ADDRESS}?limit=2").json()
    assert len(page["results"]) == 2
    with django_assert_num_queries(5):
        rest = client.get(page["next"]).json()
    assert len(rest["results"]) == 1
    receipts = [each["receipt"] for each in page["results"] + rest["results"]]
    assert receipts == list(
        Contribution.objects.order_by("-submitted_at").values_list("receipt", flat=True)
    )


def test_a_file_beyond_the_limit_is_told_so(
    settings: Any,  # pytest-django's settings
) -> None:
    published()
    settings.UPLOAD_SIZE_MAX = 100
    client = api(mina())
    body = client.post(
        f"{ADDRESS}?call=air-daily&purpose=city-ai", twenty_rows(), content_type="text/csv"
    )
    for answer in (send(client, twenty_rows()), body):
        assert (answer.status_code, answer.json()["type"]) == (
            413,
            "/developers/errors/file-too-large/",
        )


def test_a_body_that_is_no_file_is_told_so() -> None:
    published()
    answer = api(mina()).post(
        f"{ADDRESS}?call=air-daily", io.BytesIO(b"").read(), content_type="text/csv"
    )
    assert answer.status_code == 422


@pytest.mark.parametrize("position", ["yesterday", "\x00", "2026-13-45"])
def test_a_made_up_cursor_is_refused_by_name(position: str) -> None:
    cursor = base64.b64encode(urlencode({"p": position}).encode()).decode()
    answer = api(mina()).get(ADDRESS, {"cursor": cursor})
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == ["cursor"]

"""The public log as pages: words for everything it records, filters, and two dates compared."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.utils import translation

from dure.accounts.acting import Actor
from dure_client import dure_verify
from governance.log.kind_words import kind_text
from governance.log.kinds import KINDS
from governance.log.services import record, sequence
from tests.clock import set_clock

pytestmark = pytest.mark.django_db

NOON = datetime(2028, 2, 28, 3, tzinfo=UTC)  # noon in Seoul, on the eve of a leap day


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_of_entry_has_a_label_in_both_languages(kind: str) -> None:
    with translation.override("en"):
        english = kind_text(kind)
    with translation.override("ko"):
        korean = kind_text(kind)
    assert english != kind
    assert any("가" <= letter <= "힣" for letter in korean)


def test_no_two_kinds_share_a_label() -> None:
    for language in ("en", "ko"):
        with translation.override(language):
            labels = [kind_text(kind) for kind in KINDS]
        assert len(set(labels)) == len(labels)


def add(count: int, kind: str = "call.drafted") -> None:
    with transaction.atomic():
        for _ in range(count):
            record(kind=kind, acting=Actor.system("tests"), subject=None, payload={})
    sequence()


@pytest.fixture
def three_days(monkeypatch: pytest.MonkeyPatch) -> None:
    """60 entries on 28 February, 5 on the leap day, 4 of another kind on 1 March."""
    for day, (count, kind) in enumerate(
        [(60, "call.drafted"), (5, "call.drafted"), (4, "call.revised")]
    ):
        set_clock(monkeypatch, NOON + timedelta(days=day))
        add(count, kind)


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


@pytest.mark.usefixtures("three_days")
def test_entries_are_shown_by_kind_and_day_and_one_can_go_back(client: Client) -> None:
    newest = page(client, "/en/log/")
    assert 'href="/en/log/68/"' in newest
    assert 'href="/en/log/18/"' not in newest
    older = page(client, "/en/log/?kind=&until=&before=19")
    assert 'href="/en/log/18/"' in older
    assert "Older entries" not in older
    assert "Newest entries" in older
    revised = page(client, "/en/log/?kind=call.revised")
    assert 'href="/en/log/65/"' in revised
    assert 'href="/en/log/64/"' not in revised
    leap_day = page(client, "/en/log/?until=2028-02-29")
    assert 'href="/en/log/64/"' in leap_day
    assert 'href="/en/log/65/"' not in leap_day


@pytest.mark.parametrize(
    "query",
    ["until=2028-02-30", "until=0001-01-01", "until=9999-12-31", "until=x", "before=-1",
     "before=٣", "before=99999999999999999999", "before=1.5", "kind=no.such", "kind=%00"],
)  # fmt: skip
@pytest.mark.usefixtures("three_days")
def test_filters_that_make_no_sense_are_left_aside(client: Client, query: str) -> None:
    assert 'href="/en/log/68/"' in page(client, f"/en/log/?{query}")


@pytest.mark.usefixtures("three_days")
def test_two_dates_are_compared_by_their_checkpoints(client: Client) -> None:
    answer = client.get("/en/log/consistency/?from=2028-02-28&to=2028-02-29")
    assert answer.status_code == 200
    assert (answer.context["earlier"]["size"], answer.context["later"]["size"]) == (60, 65)
    assert "5 entries were added" in answer.content.decode()
    # An outsider's program agrees on the very document that the page shows.
    document = json.loads(answer.context["document"])
    dure_verify.check_consistency(
        document["proof"]["from"],
        document["proof"]["to"],
        [bytes.fromhex(step) for step in document["proof"]["proof"]],
        bytes.fromhex(answer.context["earlier"]["root"]),
        bytes.fromhex(answer.context["later"]["root"]),
    )
    whole = client.get("/en/log/consistency/")
    assert (whole.context["earlier"]["size"], whole.context["later"]["size"]) == (60, 69)
    same = page(client, "/en/log/consistency/?from=2028-02-29&to=2028-02-29")
    assert "the same checkpoint" in same
    assert "there is nothing to prove" in same
    assert "Verify in my browser" in same, "the signature is checked all the same"


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("from=2028-03-01&to=2028-02-28", "lies after the second"),
        ("from=2028-02-27&to=2028-02-28", "No checkpoint was signed yet"),
        ("from=2027-02-29&to=2028-02-28", "Enter both days"),
        ("from=0001-01-01&to=9999-12-31", "Enter both days"),
        ("from=&to=", "Enter both days"),
    ],
)
@pytest.mark.usefixtures("three_days")
def test_dates_that_cannot_be_compared_are_explained(client: Client, query: str, text: str) -> None:
    assert text in page(client, f"/en/log/consistency/?{query}")


def test_an_empty_log_has_nothing_to_compare(client: Client) -> None:
    assert "no checkpoint yet" in page(client, "/en/log/consistency/")

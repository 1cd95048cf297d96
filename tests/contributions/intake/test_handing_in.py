"""Handing a file in: a receipt at once, or a problem that names what to do."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest

from contributions.intake.services import submit
from contributions.models import Contribution, State
from dure.core.blobs import read
from dure.core.clock import now, rfc3339
from dure.core.ids import RECEIPT
from dure.core.models import Blob, OutboxEvent
from dure.core.problems import Problem
from governance.consent.selectors import in_force
from governance.models import ConsentEvent, LogEntry
from tests.cast import actor, charlie, hana, hanbit, mina
from tests.contributions.seoul import air_csv, handed_in, published, twenty_rows

pytestmark = pytest.mark.django_db


def refusal(data: bytes, **changes: object) -> Problem:
    with pytest.raises(Problem) as caught:
        handed_in(mina(), data, **changes)  # type: ignore[arg-type]  # one of its keywords
    assert not Contribution.objects.exists()
    assert not Blob.objects.exists()
    assert not OutboxEvent.objects.filter(kind="contribution.received").exists()
    return caught.value


def test_mina_gets_a_receipt_and_her_file_is_stored_encrypted(
    settings: Any,  # pytest-django's settings
) -> None:
    published()
    made = handed_in(mina(), twenty_rows())
    assert RECEIPT.match(made.receipt)
    assert (made.state, made.stage, made.party) == (State.RECEIVED, "decode", mina().party)
    assert made.source is not None
    assert read(made.source) == twenty_rows()
    stored = next(path for path in settings.BLOB_DIR.rglob("*") if path.is_file())
    assert "종로구".encode() not in stored.read_bytes()
    entry = LogEntry.objects.get(kind="contribution.received")
    assert made.log_entry == entry.id
    assert made.receipt in bytes(entry.body).decode()
    assert str(mina().party_id) not in bytes(entry.body).decode()
    event = OutboxEvent.objects.get(kind="contribution.received")
    assert event.payload == {
        "contribution": str(made.id),
        "call": "air-daily",
        "party": str(mina().party_id),
    }


def test_only_the_purposes_that_were_named_are_consented_to() -> None:
    published()
    handed_in(mina(), twenty_rows())
    party_id = mina().party_id
    assert in_force(party_id=party_id, scope="air-daily", purpose="city-ai")
    assert in_force(party_id=party_id, scope="air-daily", purpose="research") is None
    handed_in(mina(), air_csv("20261102,종로구,1"), purposes=())
    assert ConsentEvent.objects.count() == 1, "a consent in force is not asked for again"


def test_without_the_required_consent_nothing_is_taken() -> None:
    published()
    problem = refusal(twenty_rows(), purposes=("research",))
    assert problem.kind.code == "consent-missing"
    assert [error.code for error in problem.errors] == ["city-ai"]
    assert not ConsentEvent.objects.exists()


def test_a_purpose_the_call_does_not_have_is_refused() -> None:
    published()
    assert refusal(twenty_rows(), purposes=("marketing",)).kind.code == "purpose-unknown"


def test_missing_columns_are_named() -> None:
    published()
    problem = refusal("측정일시,구,PM10\n20261101,종로구,3\n".encode())
    assert (problem.kind.code, problem.kind.status) == ("columns-wrong", 422)
    assert {(error.field, error.code) for error in problem.errors} == {
        ("측정소명", "missing-column"),
        ("구", "unknown-column"),
    }


@pytest.mark.parametrize("data", [b"", b"\n\n", "측정일시,측정소명,PM10\n".encode()])
def test_an_empty_file_is_refused(data: bytes) -> None:
    published()
    assert refusal(data).kind.code == "file-empty"


def test_a_picture_is_no_table() -> None:
    published()
    assert refusal(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8).kind.code == "file-unreadable"


def test_a_file_beyond_the_limit_is_refused(
    settings: Any,  # pytest-django's settings
) -> None:
    published()
    settings.UPLOAD_SIZE_MAX = 400
    problem = refusal(twenty_rows())
    assert (problem.kind.code, problem.kind.status) == ("file-too-large", 413)


def test_a_call_that_closed_takes_nothing() -> None:
    published(
        opens_at=rfc3339(now() - timedelta(days=2)), closes_at=rfc3339(now() - timedelta(days=1))
    )
    assert refusal(twenty_rows()).kind.code == "call-closed"
    assert refusal(twenty_rows(), slug="nowhere").kind.code == "call-unknown"


def submitted_for_hanbit(person: object) -> Contribution:
    return submit(
        acting=actor(person),  # type: ignore[arg-type]  # one of the cast
        party_id=hanbit().party_id,
        call_slug="air-daily",
        stream=io.BytesIO(twenty_rows()),
        filename="air.csv",
        content_type="text/csv",
        purposes=["city-ai"],
        language="en",
    )


def test_hana_contributes_for_hanbit_and_charlie_does_not() -> None:
    published()
    assert submitted_for_hanbit(hana()).party == hanbit().party
    with pytest.raises(Problem, match="not-your-organisation"):
        submitted_for_hanbit(charlie())

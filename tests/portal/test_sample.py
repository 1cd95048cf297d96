"""The example file of a call: plausible, in the call's own form, and never taken for data."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from contributions.intake.look import look_at
from contributions.models import Call, Draft
from demo.calls import call_documents
from demo.city import found_city
from portal.public.schema_words import columns, example_row, is_sample, sample_csv
from tests import cast
from tests.portal import city
from tests.portal.test_contributing import BASE, start

pytestmark = pytest.mark.django_db


def test_the_examples_of_the_demo_city_would_pass_the_first_look() -> None:
    found_city()
    for document in call_documents():
        version = Call.objects.get(slug=document["slug"]).published
        assert version is not None
        look = look_at(
            sample_csv(version.document),
            filename="sample.csv",
            content_type="text/csv",
            version=version,
        )
        assert look.fits
        assert (look.rows_seen, look.rows_aside, look.findings) == (1, 0, [])


def test_what_is_measured_looks_like_a_measurement() -> None:
    (air, trips, footfall) = call_documents()
    assert example_row(air)[2:] == ["0.02", "0.02", "0.5", "0.02", "20", "10"]
    assert example_row(trips)[1:3] == ["출근", "지하철"]
    assert example_row(footfall)[0] == "2026-11-02 09:00"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ({"type": "string"}, ""),
        ({"type": "string", "constraints": {"required": True}}, "A-1"),
        ({"type": "string", "constraints": {"enum": ["맑음", "비"]}}, "맑음"),
        ({"type": "string", "example": "시장입구1"}, "시장입구1"),
        ({"type": "boolean", "example": True}, "true"),
        ({"type": "time"}, "09:00"),
        ({"type": "date", "format": "%d.%m.%Y"}, "02.11.2026"),
        ({"type": "geopoint"}, ""),
    ],
)
def test_a_column_without_rules_has_an_example_of_its_kind(
    field: dict[str, Any], value: str
) -> None:
    assert example_row({"schema": {"fields": [{"name": "x", **field}]}}) == [value]


def test_the_page_of_a_call_shows_the_examples_and_says_that_they_are_made_up() -> None:
    city.open_call()
    page = Client().get(f"/en/calls/{city.SLUG}/").content.decode()
    assert "are made up" in page
    found, _others = columns(call_documents()[0])
    assert [column.example for column in found] == example_row(call_documents()[0])


def saved(rows: list[list[str]], *, encoding: str, newline: str) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator=newline).writerows(rows)
    return out.getvalue().encode(encoding)


def test_the_example_alone_is_refused_however_it_was_saved_and_an_edited_one_is_taken(
    client: Client,
) -> None:
    city.open_call()
    cast.log_in(client, cast.mina())
    start(client)
    sample = client.get(f"/en/calls/{city.SLUG}/sample.csv").content
    rows = list(csv.reader(io.StringIO(sample.decode("utf-8-sig"))))
    for body in (
        sample,
        saved(rows, encoding="cp949", newline="\n"),
        saved([*rows, rows[1], []], encoding="utf-8", newline="\r\n"),
    ):
        file = SimpleUploadedFile("my-data.csv", body, "text/csv")
        answer = client.post(f"{BASE}/file/", {"file": file})
        assert answer.status_code == 422
        assert "This is our example." in answer.content.decode()
        assert Draft.objects.get().blob is None
    mine = saved([rows[0], [*rows[1][:-1], "17"]], encoding="utf-8", newline="\n")
    answer = client.post(f"{BASE}/file/", {"file": SimpleUploadedFile("my.csv", mine, "text/csv")})
    assert answer["Location"] == f"{BASE}/check/"
    assert Draft.objects.get().blob is not None


def test_what_is_no_text_is_no_example() -> None:
    document = call_documents()[0]
    for data in (b"", b"PAR1\0\0\xff\xfe", b"\x00" * 70_000, sample_csv(document) * 2_000):
        assert not is_sample(document, data)

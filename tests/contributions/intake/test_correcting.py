"""A returned contribution is corrected on its own receipt: some rows, or the whole file."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction

from contributions.models import Attempt, Contribution, Finding
from contributions.pipeline.stages import check
from contributions.pipeline.sweep import purge_leftovers
from contributions.withdrawal.services import withdraw
from dure.accounts.models import Person
from dure.core.clock import now
from dure.core.models import Blob, OutboxEvent
from governance.models import LogEntry
from tests.cast import actor, api, charlie, mina
from tests.contributions.decode.workbooks import rows as sheet_rows
from tests.contributions.decode.workbooks import xlsx
from tests.contributions.seoul import air_csv, handed_in, published, twenty_rows

pytestmark = pytest.mark.django_db(transaction=True)

GOOD = [f"202611{day:02d},종로구,{day}" for day in range(1, 9)]
#: Rows 9 and 10 break a check, row 11 is too long to be a row.
BAD = air_csv(*GOOD, "20261109,종로구,-5", "20261110,도봉구,9999", "20261111,도봉구,30,1,2")
ROWS = "dure:row,측정일시,측정소명,PM10\n"


def returned() -> Contribution:
    published()
    made = check(handed_in(mina(), BAD).id)
    assert (made.state, made.reason_rule, made.received) == ("returned", "over-tolerance", 11)
    return made


def send(
    made: Contribution, data: bytes | str, mode: str = "rows", person: Person | None = None,
    name: str = "rows.csv", **headers: str,
) -> Any:  # fmt: skip  # Any: DRF's test response
    body = data.encode() if isinstance(data, str) else data
    return api(person or mina()).post(
        f"/api/v1/contributions/{made.receipt}/corrections/",
        {
            "file": SimpleUploadedFile(name, body, content_type="application/octet-stream"),
            "mode": mode,
        },
        format="multipart",
        headers=headers,
    )


def test_the_rows_set_aside_are_downloaded_corrected_and_sent_back() -> None:
    made = returned()
    download = api(mina()).get(f"/api/v1/contributions/{made.receipt}/findings/?format=csv")
    assert download["Content-Type"] == "text/csv; charset=utf-8"
    assert download["Cache-Control"] == "no-store"
    text = download.getvalue().decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["dure:row"] for row in rows] == ["9", "10", "11"]
    assert (rows[0]["측정일시"], rows[0]["PM10"]) == ("20261109", "-5")
    assert all(row["dure:reason"] for row in rows)
    for row in rows:
        row.update({"측정일시": f"202612{row['dure:row']}", "측정소명": "도봉구", "PM10": "30"})
    sink = io.StringIO()
    writer = csv.DictWriter(sink, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    answer = send(made, "\ufeff" + sink.getvalue())
    assert (answer.status_code, answer.json()["state"]) == (202, "received")
    assert answer["Location"].endswith(f"/{made.receipt}/")
    done = check(made.id)
    assert (done.state, done.received, done.accepted, done.quarantined) == ("accepted", 11, 11, 0)
    assert done.receipt == made.receipt
    assert not Finding.objects.exists()


def test_what_is_not_corrected_stays_as_it_was_sent_round_after_round() -> None:
    made = returned()
    assert send(made, ROWS + "9,20261109,종로구,-6\n").status_code == 202
    again = check(made.id)
    assert (again.state, again.quarantined) == ("returned", 3)
    assert send(made, ROWS + "9,20261109,종로구,9\n11,20261111,종로구,1\n").status_code == 202
    done = check(made.id)
    assert (done.state, done.accepted, done.quarantined) == ("accepted", 10, 1)
    rounds = api(mina()).get(f"/api/v1/contributions/{made.receipt}/corrections/").json()["results"]
    assert [(each["number"], each["mode"]) for each in rounds] == [(2, "rows"), (3, "rows")]
    assert {each["answers"]["reason_code"] for each in rounds} == {"over-tolerance"}
    assert LogEntry.objects.filter(kind="contribution.corrected").count() == 2
    assert not Blob.objects.filter(
        purged_at=None, id__in=[done.source_id, *Attempt.objects.values_list("file", flat=True)]
    ).exists()


@pytest.mark.parametrize("name", ["rows.xlsx", "rows.ndjson", "rows.json", "rows.tsv"])
def test_corrected_rows_come_in_the_format_that_their_owner_works_with(name: str) -> None:
    made = returned()
    names = ROWS.strip().split(",")
    rows = [["9", "20261201", "도봉구", "30"], ["10", "20261202", "도봉구", "31"]]
    records = [dict(zip(names, row, strict=True)) for row in rows]
    body = {
        "rows.xlsx": xlsx(sheet_rows([names, *rows])),
        "rows.ndjson": "".join(json.dumps(each) + "\n" for each in records).encode(),
        "rows.json": json.dumps(records).encode(),
        "rows.tsv": "\n".join("\t".join(row) for row in [names, *rows]).encode(),
    }[name]
    assert send(made, body, name=name).status_code == 202
    done = check(made.id)
    assert (done.state, done.received, done.accepted, done.quarantined) == ("accepted", 11, 10, 1)


def test_the_whole_file_again_replaces_everything() -> None:
    made = returned()
    assert send(made, twenty_rows(), mode="file").status_code == 202
    done = check(made.id)
    assert (done.state, done.received, done.accepted) == ("accepted", 20, 20)


@pytest.mark.parametrize(
    "rows",
    ["12,1,종로구,9\n", "0,1,종로구,9\n", "9,1,종로구,9\n9,1,종로구,8\n", "x,1,종로구,9\n"],
)
def test_rows_that_are_none_of_the_file_s_are_returned_and_forgotten(rows: str) -> None:
    made = returned()
    send(made, ROWS + rows)
    again = check(made.id)
    assert (again.state, again.reason_rule) == ("returned", "correction-unfit")
    send(made, ROWS + "9,20261109,종로구,9\n10,20261110,종로구,9\n")
    assert check(made.id).accepted == 10, "the rows of the file can still be corrected"


def test_rows_without_numbers_are_refused_at_once() -> None:
    made = returned()
    answer = send(made, air_csv("20261109,종로구,9"))
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "dure:row")
    made.refresh_from_db()
    assert made.state == "returned"


def test_the_same_key_and_rows_have_one_effect() -> None:
    made = returned()
    rows = ROWS + "9,20261109,종로구,9\n"
    answers = [send(made, rows, idempotency_key="c1") for _ in range(2)]
    assert [each.status_code for each in answers] == [202, 202]
    assert Attempt.objects.count() == 1
    assert OutboxEvent.objects.filter(kind="contribution.corrected").count() == 1
    assert send(made, rows + "10,1,종로구,9\n", idempotency_key="c1").status_code == 422
    assert send(made, rows).status_code == 409, "it is being checked"


def test_a_stranger_and_charlie_can_neither_correct_nor_read_the_rows() -> None:
    made = returned()
    assert send(made, ROWS, person=charlie()).status_code == 404
    for tail in ("corrections/", "findings/?format=csv"):
        address = f"/api/v1/contributions/{made.receipt}/{tail}"
        assert api(charlie()).get(address).status_code == 404
        assert api().get(address).status_code == 401
    assert api().post(f"/api/v1/contributions/{made.receipt}/corrections/").status_code == 401
    made.refresh_from_db()
    assert made.state == "returned"


def test_after_the_stated_time_the_files_are_purged_and_nothing_can_be_corrected() -> None:
    made = returned()
    assert purge_leftovers() == 0
    assert made.correctable_until is not None
    assert timedelta(days=13) < made.correctable_until - now() <= timedelta(days=14)
    Contribution.objects.filter(pk=made.pk).update(correctable_until=now())
    assert purge_leftovers() == 3
    assert not Blob.objects.filter(purged_at=None).exists()
    assert send(made, ROWS + "9,20261109,종로구,9\n").status_code == 409


def test_what_is_not_returned_is_not_corrected() -> None:
    published()
    made = handed_in(mina(), twenty_rows())
    assert send(made, twenty_rows(), mode="file").status_code == 409
    check(made.id)
    assert send(made, twenty_rows(), mode="file").status_code == 409
    with pytest.raises(DatabaseError, match="has ended"), transaction.atomic():
        Contribution.objects.filter(pk=made.pk).update(state="received")


def test_a_file_that_was_no_table_is_corrected_as_a_whole() -> None:
    made = returned()
    Contribution.objects.filter(pk=made.pk).update(state="withdrawn")
    other = handed_in(mina(), air_csv("20261101,종로구,1"))
    Contribution.objects.filter(pk=other.pk).update(
        state="returned", reason_rule="file.empty", correctable_until=now() + timedelta(days=1)
    )
    assert send(other, ROWS + "1,20261109,종로구,9\n").status_code == 409
    assert send(other, twenty_rows(), mode="file").status_code == 202
    assert check(other.id).accepted == 20


def test_an_attempt_stands_and_withdrawal_purges_it() -> None:
    made = returned()
    send(made, ROWS + "9,20261109,종로구,9\n")
    with pytest.raises(DatabaseError, match="stands as it was sent"), transaction.atomic():
        Attempt.objects.update(mode="file")
    with pytest.raises(DatabaseError, match="stands as it was sent"), transaction.atomic():
        Attempt.objects.all().delete()
    withdraw(acting=actor(mina()), receipt=made.receipt)
    assert not Blob.objects.filter(purged_at=None).exists()

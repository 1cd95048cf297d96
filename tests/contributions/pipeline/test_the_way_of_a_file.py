"""What happens to a file on its way through the five stages."""

from __future__ import annotations

import pytest

from contributions.models import Contribution, Finding, RecordFingerprint, StageRun, State
from contributions.pipeline.stages import check
from contributions.pipeline.work import ROW, from_parquet
from contributions.selectors import contribution_document, findings_page, progress, stock
from dure.core.models import Blob, OutboxEvent
from governance.models import LogEntry
from tests.cast import joon, mina
from tests.contributions.seoul import AIR, air_csv, handed_in, published, twenty_rows

pytestmark = pytest.mark.django_db(transaction=True)


def test_twenty_sound_rows_are_accepted() -> None:
    published()
    done = check(handed_in(mina(), twenty_rows()).id)
    assert (done.state, done.reason_rule) == (State.ACCEPTED, "")
    assert (done.received, done.accepted, done.quarantined, done.duplicate) == (20, 20, 0, 0)
    assert (done.mass, done.quality_score) == (20_000, "1.000")
    assert stock("air-daily") == {"district": {"11110": 10_000, "11320": 10_000}}
    stages = list(StageRun.objects.order_by("id").values_list("stage", flat=True))
    assert stages == ["decode", "privacy", "quality", "duplicates", "representativeness"]
    kinds = LogEntry.objects.order_by("origin_seq").values_list("kind", flat=True)
    assert list(kinds)[-3:] == ["contribution.received", "quality.run", "contribution.accepted"]
    assert OutboxEvent.objects.filter(kind="contribution.accepted").count() == 1
    assert [step["state"] for step in progress(done)] == ["done"] * 5


def test_only_the_cleaned_records_are_kept() -> None:
    published()
    done = check(handed_in(mina(), twenty_rows()).id)
    kept = {done.records_id, done.outcome_id}
    assert set(Blob.objects.filter(purged_at=None).values_list("id", flat=True)) == kept


def test_bad_rows_are_set_aside_one_by_one() -> None:
    published()
    rows = [f"202611{day:02d},종로구,{day}" for day in range(1, 19)]
    data = air_csv(*rows, "20261119,종로구,5000", "20261120,,12", "20261121,도봉구,")
    done = check(handed_in(mina(), data).id)
    assert (done.state, done.received, done.accepted, done.quarantined) == ("accepted", 21, 19, 2)
    # One accepted row lacks its measurement: 300 thousandths of it are lost.
    assert done.mass == 18_700
    assert done.quality_score == "0.890"
    findings = findings_page(done)
    assert {(finding["row"], finding["column"]) for finding in findings} >= {
        (19, "PM10"),
        (20, "측정소명"),
    }
    assert all("5000" not in finding["message"] for finding in findings)


def test_more_bad_rows_than_the_call_tolerates_send_the_file_back() -> None:
    published()
    data = air_csv("20261101,종로구,31", "20261102,종로구,-5", "20261103,종로구,9999")
    done = check(handed_in(mina(), data).id)
    assert (done.state, done.reason_rule, done.quarantined) == ("returned", "over-tolerance", 2)
    reason = contribution_document(done)["reason"]
    assert reason.startswith("2 of 3 rows were set aside; the call accepts at most 20 %.")
    assert len(findings_page(done)) == 2
    assert not RecordFingerprint.objects.exists()
    kept = {done.source_id, done.records_id, done.outcome_id}
    assert set(Blob.objects.filter(purged_at=None).values_list("id", flat=True)) == kept


def test_a_resident_registration_number_has_the_whole_file_refused_and_purged() -> None:
    published(
        schema={
            "fields": [*AIR["schema"]["fields"], {"name": "비고", "type": "string"}],
            "missingValues": [""],
        }
    )
    header = "측정일시,측정소명,PM10,비고\n"
    lines = "".join(f"202611{day:02d},종로구,{day},\n" for day in range(1, 20))
    data = (header + lines + "20261120,종로구,20,900101-1234568\n").encode()
    made = handed_in(mina(), data)
    done = check(made.id)
    assert (done.state, done.reason_rule) == ("rejected", "personal-data-refused")
    assert done.reason_params == {"type": "rrn"}
    assert not Blob.objects.filter(purged_at=None).exists()
    assert "900101" not in str(list(Finding.objects.values()))
    assert not any(b"900101" in bytes(entry.body) for entry in LogEntry.objects.all())


def test_a_column_that_nobody_asked_for_is_looked_at_and_never_kept() -> None:
    published()
    rows = twenty_rows().decode().split()
    refused = [rows[0] + ",비고", *(f"{row},900101-1234568" for row in rows[1:])]
    done = check(handed_in(mina(), "\n".join(refused).encode()).id)
    assert (done.state, done.reason_rule) == (State.REJECTED, "personal-data-refused")

    masked = [rows[0] + ",연락처", *(f"{row},010-1234-5678" for row in rows[1:])]
    done = check(handed_in(mina(), "\n".join(masked).encode()).id)
    assert (done.state, done.accepted) == (State.ACCEPTED, 20)
    assert {finding["column"] for finding in findings_page(done)} == {"연락처"}
    assert from_parquet(done.records).column_names == ["측정일시", "측정소명", "PM10", ROW]


def test_the_same_record_counts_once_for_whoever_brought_it_first() -> None:
    published()
    check(handed_in(mina(), twenty_rows()).id)
    data = air_csv("2026110100,종로구,20", "2026110123,강남구,7", "2026110123,강남구,7.0")
    done = check(handed_in(joon(), data).id)
    assert (done.received, done.accepted, done.duplicate) == (3, 1, 2)
    assert done.mass == 1000
    assert done.quality_score == "1.000"


def test_a_call_may_say_how_near_two_records_are_the_same() -> None:
    published(duplicates={"key": None, "near": {"PM10": 0}})
    rows = (
        "20261101,종로구,31.2",
        "20261101,종로구,30.9",
        "20261101,종로구,33",
        "20261102,종로구,",
    )
    done = check(handed_in(mina(), air_csv(*rows)).id)
    assert (done.accepted, done.duplicate) == (3, 1)


def test_a_file_of_nothing_but_repeats_is_accepted_and_adds_nothing() -> None:
    published()
    check(handed_in(mina(), twenty_rows()).id)
    done = check(handed_in(joon(), twenty_rows()).id)
    assert (done.state, done.accepted, done.duplicate) == ("accepted", 0, 20)
    assert (done.mass, done.quality_score) == (0, "0")
    document = contribution_document(done)
    assert document["reason"] == "Every record was contributed before, so none was added."
    assert document["strata"] == []


def test_a_value_in_no_stratum_is_accepted_and_counted_as_unmapped() -> None:
    published()
    done = check(handed_in(mina(), air_csv("20261101,종로구,31", "20261101,수원시,31")).id)
    assert (done.accepted, done.mass, done.unmapped) == (2, 2000, {"district": 1})
    assert stock("air-daily") == {"district": {"11110": 1000}}


def test_a_stratum_may_be_a_verified_attribute_of_the_contributor() -> None:
    published(
        strata=[
            {
                "dimension": "district",
                "column": "contributor.district",
                "reference": "seoul-three",
                "weight": "1",
            }
        ]
    )
    check(handed_in(mina(), twenty_rows()).id)
    assert stock("air-daily") == {"district": {"11320": 20_000}}


def test_a_file_that_looks_right_at_first_and_is_no_table_is_returned() -> None:
    published()
    head = "측정일시,측정소명,PM10\n".encode() + b"20261101,\xec\xa2\x85\xeb\xa1\x9c,1\n" * 20_000
    done = check(handed_in(mina(), head + b"\xff\xff\xfe\n").id)
    assert done.state == "returned"
    assert contribution_document(done)["reason"]


def test_a_header_cannot_pass_for_a_column_of_ours() -> None:
    published()
    data = "측정일시,측정소명,PM10,dure:row,dure row\n20261101,종로구,31,7,9\n".encode()
    done = check(handed_in(mina(), data).id)
    assert (done.state, done.accepted, done.mass) == ("accepted", 1, 1000)


def test_a_number_nobody_may_collect_is_found_in_columns_nobody_asked_for() -> None:
    published()
    data = "측정일시,측정소명,PM10,메모\n20261101,종로구,31,900101-1234568\n".encode()
    assert check(handed_in(mina(), data).id).state == "rejected"


def test_a_big_file_of_thousands_of_rows_takes_seconds() -> None:
    published()
    rows = (f"{20260000 + n // 40:08d}{n % 40:02d},도봉구,{n % 90}" for n in range(18_000))
    done = check(handed_in(mina(), air_csv(*rows)).id)
    assert (done.state, done.accepted) == ("accepted", 18_000)
    assert Contribution.objects.get().mass == 18_000_000

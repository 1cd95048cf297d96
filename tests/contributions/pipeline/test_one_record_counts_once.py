"""The same record counts once, for whoever sent it first, however and whenever it is checked."""

from __future__ import annotations

import io
import json
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from contributions.intake.services import submit
from contributions.models import Contribution, RecordFingerprint, Stage, StratumMass, WaitingRecord
from contributions.pipeline.stages import STEPS, check
from contributions.pipeline.work import run_stage
from contributions.registries import settlement_provider
from contributions.selectors import contribution_document, stock
from contributions.withdrawal.services import withdraw
from dure.accounts.models import Person
from dure.core.models import OutboxEvent
from governance.models import LogEntry
from tests.cast import actor, charlie, joon, mina
from tests.contributions.seoul import AIR, HEADER, air_csv, handed_in, news, published, twenty_rows

pytestmark = pytest.mark.django_db(transaction=True)

TEN = [f"2026110{day},종로구,{day}.5" for day in range(1, 10)] + ["20261110,도봉구,31"]


def counts(made: Contribution) -> tuple[int, int]:
    """Accepted and duplicate records; that they agree with mass and table is examined too."""
    made.refresh_from_db()
    assert made.received == made.accepted + made.quarantined + made.duplicate
    masses = StratumMass.objects.filter(contribution=made, dimension="district")
    assert sum(masses.values_list("mass", flat=True)) == made.mass
    assert RecordFingerprint.objects.filter(contribution=made).count() == made.accepted
    return made.accepted, made.duplicate


def settle(monkeypatch: pytest.MonkeyPatch, *made: Contribution) -> None:
    ids = {each.id for each in made}
    provider = lambda asked: ids & set(asked)  # noqa: E731 - one line says it
    monkeypatch.setattr(settlement_provider, "_items", {"epochs": provider})


def test_the_first_to_send_is_the_first_also_when_checked_last() -> None:
    published()
    first, second = handed_in(mina(), twenty_rows()), handed_in(joon(), twenty_rows())
    check(second.id)
    assert counts(second) == (20, 0)
    check(first.id)
    assert counts(first) == (20, 0)
    assert counts(second) == (0, 20)
    assert (second.state, second.reason_rule) == ("accepted", "all-duplicates")
    assert stock("air-daily") == {"district": {"11110": 10_000, "11320": 10_000}}
    assert LogEntry.objects.filter(kind="contribution.recounted").count() == 1
    assert OutboxEvent.objects.filter(kind="contribution.recounted").count() == 1
    assert contribution_document(second)["counts"]["duplicate"] == 20


def test_a_part_is_taken_over_with_its_mass_and_strata() -> None:
    published()
    first = handed_in(mina(), air_csv(*TEN[5:], "20261120,강남구,"))
    second = check(handed_in(joon(), air_csv(*TEN, "20261120,강남구,")).id)
    assert second.mass == 10_700
    check(first.id)
    assert counts(first) == (6, 0)
    assert counts(second) == (5, 6)
    assert second.mass == 5_000
    assert stock("air-daily") == {"district": {"11110": 9_000, "11320": 1_000, "11680": 700}}


def test_what_an_epoch_has_settled_is_not_taken_over(monkeypatch: pytest.MonkeyPatch) -> None:
    published()
    first, second = handed_in(mina(), twenty_rows()), handed_in(joon(), twenty_rows())
    check(second.id)
    settle(monkeypatch, second)
    check(first.id)
    assert counts(second) == (20, 0)
    assert counts(first) == (0, 20)


def test_a_later_one_that_is_about_to_be_accepted_gives_way_too() -> None:
    published()
    first, second = handed_in(mina(), twenty_rows()), handed_in(joon(), twenty_rows())
    for stage in list(Stage)[:-1]:
        run_stage(second.id, STEPS[stage])
    step = STEPS[Stage.REPRESENTATIVENESS]

    def meanwhile(contribution: Contribution) -> Any:  # Any: the step's own
        settle = step.work(contribution)
        check(first.id)
        return settle

    stale = type(step)(step.stage, step.code_version, step.reads, meanwhile)
    assert not run_stage(second.id, stale), "what was read before the change settles nothing"
    check(second.id)
    assert counts(first) == (20, 0)
    assert counts(second) == (0, 20)


def test_whoever_was_second_inherits_what_the_first_takes_back() -> None:
    published()
    first = check(handed_in(mina(), twenty_rows()).id)
    second = check(handed_in(joon(), twenty_rows()).id)
    third = check(handed_in(charlie(), twenty_rows()).id)
    assert (counts(second), counts(third)) == ((0, 20), (0, 20))
    withdraw(acting=actor(mina()), receipt=first.receipt)
    assert (counts(second), counts(third)) == ((20, 0), (0, 20))
    assert second.reason_rule == ""
    assert stock("air-daily") == {"district": {"11110": 10_000, "11320": 10_000}}
    withdraw(acting=actor(joon()), receipt=second.receipt)
    assert counts(third) == (20, 0)
    withdraw(acting=actor(charlie()), receipt=third.receipt)
    assert not RecordFingerprint.objects.exists()
    assert not WaitingRecord.objects.exists()


def test_nobody_inherits_from_what_was_paid_nor_once_paid(monkeypatch: pytest.MonkeyPatch) -> None:
    published()
    first = check(handed_in(mina(), twenty_rows()).id)
    second = check(handed_in(joon(), twenty_rows()).id)
    settle(monkeypatch, second)
    withdraw(acting=actor(mina()), receipt=first.receipt)
    assert (second.accepted, second.duplicate) == (0, 20), "its account is closed"
    third = check(handed_in(charlie(), twenty_rows()).id)
    settle(monkeypatch, second, third)
    withdraw(acting=actor(charlie()), receipt=third.receipt)
    assert check(handed_in(mina(), twenty_rows()).id).duplicate == 20


def test_records_of_a_withdrawn_consent_count_for_the_next() -> None:
    from tests.contributions.withdrawal.test_taking_back import take_back_consent

    published()
    check(handed_in(mina(), twenty_rows()).id)
    second = check(handed_in(joon(), twenty_rows()).id)
    take_back_consent("city-ai")
    news()
    assert counts(second) == (20, 0)


def test_windows_of_a_feed_overlap_and_only_new_rows_count() -> None:
    published()
    rows = [f"202611{day:02d},종로구,{day}" for day in range(1, 31)]
    found = [check(handed_in(mina(), air_csv(*rows[s : s + 10])).id) for s in range(0, 21, 2)]
    assert [counts(each) for each in found] == [(10, 0), *[(2, 8)] * 10]
    assert {each.state for each in found} == {"accepted"}


def as_ndjson(rows: list[str]) -> bytes:
    names = HEADER.split(",")
    said = [dict(zip(names, row.split(","), strict=True)) for row in rows]
    return "".join(json.dumps({**row, "PM10": float(row["PM10"])}) + "\n" for row in said).encode()


def as_parquet(rows: list[str]) -> bytes:
    cells = [row.split(",") for row in rows]
    table = pa.table(
        {
            "PM10": pa.array([float(row[2]) for row in cells]),
            "측정소명": pa.array([row[1] for row in cells]),
            "측정일시": pa.array([int(row[0]) for row in cells]),
        }
    )
    sink = io.BytesIO()
    pq.write_table(table, sink)
    return sink.getvalue()


def reordered(rows: list[str]) -> bytes:
    lines = [",".join(row.split(",")[::-1]) for row in rows[::-1]]
    return "\n".join(["PM10,측정소명,측정일시", *lines]).encode()


def send(person: Person, data: bytes, name: str) -> Contribution:
    return submit(
        acting=actor(person), party_id=person.party_id, call_slug="air-daily",
        stream=io.BytesIO(data), filename=name, content_type="", purposes=["city-ai"],
        language="ko",
    )  # fmt: skip


WHOLE_RECORD = {"duplicates": None}
DISGUISES = {
    "rows and columns in another order": (reordered(TEN), "a.csv"),
    "another encoding": (air_csv(*TEN).decode().encode("cp949"), "a.csv"),
    "tabs, carriage returns and a byte order mark": (
        b"\xef\xbb\xbf" + air_csv(*TEN).replace(b",", b"\t").replace(b"\n", b"\r\n"),
        "a.tsv",
    ),
    "NDJSON": (as_ndjson(TEN), "a.ndjson"),
    "Parquet": (as_parquet(TEN), "a.parquet"),
    "numbers written otherwise": (
        air_csv(*(f" {row.replace('.5', '.500')} ".replace(",31", ",+3.1e1") for row in TEN)),
        "a.csv",
    ),
}


@pytest.mark.parametrize("disguise", DISGUISES)
def test_no_disguise_makes_a_record_new(disguise: str) -> None:
    published(**WHOLE_RECORD)
    check(handed_in(mina(), air_csv(*TEN)).id)
    copied = check(send(joon(), *DISGUISES[disguise]).id)
    assert (copied.state, counts(copied)) == ("accepted", (0, 10))


@pytest.mark.parametrize(("near", "expected"), [({"PM10": 0}, (0, 10)), (None, (10, 0))])
def test_noise_makes_no_record_where_the_call_says_so(
    near: dict[str, int] | None, expected: tuple[int, int]
) -> None:
    published(duplicates={"key": None, "near": near})
    rows = [f"202611{day:02d},종로구,{day}.2" for day in range(10, 20)]
    check(handed_in(mina(), air_csv(*rows)).id)
    noisy = [row.replace(".2", f".2{place}1") for place, row in enumerate(rows)]
    assert counts(check(handed_in(joon(), air_csv(*noisy)).id)) == expected


def test_days_and_truth_values_have_one_spelling() -> None:
    fields = [
        {"name": "측정일시", "type": "datetime", "format": "any"},
        *AIR["schema"]["fields"][1:],
        {"name": "실외", "type": "boolean"},
    ]
    published(duplicates=None, schema={"fields": fields, "missingValues": ["", "-"]})
    header = HEADER + ",실외\n"
    one = f"{header}2026-11-01 09:00,종로구,31,true\n2026-11-02 10:00,종로구,-,false\n"
    other = f"{header}2026-11-01T09:00:00,종로구,31.0,1\n2026/11/02 10:00:00,종로구,,0\n"
    check(handed_in(mina(), one.encode()).id)
    assert counts(check(handed_in(joon(), other.encode()).id)) == (0, 2)

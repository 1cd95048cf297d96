"""From accepted contributions to files that anybody can read, and out again."""

from __future__ import annotations

import csv
import io
import json
from collections import defaultdict
from typing import Any

import pyarrow.parquet as pq
import pytest
from django.db import InternalError, connection, transaction
from django.db.utils import IntegrityError

from contributions.models import (
    Contribution,
    Release,
    ReleaseFile,
    ReleaseMember,
)
from contributions.pipeline.stages import check
from contributions.releases.building import build, waiting
from contributions.releases.recalling import recalled
from contributions.releases.selectors import release_document
from contributions.releases.services import build_release, supersede_recalled
from contributions.withdrawal.services import withdraw
from dure.accounts.models import Person
from dure.accounts.services import create_person
from dure.core.blobs import read
from dure.core.clock import now
from dure.core.models import Blob, OutboxEvent
from dure.core.problems import Problem
from governance.consent.selectors import in_force
from governance.consent.services import withdraw as withdraw_consent
from governance.models import LogEntry
from tests.cast import actor, charlie, joon, kang, mina
from tests.contributions.seoul import AIR, air_csv, handed_in, news, published, twenty_rows

pytestmark = pytest.mark.django_db(transaction=True)


def built(**changes: Any) -> Release:  # Any: arguments of the service
    asked = {"call_slug": "air-daily", "purpose": "city-ai", "kind": "open", **changes}
    return build(build_release(acting=actor(kang()), **asked).id)


def body(release: Release, name: str) -> bytes:
    return read(release.files.get(name=name).blob)


def rows(release: Release) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body(release, "data.csv").decode(), newline="")))


def stop_consenting(person: Person, purpose: str) -> None:
    consent = in_force(party_id=person.party_id, scope="air-daily", purpose=purpose)
    assert consent is not None
    withdraw_consent(acting=actor(person), consent=consent)


def one_each(people: int) -> list[Contribution]:
    """So many people of Jongno-gu with one record each."""
    made = []
    for number in range(people):
        person = create_person(
            acting=actor(kang()),
            email=f"person{number}@dure.example",
            name="P",
            password="a plain test password",
        )
        made.append(check(handed_in(person, air_csv(f"202611{number:02d},종로구,{number}")).id))
    return made


def test_accepted_records_become_a_release_that_other_tools_read() -> None:
    published()
    check(handed_in(mina(), twenty_rows()).id)
    check(handed_in(joon(), air_csv("2026110300,강남구,")).id)
    release = built()
    assert (release.state, release.number, release.records) == ("published", 1, 21)
    assert release.contributors == 2
    table = rows(release)
    assert len(table) == len({row["row_id"] for row in table}) == 21
    assert list(table[0]) == ["row_id", "측정일시", "측정소명", "PM10", "weight"]
    parquet = pq.read_table(io.BytesIO(body(release, "data.parquet")))
    assert parquet.column("row_id").to_pylist() == [row["row_id"] for row in table]
    assert str(parquet.schema.field("PM10").type) == "double"
    package = json.loads(body(release, "datapackage.json"))
    assert [resource["path"] for resource in package["resources"]] == ["data.csv", "data.parquet"]
    for resource in package["resources"]:
        file = release.files.get(name=resource["path"])
        assert resource["hash"] == f"sha256:{file.sha256}"
        assert resource["bytes"] == file.size == len(body(release, file.name))
    assert LogEntry.objects.filter(kind="release.built").count() == 1
    assert OutboxEvent.objects.filter(kind="release.built").count() == 1


def test_weights_make_the_districts_agree_with_the_population() -> None:
    published()
    check(handed_in(mina(), twenty_rows()).id)
    check(handed_in(joon(), air_csv("2026110300,강남구,12")).id)
    release = built()
    sums: defaultdict[str, float] = defaultdict(float)
    for row in rows(release):
        sums[row["측정소명"]] += float(row["weight"])
    assert sum(sums.values()) == pytest.approx(21, abs=1e-6)
    assert sums["종로구"] / 21 == pytest.approx(0.2, abs=1e-9)
    assert sums["강남구"] / 21 == pytest.approx(0.5, abs=1e-9)
    weights = release.document["weights"]
    assert weights["uncovered"]["strata"] == []
    assert float(weights["effective_records"]) < 21


def test_a_district_without_records_is_named_and_no_weight_pretends_otherwise() -> None:
    published()
    check(handed_in(mina(), twenty_rows()).id)
    weights = built().document["weights"]
    assert weights["uncovered"] == {
        "share": "0.500000",
        "strata": [{"dimension": "district", "key": "11680"}],
    }


def test_only_those_who_agree_to_the_purpose_are_in_it() -> None:
    published()
    check(handed_in(mina(), twenty_rows(), purposes=("city-ai", "research")).id)
    check(handed_in(joon(), air_csv("2026110300,강남구,12")).id)
    assert built(purpose="research").records == 20
    stop_consenting(mina(), "research")
    refused = built(purpose="research")
    assert (refused.state, refused.reason_rule) == ("refused", "nothing-to-release")


def test_who_withdraws_is_out_of_downloads_at_once_and_of_the_next_release() -> None:
    published()
    mine = check(handed_in(mina(), twenty_rows()).id)
    check(handed_in(joon(), air_csv("2026110300,강남구,12")).id)
    first = built()
    hers = [row["row_id"] for row in rows(first) if row["측정소명"] != "강남구"]
    withdraw(acting=actor(mina()), receipt=mine.receipt)
    assert recalled(first).count() == 1
    assert release_document(first)["state"] == "superseded", "before the news arrives"
    news()
    first.refresh_from_db()
    assert first.state == "superseded"
    assert first.superseded_at is not None
    assert not Blob.objects.filter(owner=first.id, purged_at=None).exists()
    assert LogEntry.objects.filter(kind="release.superseded").count() == 1
    second = built()
    assert (second.number, second.records) == (2, 1)
    assert not {row["row_id"] for row in rows(second)} & set(hers)
    assert supersede_recalled() == 0


def test_a_withdrawn_consent_supersedes_the_releases_of_that_purpose_alone() -> None:
    published()
    check(handed_in(mina(), twenty_rows(), purposes=("city-ai", "research")).id)
    everyday, research = built(), built(purpose="research")
    stop_consenting(mina(), "research")
    news()
    everyday.refresh_from_db()
    research.refresh_from_db()
    assert (everyday.state, research.state) == ("published", "superseded")


IDENTIFYING = {"quasi_identifiers": ["측정소명"], "sensitive": ["PM10"]}


def test_too_few_people_in_a_class_and_nothing_is_released() -> None:
    published(disclosure=IDENTIFYING)
    one_each(9)
    release = built()
    assert (release.state, release.reason_rule) == ("refused", "disclosure")
    assert release.reason_params == {"suppressed": 9, "records": 9}
    assert not release.files.exists()
    assert built(kind="licensed").records == 9, "k is 5 under a licence"


def test_districts_are_made_coarser_where_that_is_declared() -> None:
    merged = {"map": dict.fromkeys(["종로구", "도봉구"], "강북")}
    hierarchies = {"측정소명": [merged]}
    published(disclosure={**IDENTIFYING, "hierarchies": hierarchies, "unit": "record"})
    six = [air_csv(*(f"202611{n:02d},{name},{n}" for n in range(6))) for name in merged["map"]]
    check(handed_in(mina(), six[0]).id)
    check(handed_in(joon(), six[1]).id)
    release = built()
    assert release.state == "published"
    assert {row["측정소명"] for row in rows(release)} == {"강북"}
    assert release.document["disclosure"]["smallest_class"] == 12


def test_a_newcomer_is_not_shown_by_the_difference_of_two_releases() -> None:
    published(disclosure={**IDENTIFYING, "unit": "record"})
    check(handed_in(joon(), air_csv(*(f"202611{n:02d},종로구,{n}" for n in range(30)))).id)
    first = built()
    check(handed_in(mina(), air_csv("2026113000,종로구,77")).id)
    second = built()
    assert (first.records, second.records) == (30, 30)
    assert second.document["disclosure"]["held_back"] == 1
    assert "77" not in {row["PM10"] for row in rows(second)}


def test_formulas_are_made_harmless_and_columns_keep_their_names() -> None:
    fields = [*AIR["schema"]["fields"], {"name": "weight", "type": "string"}]
    published(schema={"fields": fields, "missingValues": [""]})
    header = "측정일시,측정소명,PM10,weight"
    text = f"{header}\n2026110100,종로구,5,=1+1\n".encode()
    check(handed_in(mina(), text).id)
    (row,) = rows(built())
    assert row["weight"] == "'=1+1"
    assert float(row["dure_weight"]) == 1


def test_places_also_become_geojson() -> None:
    fields = [
        *AIR["schema"]["fields"],
        {"name": "위도", "type": "number"},
        {"name": "경도", "type": "number"},
    ]
    published(schema={"fields": fields, "missingValues": [""]})
    header = "측정일시,측정소명,PM10,위도,경도"
    check(handed_in(mina(), f"{header}\n2026110100,종로구,5,37.57,126.97\n".encode()).id)
    release = built()
    (feature,) = json.loads(body(release, "data.geojson"))["features"]
    assert feature["geometry"]["type"] == "Point"
    assert feature["properties"]["PM10"] == 5


def test_building_twice_has_one_effect_and_a_dead_worker_is_replaced() -> None:
    published()
    check(handed_in(mina(), twenty_rows()).id)
    release = build_release(acting=actor(kang()), call_slug="air-daily", purpose="city-ai")
    assert waiting() == [release.id]
    Release.objects.filter(id=release.id).update(
        state="building", attempts=1, lease_until=now().replace(year=2000)
    )
    assert waiting() == [release.id]
    assert build(release.id).state == "published"
    assert build(release.id).number == 1
    assert ReleaseFile.objects.count() == 3
    assert waiting() == []


def test_after_three_deaths_it_has_failed_with_a_reason() -> None:
    published()
    release = build_release(acting=actor(kang()), call_slug="air-daily", purpose="city-ai")
    Release.objects.filter(id=release.id).update(attempts=3)
    ended = build(release.id)
    assert (ended.state, ended.reason_rule) == ("failed", "internal")


def test_one_build_at_a_time_by_operators_for_what_the_call_asked_for() -> None:
    published()
    ask = {"acting": actor(kang()), "call_slug": "air-daily", "purpose": "city-ai"}
    for changes, code in (
        ({"acting": actor(charlie())}, "not-allowed"),
        ({"call_slug": "nowhere"}, "call-unknown"),
        ({"purpose": "marketing"}, "purpose-unknown"),
        ({"kind": "secret"}, "release-kind-unknown"),
    ):
        with pytest.raises(Problem, match=code):
            build_release(**{**ask, **changes})  # type: ignore[arg-type]  # one is wrong on purpose
    build_release(**ask)  # type: ignore[arg-type]  # as above, none is wrong
    with pytest.raises(Problem, match="release-pending"):
        build_release(**ask)  # type: ignore[arg-type]


def test_postgresql_keeps_a_release_as_it_was_given_out() -> None:
    published()
    check(handed_in(mina(), twenty_rows()).id)
    release = built()
    member = ReleaseMember.objects.get()
    refused = (
        lambda: Release.objects.filter(id=release.id).update(records=1),
        lambda: Release.objects.filter(id=release.id).update(state="building"),
        lambda: Release.objects.filter(id=release.id).delete(),
        lambda: ReleaseFile.objects.filter(name="data.csv").update(sha256="0" * 64),
        lambda: ReleaseFile.objects.filter(name="data.csv").delete(),
        lambda: ReleaseMember.objects.filter(id=member.id).update(mass=0),
        lambda: ReleaseMember.objects.create(
            release=release, contribution=member.contribution, rows=[1], mass=1
        ),
        lambda: connection.cursor().execute("TRUNCATE contributions_releasemember"),
    )
    for write in refused:
        with pytest.raises((IntegrityError, InternalError)), transaction.atomic():
            write()
    release.refresh_from_db()
    assert (release.state, release.records) == ("published", 20)

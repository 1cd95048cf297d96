"""Releases and their catalogue, judged by independent tools: frictionless and SHACL."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from contributions.models import Release
from contributions.pipeline.stages import check
from contributions.releases.building import build
from contributions.releases.selectors import catalogue_document
from contributions.releases.services import build_release
from dure.core.blobs import read
from tests.cast import actor, api, joon, kang, mina
from tests.contributions.hours import THREE, joint_call
from tests.contributions.seoul import air_csv, handed_in, published, twenty_rows

pytestmark = pytest.mark.django_db(transaction=True)

SHAPES = Path(__file__).with_name("dcat_ap.ttl")


@pytest.fixture(autouse=True)
def _their_own_warnings() -> Iterator[None]:
    """What the judges' own dependencies deprecate is not about us."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def built() -> Release:
    asked = build_release(acting=actor(kang()), call_slug="air-daily", purpose="city-ai")
    release = build(asked.id)
    assert release.state == "published"
    return release


def unpacked(release: Release, folder: Path) -> Path:
    """The files of a release side by side, as a data user has them."""
    for file in release.files.all():
        (folder / file.name).write_bytes(read(file.blob))
    return folder / "datapackage.json"


def frictionless_report(descriptor: Path) -> Any:  # Any: the library has no types
    from frictionless import validate

    return validate(str(descriptor))


def test_frictionless_finds_the_data_package_valid(tmp_path: Path) -> None:
    published()
    check(handed_in(mina(), twenty_rows()).id)
    check(handed_in(joon(), air_csv("2026110300,강남구,")).id)
    report = frictionless_report(unpacked(built(), tmp_path))
    assert report.valid, report.flatten(["rowNumber", "fieldName", "type", "message"])
    table = next(task for task in report.tasks if task.name == "data-csv")
    assert table.stats["rows"] == 21
    assert table.labels == ["row_id", "측정일시", "측정소명", "PM10", "weight"]


def test_frictionless_reads_dates_and_times_as_the_package_says(tmp_path: Path) -> None:
    joint_call()
    check(handed_in(mina(), THREE).id)
    report = frictionless_report(unpacked(built(), tmp_path))
    assert report.valid, report.flatten(["rowNumber", "fieldName", "type", "message"])


def test_frictionless_sees_a_file_that_was_changed(tmp_path: Path) -> None:
    published()
    check(handed_in(mina(), twenty_rows()).id)
    descriptor = unpacked(built(), tmp_path)
    file = tmp_path / "data.csv"
    file.write_bytes(file.read_bytes().replace("종로구".encode(), "은평구".encode(), 1))
    report = frictionless_report(descriptor)
    assert "hash-count" in {kind for (kind,) in report.flatten(["type"])}


def test_the_parquet_holds_the_same_table_as_the_csv(tmp_path: Path) -> None:
    import csv

    import pyarrow.parquet as pq

    published()
    check(handed_in(mina(), twenty_rows()).id)
    unpacked(built(), tmp_path)
    parquet = pq.read_table(tmp_path / "data.parquet").to_pylist()
    with (tmp_path / "data.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [each["row_id"] for each in parquet] == [row["row_id"] for row in rows]
    assert [each["weight"] for each in parquet] == [float(row["weight"]) for row in rows]


def judged(document: dict[str, Any]) -> tuple[bool, str]:  # Any: JSON-LD
    import pyshacl
    from rdflib import Graph

    graph = Graph().parse(data=json.dumps(document), format="json-ld")
    conforms, _results, text = pyshacl.validate(graph, shacl_graph=str(SHAPES), inference="none")
    return bool(conforms), str(text)


def test_the_catalogue_conforms_to_dcat_ap() -> None:
    published()
    check(handed_in(mina(), twenty_rows()).id)
    release = built()
    document = json.loads(api().get("/api/v1/catalog.jsonld").content)
    assert judged(document) == (True, judged(document)[1])
    assert str(release.id) in json.dumps(document)


@pytest.mark.parametrize("lost", ["dcterms:title", "dcterms:description", "dcat:distribution"])
def test_a_dataset_without_what_dcat_ap_demands_is_found(lost: str) -> None:
    published()
    check(handed_in(mina(), twenty_rows()).id)
    built()
    document = catalogue_document()
    del document["dcat:dataset"][0][lost]
    conforms, text = judged(document)
    assert not conforms
    assert "MinCount" in text


def test_dates_of_every_form_leave_in_one_form_on_the_citys_clock(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    joint_call()
    check(handed_in(mina(), THREE).id)
    package = json.loads(unpacked(built(), tmp_path).read_text(encoding="utf-8"))
    (table,) = [each for each in package["resources"] if each["path"] == "data.csv"]
    field = next(each for each in table["schema"]["fields"] if each["name"] == "when")
    assert field == {"name": "when", "type": "datetime", "constraints": {"required": True}}
    moments = pq.read_table(tmp_path / "data.parquet").column("when").to_pylist()
    assert sorted(f"{each:%d %H:%M}" for each in moments) == [
        "22 08:10",
        "22 08:50",
        "23 08:30",
        "23 10:00",
    ]

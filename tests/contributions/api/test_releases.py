"""Releases and their catalogue over HTTP."""

from __future__ import annotations

import hashlib
import json
from typing import Any
from uuid import UUID

import pytest

from contributions.models import Release
from contributions.pipeline.stages import check
from contributions.registries import licence_provider
from contributions.releases.building import build
from contributions.releases.services import build_release
from contributions.withdrawal.services import withdraw
from dure.accounts.acting import Actor
from dure.accounts.api_key_services import issue_api_key
from tests.cast import actor, api, charlie, hana, joon, kang, mina
from tests.contributions.seoul import air_csv, handed_in, published, twenty_rows

pytestmark = pytest.mark.django_db(transaction=True)

ADDRESS = "/api/v1/releases/"
ASK = {"call": "air-daily", "purpose": "city-ai", "kind": "open"}


def built(kind: str = "open") -> Release:
    asked = build_release(acting=actor(kang()), call_slug="air-daily", purpose="city-ai", kind=kind)
    return build(asked.id)


@pytest.fixture
def receipt() -> str:
    """Mina's accepted contribution, beside one of Joon's."""
    published()
    check(handed_in(joon(), air_csv("2026110300,강남구,12")).id)
    return check(handed_in(mina(), twenty_rows()).id).receipt


def test_an_operator_asks_and_everybody_finds_the_release(receipt: str) -> None:
    answer = api(kang()).post(ADDRESS, ASK)
    assert (answer.status_code, answer.json()["state"]) == (202, "requested")
    assert api(kang()).get(answer["Location"]).json()["state"] == "requested"
    assert api().get(answer["Location"]).status_code == 404, "nothing is published yet"
    assert api(kang()).post(ADDRESS, ASK).status_code == 409
    build(Release.objects.get().id)
    document = api().get(answer["Location"]).json()
    assert (document["state"], document["version"], document["records"]) == ("published", 1, 21)
    assert api().get(ADDRESS).json()["results"] == [document]
    assert receipt not in json.dumps(document)


@pytest.mark.parametrize(("who", "status"), [(None, 401), (charlie, 403), (mina, 403)])
def test_others_build_no_releases(receipt: str, who: Any, status: int) -> None:  # Any: the cast
    client = api(who()) if who else api()
    assert client.post(ADDRESS, ASK).status_code == status
    assert not Release.objects.exists()


def test_what_is_wrong_with_a_request_is_named(receipt: str) -> None:
    client = api(kang())
    for changes, status, code in (
        ({"call": "nowhere"}, 404, "call-unknown"),
        ({"purpose": "marketing"}, 422, "purpose-unknown"),
        ({"kind": "secret"}, 422, "release-kind-unknown"),
    ):
        answer = client.post(ADDRESS, {**ASK, **changes})
        assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
        assert answer.json()["type"].endswith(f"/{code}/")
    assert client.post(ADDRESS, [ASK]).status_code == 400


def test_anybody_downloads_the_files_of_an_open_release(receipt: str) -> None:
    document = api().get(f"{ADDRESS}{built().id}/").json()
    assert {file["name"] for file in document["files"]} == {
        "data.csv",
        "data.parquet",
        "datapackage.json",
    }
    for file in document["files"]:
        answer = api().get(file["url"])
        body = b"".join(answer.streaming_content)  # type: ignore[attr-defined]  # FileResponse
        assert hashlib.sha256(body).hexdigest() == file["sha256"]
        assert answer["Content-Type"] == file["media_type"]
        assert answer["Cache-Control"] == "no-store"
    for name in ("other.csv", "..%2Fdatapackage.json", "data.csv%00"):
        assert api().get(f"{ADDRESS}{document['id']}/files/{name}").status_code == 404


def test_unknown_releases_answer_alike() -> None:
    for release in ("0198a6f4-0000-7000-8000-000000000000", "x", "%00"):
        for rest in ("", "recalls/", "files/data.csv"):
            assert api().get(f"{ADDRESS}{release}/{rest}").status_code == 404


def test_a_licensed_release_is_for_those_with_a_licence(
    receipt: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = built("licensed")
    file = f"{ADDRESS}{release.id}/files/data.csv"
    recalls = f"{ADDRESS}{release.id}/recalls/"
    for stranger in (api(), api(charlie()), api(hana())):
        assert stranger.get(f"{ADDRESS}{release.id}/").status_code == 200, "the catalogue is open"
        for address in (file, recalls):
            answer = stranger.get(address)
            assert answer.status_code == 403
            assert answer.json()["type"].endswith("/licence-needed/")
    holder = hana()

    def licensed(acting: Actor, wanted: Release) -> frozenset[UUID]:
        held = acting.person == holder and wanted.id == release.id
        return acting.parties if held else frozenset()

    monkeypatch.setattr(licence_provider, "items", lambda: [("tests", licensed)])
    assert api(hana()).get(file).status_code == 200
    assert api(hana()).get(recalls).json()["rows"] == []
    assert api(charlie()).get(file).status_code == 403


def test_every_key_fetches_what_a_stranger_may_and_no_more(
    receipt: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        licence_provider, "items", lambda: [("tests", lambda acting, _: acting.parties)]
    )
    keyed = api()

    def fetched(kind: str, *scopes: str) -> int:
        _key, secret = issue_api_key(
            acting=Actor.system("tests"), person=hana(), live=True, scopes=scopes
        )
        keyed.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
        return int(keyed.get(f"{ADDRESS}{files[kind]}/files/data.csv").status_code)

    files = {kind: built(kind).id for kind in ("open", "licensed")}
    assert fetched("open", "contributions:read") == 200
    assert fetched("licensed", "contributions:read") == 403
    assert fetched("licensed", "licences:read") == 200


def test_a_withdrawal_ends_downloads_at_once_and_names_the_rows_to_delete(receipt: str) -> None:
    release = built()
    address = f"{ADDRESS}{release.id}/"
    assert api().get(f"{address}files/data.csv").status_code == 200
    assert api().get(f"{address}recalls/").json()["rows"] == []
    withdraw(acting=actor(mina()), receipt=receipt)
    gone = api().get(f"{address}files/data.csv")
    assert gone.status_code == 410
    assert gone.json()["type"].endswith("/release-superseded/")
    document = api().get(f"{address}recalls/").json()
    assert document["status"] == "superseded"
    assert len(document["rows"]) == len(set(document["rows"])) == 20
    assert api().get(address).json()["state"] == "superseded"
    assert api().get("/api/v1/catalog.jsonld").json()["dcat:dataset"] == []


def test_the_catalogue_is_dcat_with_a_distribution_for_each_file(receipt: str) -> None:
    release = built()
    built("licensed")
    answer = api().get("/api/v1/catalog.jsonld")
    assert answer["Content-Type"] == "application/ld+json"
    catalogue = answer.json()
    assert catalogue["@type"] == "dcat:Catalog"
    assert catalogue["@context"]["dcat"] == "http://www.w3.org/ns/dcat#"
    rights = {each["dcterms:accessRights"]["@id"] for each in catalogue["dcat:dataset"]}
    assert {right.rpartition("/")[2] for right in rights} == {"PUBLIC", "RESTRICTED"}
    (dataset,) = (
        each for each in catalogue["dcat:dataset"] if each["@id"].endswith(f"{release.id}/")
    )
    assert {text["@language"] for text in dataset["dcterms:title"]} == {"ko", "en"}
    for distribution in dataset["dcat:distribution"]:
        path = distribution["dcat:downloadURL"]["@id"].partition("//")[2].partition("/")[2]
        assert api().get(f"/{path}").status_code == 200
        assert int(distribution["dcat:byteSize"]["@value"]) > 0

"""The register is generated from the code, and the log knows when the code changed."""

from __future__ import annotations

import dataclasses
from hashlib import sha256
from pathlib import Path

import pytest

from dure.accounts.acting import Actor
from governance.algorithms import services
from governance.algorithms.code_hash import SourceMissing, code_hash, source_hashes
from governance.models import AlgorithmVersion, LogEntry
from governance.registries import algorithms
from governance.reports import disclosure
from tests.cast import api

SYSTEM = Actor.system("operator")
MODULE = "governance.reports.disclosure"


def test_the_code_hash_is_that_of_the_source() -> None:
    digest = sha256(Path(disclosure.__file__).read_bytes()).hexdigest()
    assert source_hashes([MODULE]) == {MODULE: digest}
    assert code_hash((MODULE,)) == sha256(f'{{"{MODULE}":"{digest}"}}'.encode()).hexdigest()
    assert code_hash((MODULE,)) != code_hash((MODULE, "governance.log.merkle"))


@pytest.mark.parametrize("name", ["governance.nothing", "nowhere.at.all", "math"])
def test_an_algorithm_without_source_is_refused(name: str) -> None:
    with pytest.raises(SourceMissing):
        code_hash((name,))


def test_every_registered_algorithm_speaks_both_languages_and_has_source() -> None:
    for _, entry in algorithms.items():
        for texts in (entry.name, entry.purpose, entry.how, entry.data, entry.human_oversight):
            assert texts["ko"]
            assert texts["en"]
        assert len(code_hash(entry.modules)) == 64


@pytest.mark.django_db
def test_the_register_is_public() -> None:
    listed = api().get("/api/v1/algorithms/").json()
    assert "disclosure-control" in {row["id"] for row in listed["results"]}
    detail = api().get("/api/v1/algorithms/disclosure-control/").json()
    assert detail["code_sha256"] == code_hash(tuple(detail["sources"]))
    assert detail["history"] == []
    unknown = api().get("/api/v1/algorithms/oracle/")
    assert unknown.status_code == 404
    assert unknown.json()["type"] == "/developers/errors/algorithm-unknown/"


@pytest.mark.django_db
def test_a_change_of_code_is_logged_once(monkeypatch: pytest.MonkeyPatch) -> None:
    count = len(algorithms.items())
    assert len(services.record_algorithms(acting=SYSTEM)) == count
    assert services.record_algorithms(acting=SYSTEM) == []
    entry = algorithms.get("disclosure-control")
    assert entry is not None
    changed = dataclasses.replace(entry, version="2")
    monkeypatch.setattr(type(algorithms), "items", lambda self: [("disclosure-control", changed)])
    (row,) = services.record_algorithms(acting=SYSTEM)
    assert (row.algorithm, row.version) == ("disclosure-control", "2")
    assert AlgorithmVersion.objects.count() == count + 1
    assert LogEntry.objects.filter(kind="algorithm.registered").count() == count + 1
    history = api().get("/api/v1/algorithms/disclosure-control/").json()["history"]
    assert [version["version"] for version in history] == ["2", "1"]

"""The register is generated from the code, and the log knows when the code changed."""

from __future__ import annotations

import ast
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


def test_a_package_stands_for_every_module_in_it() -> None:
    sources = source_hashes(["contributions.privacy"])
    folder = Path("contributions/privacy")
    files = {path: sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*.py")}
    assert sorted(sources.values()) == sorted(files.values())
    assert code_hash(("contributions.privacy",)) == code_hash(tuple(sources))


#: Rooms in which everything that is imported decides.
DECIDING = (
    "contributions.decode",
    "contributions.disclosure",
    "contributions.duplicates",
    "contributions.near",
    "contributions.privacy",
    "contributions.quality",
    "contributions.raking",
    "contributions.representativeness",
    "contributions.schema",
    "governance.reports.disclosure",
    "governance.reports.dominance",
    "rewards.valuation",
)
#: Words, forms and shapes of these rooms, which decide nothing.
SPEAKING = ("rewards.valuation.explanation",)


def imported(path: Path) -> set[str]:
    """The dotted names that a source file imports, modules and what is taken from them."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{each.name}" for each in node.names)}
        elif isinstance(node, ast.Import):
            names |= {each.name for each in node.names}
    return names


@pytest.mark.parametrize("algorithm", [entry.id for _, entry in algorithms.items()])
def test_the_hash_covers_everything_that_decides(algorithm: str) -> None:
    """A detector, a check or a rule that changes makes the record stale, wherever it stands."""
    entry = algorithms.get(algorithm)
    assert entry is not None
    covered = set(source_hashes(entry.modules))
    for module in covered:
        stem = Path(*module.split("."))
        path = stem.with_suffix(".py")
        for name in imported(path if path.exists() else stem / "__init__.py"):
            own = Path(*name.split("."))
            if own.with_suffix(".py").exists() and name.startswith(DECIDING):
                assert name in covered or name in SPEAKING, f"{module} decides by {name}"


def test_every_room_that_decides_stands_in_the_register() -> None:
    covered = {name for _, entry in algorithms.items() for name in source_hashes(entry.modules)}
    for room in DECIDING:
        assert set(source_hashes([room])) & covered, room


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

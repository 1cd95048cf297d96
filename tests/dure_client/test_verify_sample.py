"""A sample of an auditor's, drawn again by whoever has its document and its population."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
import rfc8785

from dure_client import dure_verify as verify
from tests.dure_client import log_folder as oracle

SEED = "b3BlbiBhbmQgc2hhcmVkLg"
ITEMS = [f"기여-{number}" for number in range(40)]


def _lines(*lines: str) -> str:
    return hashlib.sha256("".join(line + "\n" for line in lines).encode()).hexdigest()


def _sample(items: list[str] = ITEMS, head: str = "ab" * 32) -> verify.Document:
    """As the format is defined, by none of the platform's code."""
    root = oracle.root_of([oracle.leaf(item) for item in sorted(i.encode() for i in items)]).hex()
    key = _lines("dure-sample/1", SEED, head, root, "3")
    return {
        "format": "dure-sample/1",
        "sample": "5f0c",
        "population": "epoch:1",
        "population_size": len(items),
        "population_root": root,
        "size": 3,
        "seed_sha256": hashlib.sha256(SEED.encode()).hexdigest(),
        "committed_log_index": 1,
        "seed": SEED,
        "checkpoint_size": 2,
        "checkpoint_root": head,
        "drawn": sorted(items, key=lambda item: _lines(key, item))[:3],
        "drawn_log_index": 2,
    }


def _run(folder: Path, sample: verify.Document, items: list[str] | None = ITEMS, *more: str) -> int:
    (folder / "sample.json").write_text(json.dumps(sample))
    if items is not None:
        (folder / "items.txt").write_text("\n".join(items) + "\n")
        more = ("--population", str(folder / "items.txt"), *more)
    return verify.main(["sample", str(folder / "sample.json"), *more])


def test_the_same_is_drawn_again_whatever_the_order_of_the_items(tmp_path: Path) -> None:
    assert _run(tmp_path, _sample()) == verify.OK
    assert _run(tmp_path, _sample(), ITEMS[::-1]) == verify.OK


def test_the_population_is_also_read_from_a_manifest_and_from_a_list(tmp_path: Path) -> None:
    for form in ({"inputs": [{"id": item} for item in ITEMS]}, ITEMS):
        (tmp_path / "population.json").write_text(json.dumps(form))
        told = _run(tmp_path, _sample(), None, "--population", str(tmp_path / "population.json"))
        assert told == verify.OK


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("seed", "a" * 22, "not the one that was committed to"),
        ("population_size", 41, "size of the population"),
        ("population_root", "00" * 32, "root of the population"),
        ("checkpoint_root", "00" * 32, "place 1 of the sample"),
        ("drawn", ITEMS[:3], "place 1 of the sample"),
        ("size", 4, "place"),
        ("size", 41, "cannot be drawn"),
    ],
)
def test_whatever_was_changed_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, value: object, says: str
) -> None:
    assert _run(tmp_path, {**_sample(), name: value}) == verify.TAMPERED
    assert says in capsys.readouterr().out


def test_one_item_less_than_was_committed_to_is_found(tmp_path: Path) -> None:
    assert _run(tmp_path, _sample(), ITEMS[1:]) == verify.TAMPERED


def test_what_is_not_drawn_yet_or_lacks_its_population_is_not_verified(tmp_path: Path) -> None:
    assert _run(tmp_path, {**_sample(), "seed": None}) == verify.UNVERIFIABLE
    assert _run(tmp_path, _sample(), None) == verify.UNVERIFIABLE
    assert _run(tmp_path, {**_sample(), "format": "dure-sample/9"}) == verify.UNVERIFIABLE
    assert _run(tmp_path, {**_sample(), "drawn": "three"}) == verify.UNVERIFIABLE
    with pytest.raises(SystemExit) as stopped:
        verify.main(["sample"])
    assert stopped.value.code == verify.USAGE


def _logged(folder: Path) -> tuple[verify.Document, oracle.LogFolder]:
    """Three entries: one to draw from, the commitment, the drawing."""

    def entry(kind: str, payload: verify.Document) -> bytes:
        return rfc8785.dumps({"type": kind, "payload": payload})

    plain = _sample(["0"])
    stated = {**plain, "population": "entries:role.granted:1", "size": 1, "drawn": ["0"]}
    committed = {name: stated[name] for name in verify._COMMITTED}
    bodies = [entry("role.granted", {}), entry("sample.committed", committed)]
    head = oracle.root_of([oracle.leaf(body) for body in bodies]).hex()
    stated["checkpoint_root"] = head
    bodies.append(entry("sample.drawn", {name: stated[name] for name in verify._DRAWN}))
    log = oracle.LogFolder(folder / "log", bodies)
    log.write()
    return stated, log


def test_entries_of_the_log_are_drawn_again_from_the_log_alone(tmp_path: Path) -> None:
    sample, log = _logged(tmp_path)
    with_log = ("--log", str(log.folder), "--key", oracle.verifier_key())
    assert _run(tmp_path, sample, None, *with_log) == verify.OK
    assert _run(tmp_path, sample, None, "--log", str(log.folder)) == verify.UNVERIFIABLE
    # A head that is older than the commitment could have been known when it was made.
    assert _run(tmp_path, {**sample, "checkpoint_size": 1}, None, *with_log) == verify.TAMPERED
    assert _run(tmp_path, {**sample, "sample": "other"}, None, *with_log) == verify.TAMPERED
    assert _run(tmp_path, {**sample, "drawn_log_index": 0}, None, *with_log) == verify.TAMPERED
    assert _run(tmp_path, {**sample, "checkpoint_size": 9}, None, *with_log) == verify.UNVERIFIABLE

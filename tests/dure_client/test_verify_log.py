"""A whole log is re-hashed; every kind of change is found and located."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dure_client import dure_verify as verify
from tests.dure_client.log_folder import LogFolder, checkpoint, leaf, root_of, verifier_key


@pytest.fixture
def log(tmp_path: Path) -> LogFolder:
    """700 entries: two full tiles, a partial one, and a tile above them."""
    bodies = [json.dumps({"type": "test", "n": n}).encode() for n in range(700)]
    folder = LogFolder(tmp_path, bodies)
    folder.write()
    return folder


def _run(log: LogFolder, *more: str) -> int:
    return verify.main(["log", str(log.folder), *(more or ("--key", verifier_key()))])


def test_an_untouched_log_is_ok(log: LogFolder, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(log) == verify.OK
    assert capsys.readouterr().out.startswith("OK  700 entries of log.dure.example")


def test_without_a_key_it_is_unverifiable_and_never_ok(log: LogFolder) -> None:
    assert _run(log, "--key-file", str(log.folder / "absent")) == verify.UNVERIFIABLE
    assert verify.main(["log", str(log.folder)]) == verify.UNVERIFIABLE


@pytest.mark.parametrize("index", [0, 255, 256, 511, 699])
def test_a_changed_body_is_named_by_its_index(
    log: LogFolder, index: int, capsys: pytest.CaptureFixture[str]
) -> None:
    number, first = divmod(index, 256)
    bodies = log.bodies[number * 256 : number * 256 + 256]
    bodies[first] = bodies[first].replace(b"test", b"tEst")
    data = b"".join(len(body).to_bytes(2, "big") + body for body in bodies)
    log.put(log.path("entries", number, len(bodies)), data)
    assert _run(log) == verify.TAMPERED
    assert f"first bad index {index}:" in capsys.readouterr().out


def test_a_body_and_its_hash_changed_together_are_caught_one_level_up(
    log: LogFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    log.bodies[300] = b'{"type":"forged"}'
    hashes = [leaf(body) for body in log.bodies]
    bundle = log.bodies[256:512]
    log.put(
        log.path("entries", 1, 256),
        b"".join(len(body).to_bytes(2, "big") + body for body in bundle),
    )
    log.put(log.path("0", 1, 256), b"".join(hashes[256:512]))
    assert _run(log) == verify.TAMPERED
    assert "first bad index 256 (within [256, 512))" in capsys.readouterr().out


def test_a_log_rewritten_as_a_whole_does_not_match_what_was_signed(log: LogFolder) -> None:
    signed = (log.folder / "checkpoint").read_bytes()
    log.bodies[10] = b'{"type":"forged"}'
    log.write()
    log.put("checkpoint", signed)
    assert _run(log) == verify.TAMPERED


def test_a_checkpoint_that_was_not_signed_by_the_city_is_tampered_with(log: LogFolder) -> None:
    note = (log.folder / "checkpoint").read_text()
    forged = checkpoint(700, root_of([leaf(b"other")])).split("\n\n")
    log.put("checkpoint", (note.split("\n\n")[0] + "\n\n" + forged[1]).encode())
    assert _run(log) == verify.TAMPERED


def test_a_tail_cut_off_is_found(log: LogFolder, capsys: pytest.CaptureFixture[str]) -> None:
    path = log.folder / log.path("entries", 2, 188)
    path.write_bytes(path.read_bytes()[:-40])
    assert _run(log) == verify.TAMPERED
    assert "first bad index 69" in capsys.readouterr().out


def test_a_missing_tile_is_unverifiable(log: LogFolder) -> None:
    (log.folder / log.path("0", 1, 256)).unlink()
    assert _run(log) == verify.UNVERIFIABLE


def test_a_full_tile_stands_in_for_a_partial_one(log: LogFolder) -> None:
    hashes = [leaf(body) for body in log.bodies]
    (log.folder / log.path("0", 2, 188)).unlink()
    log.put("tile/0/002", b"".join(hashes[512:]) + bytes(68 * 32))
    assert _run(log) == verify.OK


def test_an_empty_log_is_ok(tmp_path: Path) -> None:
    log = LogFolder(tmp_path, [])
    log.write()
    assert _run(log) == verify.OK


def test_wrong_usage_is_its_own_exit_code() -> None:
    for arguments in ([], ["log"], ["nothing"], ["log", "x", "--key"], ["log", "x", "y"]):
        with pytest.raises(SystemExit) as exit_:
            verify.main(arguments)
        assert exit_.value.code == verify.USAGE


def test_verifying_writes_nothing(log: LogFolder) -> None:
    before = {path: path.stat().st_mtime_ns for path in log.folder.rglob("*")}
    _run(log)
    assert {path: path.stat().st_mtime_ns for path in log.folder.rglob("*")} == before

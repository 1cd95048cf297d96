"""Whatever is done to what it reads: a verdict, never a traceback, and never "ok" when altered."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dure_client import dure_verify as verify
from tests.dure_client.log_folder import (
    LogFolder,
    checkpoint,
    leaf,
    path_of,
    root_of,
    verifier_key,
)

KEY = verifier_key()
FUZZ = settings(max_examples=250, suppress_health_check=[HealthCheck.function_scoped_fixture])


@st.composite
def changes(draw: st.DrawFn) -> tuple[str, float, float, bytes]:
    """A change of some bytes: what is done, where, how far, and what is put there."""
    kind = draw(st.sampled_from(["flip", "cut", "put", "double", "end", "case"]))
    return kind, draw(st.floats(0, 1)), draw(st.floats(0, 1)), draw(st.binary(min_size=1))


def changed(data: bytes, change: tuple[str, float, float, bytes]) -> bytes:
    kind, where, far, more = change
    start = int(where * (len(data) - 1))
    end = min(len(data), start + 1 + int(far * 40))
    match kind:
        case "flip":
            return data[:start] + bytes([data[start] ^ (more[0] or 1)]) + data[start + 1 :]
        case "cut":
            return data[:start] + data[end:]
        case "put":
            return data[:start] + more + data[start:]
        case "double":
            return data[:end] + data[start:]
        case "end":
            return data[:start]
        case _:
            return data[:start] + data[start:end].swapcase() + data[end:]


def bodies(count: int) -> list[bytes]:
    return [
        json.dumps(
            {"payload": {"receipt": f"D-2026-{n:08d}"}, "ts": "2026-11-22T00:00:00Z",
             "type": "contribution.received"},
        ).encode()
        for n in range(count)
    ]  # fmt: skip


def receipt() -> dict[str, object]:
    """A proof in which every member can be checked."""
    every = bodies(7)
    hashes = [leaf(body) for body in every]
    return {
        "receipt": "D-2026-00000003",
        "entry": {
            "index": 3,
            "type": "contribution.received",
            "ts": "2026-11-22T00:00:00Z",
            "leaf": json.loads(every[3]),
            "body": every[3].decode(),
            "leaf_hash": hashes[3].hex(),
        },
        "proof": {
            "index": 3,
            "size": 7,
            "leaf_hash": hashes[3].hex(),
            "proof": [step.hex() for step in path_of(3, hashes)],
            "root": root_of(hashes).hex(),
        },
        "checkpoint": checkpoint(7, root_of(hashes)),
        "log_key": KEY,
    }


@FUZZ
@given(change=changes())
def test_an_altered_receipt_is_never_ok(
    change: tuple[str, float, float, bytes], tmp_path: Path
) -> None:
    data = json.dumps(receipt(), ensure_ascii=False).encode()
    path = tmp_path / "receipt.json"
    path.write_bytes(data)
    assert verify.main(["receipt", str(path), "--key", KEY]) == verify.OK
    altered = changed(data, change)
    path.write_bytes(altered)
    code = verify.main(["receipt", str(path), "--key", KEY])
    # White space between members means nothing; everything else does.
    assert code in {1, 2} or json.loads(altered) == receipt()


@FUZZ
@given(change=changes(), data=st.data())
def test_an_altered_log_is_never_ok(
    change: tuple[str, float, float, bytes], data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        LogFolder(folder, bodies(260)).write()
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        path = data.draw(st.sampled_from(files))
        before = path.read_bytes()
        path.write_bytes(changed(before, change))
        code = verify.main(["log", name, "--key", KEY])
        assert code in {1, 2} or path.read_bytes() == before


@FUZZ
@given(change=changes())
def test_an_altered_key_is_another_key(
    change: tuple[str, float, float, bytes], tmp_path: Path
) -> None:
    altered = changed(KEY.encode(), change)
    path = tmp_path / "keys"
    path.write_bytes(altered)
    log = tmp_path / "log"
    if not log.exists():
        LogFolder(log, bodies(3)).write()
    code = verify.main(["log", str(log), "--key-file", str(path)])
    lines = {line.strip() for line in altered.decode("utf-8", "replace").splitlines()}
    assert code in {1, 2} or KEY in lines


@FUZZ
@given(change=changes())
def test_an_altered_policy_is_read_or_refused(
    change: tuple[str, float, float, bytes], tmp_path: Path
) -> None:
    text = f"log {KEY}\nwitness a {KEY}\nwitness b {KEY}\ngroup both all a b\nquorum both\n"
    path = tmp_path / "policy"
    path.write_bytes(changed(text.encode(), change))
    log = tmp_path / "log"
    if not log.exists():
        LogFolder(log, bodies(3)).write()
    assert verify.main(["log", str(log), "--policy", str(path)]) in {0, 1, 2}


@FUZZ
@given(st.binary(max_size=400))
def test_any_bytes_get_a_verdict(data: bytes) -> None:
    folder = Path(tempfile.mkdtemp())
    try:
        path = folder / "checkpoint"
        path.write_bytes(data)
        for mode in ("receipt", "export", "replay", "report"):
            key = [] if mode == "replay" else ["--key", KEY]
            assert verify.main([mode, str(path), *key]) in {1, 2}
        assert verify.main(["log", str(folder), "--key", KEY]) in {1, 2}
        assert verify.main(["log", str(folder), "--key", KEY, "--from", str(path)]) in {1, 2}
    finally:
        shutil.rmtree(folder)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=12,
)
_MEMBERS = st.sampled_from(
    ["entry", "proof", "checkpoint", "report", "published", "inputs", "format", "parameters",
     "algorithm", "body", "index", "size", "openings", "rotations", "files", "outputs"]
)  # fmt: skip


@FUZZ
@given(st.dictionaries(_MEMBERS, _JSON, max_size=6))
def test_any_document_gets_a_verdict(tmp_path: Path, document: dict[str, object]) -> None:
    path = tmp_path / "document.json"
    path.write_text(json.dumps(document))
    for mode in ("receipt", "export", "replay", "report"):
        assert verify.main([mode, str(path)]) in {1, 2}


@FUZZ
@given(st.sampled_from(["entry", "proof"]), st.text(min_size=1, max_size=9), _JSON)
def test_a_member_of_another_kind_is_never_ok(
    tmp_path: Path, part: str, name: str, value: object
) -> None:
    document = receipt()
    inner = document[part]
    assert isinstance(inner, dict)
    name = name if name in inner else sorted(inner)[len(name) % len(inner)]
    path = tmp_path / "receipt.json"
    path.write_text(json.dumps({**document, part: {**inner, name: value}}))
    code = verify.main(["receipt", str(path), "--key", KEY])
    assert code in {1, 2} or value == inner[name]


def test_a_verdict_is_one_line_whatever_the_document_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = receipt()
    document["receipt"] = "x\nOK  everything is fine\x1b[2J\ud800"
    path = tmp_path / "receipt.json"
    path.write_text(json.dumps(document))
    assert verify.main(["receipt", str(path), "--key", KEY]) == verify.TAMPERED
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    assert "\x1b" not in out


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["sign"],
        ["log"],
        ["log", "x", "--quorum", "many"],
        ["receipt", "a", "b"],
        ["log", "-x"],
    ],
)
def test_wrong_usage_is_three(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        verify.main(arguments)
    assert ended.value.code == verify.USAGE


def test_it_writes_nothing(tmp_path: Path) -> None:
    LogFolder(tmp_path, bodies(300)).write()
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    assert verify.main(["log", str(tmp_path), "--key", KEY, "--from", "200"]) == verify.OK
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before

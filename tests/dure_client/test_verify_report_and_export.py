from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path

import pytest
import rfc8785

from dure_client import dure_verify as verify
from tests.dure_client import log_folder as oracle
from tests.dure_client.test_verify_receipt import _consent_receipt, _did, _proof, _secured

OTHER_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"


def _report() -> verify.Document:
    report: verify.Document = {
        "period": "2026-q4",
        "edition": 1,
        "sections": [{"key": "분기", "value": "12.5"}],
    }
    body = rfc8785.dumps(report)
    return {
        "report": report,
        "published": {
            "sha256": hashlib.sha256(body).hexdigest(),
            "signature": oracle._KEY.sign(body).hex(),
            "public_key": oracle._KEY.public_key().public_bytes_raw().hex(),
        },
    }


def _run_report(document: verify.Document, folder: Path, *keys: str) -> int:
    file = folder / "report.json"
    file.write_text(json.dumps(document))
    return verify.main(["report", str(file), *(part for key in keys for part in ("--key", key))])


def test_a_published_report_is_ok(tmp_path: Path) -> None:
    assert _run_report(_report(), tmp_path, oracle.verifier_key()) == verify.OK


def test_a_report_without_a_noted_key_is_unverifiable(tmp_path: Path) -> None:
    assert _run_report(_report(), tmp_path) == verify.UNVERIFIABLE


def test_a_report_signed_by_another_key_is_unverifiable(tmp_path: Path) -> None:
    """It may be the log's own key of another day; with the log it is known or tampered with."""
    assert _run_report(_report(), tmp_path, OTHER_KEY) == verify.UNVERIFIABLE


def test_a_changed_figure_is_found_even_with_a_new_hash(tmp_path: Path) -> None:
    report = _report()
    report["report"]["sections"][0]["value"] = "13.5"
    assert _run_report(report, tmp_path, oracle.verifier_key()) == verify.TAMPERED
    body = rfc8785.dumps(report["report"])
    report["published"]["sha256"] = hashlib.sha256(body).hexdigest()
    assert _run_report(report, tmp_path, oracle.verifier_key()) == verify.TAMPERED


def _export(folder: Path) -> Path:
    export = folder / "export"
    export.mkdir()
    content = {"consents": [{"receipt": _consent_receipt()}], "contributions": [_proof()]}
    files = {
        "data.json": json.dumps(content).encode(),
        "도봉구.csv": "측정일시\n20261001\n".encode("cp949"),
    }
    stated = [
        {"path": name, "sha256": hashlib.sha256(data).hexdigest()} for name, data in files.items()
    ]
    files["manifest.json"] = json.dumps(_secured({"files": stated})).encode()
    for name, data in files.items():
        (export / name).write_bytes(data)
    return export


def _run_export(path: Path) -> int:
    keys = ["--key", oracle.verifier_key(), "--key", _did()]
    return verify.main(["export", str(path), *keys])


def test_an_export_is_checked_file_by_file_and_proof_by_proof(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    export = _export(tmp_path)
    assert _run_export(export) == verify.OK
    assert "3 files, 2 hashes, 3 signatures and proofs" in capsys.readouterr().out


def test_an_export_may_be_a_zip(tmp_path: Path) -> None:
    archive = tmp_path / "export.zip"
    with zipfile.ZipFile(archive, "w") as target:
        for file in _export(tmp_path).iterdir():
            target.write(file, file.name)
    assert _run_export(archive) == verify.OK


def test_a_changed_file_of_an_export_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    export = _export(tmp_path)
    (export / "도봉구.csv").write_text("changed")
    assert _run_export(export) == verify.TAMPERED
    assert "도봉구.csv was changed" in capsys.readouterr().out


def test_a_missing_file_of_an_export_is_unverifiable(tmp_path: Path) -> None:
    export = _export(tmp_path)
    (export / "도봉구.csv").unlink()
    assert _run_export(export) == verify.UNVERIFIABLE


def test_an_export_without_its_manifest_is_unverifiable(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Signed receipts lie in it and hold; the figures beside them could be anybody's."""
    export = _export(tmp_path)
    (export / "manifest.json").unlink()
    data = json.loads((export / "data.json").read_text())
    (export / "data.json").write_text(json.dumps({**data, "earned": "1000000"}))
    assert _run_export(export) == verify.UNVERIFIABLE
    assert _run_export(export / "data.json") == verify.UNVERIFIABLE
    assert "2 signatures and proofs hold, but nobody signed the rest" in capsys.readouterr().out
    (export / "data.json").write_text(json.dumps([_consent_receipt(), _proof()]))
    assert _run_export(export / "data.json") == verify.OK


def test_an_export_with_nothing_to_check_is_unverifiable(tmp_path: Path) -> None:
    file = tmp_path / "export.json"
    file.write_text('{"name": "Mina"}')
    assert _run_export(file) == verify.UNVERIFIABLE


def test_a_file_that_was_changed_together_with_its_hash_is_found(tmp_path: Path) -> None:
    export = _export(tmp_path)
    (export / "도봉구.csv").write_text("changed")
    manifest = json.loads((export / "manifest.json").read_text())
    manifest["files"][1]["sha256"] = hashlib.sha256(b"changed").hexdigest()
    (export / "manifest.json").write_text(json.dumps(manifest))
    assert _run_export(export) == verify.TAMPERED
    del manifest["proof"]
    (export / "manifest.json").write_text(json.dumps(manifest))
    assert _run_export(export) == verify.UNVERIFIABLE


def test_a_file_that_stands_twice_in_an_archive_is_unverifiable(tmp_path: Path) -> None:
    archive = tmp_path / "export.zip"
    with zipfile.ZipFile(archive, "w") as target:
        for file in _export(tmp_path).iterdir():
            target.write(file, file.name)
        with pytest.warns(UserWarning, match="Duplicate name"):
            target.writestr("도봉구.csv", "another")
    assert _run_export(archive) == verify.UNVERIFIABLE

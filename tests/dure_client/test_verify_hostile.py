"""Files that somebody prepared: two things at once, larger than a machine, other than they look."""

from __future__ import annotations

import io
import json
import os
import stat
import threading
import zipfile
from pathlib import Path

import pytest

from dure_client import dure_verify as verify
from tests.dure_client import log_folder as oracle
from tests.dure_client.test_verify_policy import OTHER_WITNESS
from tests.dure_client.test_verify_receipt import _consent_receipt, _did, _proof
from tests.dure_client.test_verify_replay import _by_hand
from tests.dure_client.test_verify_report_and_export import (
    _export,
    _report,
    _run_export,
    _run_report,
)


def zipped(folder: Path) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as target:
        for file in sorted(folder.iterdir()):
            target.write(file, file.name)
    return out.getvalue()


def said(path: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    code = verify.main(["receipt", str(path), "--key", _did(), *arguments])
    return code, capsys.readouterr().out


@pytest.mark.parametrize(
    "before", [b"%PDF-1.7 another report", b'{"report": "another"}', b"PK\x03\x04 another"]
)
def test_what_stands_before_an_archive_is_covered_by_nothing_in_it(
    tmp_path: Path, before: bytes
) -> None:
    """A PDF reader shows what stands before; an archive is read from its end."""
    file = tmp_path / "export.pdf"
    file.write_bytes(before + zipped(_export(tmp_path)))
    assert zipfile.is_zipfile(file)
    assert _run_export(file) == verify.UNVERIFIABLE


def test_two_archives_in_one_are_none(tmp_path: Path) -> None:
    """One reader goes from the front and finds the first, the other goes from the end."""
    other = tmp_path / "other"
    other.mkdir()
    (other / "data.json").write_text('{"earned": "1000000"}')
    file = tmp_path / "export.zip"
    file.write_bytes(zipped(other) + zipped(_export(tmp_path)))
    assert _run_export(file) == verify.UNVERIFIABLE


def test_a_link_in_an_export_is_no_file_of_it(tmp_path: Path) -> None:
    export = _export(tmp_path)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "earned.csv").write_text("1000000")
    (export / "more").symlink_to(tmp_path / "elsewhere")
    assert _run_export(export) == verify.UNVERIFIABLE
    (export / "more").unlink()
    assert _run_export(export) == verify.OK
    # The same bytes, somewhere where they can be changed after the check.
    (export / "data.json").rename(tmp_path / "elsewhere" / "data.json")
    (export / "data.json").symlink_to(tmp_path / "elsewhere" / "data.json")
    assert _run_export(export) == verify.UNVERIFIABLE


def test_a_pipe_in_an_export_is_not_waited_for(tmp_path: Path) -> None:
    export = _export(tmp_path)
    os.mkfifo(export / "more.json")
    assert _run_export(export) == verify.UNVERIFIABLE


def test_a_link_in_an_archive_is_no_file_of_it(tmp_path: Path) -> None:
    archive = tmp_path / "export.zip"
    with zipfile.ZipFile(archive, "w") as target:
        for file in _export(tmp_path).iterdir():
            info = zipfile.ZipInfo(file.name)
            kind = stat.S_IFLNK if file.name == "data.json" else stat.S_IFREG
            info.external_attr = (kind | 0o644) << 16
            target.writestr(info, file.read_bytes())
    assert _run_export(archive) == verify.UNVERIFIABLE


@pytest.mark.parametrize("place", ["proofValue", "verificationMethod"])
def test_a_long_number_is_not_worked_out(
    tmp_path: Path, place: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ten megabytes of base 58 are days of work for a number of which 64 bytes are wanted."""
    receipt = _consent_receipt()
    receipt["proof"][place] = ("did:key:" if place == "verificationMethod" else "") + (
        "z" + "2" * 10_000_000
    )
    file = tmp_path / "receipt.json"
    file.write_text(json.dumps(receipt))
    codes: list[tuple[int, str]] = []
    thread = threading.Thread(target=lambda: codes.append(said(file, capsys)), daemon=True)
    thread.start()
    thread.join(60)
    assert codes, "no verdict"
    assert codes[0][0] == verify.UNVERIFIABLE


def test_numbers_that_nobody_typed_are_not_worked_with(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Thousands of weights, each with a denominator of its own of thousands of digits."""
    manifest = _by_hand()
    (first, *_others) = manifest["parameters"]["dimensions"]
    manifest["parameters"]["dimensions"] = [
        {**first, "name": f"d{place}", "weight": f"1/{10**4200 + 2 * place + 1}"}
        for place in range(3000)
    ]
    file = tmp_path / "manifest.json"
    file.write_text(json.dumps(manifest))
    codes: list[int] = []
    thread = threading.Thread(
        target=lambda: codes.append(verify.main(["replay", str(file)])), daemon=True
    )
    thread.start()
    thread.join(60)
    assert codes == [verify.UNVERIFIABLE]
    manifest = _by_hand()
    manifest["inputs"][0]["records"] = 10**30
    file.write_text(json.dumps(manifest))
    assert verify.main(["replay", str(file)]) == verify.UNVERIFIABLE
    capsys.readouterr()


def test_a_file_without_end_is_not_read_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(verify, "FILE_BYTES_MAX", 1_000_000)
    code, text = said(Path("/dev/zero"), capsys)
    assert (code, "larger than 1000000 bytes" in text) == (verify.UNVERIFIABLE, True)
    assert verify.main(["report", "/dev/zero"]) == verify.UNVERIFIABLE
    assert "larger than 1000000 bytes" in capsys.readouterr().out
    export = _export(tmp_path)
    (export / "more.json").write_bytes(b" " * 1_000_001)
    assert _run_export(export) == verify.UNVERIFIABLE


def test_a_folder_of_more_than_a_machine_holds_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    export = _export(tmp_path)
    monkeypatch.setattr(verify, "EXPORT_BYTES_MAX", 1_000)
    assert _run_export(export) == verify.UNVERIFIABLE
    assert "more than 1000 bytes" in capsys.readouterr().out


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_json_is_utf_8(encoding: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """RFC 8259 knows no other: what one program reads in it, another does not."""
    file = tmp_path / "receipt.json"
    text = json.dumps(_consent_receipt(), ensure_ascii=False)
    file.write_bytes(text.encode())
    assert said(file, capsys)[0] == verify.OK
    file.write_bytes(text.encode(encoding))
    code, line = said(file, capsys)
    assert code == verify.UNVERIFIABLE
    assert line.count("\n") == 1


def test_a_report_holds_nothing_that_nobody_signed(tmp_path: Path) -> None:
    for place in ([], ["published"]):
        report = _report()
        target = report
        for name in place:
            target = target[name]
        target["correction"] = "Every figure is to be doubled."
        assert _run_report(report, tmp_path, oracle.verifier_key()) == verify.UNVERIFIABLE


def test_an_opening_is_spelt_in_one_way(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "receipt.json"
    for name, value in (("salt", " " + "07" * 32), ("salt", None), ("index", True)):
        proof = _proof()
        proof["openings"][0][name] = value
        file.write_text(json.dumps(proof))
        code, _line = said(file, capsys, "--key", oracle.verifier_key())
        assert code != verify.OK, (name, value)


def test_who_has_to_sign_is_said_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A witness that was asked for beside a policy was not looked for."""
    file = tmp_path / "receipt.json"
    file.write_text(json.dumps(_proof()))
    policy = tmp_path / "policy"
    policy.write_text(f"log {oracle.verifier_key()}\nquorum none\n")
    key = ["receipt", str(file), "--key", oracle.verifier_key()]
    assert verify.main([*key, "--policy", str(policy)]) == verify.OK
    for arguments in (
        ["--policy", str(policy), "--witness", OTHER_WITNESS],
        ["--policy", str(policy), "--quorum", "1"],
        ["--quorum", "0"],
        ["--quorum", "-1", "--witness", OTHER_WITNESS],
        ["--quorum", "2"],
    ):
        with pytest.raises(SystemExit) as exit_:
            verify.main([*key, *arguments])
        assert exit_.value.code == verify.USAGE, arguments
    assert verify.main([*key, "--witness", OTHER_WITNESS]) == verify.UNVERIFIABLE
    capsys.readouterr()

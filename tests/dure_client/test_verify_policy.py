"""A C2SP policy file says which witnesses have to have signed; the verifier holds the log to it."""

from __future__ import annotations

from pathlib import Path

import pytest

from dure_client import dure_verify as verify
from dure_client import dure_witness as w
from tests.dure_client.log_folder import LogFolder, verifier_key

KEY = verifier_key()
OTHER_WITNESS = verify.VerifierKey.of("w.example", verify.ED25519_COSIGNATURE, bytes(32)).text


@pytest.fixture
def witnesses(tmp_path: Path) -> list[w.Witness]:
    folders = [tmp_path / name for name in "abcd"]
    return [w.Witness(f"{f.name}.example", w.load_key(f), [KEY], f) for f in folders]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    LogFolder(tmp_path / "log", [b'{"n":%d}' % n for n in range(5)]).write()
    return tmp_path / "log"


def cosign(log: Path, *signers: w.Witness) -> None:
    path = log / "checkpoint"
    head = w.parse_checkpoint(path.read_text())
    path.write_text(head.note + "".join(one._cosign(head, 7) for one in signers))


def policy(folder: Path, witnesses: list[w.Witness], *rules: str) -> str:
    """A policy that knows the log and the witnesses; the third by its ML-DSA-44 key."""
    lines = ["# who counts", f"log {KEY}"]
    lines += [
        f"witness {one.name[0]} {one.verifier_keys[place == 2]}"
        for place, one in enumerate(witnesses)
    ]
    path = folder / "policy"
    path.write_text("\n".join([*lines, *rules]) + "\n")
    return str(path)


@pytest.mark.parametrize(
    ("signed", "code"),
    [("abcd", 0), ("ac", 0), ("bcd", 0), ("ab", 2), ("cd", 2), ("a", 2), ("", 2)],
)
def test_groups_of_groups(
    signed: str, code: int, tmp_path: Path, log: Path, witnesses: list[w.Witness]
) -> None:
    rules = ("group city any a b", "group press 1 c d", "group both all city press", "quorum both")
    cosign(log, *(one for one in witnesses if one.name[0] in signed))
    assert verify.main(["log", str(log), "--policy", policy(tmp_path, witnesses, *rules)]) == code


def test_one_witness_and_none(tmp_path: Path, log: Path, witnesses: list[w.Witness]) -> None:
    none = policy(tmp_path, witnesses, "quorum none")
    assert verify.main(["log", str(log), "--policy", none]) == verify.OK
    one = policy(tmp_path, witnesses, "quorum c")
    assert verify.main(["log", str(log), "--policy", one]) == verify.UNVERIFIABLE
    cosign(log, witnesses[2])
    assert verify.main(["log", str(log), "--policy", one]) == verify.OK


@pytest.mark.parametrize(
    "rules",
    [
        (),
        ("quorum nobody",),
        ("quorum a", "quorum b"),
        ("group a all b", "quorum a"),
        ("group x 3 a b", "quorum x"),
        ("group x 0 a b", "quorum x"),
        ("group x all a a", "quorum x"),
        ("group x all a", "group y all a", "quorum x"),
        ("group x all none", "quorum x"),
        ("group x all y", "group y all a", "quorum x"),
        ("signer a", "quorum a"),
    ],
)
def test_a_policy_that_makes_no_sense_is_no_policy(
    rules: tuple[str, ...], tmp_path: Path, log: Path, witnesses: list[w.Witness]
) -> None:
    cosign(log, *witnesses)
    path = policy(tmp_path, witnesses, *rules)
    assert verify.main(["log", str(log), "--policy", path]) == verify.UNVERIFIABLE


def test_a_witness_with_two_keys_is_one_witness(log: Path, witnesses: list[w.Witness]) -> None:
    both = [f"--witness={key}" for key in witnesses[0].verifier_keys]
    other = f"--witness={witnesses[1].verifier_key}"
    cosign(log, witnesses[0])
    asked = ["log", str(log), "--key", KEY]
    assert verify.main([*asked, *both]) == verify.OK
    assert verify.main([*asked, *both, "--quorum=2"]) == verify.UNVERIFIABLE
    assert verify.main([*asked, *both, other, "--quorum=2"]) == verify.UNVERIFIABLE
    cosign(log, witnesses[1])
    assert verify.main([*asked, *both, other, "--quorum=2"]) == verify.OK

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from dure_client import dure_verify as verify
from tests.dure_client.log_folder import checkpoint, leaf, path_of, root_of, verifier_key

RECEIPT = "D-2026-0123ABCD"
SALT = "07" * 32


def _commitment(value: str) -> str:
    return hashlib.sha256(b"\x02" + bytes.fromhex(SALT) + json.dumps(value).encode()).hexdigest()


def _proof() -> verify.Document:
    entry = {
        "type": "contribution.received",
        "ts": "2026-11-22T20:41:37Z",
        "subject": _commitment("party:1"),
        "payload": {"receipt": RECEIPT},
    }
    bodies = [f"entry {n}".encode() for n in range(40)]
    bodies[17] = json.dumps(entry).encode()
    hashes = [leaf(body) for body in bodies]
    return {
        "receipt": RECEIPT,
        "entry": {"body": bodies[17].decode(), "leaf": entry},
        "proof": {
            "index": 17,
            "size": 40,
            "leaf_hash": hashes[17].hex(),
            "proof": [step.hex() for step in path_of(17, hashes)],
            "root": root_of(hashes).hex(),
        },
        "checkpoint": checkpoint(40, root_of(hashes)),
        "openings": [{"part": "subject", "salt": SALT, "value": "party:1"}],
    }


def _run(proof: verify.Document, folder: Path, key: str | None = None) -> int:
    file = folder / "receipt.json"
    file.write_text(json.dumps(proof))
    return verify.main(["receipt", str(file), "--key", key or verifier_key()])


def test_a_receipt_with_its_proof_is_ok(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(_proof(), tmp_path) == verify.OK
    assert "entry 17 of log.dure.example (40)" in capsys.readouterr().out


def test_an_entry_changed_afterwards_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    proof = _proof()
    proof["entry"]["body"] = proof["entry"]["body"].replace("received", "accepted")
    assert _run(proof, tmp_path) == verify.TAMPERED
    assert "first bad index 17" in capsys.readouterr().out


def test_a_proof_of_another_entry_does_not_do(tmp_path: Path) -> None:
    proof = _proof()
    proof["receipt"] = "D-2026-ZZZZZZZZ"
    assert _run(proof, tmp_path) == verify.TAMPERED


def test_an_entry_shown_otherwise_than_it_was_hashed_is_tampered_with(tmp_path: Path) -> None:
    proof = _proof()
    proof["entry"]["leaf"]["ts"] = "2025-01-01T00:00:00Z"
    assert _run(proof, tmp_path) == verify.TAMPERED


def test_an_opening_that_names_somebody_else_is_tampered_with(tmp_path: Path) -> None:
    proof = _proof()
    proof["openings"][0]["value"] = "party:2"
    assert _run(proof, tmp_path) == verify.TAMPERED


def test_a_proof_for_another_size_than_was_signed_is_tampered_with(tmp_path: Path) -> None:
    proof = _proof()
    proof["checkpoint"] = checkpoint(41, bytes(32))
    assert _run(proof, tmp_path) == verify.TAMPERED


@pytest.mark.parametrize("missing", ["entry", "proof", "checkpoint"])
def test_a_missing_part_is_unverifiable(tmp_path: Path, missing: str) -> None:
    proof = _proof()
    del proof[missing]
    assert _run(proof, tmp_path) == verify.UNVERIFIABLE


@pytest.mark.parametrize("content", ["", "[]", "null", '{"entry": 5}', "{" * 5000])
def test_a_hostile_document_is_never_ok(tmp_path: Path, content: str) -> None:
    file = tmp_path / "receipt.json"
    file.write_text(content)
    assert verify.main(["receipt", str(file), "--key", verifier_key()]) == verify.UNVERIFIABLE


# eddsa-jcs-2022, worked from W3C's "Data Integrity EdDSA Cryptosuites", section 3.3.
_SEED = bytes(range(1, 33))


def _base58(data: bytes) -> str:
    alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
    number, text = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = alphabet[digit] + text
    return "z" + text


def _consent_receipt() -> verify.Document:
    return _secured(
        {
            "@context": [{"dpv": "https://w3id.org/dpv#"}],
            "@type": "dpv:ConsentReceipt",
            "dct:identifier": "1/2",
            "dct:description": "동의합니다",
        }
    )


def _secured(document: verify.Document) -> verify.Document:
    """A document with a proof of the suite eddsa-jcs-2022, by the suite's own rules."""
    private = Ed25519PrivateKey.from_private_bytes(_SEED)
    options: verify.Document = {
        **({"@context": document["@context"]} if "@context" in document else {}),
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-jcs-2022",
        "created": "2026-11-22T20:41:37Z",
        "verificationMethod": f"{_did()}#key",
        "proofPurpose": "assertionMethod",
    }
    hashed = b"".join(hashlib.sha256(rfc8785.dumps(part)).digest() for part in (options, document))
    return document | {"proof": options | {"proofValue": _base58(private.sign(hashed))}}


def _did() -> str:
    public = Ed25519PrivateKey.from_private_bytes(_SEED).public_key().public_bytes_raw()
    return "did:key:" + _base58(b"\xed\x01" + public)


def test_a_signed_consent_receipt_is_ok_under_the_key_that_was_noted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(_consent_receipt(), tmp_path, _did()) == verify.OK
    assert "OK  dpv:ConsentReceipt, signed 2026-11-22T20:41:37Z by did:key:z6Mk" in (
        capsys.readouterr().out
    )


def test_the_key_of_receipts_may_be_given_as_the_city_publishes_it_in_hex(tmp_path: Path) -> None:
    public = Ed25519PrivateKey.from_private_bytes(_SEED).public_key().public_bytes_raw()
    assert _run(_consent_receipt(), tmp_path, public.hex()) == verify.OK
    assert _run(_consent_receipt(), tmp_path, bytes(32).hex()) == verify.UNVERIFIABLE
    assert _run(_consent_receipt(), tmp_path, "z" * 64) == verify.UNVERIFIABLE


def test_a_changed_consent_receipt_is_tampered_with(tmp_path: Path) -> None:
    receipt = _consent_receipt()
    receipt["dct:description"] = "동의하지 않습니다"
    assert _run(receipt, tmp_path, _did()) == verify.TAMPERED


def test_what_another_key_signed_is_unverifiable_not_tampered_with(tmp_path: Path) -> None:
    # The log's key alone says nothing about receipts: that is no sign of tampering.
    assert _run(_consent_receipt(), tmp_path, verifier_key()) == verify.UNVERIFIABLE


def test_without_a_noted_key_a_consent_receipt_is_unverifiable(tmp_path: Path) -> None:
    file = tmp_path / "receipt.json"
    file.write_text(json.dumps(_consent_receipt()))
    assert verify.main(["receipt", str(file)]) == verify.UNVERIFIABLE


def test_the_key_of_w3cs_own_example_is_read_from_its_identifier() -> None:
    # "Data Integrity EdDSA Cryptosuites", appendix B.1: the example key pair.
    did = "did:key:z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"
    assert len(verify.public_key_of(did)) == 32
    assert verify.public_key_of(f"{did}#{did.removeprefix('did:key:')}") == (
        verify.public_key_of(did)
    )
    with pytest.raises(verify.Unverifiable):
        verify.public_key_of("did:key:z6Mk0OIl")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"openings": [{"part": "subject", "salt": SALT, "value": "party:1", "name": "Seo"}]}, 2),
        ({"openings": [{"part": "subject", "salt": SALT, "value": "party:1", "index": 18}]}, 1),
        ({"openings": [{"part": "subject", "salt": SALT, "value": "party:1", "index": 17}]}, 0),
        ({"openings": {}}, 2),
        ({"openings": 0}, 2),
        ({"openings": [[]]}, 2),
        ({"rotations": ""}, 2),
        ({"rotations": None}, 2),
        ({"rotations": [{"entry": {}, "proof": {}, "by": "the mayor"}]}, 2),
    ],
)
def test_nothing_stands_in_a_receipt_that_nobody_looks_at(
    tmp_path: Path, change: verify.Document, code: int
) -> None:
    assert _run(_proof() | change, tmp_path) == code

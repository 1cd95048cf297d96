"""Signed JSON by the published examples of its suite."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from governance.consent import data_integrity

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw()


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", ""),
        (b"Hello World!", "2NEpo7TZRRrLZSi2U"),
        (bytes.fromhex("0000287fb4cd"), "11233QC4"),
        (
            b"The quick brown fox jumps over the lazy dog.",
            "USm3fpXnKG5EUBx2ndxBDMPVciP5hGey2Jh4NDv6gmeo1LkMeiKrLJUUBk6Z",
        ),
    ],
)
def test_base_58_matches_the_examples_of_its_draft(data: bytes, text: str) -> None:
    assert data_integrity.base58(data) == text
    assert data_integrity.from_base58(text) == data


@given(st.binary(max_size=80))
def test_base_58_comes_back(data: bytes) -> None:
    assert data_integrity.from_base58(data_integrity.base58(data)) == data


def test_a_key_is_named_as_did_key_has_it() -> None:
    # The first Ed25519 example of the did:key specification.
    public = data_integrity.from_base58("6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK")
    assert public[:2] == b"\xed\x01"
    assert (
        data_integrity.did_key(public[2:])
        == "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"
    )


def test_a_signed_document_is_intact_until_a_member_changes() -> None:
    signed = data_integrity.secure(
        {"@context": ["https://www.w3.org/ns/credentials/v2"], "a": 1},
        created="2026-11-22T00:00:00Z",
        public_key=PUBLIC,
        sign=KEY.sign,
    )
    assert data_integrity.is_intact(signed, public_key=PUBLIC)
    assert data_integrity.is_intact(dict(reversed(signed.items())), public_key=PUBLIC)
    proof = signed["proof"]
    assert isinstance(proof, dict)
    for changed in (
        {**signed, "a": 2},
        {**signed, "b": 1},
        {**signed, "proof": {**proof, "created": "2027-01-01T00:00:00Z"}},
        {**signed, "proof": {**proof, "proofValue": "z111"}},
        {**signed, "proof": {**proof, "proofValue": "z0OIl"}},
        {**signed, "proof": {**proof, "proofValue": 7}},
        {**signed, "proof": None},
    ):
        assert not data_integrity.is_intact(changed, public_key=PUBLIC)

"""Signing JSON documents by the W3C Data Integrity suite eddsa-jcs-2022.

Pure: the signing function is passed in. The suite signs
SHA-256(JCS(proof options)) ‖ SHA-256(JCS(document)) with Ed25519, so that the signature covers
every member whatever their order, and any verifier of the suite can check it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from dure.core.canonical import Json, canonical_bytes

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_ED25519_PREFIX = b"\xed\x01"  # the multicodec of an Ed25519 public key


def base58(data: bytes) -> str:
    """Base 58 in Bitcoin's alphabet, leading zero bytes kept as ``1``."""
    number, digits = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        digits = _ALPHABET[digit] + digits
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + digits


def from_base58(text: str) -> bytes:
    """The bytes behind a base 58 text; ValueError for characters outside the alphabet."""
    number = 0
    for character in text:
        number = number * 58 + _ALPHABET.index(character)
    zeros = len(text) - len(text.lstrip("1"))
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")


def did_key(public_key: bytes) -> str:
    """The key as a ``did:key`` identifier, which carries the key itself."""
    return f"did:key:z{base58(_ED25519_PREFIX + public_key)}"


def secure(
    document: Mapping[str, Json],
    *,
    created: str,
    public_key: bytes,
    sign: Callable[[bytes], bytes],
) -> dict[str, Json]:
    """The document with its ``proof`` member; ``created`` is an RFC 3339 time."""
    did = did_key(public_key)
    options: dict[str, Json] = {
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-jcs-2022",
        "created": created,
        "verificationMethod": f"{did}#{did.removeprefix('did:key:')}",
        "proofPurpose": "assertionMethod",
    }
    if "@context" in document:
        options["@context"] = document["@context"]
    signature = sign(_hash_data(document, options))
    return {**document, "proof": {**options, "proofValue": f"z{base58(signature)}"}}


def is_intact(secured: Mapping[str, Json], *, public_key: bytes) -> bool:
    """Whether the document still is what the holder of the key signed."""
    proof = secured.get("proof")
    if not isinstance(proof, Mapping):
        return False
    options = {name: value for name, value in proof.items() if name != "proofValue"}
    document = {name: value for name, value in secured.items() if name != "proof"}
    value = proof.get("proofValue")
    if not isinstance(value, str) or not value.startswith("z"):
        return False
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(
            from_base58(value[1:]), _hash_data(document, options)
        )
    except (InvalidSignature, ValueError):
        return False
    return True


def _hash_data(document: Mapping[str, Json], options: Mapping[str, Json]) -> bytes:
    return sha256(canonical_bytes(options)).digest() + sha256(canonical_bytes(document)).digest()

"""Cosignatures (C2SP tlog-cosignature): what a witness, or the log's ML-DSA key, signs and when.

Two kinds of key: Ed25519 (0x04), whose message is text, and ML-DSA-44 (0x06), whose message is a
structure in the presentation language of TLS. Both carry the second in which they were made.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

from governance.log.note import Checkpoint, NoteError, Signature, decode, key_id, parse_checkpoint

ED25519_COSIGNATURE = 0x04
MLDSA44_COSIGNATURE = 0x06
_KEY_SIZES_BYTES = {ED25519_COSIGNATURE: 32, MLDSA44_COSIGNATURE: 1312}
_SIGNATURE_SIZES_BYTES = {ED25519_COSIGNATURE: 64, MLDSA44_COSIGNATURE: 2420}
_TIME_SIZE_BYTES = 8
_TIME_MAX = 2**63 - 1


@dataclass(frozen=True)
class CosignerKey:
    """Whose cosignatures are recognised: a name, the kind of key and the bare public key."""

    name: str
    algorithm: int
    public: bytes

    @property
    def key_id(self) -> bytes:
        return key_id(self.name, self.public, self.algorithm)

    @property
    def verifier_key(self) -> str:
        """``name+hexid+base64(algorithm ‖ key)``."""
        material = base64.b64encode(bytes([self.algorithm]) + self.public).decode()
        return f"{self.name}+{self.key_id.hex()}+{material}"


def parse_cosigner_key(vkey: str) -> CosignerKey:
    """Reads a verifier key of a cosigner; NoteError if it does not hold together."""
    # Base64 may contain "+": only the first two separate.
    name, _, rest = vkey.strip().partition("+")
    declared, _, encoded = rest.partition("+")
    material = decode(encoded)
    if not name or len(material) - 1 != _KEY_SIZES_BYTES.get(material[0] if material else 0):
        msg = "not a verifier key of an Ed25519 or ML-DSA-44 cosigner"
        raise NoteError(msg)
    key = CosignerKey(name, material[0], material[1:])
    if key.key_id.hex() != declared:
        msg = "the verifier key does not match its own id"
        raise NoteError(msg)
    return key


def ed25519_message(text: str, moment: int) -> bytes:
    """What an Ed25519 cosigner signs of a checkpoint's text, at ``moment`` (POSIX seconds)."""
    return f"cosignature/v1\ntime {moment}\n{text}".encode()


def mldsa44_message(head: Checkpoint, *, cosigner: str, moment: int) -> bytes:
    """The ``cosigned_message`` that an ML-DSA-44 cosigner signs of a head, at ``moment``."""
    name, origin = cosigner.encode(), head.origin.encode()
    if not 0 < len(name) < 256 or not 0 < len(origin) < 256:
        msg = "a cosigner's name and an origin have 1 to 255 bytes"
        raise NoteError(msg)
    return b"".join(
        (
            b"subtree/v1\n\0",
            bytes([len(name)]) + name,
            moment.to_bytes(8, "big"),
            bytes([len(origin)]) + origin,
            (0).to_bytes(8, "big"),
            head.size.to_bytes(8, "big"),
            head.root,
        )
    )


def cosignature_line(key: CosignerKey, signature: bytes, moment: int) -> str:
    """The signature line, its line feed included."""
    blob = key.key_id + moment.to_bytes(_TIME_SIZE_BYTES, "big") + signature
    return f"— {key.name} {base64.b64encode(blob).decode()}\n"


def cosigned_at(text: str, line: Signature, key: CosignerKey) -> int | None:
    """When ``key`` cosigned the checkpoint's text, in POSIX seconds; None if it did not."""
    expected = _TIME_SIZE_BYTES + _SIGNATURE_SIZES_BYTES[key.algorithm]
    if (line.name, line.key_id) != (key.name, key.key_id) or len(line.signature) != expected:
        return None
    moment = int.from_bytes(line.signature[:_TIME_SIZE_BYTES], "big")
    signature = line.signature[_TIME_SIZE_BYTES:]
    if moment > _TIME_MAX:
        return None
    try:
        if key.algorithm == ED25519_COSIGNATURE:
            message = ed25519_message(text, moment)
            Ed25519PublicKey.from_public_bytes(key.public).verify(signature, message)
        else:
            message = mldsa44_message(parse_checkpoint(text), cosigner=key.name, moment=moment)
            MLDSA44PublicKey.from_public_bytes(key.public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return None
    return moment

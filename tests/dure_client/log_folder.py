"""A small log as a folder of tiles, written by the formats' own rules and by none of our code."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ORIGIN = "log.dure.example"
_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def verifier_key() -> str:
    raw = b"\x01" + _KEY.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    key_id = hashlib.sha256(ORIGIN.encode() + b"\n" + raw).digest()[:4]
    return f"{ORIGIN}+{key_id.hex()}+{base64.b64encode(raw).decode()}"


def signed(text: str) -> str:
    key_id = bytes.fromhex(verifier_key().split("+")[1])
    signature = base64.b64encode(key_id + _KEY.sign(text.encode())).decode()
    return f"{text}\n— {ORIGIN} {signature}\n"


def checkpoint(size: int, root: bytes) -> str:
    return signed(f"{ORIGIN}\n{size}\n{base64.b64encode(root).decode()}\n")


def leaf(body: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + body).digest()


def root_of(hashes: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, word for word: split at the largest power of two below n."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    split = 1 << (len(hashes) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + root_of(hashes[:split]) + root_of(hashes[split:])).digest()


def path_of(index: int, hashes: list[bytes]) -> list[bytes]:
    """RFC 6962, section 2.1.1."""
    if len(hashes) == 1:
        return []
    split = 1 << (len(hashes) - 1).bit_length() - 1
    if index < split:
        return [*path_of(index, hashes[:split]), root_of(hashes[split:])]
    return [*path_of(index - split, hashes[split:]), root_of(hashes[:split])]


def consistency_of(first: int, hashes: list[bytes], whole: bool = True) -> list[bytes]:
    """RFC 6962, section 2.1.2."""
    if first == len(hashes):
        return [] if whole else [root_of(hashes)]
    split = 1 << (len(hashes) - 1).bit_length() - 1
    if first <= split:
        return [*consistency_of(first, hashes[:split], whole), root_of(hashes[split:])]
    return [
        *consistency_of(first - split, hashes[split:], False),
        root_of(hashes[:split]),
    ]


@dataclass
class LogFolder:
    folder: Path
    bodies: list[bytes]

    def write(self) -> None:
        hashes = [leaf(body) for body in self.bodies]
        self.put("checkpoint", checkpoint(len(hashes), root_of(hashes)).encode())
        for first in range(0, len(hashes), 256):
            bundle = self.bodies[first : first + 256]
            data = b"".join(len(body).to_bytes(2, "big") + body for body in bundle)
            self.put(self.path("entries", first // 256, len(bundle)), data)
        level, height = hashes, 0
        while level:
            for first in range(0, len(level), 256):
                tile = level[first : first + 256]
                self.put(self.path(str(height), first // 256, len(tile)), b"".join(tile))
            level = [
                root_of(level[first : first + 256]) for first in range(0, len(level) - 255, 256)
            ]
            height += 1

    def path(self, level: str, number: int, width: int) -> str:
        assert number < 1000, "small logs only"
        return f"tile/{level}/{number:03d}" + ("" if width == 256 else f".p/{width}")

    def put(self, path: str, data: bytes) -> None:
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)

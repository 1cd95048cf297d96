"""C2SP signed notes and tlog checkpoints: the text a log signs about its own size and root."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

ED25519 = 0x01
_SIGNATURE_START = "— "  # U+2014 EM DASH and a space, as the format demands
_SIZE = re.compile(r"0|[1-9][0-9]*", re.ASCII)


class NoteError(ValueError):
    """The text is not a well-formed note, or not a checkpoint, or no known key signed it."""


@dataclass(frozen=True)
class Checkpoint:
    """The head of a log: its name, how many leaves it has, and their root."""

    origin: str
    size: int
    root: bytes


@dataclass(frozen=True)
class Signature:
    """One signature line: the key's name, its 4-byte id, and the bare signature."""

    name: str
    key_id: bytes
    signature: bytes


def key_id(name: str, public_key: bytes, algorithm: int = ED25519) -> bytes:
    """The first four bytes of SHA-256(name ‖ LF ‖ algorithm ‖ key)."""
    return sha256(name.encode() + b"\n" + bytes([algorithm]) + public_key).digest()[:4]


def verifier_key(name: str, public_key: bytes) -> str:
    """The vkey that outside tools are configured with: ``name+hexid+base64(algorithm ‖ key)``."""
    _check_name(name)
    material = base64.b64encode(bytes([ED25519]) + public_key).decode()
    return f"{name}+{key_id(name, public_key).hex()}+{material}"


def parse_verifier_key(vkey: str) -> tuple[str, bytes]:
    """The name and the Ed25519 public key of a vkey; NoteError if it does not hold together."""
    # Base64 may contain "+": only the first two separate.
    name, _, rest = vkey.partition("+")
    declared, _, encoded = rest.partition("+")
    material = decode(encoded)
    if len(material) != 33 or material[0] != ED25519:
        msg = "not an Ed25519 verifier key"
        raise NoteError(msg)
    if key_id(name, material[1:]).hex() != declared:
        msg = "the verifier key does not match its own id"
        raise NoteError(msg)
    return name, material[1:]


def checkpoint_text(head: Checkpoint) -> str:
    """The signed part of a checkpoint: origin, size, base64 root, a line each."""
    _check_name(head.origin)
    return f"{head.origin}\n{head.size}\n{base64.b64encode(head.root).decode()}\n"


def sign_note(text: str, *, name: str, public_key: bytes, sign: Callable[[bytes], bytes]) -> str:
    """The whole note: the text, a blank line, and one Ed25519 signature line."""
    _check_name(name)
    if not text.endswith("\n") or _has_control_characters(text):
        msg = "a note's text ends in a line feed and holds no other control characters"
        raise NoteError(msg)
    return f"{text}\n{signature_line(name, public_key, sign(text.encode()))}"


def signature_line(name: str, public_key: bytes, signature: bytes) -> str:
    """One Ed25519 signature line, its line feed included."""
    blob = key_id(name, public_key) + signature
    return f"{_SIGNATURE_START}{name} {base64.b64encode(blob).decode()}\n"


def split_note(note: str) -> tuple[str, list[Signature]]:
    """The text of a note and its signature lines; NoteError if malformed."""
    # The text itself may hold blank lines: the last one separates.
    text, blank, lines = note.rpartition("\n\n")
    if not blank or not lines.endswith("\n") or _has_control_characters(note):
        msg = "the note has no signature block"
        raise NoteError(msg)
    signatures = []
    for line in lines[:-1].split("\n"):
        name, _, encoded = line.removeprefix(_SIGNATURE_START).partition(" ")
        blob = decode(encoded)
        if not line.startswith(_SIGNATURE_START) or not name or len(blob) < 5:
            msg = "a signature line is malformed"
            raise NoteError(msg)
        signatures.append(Signature(name, blob[:4], blob[4:]))
    return text + "\n", signatures


def open_note(note: str, *, name: str, public_key: bytes) -> str:
    """The text of a note that this key signed; NoteError if it did not.

    Signatures by other keys are left aside, as the format asks of readers.
    """
    text, signatures = split_note(note)
    expected = key_id(name, public_key)
    verifier = Ed25519PublicKey.from_public_bytes(public_key)
    for line in signatures:
        if line.name == name and line.key_id == expected:
            try:
                verifier.verify(line.signature, text.encode())
            except InvalidSignature:
                msg = "the signature does not match the text"
                raise NoteError(msg) from None
            return text
    msg = "the note carries no signature by this key"
    raise NoteError(msg)


def parse_checkpoint(text: str) -> Checkpoint:
    """Reads the signed part of a checkpoint; extension lines are allowed and left aside."""
    lines = text.split("\n")
    if len(lines) < 4 or lines[-1]:
        msg = "a checkpoint has at least three lines"
        raise NoteError(msg)
    origin, size, encoded = lines[:3]
    digest = decode(encoded)
    if not origin or _SIZE.fullmatch(size) is None or len(digest) != 32:
        msg = "the checkpoint's origin, size or root is malformed"
        raise NoteError(msg)
    return Checkpoint(origin, int(size), digest)


def _check_name(name: str) -> None:
    if not name or "+" in name or any(character.isspace() for character in name):
        msg = "a key name is not empty and holds neither spaces nor a plus sign"
        raise NoteError(msg)


def _has_control_characters(text: str) -> bool:
    return any(ord(character) < 0x20 and character != "\n" for character in text)


def decode(encoded: str) -> bytes:
    """Strict base64; NoteError for anything else."""
    try:
        return base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        msg = "not base64"
        raise NoteError(msg) from None

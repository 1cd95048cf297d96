#!/usr/bin/env python3
"""Check what a Dure city claims, without trusting the city.

One file, Python 3.11 or later, standard library only; `cryptography` is used for Ed25519
where it is installed, and a slow implementation of RFC 8032 below where it is not. ML-DSA-44
signatures, where their keys are given, need `cryptography`.
Reads, never writes. Exit codes: 0 everything holds, 1 something was tampered with (the
first bad index is named), 2 it cannot be verified with what is at hand, 3 wrong usage.

    dure-verify receipt FILE|URL an entry, its inclusion proof and a signed checkpoint
    dure-verify export  PATH     the files a person took out, and the proofs in them
    dure-verify log     DIR|URL  every entry of the log, re-hashed, up to the signed root
    dure-verify replay  FILE|URL the allocation of an epoch, from its manifest alone
    dure-verify report  FILE|URL a transparency report or its package: hashes, signatures, and
                                 its figures computed again, with `--log DIR|URL` from the log
    dure-verify share   FILE     a person's line of a dividend, included under its root
    dure-verify sample  FILE|URL an auditor's sample, drawn again from its published seed and
                                 `--population FILE|URL`, with `--log DIR|URL` from the log

With `--witness VKEY … --quorum N`, or `--policy FILE` (C2SP tlog-policy), a checkpoint counts
only if so many witnesses signed it. `log … --from OLD` shows that an earlier checkpoint, or
SIZE:ROOT, is continued. A key noted earlier is followed to later ones through the log's own
`key.rotated` entries.

Formats: RFC 6962 (tree), RFC 8785 (canonical JSON), C2SP signed-note, tlog-checkpoint,
tlog-cosignature and tlog-tiles (https://c2sp.org).
"""

from __future__ import annotations

import argparse
import base64
import binascii
import hashlib
import itertools
import json
import math
import re
import stat
import sys
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

OK, TAMPERED, UNVERIFIABLE, USAGE = 0, 1, 2, 3
VERDICTS = {OK: "OK", TAMPERED: "TAMPERED", UNVERIFIABLE: "CANNOT BE VERIFIED"}
TILE_WIDTH = 256
RESPONSE_BYTES_MAX = 64 * 1024 * 1024
TIMEOUT_S = 30
EXPORT_BYTES_MAX = 2 * 1024**3
FILE_BYTES_MAX = 512 * 1024**2
# A signature of 64 bytes has 88 digits of base 58; longer numbers are nobody's.
BASE58_DIGITS_MAX = 128
# What people set (weights, costs, limits), and what is counted, is no longer and no more than this.
TYPED_MAX, COUNT_MAX = 200, 2**63 - 1
MESSAGE_MAX = 500
# A number in a text: digits, and where there is an exponent, one that fits a machine.
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,2})?|-?[0-9]+/[0-9]+", re.ASCII)
# Parsed JSON from outside: its shape is checked where it is used.
Document = Any


class Tampered(Exception):
    """Something is not what was signed."""


class Unverifiable(Exception):
    """A piece that the check needs is missing or unreadable: never to be read as "ok"."""


# --- hashes and the tree (RFC 6962) -------------------------------------------------------


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def leaf_hash(body: bytes) -> bytes:
    return sha256(b"\x00" + body)


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right)


def tree_root(hashes: Sequence[bytes]) -> bytes:
    """Root over leaf hashes (or over the roots of equally large, complete subtrees)."""
    if not hashes:
        return sha256(b"")
    level = list(hashes)
    while len(level) > 1:
        paired = [node_hash(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        level = paired + level[len(paired) * 2 :]
    return level[0]


def root_from_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """The root that an inclusion proof leads to; Tampered where the proof has a wrong length."""
    if not 0 <= index < size:
        raise Tampered(f"index {index} is outside a log of {size} entries")
    node, last, digest = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            raise Tampered(f"the proof of index {index} is too long")
        if node & 1 or node == last:
            digest = node_hash(sibling, digest)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            digest = node_hash(digest, sibling)
        node, last = node >> 1, last >> 1
    if last:
        raise Tampered(f"the proof of index {index} is too short")
    return digest


def check_consistency(
    first: int, second: int, path: Sequence[bytes], first_root: bytes, second_root: bytes
) -> None:
    """Check that the tree of `second` leaves continues the tree of `first` leaves."""
    if not 0 < first <= second:
        raise Unverifiable(f"no consistency proof leads from size {first} to size {second}")
    if first == second:
        if path or first_root != second_root:
            raise Tampered(f"two different roots at size {first}")
        return
    nodes = list(path)
    if first & (first - 1) == 0:
        nodes.insert(0, first_root)
    if not nodes:
        raise Tampered("the consistency proof is empty")
    node, last = first - 1, second - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    old = new = nodes[0]
    for sibling in nodes[1:]:
        if last == 0:
            raise Tampered("the consistency proof is too long")
        if node & 1 or node == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        node, last = node >> 1, last >> 1
    if last or old != first_root or new != second_root:
        raise Tampered(f"the log of size {second} does not continue the log of size {first}")


# --- signatures (RFC 8032, C2SP signed-note) ----------------------------------------------

_P = 2**255 - 19
_L = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, _P - 2, _P) % _P
Point = tuple[int, int, int, int]


def _x_of(y: int, sign: int) -> int | None:
    square = (y * y - 1) * pow(_D * y * y + 1, _P - 2, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * pow(2, (_P - 1) // 4, _P) % _P
    if (x * x - square) % _P or (x == 0 and sign):
        return None
    return _P - x if x & 1 != sign else x


def _point(data: bytes) -> Point | None:
    encoded = int.from_bytes(data, "little")
    y, sign = encoded & (1 << 255) - 1, encoded >> 255
    x = _x_of(y, sign) if y < _P else None
    return None if x is None else (x, y, 1, x * y % _P)


def _add(p: Point, q: Point) -> Point:
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % _P, (p[1] + p[0]) * (q[1] + q[0]) % _P
    c, d = 2 * p[3] * q[3] * _D % _P, 2 * p[2] * q[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % _P, g * h % _P, f * g % _P, e * h % _P)


def _multiply(scalar: int, point: Point) -> Point:
    result: Point = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            result = _add(result, point)
        point, scalar = _add(point, point), scalar >> 1
    return result


def _ed25519_in_python(key: bytes, message: bytes, signature: bytes) -> bool:
    public, commitment = _point(key), _point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if public is None or commitment is None or s >= _L:
        return False
    base_y = 4 * pow(5, _P - 2, _P) % _P
    base = _point(base_y.to_bytes(32, "little"))
    assert base is not None
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % _L
    left, right = _multiply(s, base), _add(commitment, _multiply(h, public))
    return (left[0] * right[2] - right[0] * left[2]) % _P == 0 and (
        left[1] * right[2] - right[1] * left[2]
    ) % _P == 0


def ed25519_verify(key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether `signature` (64 bytes) over `message` was made with the public `key` (32 bytes)."""
    if len(key) != 32 or len(signature) != 64:
        return False
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError:
        return _ed25519_in_python(key, message, signature)
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def mldsa44_verify(key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether `signature` (2,420 bytes) was made with the public `key` (1,312 bytes)."""
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey
    except ImportError:
        raise Unverifiable("an ML-DSA-44 signature needs the cryptography package") from None
    try:
        MLDSA44PublicKey.from_public_bytes(key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


# Kinds of signature in notes: of a log, and of cosigners, with the sizes of their keys.
ED25519, ED25519_COSIGNATURE, MLDSA44 = 0x01, 0x04, 0x06
_KEY_SIZES = {ED25519: 32, ED25519_COSIGNATURE: 32, MLDSA44: 1312}


@dataclass(frozen=True)
class VerifierKey:
    """A pinned key: `name+hex key id+base64(kind ‖ public key)` of a log or a witness, or, for
    signed documents, a `did:key:z…` or the bare public key in hex.
    """

    name: str
    key_id: bytes
    public: bytes
    kind: int = ED25519

    @classmethod
    def of(cls, name: str, kind: int, public: bytes) -> VerifierKey:
        key_id = sha256(name.encode() + b"\n" + bytes([kind]) + public)[:4]
        return cls(name, key_id, public, kind)

    @property
    def text(self) -> str:
        """The form that `parse` reads."""
        encoded = base64.b64encode(bytes([self.kind]) + self.public).decode()
        return f"{self.name}+{self.key_id.hex()}+{encoded}"

    @classmethod
    def parse(cls, text: str) -> VerifierKey:
        if text.strip().startswith("did:key:"):
            return cls(text.strip(), b"", public_key_of(text.strip()))
        if len(text.strip()) == 64 and "+" not in text:
            return cls("", b"", from_hex(text.strip()))
        parts = text.strip().split("+", 2)  # base64 itself may hold a plus
        if len(parts) != 3:
            raise Unverifiable("the key is not of the form name+id+base64")
        name, hex_id, encoded = parts
        key_id, raw = from_hex(hex_id), from_base64(encoded)
        if len(raw) < 1 or len(raw) - 1 != _KEY_SIZES.get(raw[0]):
            raise Unverifiable("the key is neither an Ed25519 nor an ML-DSA-44 key")
        key = cls.of(name, raw[0], raw[1:])
        if key_id != key.key_id:
            raise Unverifiable("the key id does not belong to the key")
        return key


def public_key_of(did: str) -> bytes:
    """The Ed25519 key in a `did:key:z<base 58 of 0xed01 ‖ key>`, fragment or none."""
    raw = from_base58(did.removeprefix("did:key:").partition("#")[0])
    if raw[:2] != b"\xed\x01" or len(raw) != 34:
        raise Unverifiable("not the did:key of an Ed25519 key")
    return raw[2:]


def from_base64(text: str) -> bytes:
    """Strict base64: one spelling of each value, so that nothing altered reads the same."""
    try:
        data = base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        raise Unverifiable("not base64") from None
    if base64.b64encode(data).decode() != text:
        raise Unverifiable("not the canonical base64 of its value")
    return data


def from_hex(text: object) -> bytes:
    """Strict lower-case hexadecimal."""
    try:
        data = bytes.fromhex(text) if isinstance(text, str) else b""
    except ValueError:
        raise Unverifiable("not hexadecimal") from None
    if data.hex() != text:
        raise Unverifiable("not the canonical hexadecimal of its value")
    return data


def from_base58(text: str) -> bytes:
    """The bytes behind `z` and a base 58 text (multibase)."""
    alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
    digits, number = text[1:], 0
    if len(digits) > BASE58_DIGITS_MAX:
        raise Unverifiable(f"a base 58 text of {len(digits)} digits")
    if not text.startswith("z") or any(digit not in alphabet for digit in digits):
        raise Unverifiable("not a base 58 text")
    for digit in digits:
        number = number * 58 + alphabet.index(digit)
    zeros = len(digits) - len(digits.lstrip("1"))
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")


# What a reader trusts: the log's key, and perhaps the key of receipts.
Keys = Sequence[VerifierKey]


@dataclass(frozen=True)
class Checkpoint:
    origin: str
    size: int
    root: bytes


def split_note(note: bytes) -> tuple[bytes, list[tuple[str, bytes]]]:
    """The text of a signed note (its final newline included), and (name, blob) of each line."""
    split = note.rfind(b"\n\n")
    if split < 0 or not note.endswith(b"\n"):
        raise Unverifiable("not a signed note")
    lines = []
    for line in note[split + 2 : -1].decode("utf-8", "replace").split("\n"):
        dash, _, rest = line.partition(" ")
        name, _, encoded = rest.rpartition(" ")
        if dash != "—" or not name:
            raise Unverifiable("a signature line cannot be read")
        lines.append((name, from_base64(encoded)))
    return note[: split + 1], lines


def signature_holds(text: bytes, blob: bytes, key: VerifierKey) -> bool:
    """Whether the blob of a signature line, key id and all, is that of `key` over the text."""
    if key.kind == ED25519:
        return ed25519_verify(key.public, text, blob[4:])
    moment, signature = blob[4:12], blob[12:]
    if len(moment) != 8 or moment[0] > 127:
        return False
    if key.kind == ED25519_COSIGNATURE:
        header = f"cosignature/v1\ntime {int.from_bytes(moment, 'big')}\n".encode()
        return ed25519_verify(key.public, header + text, signature)
    head = read_checkpoint(text.decode())
    name, origin = key.name.encode(), head.origin.encode()
    if not 0 < len(name) < 256 or not 0 < len(origin) < 256:
        return False
    message = b"subtree/v1\n\0" + bytes([len(name)]) + name + moment
    message += bytes([len(origin)]) + origin + bytes(8) + head.size.to_bytes(8, "big") + head.root
    return mldsa44_verify(key.public, message, signature)


def open_note(note: bytes, *keys: VerifierKey) -> str:
    """The text of a signed note once a signature by one of the keys holds."""
    text, lines = split_note(note)
    seen = ""
    for name, blob in lines:
        for key in keys:
            if (name, blob[:4]) == (key.name, key.key_id):
                seen = key.name
                if signature_holds(text, blob, key):
                    return text.decode()
    if seen:
        raise Tampered(f"the signature of {seen} does not hold")
    raise Unverifiable(f"the note carries no signature of {', '.join(k.name for k in keys)}")


def read_checkpoint(text: str) -> Checkpoint:
    """Origin, size and root of a checkpoint's text; further lines are extensions."""
    lines = text.split("\n")
    try:
        origin, size, root = lines[0], int(lines[1]), from_base64(lines[2])
    except (IndexError, ValueError) as error:
        raise Unverifiable(f"the checkpoint cannot be read: {error}") from error
    if not origin or not 0 <= size < 2**63 or str(size) != lines[1] or len(root) != 32:
        raise Unverifiable("the checkpoint is malformed")
    return Checkpoint(origin, size, root)


def signed_checkpoint(note: bytes, keys: Keys, policy: Policy | None = None) -> Checkpoint:
    """The checkpoint in a note that the log's own key signed, and as many witnesses as asked.

    Where keys of both kinds are given, a signature of each kind is needed.
    """
    of_logs = [key for key in keys if key.key_id and key.kind != ED25519_COSIGNATURE]
    if not of_logs:
        raise Unverifiable("no key: give the log's verifier key with --key or --key-file")
    named = [key for key in of_logs if f"— {key.name} ".encode() in note] or of_logs
    text = ""
    for kind in sorted({key.kind for key in named}):
        text = open_note(note, *(key for key in named if key.kind == kind))
    head = read_checkpoint(text)
    if head.origin not in {key.name for key in named}:
        raise Tampered(f"the checkpoint of {head.origin} is signed by another log")
    if policy is not None:
        policy.check(note)
    return head


# --- witnesses (C2SP tlog-cosignature, tlog-policy) ----------------------------------------


class Policy:
    """Which witnesses count, and how many of them a checkpoint needs.

    `groups` maps a name to how many of its members are needed; the quorum is one of the names.
    """

    def __init__(self) -> None:
        self.logs: list[VerifierKey] = []
        self.witnesses: dict[str, VerifierKey] = {}
        self.groups: dict[str, tuple[int, list[str]]] = {}
        self.quorum = ""

    @classmethod
    def of(cls, witnesses: Sequence[VerifierKey], needed: int | None) -> Policy:
        """`needed` of these witnesses, or all; a witness is who its keys name."""
        policy = cls()
        policy.witnesses = {key.text: key for key in witnesses}
        if len(policy.witnesses) != len({key.public for key in witnesses}):
            raise Unverifiable("a witness is given twice")
        # A witness with two keys, as dure-witness has them, is one witness: of each kind of key
        # that is given it has to sign with one.
        names: dict[str, list[str]] = {}
        for label, key in policy.witnesses.items():
            of_kind = f"{key.name} {key.kind}"
            _needed, labels = policy.groups.setdefault(of_kind, (1, []))
            if not labels:
                names.setdefault(key.name, []).append(of_kind)
            labels.append(label)
        needed = len(names) if needed is None else needed
        if not 0 < needed <= len(names):
            raise Unverifiable(f"a quorum of {needed} of {len(names)} witnesses")
        policy.groups |= {name: (len(kinds), kinds) for name, kinds in names.items()}
        policy.groups[""] = (needed, list(names))
        policy.quorum = ""
        return policy

    @classmethod
    def parse(cls, text: str) -> Policy:
        """Reads a policy file: log, witness, group and quorum lines."""
        policy = cls()
        members: set[str] = set()
        for line in text.split("\n"):
            words = line.split()
            if not words or words[0].startswith("#"):
                continue
            if words[0] == "log" and len(words) in (2, 3):
                policy.logs.append(VerifierKey.parse(words[1]))
            elif words[0] == "witness" and len(words) in (3, 4):
                policy._define(words[1])
                policy.witnesses[words[1]] = VerifierKey.parse(words[2])
            elif words[0] == "group" and len(words) > 3:
                policy._define(words[1])
                inside = words[3:]
                if any(not policy._knows(name) or name in members for name in inside):
                    raise Unverifiable(f"the policy's group {words[1]} has an unfit member")
                members.update(inside)
                counts = {"all": len(inside), "any": 1}
                needed = counts.get(words[2]) or (int(words[2]) if words[2].isdecimal() else 0)
                if not 0 < needed <= len(inside) or len(set(inside)) != len(inside):
                    raise Unverifiable(f"the policy's group {words[1]} cannot be met")
                policy.groups[words[1]] = (needed, inside)
            elif words[0] == "quorum" and len(words) == 2 and not policy.quorum:
                policy.quorum = words[1]
            else:
                raise Unverifiable(f"the policy has a line that cannot be read: {words[0]}")
        if policy.quorum != "none" and not policy._knows(policy.quorum):
            raise Unverifiable("the policy names no quorum")
        return policy

    def _define(self, name: str) -> None:
        if name == "none" or self._knows(name):
            raise Unverifiable(f"the policy defines {name} twice")

    def _knows(self, name: str) -> bool:
        return name in self.witnesses or name in self.groups

    def check(self, note: bytes) -> None:
        """Raises unless the note carries the quorum; a cosignature that fails is tampering."""
        text, lines = split_note(note)
        signed = set()
        for label, key in self.witnesses.items():
            for name, blob in lines:
                if (name, blob[:4]) == (key.name, key.key_id):
                    if not signature_holds(text, blob, key):
                        raise Tampered(f"the cosignature of {key.name} does not hold")
                    signed.add(label)
        if self.quorum != "none" and not self._met(self.quorum, signed):
            raise Unverifiable(
                f"{len(signed)} of {len(self.witnesses)} witnesses signed: not the quorum"
            )

    def _met(self, name: str, signed: set[str]) -> bool:
        if name in self.witnesses:
            return name in signed
        needed, inside = self.groups[name]
        return sum(self._met(member, signed) for member in inside) >= needed


# --- changes of the log's key --------------------------------------------------------------

ROTATION = b'"type":"key.rotated"'


def follow_rotations(entries: Iterable[tuple[int, bytes]], keys: Keys, origin: str) -> Keys:
    """The keys in force after these entries, each of which old and new key must have signed."""
    current = list(keys)
    for index, body in entries:
        leaf = read_json(body, "the entry")
        payload = leaf.get("payload") if isinstance(leaf, dict) else None
        if not isinstance(payload, dict) or leaf.get("type") != "key.rotated":
            continue
        if payload.get("key") == "log":
            try:
                current = [_successor(key, payload, origin) for key in current]
            except Tampered as error:
                raise Tampered(f"first bad index {index}: {error}") from None
    return current


def _successor(key: VerifierKey, payload: Document, origin: str) -> VerifierKey:
    """The key that follows `key` by a rotation; `key` itself if that is about another key."""
    stated = {name: value for name, value in payload.items() if name != "signatures"}
    signatures = member(payload, "signatures", dict)
    message = f"dure-log-key-rotation/1\n{origin}\n".encode() + canonical(stated)
    if key.name != origin:
        return key
    if key.kind == ED25519 and payload.get("old") == key.public.hex():
        new = from_hex(payload.get("new"))
        for public, name in ((key.public, "old"), (new, "new")):
            if not ed25519_verify(public, message, from_hex(signatures.get(name))):
                raise Tampered(f"a change of the key is not signed by the {name} key")
        return VerifierKey.of(key.name, ED25519, new)
    if key.kind == MLDSA44:
        new = from_base64("".join(member(payload, "new_mldsa44", list)))
        signature = from_base64("".join(member(signatures, "old_mldsa44", list)))
        if new and mldsa44_verify(key.public, message, signature):
            return VerifierKey.of(key.name, MLDSA44, new)
    return key


# --- reading the log (C2SP tlog-tiles) ----------------------------------------------------


def tile_path(level: int | str, number: int, width: int = TILE_WIDTH) -> str:
    """`tile/0/x001/x234/067.p/5`: index in groups of three digits, partial width if any."""
    digits = f"{number:03d}"
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[i : i + 3] for i in range(0, len(digits), 3)]
    path = "/".join([f"x{group}" for group in groups[:-1]] + [groups[-1]])
    return f"tile/{level}/{path}" + ("" if width == TILE_WIDTH else f".p/{width}")


def reader_of(source: str) -> Callable[[str], bytes]:
    """A function from a path below the log's address (or folder) to its bytes."""
    if source.startswith(("http://", "https://")):
        return lambda path: fetch(f"{source.rstrip('/')}/{path}")
    folder = Path(source)
    if not folder.is_dir():
        raise Unverifiable(f"{source} is neither an address nor a folder")
    return lambda path: read_file(folder / path)


def fetch(url: str, headers: dict[str, str] | None = None) -> bytes:
    request = urllib.request.Request(url, headers=headers or {})  # noqa: S310 - http(s) only
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as response:  # noqa: S310
            data: bytes = response.read(RESPONSE_BYTES_MAX + 1)
    except (urllib.error.URLError, TimeoutError) as error:
        raise Unverifiable(f"{url}: {error}") from error
    if len(data) > RESPONSE_BYTES_MAX:
        raise Unverifiable(f"{url}: answer larger than {RESPONSE_BYTES_MAX} bytes")
    return data


def read_file(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(FILE_BYTES_MAX + 1)
    except OSError as error:
        raise Unverifiable(f"{path}: {error.strerror}") from error
    if len(data) > FILE_BYTES_MAX:
        raise Unverifiable(f"{path}: larger than {FILE_BYTES_MAX} bytes")
    return data


def read_tile(read: Callable[[str], bytes], level: int | str, number: int, width: int) -> bytes:
    """A tile of `width` items; a full tile may stand in for a partial one that is gone."""
    try:
        return read(tile_path(level, number, width))
    except Unverifiable:
        if width == TILE_WIDTH:
            raise
        full = read(tile_path(level, number))
    if level != "entries":
        return full[: width * 32]
    end = 0
    for _ in range(width):
        end += 2 + int.from_bytes(full[end : end + 2], "big")
    return full[:end]


def split_bundle(bundle: bytes, first: int, width: int) -> list[bytes]:
    """The entries of a bundle: each a big-endian 16-bit length and that many bytes."""
    bodies: list[bytes] = []
    at = 0
    while at < len(bundle) and len(bodies) < width:
        end = at + 2 + int.from_bytes(bundle[at : at + 2], "big")
        if end > len(bundle):
            break
        bodies.append(bundle[at + 2 : end])
        at = end
    if len(bodies) != width or at != len(bundle):
        raise Tampered(f"first bad index {first + len(bodies)}: its bundle has another length")
    return bodies


def tile_rows(size: int) -> Iterator[tuple[int, int]]:
    """(number, width) of the tiles of a level that holds `size` hashes."""
    for number in range(-(-size // TILE_WIDTH)):
        yield number, min(TILE_WIDTH, size - number * TILE_WIDTH)


def check_log(source: str, keys: Keys, policy: Policy | None = None, since: str = "") -> str:
    """Re-hash every entry, compare with every tile, rebuild the root, check the signatures.

    `since` is what must be continued: the file of an earlier checkpoint or of a receipt, or
    SIZE:ROOT, or SIZE.
    """
    read = reader_of(source)
    note = read("checkpoint")
    # The tree is checked even where no key is at hand: what is broken is broken.
    claimed = read_checkpoint(note.decode("utf-8", "replace").partition("\n\n")[0] + "\n")
    leaves: list[bytes] = []
    rotations: list[tuple[int, bytes]] = []
    for number, width in tile_rows(claimed.size):
        first = number * TILE_WIDTH
        bundle = read_tile(read, "entries", number, width)
        bodies = split_bundle(bundle, first, width)
        if ROTATION in bundle:
            rotations += [(first + at, b) for at, b in enumerate(bodies) if ROTATION in b]
        hashes = [leaf_hash(body) for body in bodies]
        _compare(read_tile(read, 0, number, width), hashes, first, 1)
        leaves.extend(hashes)
    _check_levels(read, leaves)
    root = tree_root(leaves)
    if root != claimed.root:
        raise Tampered(
            f"the entries [0, {claimed.size}) lead to root {root.hex()}, "
            f"the checkpoint has {claimed.root.hex()}: first bad index not before 0"
        )
    current = follow_rotations(rotations, keys, claimed.origin)
    continued = _check_continues(since, leaves, [*keys, *current]) if since else ""
    if signed_checkpoint(note, current, policy) != claimed:
        raise Tampered("the signed checkpoint is not the one that is shown")
    followed = f", {len(rotations)} changes of keys" if rotations else ""
    return f"{claimed.size} entries of {claimed.origin}, root {root.hex()}{followed}{continued}"


def _check_levels(read: Callable[[str], bytes], leaves: list[bytes]) -> None:
    """Compare every tile above the leaves with what follows from them."""
    level, height, span = leaves, 0, 1
    while len(level) >= TILE_WIDTH:
        height, span = height + 1, span * TILE_WIDTH
        full = len(level) // TILE_WIDTH
        level = [tree_root(level[i * TILE_WIDTH : (i + 1) * TILE_WIDTH]) for i in range(full)]
        for number, width in tile_rows(full):
            first = number * TILE_WIDTH
            tile = read_tile(read, height, number, width)
            _compare(tile, level[first : first + width], first, span)


def _check_continues(since: str, leaves: list[bytes], keys: Keys) -> str:
    """Check that the log continues what was noted; what to say about it."""
    size_text, _, root_text = since.partition(":")
    if size_text.isascii() and size_text.isdecimal():
        size, noted = int(size_text), from_hex(root_text) if root_text else b""
    else:
        data = read_file(Path(since))
        if data.lstrip().startswith(b"{"):  # a receipt: its checkpoint was noted with it
            data = member(read_json(data, since), "checkpoint", str).encode()
        old = signed_checkpoint(data, keys)
        size, noted = old.size, old.root
    if size > len(leaves):
        raise Tampered(
            f"first bad index {len(leaves)}: {size} entries were there, {len(leaves)} are"
        )
    root = tree_root(leaves[:size])
    if noted and noted != root:
        raise Tampered(
            f"first bad index not before 0, below {size}: the root at size {size} was "
            f"{noted.hex()}, these entries lead to {root.hex()}"
        )
    return f", continues {size} entries with root {root.hex()}"


def _compare(tile: bytes, hashes: Sequence[bytes], first: int, span: int) -> None:
    for offset, digest in enumerate(hashes):
        stored = tile[offset * 32 : offset * 32 + 32]
        if stored != digest:
            start = (first + offset) * span
            where = f"first bad index {start}" + (
                "" if span == 1 else f" (within [{start}, {start + span}))"
            )
            raise Tampered(f"{where}: expected {stored.hex()}, actual {digest.hex()}")
    if len(tile) != 32 * len(hashes):
        raise Tampered(f"first bad index {(first + len(hashes)) * span}: its tile is too long")


# --- canonical JSON and commitments (RFC 8785) --------------------------------------------


def canonical(value: Document) -> bytes:
    """The canonical bytes of strings, integers, booleans, null, lists and objects."""
    if isinstance(value, float) or (type(value) is int and abs(value) >= 2**53):
        raise Unverifiable("a number in the document has no canonical form")
    if isinstance(value, dict):
        # Names are ordered by their UTF-16 code units, not by code points.
        members = sorted(value.items(), key=lambda member: member[0].encode("utf-16-be"))
        inner = b",".join(canonical(name) + b":" + canonical(item) for name, item in members)
        return b"{" + inner + b"}"
    if isinstance(value, list):
        return b"[" + b",".join(canonical(item) for item in value) + b"]"
    return json.dumps(value, ensure_ascii=False).encode()


def opens(commitment: str, salt: str, value: Document) -> bool:
    """Whether salt and value open a commitment SHA-256(0x02 ‖ salt ‖ canonical value)."""
    return sha256(b"\x02" + from_hex(salt) + canonical(value)).hex() == commitment


def read_json(data: bytes, what: str) -> Document:
    """A document in UTF-8, as RFC 8259 has it: without a byte order mark, no member twice."""
    try:
        return json.loads(data.decode(), object_pairs_hook=_members_once)
    except (ValueError, RecursionError) as error:
        raise Unverifiable(f"{what} is not JSON: {error}") from error


def _members_once(pairs: list[tuple[str, Document]]) -> dict[str, Document]:
    """An object whose names are unique: of two, every reader would choose another."""
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member stands there twice")
    return members


def member(document: Document, name: str, kind: type | tuple[type, ...]) -> Document:
    """A member of a parsed object; Unverifiable where it is missing or of another type."""
    value = document.get(name) if isinstance(document, dict) else None
    # A truth value is an integer to Python, and to nobody else.
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise Unverifiable(f"the document has no usable member {name!r}")
    return value


def number(stated: object) -> Fraction:
    """An exact number as texts have it: whole, decimal, or `n/d`.

    A few characters such as `1e999999999` would otherwise ask for more than a machine holds.
    """
    text = str(stated)
    if _NUMBER.fullmatch(text) is None:
        raise Unverifiable(f"not a number: {text[:40]}")
    return Fraction(text)


def small_number(stated: object) -> Fraction:
    """A number that a person typed: sums of thousands with long denominators would take days."""
    if len(str(stated)) > TYPED_MAX:
        raise Unverifiable(f"a number of {len(str(stated))} characters")
    return number(stated)


def _is_count(value: object) -> bool:
    """Whether it is a whole number from zero; a truth value is not."""
    return type(value) is int and value >= 0


# --- documents signed as W3C Data Integrity proofs (eddsa-jcs-2022) ------------------------


def is_secured(document: Document) -> bool:
    proof = document.get("proof") if isinstance(document, dict) else None
    return isinstance(proof, dict) and proof.get("cryptosuite") == "eddsa-jcs-2022"


def check_secured(document: Document, keys: Keys) -> str:
    """Check a consent receipt or another signed document; only a pinned key makes it "ok"."""
    proof = member(document, "proof", dict)
    options = {name: value for name, value in proof.items() if name != "proofValue"}
    content = {name: value for name, value in document.items() if name != "proof"}
    signer = member(proof, "verificationMethod", str).partition("#")[0]
    message = sha256(canonical(options)) + sha256(canonical(content))
    signature = from_base58(member(proof, "proofValue", str))
    if not ed25519_verify(public_key_of(signer), message, signature):
        raise Tampered(f"the signature of {signer} does not hold: the document was changed")
    if options.get("@context", content.get("@context")) != content.get("@context"):
        raise Tampered("the signed context is not that of the document")
    if not keys:
        raise Unverifiable(f"signed by {signer}; is it the city's? give the key with --key")
    if public_key_of(signer) not in {key.public for key in keys}:
        raise Unverifiable(f"signed by {signer}, which is not the given key")
    kind = document.get("@type") or document.get("type") or "document"
    return f"{kind}, signed {options.get('created')} by {signer}"


# --- receipts ------------------------------------------------------------------------------


RECEIPT_MEMBERS = {
    "receipt", "entry", "proof", "checkpoint", "log_key", "openings", "rotations",
}  # fmt: skip

ENTRY_MEMBERS = {"index", "type", "ts", "leaf", "body", "leaf_hash"}
PROOF_MEMBERS = {"index", "size", "leaf_hash", "proof", "root"}


def check_receipt(proof: Document, keys: Keys, policy: Policy | None = None) -> str:
    """Check `{"entry", "proof", "checkpoint"}`, and what else the document claims about them.

    `entry` and `proof` are the answers of the API; `receipt` (a number) must be the one in the
    leaf, `openings` must open the leaf's commitments, `rotations` are the entries, in the same
    tree, that lead from a key noted earlier to the one that signed. A signed consent receipt is
    checked by its signature.
    """
    if is_secured(proof):
        return check_secured(proof, keys)
    entry = member(proof, "entry", dict)
    if unknown := set(proof) - RECEIPT_MEMBERS:
        raise Unverifiable(f"the receipt has a member that cannot be checked: {min(unknown)}")
    note = member(proof, "checkpoint", str).encode()
    claimed = read_checkpoint(split_note(note)[0].decode())
    body, index = _check_included(entry, member(proof, "proof", dict), claimed)
    rotations = []
    for item in _listed(proof, "rotations", {"entry", "proof"}):
        rotation, place = _check_included(
            member(item, "entry", dict), member(item, "proof", dict), claimed
        )
        rotations.append((place, rotation))
    if rotations != sorted(rotations):
        raise Tampered("the changes of the key are not in the order of the log")
    current = follow_rotations(rotations, keys, claimed.origin)
    head = signed_checkpoint(note, current, policy)
    if head != claimed:
        raise Tampered("the signed checkpoint is not the one that is shown")
    leaf = read_json(body, "the entry")
    _check_claims(proof, leaf, index)
    shown = proof.get("log_key")
    if shown is not None and shown not in {key.text for key in [*keys, *current]}:
        raise Tampered("the key that came with the receipt is not the one that was given")
    return f"{leaf.get('type')} of {leaf.get('ts')} is entry {index} of {head.origin} ({head.size})"


def _listed(proof: Document, name: str, members: set[str]) -> list[Document]:
    """An optional list of objects, of which every member is looked at somewhere."""
    items = member(proof, name, list) if name in proof else []
    for item in items:
        if unknown := set(item) - members:
            raise Unverifiable(f"the receipt has a member that cannot be checked: {min(unknown)}")
    return items


def _check_included(entry: Document, path: Document, head: Checkpoint) -> tuple[bytes, int]:
    """Check that an entry is in the tree of a checkpoint; its bytes and its index."""
    unknown = (set(entry) - ENTRY_MEMBERS) | (set(path) - PROOF_MEMBERS)
    if unknown:
        raise Unverifiable(f"the receipt has a member that cannot be checked: {min(unknown)}")
    body = member(entry, "body", str).encode()
    index, size = member(path, "index", int), member(path, "size", int)
    digest = leaf_hash(body)
    for stated in (member(path, "leaf_hash", str), entry.get("leaf_hash", digest.hex())):
        if stated != digest.hex():
            raise Tampered(f"first bad index {index}: expected {stated}, actual {digest.hex()}")
    siblings = [from_hex(step) for step in member(path, "proof", list)]
    root = root_from_inclusion(digest, index, size, siblings)
    if (head.size, head.root) != (size, root):
        raise Tampered(
            f"first bad index {index}: the proof leads to root {root.hex()} at size {size}, "
            f"the signed checkpoint has {head.root.hex()} at size {head.size}"
        )
    leaf = read_json(body, "the entry")
    stated = (entry.get("index", index), path.get("root", root.hex()))
    if stated != (index, root.hex()) or isinstance(stated[0], bool):
        raise Tampered(f"first bad index {index}: the document states another index or root")
    for name in ("type", "ts"):
        if name in entry and entry[name] != member(leaf, name, str):
            raise Tampered(f"first bad index {index}: the entry is shown with another {name}")
    return body, index


def _check_claims(proof: Document, leaf: Document, index: int) -> None:
    """What the document says beside the leaf must be what the leaf says."""
    entry = proof["entry"]
    if "leaf" in entry and canonical(entry["leaf"]) != canonical(leaf):
        raise Tampered(f"first bad index {index}: the entry is shown otherwise than it was hashed")
    receipt = proof.get("receipt")
    if "receipt" in proof and member(leaf, "payload", dict).get("receipt") != receipt:
        raise Tampered(f"first bad index {index}: the entry is not about {receipt}")
    for opening in _listed(proof, "openings", {"index", "part", "salt", "value"}):
        part = member(opening, "part", str)
        if not opens(str(leaf.get(part)), member(opening, "salt", str), opening["value"]):
            raise Tampered(f"first bad index {index}: the {part} is not who the document says")
        if "index" in opening and member(opening, "index", int) != index:
            raise Tampered(f"first bad index {index}: an opening is of entry {opening['index']}")


# --- replay of an epoch --------------------------------------------------------------------

MANIFEST_FORMAT = "dure-epoch-manifest/1"
REVERSAL_FORMAT = "dure-epoch-reversal/1"
Stratum = tuple[str, str]


def check_manifest(manifest: Document) -> str:
    """Recompute an epoch from the facts in its manifest; compare every figure that it states.

    A line is mass × price × pool, floored to a sub-unit; every price is a share of the pool. What
    the price of each method is stands with the functions below, in exact fractions.
    """
    if manifest.get("format") == REVERSAL_FORMAT:
        return check_reversal(manifest)
    algorithm = member(manifest, "algorithm", dict)
    name = f"{algorithm.get('id')} {algorithm.get('version')}"
    if manifest.get("format") != MANIFEST_FORMAT or name not in _PRICED:
        raise Unverifiable(f"this verifier does not know {manifest.get('format')}, {name}")
    terms, inputs = member(manifest, "parameters", dict), member(manifest, "inputs", list)
    names = [item["id"] for item in inputs]
    if names != sorted(set(names)):
        raise Tampered("the inputs are not in order, or one stands there twice")
    _check_facts(manifest)
    priced = _PRICED[name](manifest)
    added = _added(priced.masses)
    pool, available = int(terms["pool"]), int(terms["available"])
    promised = pool * sum((priced.prices[s] * mass for s, mass in added.items()), Fraction(0))
    scale = min(Fraction(1), Fraction(max(available, 0)) / promised) if promised else Fraction(1)
    rates = {stratum: pool * price * scale for stratum, price in priced.prices.items()}
    amounts = [
        sum((mass * rates[stratum]).__floor__() for stratum, mass in own.items())
        for own in priced.masses
    ]
    held = _held(terms, amounts)
    _compare_outputs(manifest, names, amounts, held)
    _compare_prices(member(manifest, "prices", dict), rates, priced, set(added))
    totals = member(manifest, "totals", dict)
    _same("totals.inputs", totals["inputs"], len(inputs))
    _same("totals.paid", totals["paid"], str(sum(amounts)))
    _same("totals.scale", number(totals["scale"]), scale)
    _same("totals.value_before", totals["value_before"], _floored(priced.reached[0]))
    _same("totals.value_after", totals["value_after"], _floored(priced.reached[1]))
    _same("totals.held", totals.get("held"), str(sum(held)) if held else None)
    _same("totals.interval", totals.get("interval"), priced.interval)
    _same("inputs_root", manifest["inputs_root"], _root_of(inputs))
    _same("outputs_root", manifest["outputs_root"], _root_of(manifest["outputs"]))
    if sum(amounts) > min(pool, max(available, 0)):
        raise Tampered(f"{sum(amounts)} sub-units are paid out of {available}")
    return (
        f"epoch {manifest['epoch']['number']} of {manifest['call']['slug']}: {len(inputs)} "
        f"contributions earn {sum(amounts)} sub-units of {terms['asset']}; manifest sha256 "
        f"{sha256(canonical(manifest)).hex()}{_TAKEN_AS_STATED.get(name, '')}"
    )


def _check_facts(manifest: Document) -> None:
    """What the figures follow from is possible: no negative stock, people, weights or limits.

    A negative stock before would raise every price, and all figures would agree with it.
    """
    terms = member(manifest, "parameters", dict)
    target = terms.get("target_mass")
    if target is not None and (not _is_count(target) or not target):
        raise Tampered("the target mass is no whole number of records")
    for (name, key), mass in _flatten(manifest.get("stock_before", {})).items():
        _whole(mass, f"the stock before of {name}/{key}")
    for item in manifest["inputs"]:
        if "records" in item:
            _whole(item["records"], f"the records of {item['id']}")
    for dimension in terms.get("dimensions") or ():
        for key, count in dimension["counts"].items():
            _whole(count, f"the population of {dimension['name']}/{key}")
        for stated in (dimension["weight"], *dimension.get("costs", {}).values()):
            if small_number(stated) < 0:
                raise Tampered(f"a weight or cost of {dimension['name']} is below nothing")
    for limit in ("price_cap", "fill_limit"):
        if terms.get(limit) is not None and small_number(terms[limit]) < 0:
            raise Tampered(f"{limit} is below nothing")
    if terms.get("cap_over") not in (None, "open"):
        raise Unverifiable("this verifier does not know what the cap compares with")
    compensation = terms.get("compensation") or {"lines": {}, "margin": 0}
    if any(
        small_number(each) < 0 for each in (*compensation["lines"].values(), compensation["margin"])
    ):
        raise Tampered("a cost of a record is below nothing")
    pairs = (terms.get("sampling") or {"pairs": 1})["pairs"]
    if not _is_count(pairs) or not 0 < pairs <= PAIRS_MOST:
        raise Unverifiable(f"more than {PAIRS_MOST} pairs of orders, or none, are not drawn")


#: What a replay does not compute, because the manifest cannot hold what it follows from.
_TAKEN_AS_STATED = {
    "knn 1": (
        "; taken as stated, not computed: what the records are worth to the model and its right"
        " answers before and after, which the city measured on questions that it keeps sealed"
    )
}


def check_reversal(manifest: Document) -> str:
    """Check the manifest of a reversal: its outputs are those of the epoch that it names."""
    outputs, reverses = member(manifest, "outputs", list), member(manifest, "reverses", dict)
    names = [item["id"] for item in outputs]
    if names != sorted(set(names)):
        raise Tampered("the outputs are not in order, or one stands there twice")
    amounts = [int(item["amount"]) for item in outputs]
    if any(amount < 0 for amount in amounts):
        raise Tampered("somebody was paid less than nothing")
    root, totals = _root_of(outputs), member(manifest, "totals", dict)
    _same("reverses.outputs_root", reverses["outputs_root"], root)
    _same("outputs_root", manifest["outputs_root"], root)
    _same("totals.inputs", totals["inputs"], len(outputs))
    _same("totals.returned_at_most", totals["returned_at_most"], str(sum(amounts)))
    return (
        f"epoch {manifest['epoch']['number']} of {manifest['call']['slug']} takes back epoch "
        f"{reverses['number']}: at most {sum(amounts)} sub-units of {len(outputs)} contributions; "
        f"manifest sha256 {sha256(canonical(manifest)).hex()}"
    )


class Priced(NamedTuple):
    """What a method says: masses of each input, prices, their means by dimension, and the value
    reached before and after; ``interval`` where the shares were estimated.
    """

    masses: list[dict[Stratum, int]]
    prices: dict[Stratum, Fraction]
    means: dict[str, Fraction]
    reached: tuple[Fraction, Fraction]
    interval: Document | None = None


def _added(masses: list[dict[Stratum, int]]) -> dict[Stratum, int]:
    added: dict[Stratum, int] = {}
    for mass in masses:
        for stratum, amount in mass.items():
            added[stratum] = added.get(stratum, 0) + amount
    return added


def _by_coverage(manifest: Document) -> Priced:
    """Coverage: a stratum with population share π of dimension d, with weight λ of d, target mass
    T, τ = T·π and stock Q before and after the epoch is priced
    λ·π·τ / ((τ + Q_before)(τ + Q_after)), capped at a multiple of the population's mean price
    (with ``cap_over``: of those whose stratum was not full when the epoch began).
    Published cost multipliers c put π·c / Σπ·c in the place of the first π; a fill limit x counts
    a stock up to x·τ, and what an epoch adds beyond it shares the value with the rest of the epoch.
    """
    return _by_strata(manifest, manifest["parameters"], False)


def _by_heads(manifest: Document) -> Priced:
    """Flat: coverage with one stratum that holds everybody, and a mass of one for each record."""
    return _by_strata(
        manifest, {**manifest["parameters"], "price_cap": None, "fill_limit": None}, True
    )


def _by_strata(manifest: Document, terms: Document, flat: bool) -> Priced:
    dimensions = _dimensions(terms, flat)
    masses = [_mass_of(item, dimensions, flat) for item in manifest["inputs"]]
    before, added = _flatten(member(manifest, "stock_before", dict)), _added(masses)
    after = {s: before.get(s, 0) + added.get(s, 0) for s in {*before, *added}}
    prices, means = _prices(terms, dimensions, before, added, terms["price_cap"])
    reached = (_value(terms, dimensions, before), _value(terms, dimensions, after))
    return Priced(masses, prices, means, reached)


def _by_worth(manifest: Document) -> Priced:
    """Knn: the increment of the value that was measured, shared by the worth that was measured."""
    stated = member(manifest["parameters"], "reached", dict)
    start, end = number(stated["before"]), number(stated["after"])
    if not 0 <= start <= 1 or not 0 <= end <= 1:
        raise Tampered("a share of right answers is between nothing and all")
    one = ("training", "questions")
    worths = [_whole(item["worth"], f"the worth of {item['id']}") for item in manifest["inputs"]]
    whole = sum(worths)
    price = max(Fraction(0), end - start) / whole if whole else Fraction(0)
    masses = [{one: worth} if worth else {} for worth in worths]
    return Priced(masses, {one: price}, {"training": price}, (start, end))


def _by_cost(manifest: Document) -> Priced:
    """Cost: the published lines of the cost of a record, and the margin, for every record."""
    terms, everyone = manifest["parameters"], ("all", "all")
    stated = member(terms, "compensation", dict)
    record = sum((number(cost) for cost in stated["lines"].values()), Fraction(0))
    price = record * (1 + number(stated["margin"])) / (int(terms["pool"]) * 1000)
    counts = [_whole(i["records"], f"the records of {i['id']}") for i in manifest["inputs"]]
    masses = [{everyone: count * 1000} if count else {} for count in counts]
    had = _flatten(member(manifest, "stock_before", dict)).get(everyone, 0)
    has = had + sum(counts) * 1000
    reached = (min(Fraction(1), price * had), min(Fraction(1), price * has))
    return Priced(masses, {everyone: price}, {"all": price}, reached)


def _by_orders(manifest: Document) -> Priced:
    """Permutation: what the epoch adds to the value reached, shared between its institutions by
    their Shapley values, over all coalitions up to 14 and over drawn orders beyond; within one by
    mass. Values of coalitions are integers of 1e-15, rounded down stratum by stratum.
    """
    terms, inputs = manifest["parameters"], manifest["inputs"]
    dimensions = _dimensions(terms, False)
    own = [_mass_of(item, dimensions, False) for item in inputs]
    held: dict[str, dict[Stratum, int]] = {}
    for item, mass in zip(inputs, own, strict=True):
        who = held.setdefault(member(item, "institution", str), {})
        for stratum, amount in mass.items():
            who[stratum] = who.get(stratum, 0) + amount
    before = _flatten(member(manifest, "stock_before", dict))
    utility = _utility(terms, dimensions, before, held)
    quantile = _normal if manifest["algorithm"]["version"] == "1" else _student
    values, width, pairs = _shapley(sorted(held), utility, terms, _root_of(inputs), quantile)
    masses: list[dict[Stratum, int]] = []
    for item, mass in zip(inputs, own, strict=True):
        most = max((sum(_of_dimension(mass, name)) for name in dimensions), default=0)
        masses.append({("institution", item["institution"]): most} if most else {})
    added = _added(masses)
    prices = {s: values[s[1]] / UTILITY_UNITS / mass for s, mass in added.items()}
    whole = sum(added.values())
    paid = sum((values[name] for _dimension, name in added), Fraction(0)) / UTILITY_UNITS
    ends = utility(frozenset()), utility(frozenset(held))
    reached = Fraction(ends[0], UTILITY_UNITS), Fraction(ends[1], UTILITY_UNITS)
    interval = {"half_width": _raised(width / UTILITY_UNITS), "pairs": pairs}
    return Priced(
        masses, prices, {"institution": paid / whole if whole else paid}, reached, interval
    )


def _of_dimension(mass: dict[Stratum, int], name: str) -> Iterator[int]:
    return (amount for (dimension, _key), amount in mass.items() if dimension == name)


def _whole(stated: object, what: str) -> int:
    if type(stated) is not int or stated < 0:
        raise Tampered(f"{what} is no whole number")
    if stated > COUNT_MAX:
        raise Unverifiable(f"{what} is more than a machine counts")
    return stated


_PRICED: dict[str, Callable[[Document], Priced]] = {
    "coverage 1": _by_coverage,
    "flat 1": _by_heads,
    "knn 1": _by_worth,
    "permutation 1": _by_orders,
    "permutation 2": _by_orders,
    "cost 1": _by_cost,
}

UTILITY_UNITS = 10**15
EXACT_MOST, PLAYERS_MOST, PAIRS_LEAST, PAIRS_MOST = 14, 30, 16, 2_000
NORMAL_95 = Fraction(1_959_964, 1_000_000)
#: Of each power of 1 / (pairs - 1): a divisor, and what its odd powers of the above count.
STUDENT = (
    (1, 1),
    (4, 1, 1),
    (96, 3, 16, 5),
    (384, -15, 17, 19, 3),
    (92_160, -945, -1_920, 1_482, 776, 79),
)
Coalition = frozenset[str]


def _utility(
    terms: Document,
    dimensions: Dimensions,
    before: dict[Stratum, int],
    held: dict[str, dict[Stratum, int]],
) -> Callable[[Coalition], int]:
    """The value of what a coalition holds on top of the stock, in 1e-15 of the pool."""
    target, limit = terms["target_mass"] * 1000, terms.get("fill_limit")
    known: dict[tuple[Stratum, int], int] = {}

    def of_stratum(stratum: Stratum, mass: int) -> int:
        if (stratum, mass) not in known:
            weight, shares, budget = dimensions[stratum[0]]
            half = target * shares[stratum[1]]
            have = _counted(limit, half, mass)
            exact = weight * budget[stratum[1]] * have / (half + have) * UTILITY_UNITS
            known[stratum, mass] = exact.__floor__()
        return known[stratum, mass]

    peopled = [
        (name, key)
        for name, (_w, shares, _b) in dimensions.items()
        for key in shares
        if shares[key]
    ]

    def utility(coalition: Coalition) -> int:
        value = 0
        for stratum in peopled:
            mass = before.get(stratum, 0) + sum(held[who].get(stratum, 0) for who in coalition)
            value += of_stratum(stratum, mass) if mass else 0
        return value

    return utility


def _shapley(
    players: list[str],
    utility: Callable[[Coalition], int],
    terms: Document,
    seed: str,
    quantile: Callable[[int], Fraction],
) -> tuple[dict[str, Fraction], Fraction, int]:
    """Shapley values in 1e-15 of the pool, the widest half-interval, and the pairs drawn."""
    if len(players) > PLAYERS_MOST:
        raise Unverifiable(f"{len(players)} institutions are more than share by their orders")
    if len(players) <= EXACT_MOST:
        return _over_coalitions(players, utility), Fraction(0), 0
    sampling, known = member(terms, "sampling", dict), dict[Coalition, int]()
    epsilon = number(sampling["epsilon"]) * UTILITY_UNITS

    def worth(coalition: Coalition) -> int:
        if coalition not in known:
            known[coalition] = utility(coalition)
        return known[coalition]

    # Twice the mean gain of an order and its reverse, so that all of it stays whole.
    sums, squares = dict.fromkeys(players, 0), dict.fromkeys(players, 0)
    pairs, width, orders = 0, Fraction(0), _orders(players, seed)
    while pairs < sampling["pairs"]:
        order = next(orders)
        gains = dict.fromkeys(players, 0)
        for one in (order, order[::-1]):
            joined: Coalition = frozenset()
            for player in one:
                more = joined | {player}
                gains[player] += worth(more) - worth(joined)
                joined = more
        for player, gain in gains.items():
            sums[player] += gain
            squares[player] += gain * gain
        pairs += 1
        if pairs >= PAIRS_LEAST:
            width = max(_half_width(sums[p], squares[p], pairs, quantile(pairs)) for p in players)
            if width <= epsilon:
                break
    return {p: Fraction(total, 2 * pairs) for p, total in sums.items()}, width, pairs


def _over_coalitions(
    players: list[str], utility: Callable[[Coalition], int]
) -> dict[str, Fraction]:
    """Every coalition once: it adds to the value of those inside, and takes from the others'."""
    count, found = len(players), dict.fromkeys(players, Fraction(0))
    for size in range(count + 1):
        inside = Fraction(1, count * math.comb(count - 1, size - 1)) if size else Fraction(0)
        outside = Fraction(1, count * math.comb(count - 1, size)) if size < count else Fraction(0)
        sums, whole = dict.fromkeys(players, 0), 0
        for chosen in itertools.combinations(players, size):
            value = utility(frozenset(chosen))
            whole += value
            for player in chosen:
                sums[player] += value
        for player in players:
            found[player] += inside * sums[player] - outside * (whole - sums[player])
    return found


def _normal(_pairs: int) -> Fraction:
    """Standard errors to either side that hold 95 of 100 draws, where there are many."""
    return NORMAL_95


def _student(pairs: int) -> Fraction:
    """The same where the spread is known from the draws alone (Abramowitz and Stegun, 26.7.5)."""
    found = Fraction(0)
    for power, (parts, *factors) in enumerate(STUDENT):
        odd = sum(factor * NORMAL_95 ** (2 * n + 1) for n, factor in enumerate(factors))
        found += odd / (parts * (pairs - 1) ** power)
    return Fraction((found * 10**6).__ceil__(), 10**6)


def _half_width(total: int, squares: int, pairs: int, quantile: Fraction) -> Fraction:
    """So many standard errors of half the mean of whole draws, raised to a millionth."""
    variance = Fraction(squares * pairs - total * total, 4 * pairs * pairs * (pairs - 1))
    whole = (quantile * quantile * variance * 10**12).__ceil__()
    root = math.isqrt(whole)
    return Fraction(root + (root * root < whole), 10**6)


def _orders(players: list[str], seed: str) -> Iterator[list[str]]:
    """Uniform orders (Fisher–Yates from the end) out of SHA-256 of the seed and a counter."""

    def words() -> Iterator[int]:
        for block in itertools.count():
            digest = sha256(f"{len(seed)}:{seed}:{block}".encode())
            yield from (int.from_bytes(digest[at : at + 8], "big") for at in range(0, 32, 8))

    drawn = words()
    while True:
        order = list(players)
        for last in range(len(order) - 1, 0, -1):
            bound = 2**64 - 2**64 % (last + 1)
            place = next(word for word in drawn if word < bound) % (last + 1)
            order[last], order[place] = order[place], order[last]
        yield order


def _raised(value: Fraction) -> str:
    """A decimal of at most twelve places that is not below the value."""
    return _floored(Fraction((value * 10**12).__ceil__(), 10**12))


# dimension -> (weight, {stratum: population share}, {stratum: part of the budget})
Dimensions = dict[str, tuple[Fraction, dict[str, Fraction], dict[str, Fraction]]]


def _dimensions(terms: Document, flat: bool) -> Dimensions:
    if flat:  # one stratum that holds everybody
        return {"all": (Fraction(1), {"all": Fraction(1)}, {"all": Fraction(1)})}
    stated = member(terms, "dimensions", list)
    weights = sum((number(item["weight"]) for item in stated), Fraction(0))
    found: Dimensions = {}
    for item in stated:
        people = sum(item["counts"].values())
        shares = {key: Fraction(count, people) for key, count in item["counts"].items()}
        costs = {key: number(item.get("costs", {}).get(key, 1)) for key in shares}
        whole = sum((share * costs[key] for key, share in shares.items()), Fraction(0))
        budget = {key: share * costs[key] / whole for key, share in shares.items()}
        found[item["name"]] = (number(item["weight"]) / weights, shares, budget)
    return found


def _flatten(masses: Document) -> dict[Stratum, int]:
    return {(name, key): mass for name, keys in masses.items() for key, mass in keys.items()}


def _mass_of(item: Document, dimensions: Dimensions, flat: bool) -> dict[Stratum, int]:
    """The mass of one contribution that the method prices, in thousandths."""
    stated = {("all", "all"): item["records"] * 1000} if flat else _flatten(item["masses"])
    if any(type(mass) is not int or mass < 0 for mass in stated.values()):
        raise Tampered(f"the masses of {item['id']} are not whole thousandths")
    return {
        (name, key): mass
        for (name, key), mass in stated.items()
        if mass and name in dimensions and key in dimensions[name][1]
    }


def _prices(
    terms: Document,
    dimensions: Dimensions,
    before: dict[Stratum, int],
    added: dict[Stratum, int],
    cap: str | None,
) -> tuple[dict[Stratum, Fraction], dict[str, Fraction]]:
    """Prices paid per thousandth as shares of the pool; mean uncapped price by dimension."""
    target = terms["target_mass"] * 1000
    prices: dict[Stratum, Fraction] = {}
    means: dict[str, Fraction] = {}
    limit = terms.get("fill_limit")
    for name, (weight, shares, budget) in dimensions.items():
        uncapped = {}
        for key, share in shares.items():
            half = target * share
            had = before.get((name, key), 0)
            has = had + added.get((name, key), 0)
            start, end = _counted(limit, half, had), _counted(limit, half, has)
            price = weight * budget[key] * half / ((half + start) * (half + end)) if half else half
            if has > had:
                price *= (end - start) / (has - had)
            elif limit is not None and had >= number(limit) * half:
                price = Fraction(0)
            uncapped[key] = price
        compared = [
            key
            for key in shares
            if not _left_out(terms, target * shares[key], before.get((name, key), 0))
        ]
        people = sum((shares[key] for key in compared), Fraction(0))
        total = sum((shares[key] * uncapped[key] for key in compared), Fraction(0))
        means[name] = total / people if people else Fraction(0)
        for key, price in uncapped.items():
            highest = price if cap is None else number(cap) * means[name]
            prices[name, key] = min(price, highest)
    return prices, means


def _left_out(terms: Document, half: Fraction, had: int) -> bool:
    """Whether the mean that the cap compares with leaves a stratum out: it was full before."""
    limit = terms.get("fill_limit")
    return terms.get("cap_over") is not None and limit is not None and had >= number(limit) * half


def _value(terms: Document, dimensions: Dimensions, stock: dict[Stratum, int]) -> Fraction:
    """The value reached by a stock."""
    target, value = terms["target_mass"] * 1000, Fraction(0)
    limit = terms.get("fill_limit")
    for name, (weight, shares, budget) in dimensions.items():
        for key, share in shares.items():
            have = _counted(limit, target * share, stock.get((name, key), 0))
            if have and share:
                value += weight * budget[key] * have / (target * share + have)
    return value


def _counted(limit: str | None, half: Fraction, mass: int) -> Fraction:
    """The part of a stock that adds value: all of it, or what fits below the fill limit."""
    return Fraction(mass) if limit is None else min(Fraction(mass), number(limit) * half)


def _floored(value: Fraction) -> str:
    whole, rest = divmod((value * 10**12).__floor__(), 10**12)
    return f"{whole}.{rest:012d}".rstrip("0").rstrip(".")


def _held(terms: Document, amounts: list[int]) -> list[int]:
    """What waits of each amount: its share, rounded down; empty where a call holds nothing back."""
    stated = terms.get("deterrence")
    if stated is None:
        return []
    share = number(member(stated, "hold_back", str))
    if not 0 < share <= 1:
        raise Tampered(f"a share of {share} cannot be held back")
    return [(amount * share).__floor__() for amount in amounts]


def _compare_outputs(
    manifest: Document, names: list[str], amounts: list[int], held: list[int]
) -> None:
    outputs = member(manifest, "outputs", list)
    for index, (name, amount) in enumerate(zip(names, amounts, strict=True)):
        stated = outputs[index] if index < len(outputs) else None
        waits = {"held": str(held[index])} if held else {}
        if stated != {"id": name, "amount": str(amount), **waits}:
            raise Tampered(
                f"first bad index {index}: expected {amount} for {name}, the manifest has {stated}"
            )
    if len(outputs) > len(names):
        raise Tampered(f"first bad index {len(names)}: an output without an input")


def _compare_prices(
    stated: Document,
    rates: dict[Stratum, Fraction],
    priced: Priced,
    needed: set[Stratum],
) -> None:
    for name, keys in stated.items():
        for key, price in keys.items():
            mean = priced.means[name]
            multiplier = priced.prices[name, key] / mean if mean else Fraction(0)
            _same(f"the rate of {name}/{key}", number(price["rate"]), rates[name, key])
            _same(f"the multiplier of {name}/{key}", price["multiplier"], _floored(multiplier))
    # Every price there is, also where nothing was handed in: people compare them.
    for name, key in {*needed, *rates}:
        if key not in stated.get(name, {}):
            raise Tampered(f"the price of {name}/{key} is not stated")


def _root_of(items: list[Document]) -> str:
    return tree_root([leaf_hash(canonical(item)) for item in items]).hex()


def _same(what: str, stated: object, computed: object) -> None:
    # To Python a truth value is a number too.
    if stated != computed or isinstance(stated, bool):
        raise Tampered(f"{what}: the manifest has {stated}, its facts give {computed}")


# --- reports and exports -------------------------------------------------------------------


REPORT_MEMBERS = {"report", "published", "package"}
PUBLISHED_MEMBERS = {
    "period", "edition", "sha256", "signature", "public_key", "published_at", "log",
}  # fmt: skip
PACKAGE_MEMBERS = {"manifest", "sha256", "signature"}


def check_report(source: str, keys: Keys, log: str = "") -> str:
    """Check a transparency report and compute its figures again.

    `source` is the JSON that the API answers, or the package (a zip or folder) with its manifest.
    Hash and signature over the canonical bytes must hold; sums are taken anew from the report's
    own tables, and with `log` (a URL or folder of tiles) counts and amounts from the public log.
    There the changes of the log's key stand too, so that a report is known by any key of the chain.
    """
    if log:
        check_log(log, keys)
        keys = _chain_of(log, keys)
    document, listed = _report_of(source, keys, whole=bool(log))
    body = canonical(member(document, "report", dict))
    published = member(document, "published", dict)
    # What stands beside what was signed is read as if it were.
    for what, stated, known in (
        ("document", document, REPORT_MEMBERS),
        ("publication", published, PUBLISHED_MEMBERS),
        ("package", document.get("package") or {}, PACKAGE_MEMBERS),
    ):
        if unknown := set(stated) - known:
            raise Unverifiable(f"the {what} has a member that cannot be checked: {min(unknown)}")
    digest = sha256(body).hex()
    if member(published, "sha256", str) != digest:
        raise Tampered(f"the report hashes to {digest}, published was {published['sha256']}")
    _signed(body, published.get("signature"), published, keys, "report", whole=bool(log))
    report = document["report"]
    for name in ("period", "edition"):
        if name in published and published[name] != report.get(name):
            raise Tampered(f"the report is published under another {name}")
    package = document.get("package")
    if package is not None and not listed:
        _check_package(package, digest, published, keys, whole=bool(log))
    counted = list(_recomputed(report))
    if log:
        counted += _recomputed_from_log(report, digest, published, log)
    files = f", {listed} files" if listed else ""
    unchecked = "" if log or not _asks_for_log(report) else "; give --log for those in the log"
    return (
        f"report {report['period']}, edition {report['edition']}, sha256 {digest}{files}, "
        f"{len(counted)} figures computed again{unchecked}"
    )


def _report_of(source: str, keys: Keys, *, whole: bool) -> tuple[Document, int]:
    """The report with what was published about it, and how many files of a package were hashed."""
    path = Path(source)
    if source.startswith(("http://", "https://")) or not (path.is_dir() or _is_archive(path)):
        return _load(source), 0
    files = _files_of(path)
    signed = read_json(files.pop("manifest.sig.json", b""), "manifest.sig.json")
    if "manifest.json" not in files or "report.json" not in files:
        raise Unverifiable("the package has no manifest.json or no report.json")
    package = member(signed, "package", dict)
    if canonical(member(package, "manifest", dict)) != files["manifest.json"]:
        raise Tampered("manifest.json is not the manifest that was signed")
    listed = _check_hashes(files)
    report = read_json(files["report.json"], "report.json")
    if canonical(report) != files["report.json"]:
        raise Tampered("report.json is not in its canonical form")
    published = member(signed, "published", dict)
    digest = sha256(files["report.json"]).hex()
    _check_package(package, digest, published, keys, whole=whole)
    return {"report": report, "published": published}, listed


def _check_package(
    package: Document, digest: str, published: Document, keys: Keys, *, whole: bool
) -> None:
    """Check the manifest of an edition: its hash, its signature, and that it lists the report."""
    body = canonical(member(package, "manifest", dict))
    if sha256(body).hex() != member(package, "sha256", str):
        raise Tampered("the manifest of the report hashes to something else")
    _signed(body, package.get("signature"), published, keys, "manifest", whole=whole)
    listed = {item["path"]: item["sha256"] for item in member(package["manifest"], "files", list)}
    if listed.get("report.json") != digest:
        raise Tampered("the manifest lists another report")


def _signed(
    body: bytes, signature: object, published: Document, keys: Keys, what: str, *, whole: bool
) -> None:
    """Raises unless one of the keys signed; `whole` says that these are all that the log had.

    Another key may be the log's own of another time, which only the log can tell.
    """
    made = from_hex(signature)
    if not ed25519_verify(from_hex(published.get("public_key")), body, made):
        raise Tampered(f"the signature of the {what} does not hold")
    if not keys:
        raise Unverifiable("signed by a key that came with it; give the log's key with --key")
    if not any(ed25519_verify(key.public, body, made) for key in keys if key.kind == ED25519):
        if whole:
            raise Tampered(f"the {what} is signed by a key that the log never had")
        raise Unverifiable(
            f"the {what} is signed by another key than the given one; "
            "give --log to follow changes of the key"
        )


def _chain_of(log: str, keys: Keys) -> Keys:
    """The given keys and those that changes in the log lead to, forwards and backwards."""
    known = {(key.kind, key.public): key for key in keys}
    links: list[tuple[VerifierKey, VerifierKey]] = []
    for body, origin in _rotations(log):
        payload = read_json(body, "the entry").get("payload")
        if not isinstance(payload, dict) or payload.get("key") != "log":
            continue
        old = VerifierKey.of(origin, ED25519, from_hex(payload.get("old")))
        # Raises where old and new did not both sign.
        links.append((old, _successor(old, payload, origin)))
    for pair in [*links, *reversed(links)]:
        if any((key.kind, key.public) in known for key in pair):
            known |= {(key.kind, key.public): key for key in pair}
    return list(known.values())


def _rotations(log: str) -> Iterator[tuple[bytes, str]]:
    """Bodies of the entries about keys, with the log's name; the log was checked before."""
    read = reader_of(log)
    head = read_checkpoint(
        read("checkpoint").decode("utf-8", "replace").partition("\n\n")[0] + "\n"
    )
    for number, width in tile_rows(head.size):
        bundle = read_tile(read, "entries", number, width)
        for body in split_bundle(bundle, number * TILE_WIDTH, width):
            if ROTATION in body:
                yield body, head.origin


def _recomputed(report: Document) -> Iterator[str]:
    """Take every sum in a report anew from its tables; the names of the figures that hold."""
    for section in member(report, "sections", list):
        tables = {table["key"]: table for table in section.get("tables", [])}
        for figure in section.get("figures", []):
            name = f"{section['key']}.{figure['key']}"
            if figure["suppressed"] is not (figure["value"] is None):
                raise Tampered(f"{name} is marked as what it is not")
            threshold = report.get("persons_threshold", 0)
            shown = figure["value"] if figure.get("unit") == "persons" else None
            if isinstance(shown, int) and 0 < shown < threshold:
                raise Tampered(f"{name} shows fewer than {threshold} persons")
            rule = figure.get("recompute")
            if rule and figure["value"] is not None and rule["rule"] in ("sum", "rows"):
                computed = _from_table(rule, tables[rule["table"]])
                if computed is not None:
                    _again(name, number(figure["value"]), computed)
                    yield name
        for table in section.get("tables", []):
            name = f"{section['key']}.{table['key']}"
            _check_cells(name, table, report.get("persons_threshold", 0))
            if table.get("recompute", {}).get("rule") == "trend":
                _check_trend(name, table, report)
                yield name


def _check_cells(name: str, table: Document, threshold: int) -> None:
    """No cell shows few persons, and none that is marked as withheld is shown."""
    persons = {each["key"] for each in table["columns"] if each.get("unit") == "persons"}
    for row in table["rows"]:
        for column in persons:
            value = row.get(column)
            if isinstance(value, int) and 0 < value < threshold:
                raise Tampered(f"{name} shows fewer than {threshold} persons")
        for column in row.get("suppressed") or []:
            if row.get(column) is not None:
                raise Tampered(f"{name} shows {column}, which it marks as withheld")


def _check_trend(name: str, table: Document, report: Document) -> None:
    """The last row over the quarters is what this report says itself."""
    last = table["rows"][-1]
    _again(f"{name} period", last["period"], report["period"])
    for section in report["sections"]:
        if section["key"] == table["key"]:
            for figure in section["figures"]:
                _again(f"{name} {figure['key']}", last.get(figure["key"]), figure["value"])


def _from_table(rule: Document, table: Document) -> Fraction | None:
    """A sum over a table, None where a part of it is withheld."""
    where = rule.get("where", {})
    rows = [row for row in table["rows"] if all(row.get(k) == v for k, v in where.items())]
    if rule["rule"] == "rows":
        return Fraction(len(rows))
    cells = [row.get(column) for row in rows for column in rule["columns"]]
    return None if None in cells else sum((number(cell) for cell in cells), Fraction(0))


def _asks_for_log(report: Document) -> bool:
    return any(
        figure.get("recompute", {}).get("rule") in ("log", "kinds")
        for section in report["sections"]
        for figure in section.get("figures", [])
    )


def _recomputed_from_log(report: Document, digest: str, said: Document, log: str) -> list[str]:
    """Count the entries of the period anew, and find every row that stands for one of them.

    `said` is what was published about the report; where and when is what its entry says.
    """
    size = member(member(report, "log", dict), "size", int)
    inside: list[Document] = []
    published: dict[tuple[object, object, object], tuple[int, object]] = {}
    for number, leaf in _leaves(log):
        if leaf["type"] == "report.published":
            published[_edition_of(leaf["payload"])] = number, leaf["ts"]
        elif number < size and report["starts_at"] <= leaf["ts"] < report["ends_at"]:
            inside.append(leaf)
    if _edition_of({**report, "sha256": digest}) not in published:
        raise Unverifiable("the log has no entry about this report, or not yet")
    index, moment = published[_edition_of({**report, "sha256": digest})]
    place = said.get("log")
    if place is not None and place != {"index": index}:
        raise Tampered(f"the report is entry {index} of the log, published was {place}")
    if said.get("published_at", moment) != moment:
        raise Tampered(f"the report was logged at {moment}, published was {said['published_at']}")
    counts: dict[str, int] = {}
    for leaf in inside:
        counts[leaf["type"]] = counts.get(leaf["type"], 0) + 1
    found: list[str] = []
    for section in report["sections"]:
        for figure in section["figures"]:
            rule = figure.get("recompute", {})
            name = f"{section['key']}.{figure['key']}"
            if rule.get("rule") == "kinds":
                _again(name, figure["value"], len(counts))
            elif rule.get("rule") == "log":
                kind = rule.get("kind")
                _again(name, figure["value"], counts.get(kind, 0) if kind else len(inside))
            else:
                continue
            found.append(name)
        for table in section["tables"]:
            name = f"{section['key']}.{table['key']}"
            if table.get("recompute", {}).get("rule") == "log":
                _again(name, {row["kind"]: row["entries"] for row in table["rows"]}, counts)
                found.append(name)
            if table.get("recompute", {}).get("rule") == "editions":
                for row in table["rows"]:
                    if _edition_of(row) not in published:
                        raise Tampered(f"{name} compares with {row['sha256']}, unknown to the log")
                found.append(name)
            if evidence := table.get("evidence"):
                found += _check_evidence(name, table, evidence, inside)
    return found


def _edition_of(said: Document) -> tuple[object, object, object]:
    return said.get("period"), said.get("edition"), said.get("sha256")


def _check_evidence(
    name: str, table: Document, evidence: Document, leaves: list[Document]
) -> Iterator[str]:
    """Every row of a table has its entry, every entry its row, and they say the same."""
    entries = {
        leaf["payload"][evidence["member"]]: leaf["payload"]
        for leaf in leaves
        if leaf["type"] == evidence["kind"]
    }
    rows = {row[evidence["column"]]: row for row in table["rows"]}
    if missing := set(entries) - set(rows):
        raise Tampered(f"{name} leaves out {min(missing)}, which the log has")
    for key, row in rows.items():
        if key not in entries:
            raise Tampered(f"{name} has {key}, which the log does not have")
        for column, stated in evidence["equal"].items():
            if row[column] is not None:
                _again(f"{name} {key} {column}", row[column], entries[key][stated])
        yield f"{name}.{key}"


def _again(what: str, stated: object, computed: object) -> None:
    if stated != computed:
        raise Tampered(f"{what}: the report has {stated}, computed again it is {computed}")


def _leaves(log: str) -> Iterator[tuple[int, Document]]:
    """Index and document of every leaf; the log was checked before."""
    for index, body in _bodies(log):
        yield index, read_json(body, f"entry {index}")


def _bodies(log: str) -> Iterator[tuple[int, bytes]]:
    read = reader_of(log)
    note = read("checkpoint").decode("utf-8", "replace")
    for number, width in tile_rows(read_checkpoint(note.partition("\n\n")[0] + "\n").size):
        first = number * TILE_WIDTH
        bundle = read_tile(read, "entries", number, width)
        for at, body in enumerate(split_bundle(bundle, first, width)):
            yield first + at, body


SAMPLE_FORMAT = "dure-sample/1"
#: What the log's entry about a commitment, and about a drawing, says in the words of the sample.
_COMMITTED = ("sample", "population", "population_root", "population_size", "size", "seed_sha256")
_DRAWN = ("sample", "seed", "checkpoint_size", "checkpoint_root")


def check_sample(sample: Document, population: str, log: str, keys: Keys) -> str:
    """Draw a sample again: the items with the lowest hashes of key and item, in that order.

    `population` is a file or address with the items (an epoch's manifest, a JSON list, or one
    item a line); entries of the log are read from `log`. With `log`, commitment and drawing must
    stand there as well, and the head that was joined must be one that holds the commitment.
    """
    if member(sample, "format", str) != SAMPLE_FORMAT:
        raise Unverifiable(f"the sample is not of the format {SAMPLE_FORMAT}")
    seed, size = sample.get("seed"), member(sample, "size", int)
    if seed is None:
        raise Unverifiable("the sample is not drawn yet: its seed is not public")
    head, root = member(sample, "checkpoint_root", str), member(sample, "population_root", str)
    if sha256(seed.encode()).hex() != member(sample, "seed_sha256", str):
        raise Tampered("the seed is not the one that was committed to")
    place = _check_sample_in_log(sample, log, keys) if log else ""
    items = _population_of(sample, population, log)
    leaves = [leaf_hash(item) for item in sorted(item.encode() for item in items)]
    for what, stated, found in (
        ("root of the population", root, tree_root(leaves).hex()),
        ("size of the population", member(sample, "population_size", int), len(items)),
    ):
        if stated != found:
            raise Tampered(f"the {what} is {found}, not {stated}")
    if len(set(items)) != len(items) or not 0 < size <= len(items):
        raise Tampered(f"{size} of these {len(items)} items cannot be drawn")
    key = _hashed_lines(SAMPLE_FORMAT, seed, head, root, str(size))
    again = sorted(items, key=lambda item: _hashed_lines(key, item))[:size]
    stated = member(sample, "drawn", list)
    for position, (one, other) in enumerate(itertools.zip_longest(stated, again), 1):
        if one != other:
            raise Tampered(f"place {position} of the sample has {one}, drawn again it is {other}")
    return f"{size} of {len(items)} drawn again, the same in the same order{place}"


def _hashed_lines(*lines: str) -> str:
    return sha256("".join(f"{line}\n" for line in lines).encode()).hex()


def _population_of(sample: Document, source: str, log: str) -> list[str]:
    """Every item that could be drawn."""
    named = member(sample, "population", str)
    if not source and log and named.startswith("entries:"):
        kind, _, size = named.removeprefix("entries:").partition(":")
        wanted = itertools.takewhile(lambda each: each[0] < int(size), _leaves(log))
        return [str(index) for index, leaf in wanted if leaf["type"] == kind]
    if not source:
        raise Unverifiable(f"give the items of {named} with --population, to draw from them")
    data = fetch(source) if source.startswith(("http://", "https://")) else read_file(Path(source))
    if not data.lstrip().startswith((b"{", b"[")):
        return data.decode("utf-8").splitlines()
    found = read_json(data, source)
    if isinstance(found, dict):
        return [member(each, "id", str) for each in member(found, "inputs", list)]
    return [str(each) for each in found]


def _check_sample_in_log(sample: Document, log: str, keys: Keys) -> str:
    """The log says the same, in an order in which nobody could choose what is drawn."""
    check_log(log, keys)
    size, place = member(sample, "checkpoint_size", int), member(sample, "committed_log_index", int)
    if not place < size:
        raise Tampered(f"the head of size {size} does not hold the commitment at {place}")
    leaves, said = [], {}
    for index, body in _bodies(log):
        if index < size:
            leaves.append(leaf_hash(body))
        if index in (place, sample.get("drawn_log_index")):
            said[index] = read_json(body, f"entry {index}")
    if len(leaves) < size or len(said) < 2:
        raise Unverifiable("the log does not reach as far as the sample")
    if tree_root(leaves).hex() != sample["checkpoint_root"]:
        raise Tampered(f"the root of the log's first {size} entries is {tree_root(leaves).hex()}")
    for index, kind, names in (
        (place, "sample.committed", _COMMITTED),
        (sample["drawn_log_index"], "sample.drawn", _DRAWN),
    ):
        payload = said[index]["payload"] if said[index]["type"] == kind else {}
        for name in names:
            if payload.get(name) != sample[name]:
                raise Tampered(f"entry {index} of the log does not say {kind} with this {name}")
    return f"; committed at {place} and drawn at {sample['drawn_log_index']} of the log"


def check_share(document: Document, expected: str) -> str:
    """A person's line is in the dividend: under `expected`, its root as the log has it."""
    share = document.get("own", document) if isinstance(document, dict) else document
    if not isinstance(share, dict):
        raise Unverifiable("the document holds no line of a dividend")
    line = member(share, "line", dict)
    index, size = member(share, "index", int), member(share, "size", int)
    path = [from_hex(node) for node in member(share, "proof", list)]
    root = root_from_inclusion(leaf_hash(canonical(line)), index, size, path)
    stated = {document.get("merkle_root", share.get("root")), share.get("root"), expected or None}
    for other in stated - {None}:
        if from_hex(other) != root:
            raise Tampered(f"line {index} leads to the root {root.hex()}, not to {other}")
    if stated == {None}:
        raise Unverifiable("no root is known that the line could lead to")
    if not expected:
        raise Unverifiable(
            f"line {index} of {size} leads to the root {root.hex()}; anybody can make such a tree: "
            "give the root of the dividend with --root, as the log has it"
        )
    amount = member(line, "amount", str)
    return f"line {index} of {size}: {amount} sub-units, under the root {root.hex()}"


def check_export(path: str, keys: Keys) -> str:
    """Check what a person took out: every file hash, signed document and log proof in it.

    A JSON file, a zip or a folder; `manifest.json` in the latter names files and their SHA-256
    as `{"files": [{"path", "sha256"}]}` and is signed like a receipt. What no manifest covers and
    nobody signed is unverifiable, whatever signed documents lie beside it: with the manifest left
    out, anybody could change it.
    """
    files = _files_of(Path(path))
    hashed = _check_hashes(files)
    if hashed and not is_secured(read_json(files["manifest.json"], "manifest.json")):
        raise Unverifiable("nobody signed the manifest: with a file, its hash could be changed")
    findings = [
        finding
        for name, data in files.items()
        if name.endswith((".json", ".jsonld"))
        for finding in _check_parts(read_json(data, name), keys)
    ]
    if not hashed and not findings:
        raise Unverifiable("the export holds neither hashes nor signatures nor proofs")
    for name, data in {} if hashed else files.items():
        if not (name.endswith((".json", ".jsonld")) and _is_covered(read_json(data, name))):
            raise Unverifiable(
                f"{len(findings)} signatures and proofs hold, but nobody signed the rest of "
                f"{name}; check it together with the manifest.json of its export"
            )
    return f"{len(files)} files, {hashed} hashes, {len(findings)} signatures and proofs"


def _is_part(value: Document) -> bool:
    """Whether a document carries its own signature, or its proof in the log."""
    return is_secured(value) or (isinstance(value, dict) and {"entry", "checkpoint"} <= set(value))


def _is_covered(value: Document) -> bool:
    """Whether a document is nothing but such parts."""
    if isinstance(value, list):
        return all(map(_is_covered, value))
    return _is_part(value)


def _files_of(path: Path) -> dict[str, bytes]:
    if path.is_dir():
        return _files_in_folder(path)
    if not _is_archive(path):
        return {path.with_suffix(".json").name: read_file(path)}
    with zipfile.ZipFile(path) as archive:
        # An archive is read from its end: what stands before it is shown by other programs, say
        # the reader of a PDF, and is covered by nothing.
        if min((info.header_offset for info in archive.infolist()), default=0):
            raise Unverifiable("something stands before the archive in its file")
        infos = [info for info in archive.infolist() if not info.is_dir()]
        # A small archive can unpack to more than a machine holds.
        if sum(info.file_size for info in infos) > EXPORT_BYTES_MAX:
            raise Unverifiable(f"the export unpacks to more than {EXPORT_BYTES_MAX} bytes")
        if len({info.filename for info in infos}) != len(infos):
            raise Unverifiable("a file stands twice in the export")
        for info in infos:
            if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG):
                raise Unverifiable(f"{info.filename} is no file of the export but a link")
        return {info.filename: archive.read(info) for info in infos}


def _is_archive(path: Path) -> bool:
    # What is no file may have no end at which an archive could be looked for.
    return path.is_file() and zipfile.is_zipfile(path)


def _files_in_folder(folder: Path) -> dict[str, bytes]:
    """Every file of a folder. A link shows what can be changed elsewhere, a pipe never ends."""
    files: dict[str, bytes] = {}
    left = EXPORT_BYTES_MAX
    for each in sorted(folder.rglob("*")):
        if each.is_symlink() or not (each.is_file() or each.is_dir()):
            raise Unverifiable(f"{each.name} is no file of the export but a link or a device")
        if each.is_file():
            data = files[each.relative_to(folder).as_posix()] = read_file(each)
            left -= len(data)
        if left < 0:
            raise Unverifiable(f"the export holds more than {EXPORT_BYTES_MAX} bytes")
    return files


def _check_hashes(files: dict[str, bytes]) -> int:
    if "manifest.json" not in files:
        return 0
    manifest = read_json(files["manifest.json"], "manifest.json")
    stated = member(manifest, "files", list)
    for item in stated:
        data = files.get(item["path"])
        if data is None:
            raise Unverifiable(f"{item['path']} is missing from the export")
        if sha256(data).hex() != item["sha256"]:
            raise Tampered(f"{item['path']} was changed")
    unlisted = set(files) - {"manifest.json"} - {item["path"] for item in stated}
    if unlisted:
        raise Unverifiable(f"the manifest says nothing about {min(unlisted)}")
    return len(stated)


def _check_parts(value: Document, keys: Keys) -> Iterator[str]:
    """Check every signed document and every log proof, however deep it stands."""
    if isinstance(value, list):
        for item in value:
            yield from _check_parts(item, keys)
    elif _is_part(value):
        yield check_receipt(value, keys)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _check_parts(item, keys)


# --- command line --------------------------------------------------------------------------


def _positive(text: str) -> int:
    """A number from one on; of nobody at all, nothing would be asked."""
    if not re.fullmatch("[1-9][0-9]{0,5}", text, re.ASCII):
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 on")
    return int(text)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(USAGE, f"{self.prog}: {message}\n")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one check, print its verdict on one line; the answer is the exit code."""
    code, text = verdict_of(argv)
    # Whatever a document put into it: no second line, no control codes, no broken output.
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    encoding = sys.stdout.encoding or "utf-8"
    line = f"{VERDICTS[code]}  {shown}"
    print(line.encode(encoding, "backslashreplace").decode(encoding))
    return code


def verdict_of(argv: Sequence[str] | None = None) -> tuple[int, str]:
    """The exit code of one check, and what there is to say about it."""
    parser = _parser()
    arguments = parser.parse_args(argv)
    asked = vars(arguments)
    if asked.get("policy") and (asked["witness"] or asked["quorum"]):
        parser.error("a --policy says who has to sign: give no --witness and no --quorum with it")
    if asked.get("quorum") and not asked["witness"]:
        parser.error("a --quorum is of witnesses: give them with --witness")
    try:
        return OK, arguments.check(arguments)
    except Tampered as error:
        return TAMPERED, str(error)
    except Unverifiable as error:
        return UNVERIFIABLE, str(error)
    except Exception as error:
        # Whatever a hostile document does to a reader, it must not look like a success.
        return UNVERIFIABLE, f"the document is malformed: {error!r}"[:MESSAGE_MAX]


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="dure-verify", description="Check what a Dure city claims.")
    modes = parser.add_subparsers(required=True, metavar="MODE", parser_class=_Parser)

    def mode(name: str, subject: str, check: Callable[[argparse.Namespace], str]) -> _Parser:
        command = modes.add_parser(name)
        command.add_argument("subject", metavar=subject)
        command.add_argument(
            "--key",
            metavar="KEY",
            action="append",
            default=[],
            help="a key noted before: name+id+base64 of the log; did:key or hex for receipts",
        )
        command.add_argument("--key-file", metavar="FILE", type=Path, help="one key a line")
        command.set_defaults(check=check)
        return command

    def witnessed(command: _Parser) -> _Parser:
        command.add_argument(
            "--witness", metavar="VKEY", action="append", default=[], help="a witness that counts"
        )
        command.add_argument(
            "--quorum", metavar="N", type=_positive, help="how many of them must sign"
        )
        command.add_argument("--policy", metavar="FILE", type=Path, help="a C2SP tlog-policy")
        return command

    witnessed(mode("receipt", "FILE", lambda a: check_receipt(_load(a.subject), *_trust_of(a))))
    mode("export", "PATH", lambda a: check_export(a.subject, _keys_of(a)))
    log = witnessed(
        mode("log", "URL|DIR", lambda a: check_log(a.subject, *_trust_of(a), since=a.since))
    )
    log.add_argument(
        "--from",
        dest="since",
        metavar="OLD",
        default="",
        help="what the log must continue: the file of a checkpoint or receipt, SIZE:ROOT, SIZE",
    )
    replay = mode("replay", "MANIFEST", lambda a: check_replay(_load(a.subject), a.sha256))
    replay.add_argument(
        "--sha256", metavar="HEX", default="", help="the manifest's hash in the log"
    )
    share = mode("share", "FILE", lambda a: check_share(_load(a.subject), a.root))
    share.add_argument(
        "--root", metavar="HEX", default="", help="the dividend's root, as the log has it"
    )
    sample = mode(
        "sample",
        "FILE|URL",
        lambda a: check_sample(_load(a.subject), a.population, a.log, _keys_of(a)),
    )
    sample.add_argument(
        "--population", metavar="FILE|URL", default="", help="a manifest, or one item a line"
    )
    sample.add_argument("--log", metavar="DIR|URL", default="", help="check it in the log as well")
    report = mode("report", "FILE|URL", lambda a: check_report(a.subject, _keys_of(a), a.log))
    report.add_argument(
        "--log", metavar="DIR|URL", default="", help="count its figures again in the log"
    )
    return parser


def check_replay(manifest: Document, expected: str) -> str:
    """Replay an epoch; where its hash is known from the log, it must be that manifest."""
    actual = sha256(canonical(manifest)).hex()
    if expected and expected.lower() != actual:
        raise Tampered(f"the manifest hashes to {actual}, not to {expected}")
    return check_manifest(manifest)


def _trust_of(arguments: argparse.Namespace) -> tuple[Keys, Policy | None]:
    """The keys and the quorum that were given on the command line."""
    keys = _keys_of(arguments)
    if arguments.policy:
        policy = Policy.parse(read_file(arguments.policy).decode("utf-8", "replace"))
        return [*keys, *policy.logs], policy
    if not arguments.witness:
        return keys, None
    witnesses = [VerifierKey.parse(text) for text in arguments.witness]
    return keys, Policy.of(witnesses, arguments.quorum)


def _keys_of(arguments: argparse.Namespace) -> Keys:
    texts = list(arguments.key)
    if arguments.key_file:
        lines = read_file(arguments.key_file).decode("utf-8", "replace").splitlines()
        texts += [line for line in lines if line.strip()]
    return [VerifierKey.parse(text) for text in texts]


def _load(source: str) -> Document:
    if source.startswith(("http://", "https://")):
        return read_json(fetch(source, {"Accept": "application/json"}), source)
    return read_json(read_file(Path(source)), source)


if __name__ == "__main__":
    sys.exit(main())

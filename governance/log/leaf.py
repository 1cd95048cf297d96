"""The leaf: canonical JSON that says what happened, and of whom only a commitment."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any, cast

from dure.core.canonical import INTEGER_MAX, Json, canonical_bytes
from governance.log.tiles import ENTRY_SIZE_BYTES_MAX

LEAF_VERSION = 1
SALT_SIZE_BYTES = 32
# What the platform does by itself is nobody's secret: those commitments open for everybody.
OPEN_SALT = bytes(SALT_SIZE_BYTES)
_MEMBERS = {"v", "type", "ts", "origin_seq", "actor", "subject", "payload", "schema"}
_READER = json.JSONDecoder()
_ORIGIN = b'"origin_seq":'


class LeafError(ValueError):
    """The bytes are not a leaf of a known version, or would make one that is too long."""


@dataclass(frozen=True)
class Leaf:
    """A leaf, read. ``actor`` and ``subject`` are commitments in lower-case hex."""

    kind: str
    ts: str
    origin_seq: int
    actor: str
    subject: str | None
    payload: Mapping[str, Json]
    schema: str


def commitment(salt: bytes, value: Json) -> str:
    """SHA-256(0x02 ‖ salt ‖ JCS(value)) in hex: hides the value, and binds whoever opens it.

    The 32-byte salt is random and used once, so that equal values do not look equal and the
    commitment cannot be found again by trying values once the salt is destroyed.
    """
    if len(salt) != SALT_SIZE_BYTES:
        msg = f"a salt has {SALT_SIZE_BYTES} bytes"
        raise LeafError(msg)
    return sha256(b"\x02" + salt + canonical_bytes(value)).hexdigest()


def build_leaf(leaf: Leaf) -> bytes:
    """The canonical bytes that are hashed, stored and served, never to be written anew."""
    body = canonical_bytes(
        {
            "v": LEAF_VERSION,
            "type": leaf.kind,
            "ts": leaf.ts,
            "origin_seq": leaf.origin_seq,
            "actor": leaf.actor,
            "subject": leaf.subject,
            "payload": dict(leaf.payload),
            "schema": leaf.schema,
        }
    )
    if len(body) > ENTRY_SIZE_BYTES_MAX:
        msg = f"a leaf of {len(body)} bytes is longer than {ENTRY_SIZE_BYTES_MAX}"
        raise LeafError(msg)
    return body


def build_around_origin(leaf: Leaf) -> tuple[bytes, bytes]:
    """What of a leaf's bytes stands before and behind its ``origin_seq``, which is yet to come.

    Whoever gives the number puts its digits between them. LeafError as `build_leaf`, and it leaves
    room for the longest number.
    """
    body = build_leaf(replace(leaf, origin_seq=INTEGER_MAX))
    # The actor, the only member before, is a commitment: no word of it can look like a name.
    before, name, rest = body.partition(_ORIGIN)
    return before + name, rest[len(str(INTEGER_MAX)) :]


def read_leaf(body: bytes) -> dict[str, Json]:
    """The members of a leaf of version 1 as they stand in it; LeafError for anything else.

    For who reads a million of them and needs two members of each.
    """
    try:
        text = body.decode()
        # raw_decode answers Any; the shape is checked right below.
        found, end = _READER.raw_decode(text)
    except ValueError:
        msg = "the leaf is not JSON"
        raise LeafError(msg) from None
    if end != len(text):
        msg = "something stands behind the leaf"
        raise LeafError(msg)
    if not isinstance(found, dict) or found.keys() != _MEMBERS:
        msg = "the leaf does not have the members of a leaf"
        raise LeafError(msg)
    document = cast("dict[str, Json]", found)
    subject = document["subject"]
    if (
        document["v"] != LEAF_VERSION
        or not isinstance(document["type"], str)
        or not isinstance(document["ts"], str)
        or not isinstance(document["actor"], str)
        or not (subject is None or isinstance(subject, str))
        or not isinstance(document["schema"], str)
        or not isinstance(document["origin_seq"], int)
        or not isinstance(document["payload"], dict)
    ):
        msg = "a member of the leaf has another type or version than expected"
        raise LeafError(msg)
    return document


def parse_leaf(body: bytes) -> Leaf:
    """Reads a leaf of version 1; LeafError for anything else."""
    # The types are what read_leaf has just looked at.
    document: dict[str, Any] = dict(read_leaf(body))
    del document["v"]
    return Leaf(kind=document.pop("type"), **document)

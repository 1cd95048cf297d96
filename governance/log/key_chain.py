"""Which keys sign the log: a chain that begins with the configured key and goes on in the log.

A rotation is an entry ``key.rotated`` that names the old and the new key and carries the
signatures of both. Whoever noted one key of the chain follows it to every later one, offline; a
key that no entry introduces is nobody's.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

from dure.core.canonical import Json, canonical_bytes
from dure.core.clock import rfc3339
from dure.core.signing import LogKey
from governance.log.leaf import LeafError, parse_leaf

KIND = "key.rotated"
#: What ``key`` says in the payload when the rotated key is the one that signs the log.
LOG = "log"
_DOMAIN = "dure-log-key-rotation/1"
_PART_SIZE = 256


class ChainBroken(ValueError):
    """An entry claims to rotate the log's key and does not follow from the key before it."""


@dataclass(frozen=True)
class Link:
    """A key of the chain. ``since`` is the entry that introduced it, None for the first key.

    ``overlap_until`` says how long the key before it signs beside it.
    """

    public: bytes
    mldsa_public: bytes
    since: int | None
    overlap_until: str


def first_link(key: LogKey) -> Link:
    """Where the chain begins."""
    return Link(key.public, key.mldsa_public, None, "")


def rotation_payload(
    *, origin: str, old: LogKey, new: LogKey, overlap_until: datetime
) -> dict[str, Json]:
    """The payload of the entry that lets ``new`` follow ``old``, signed by both."""
    stated: dict[str, Json] = {
        "key": LOG,
        "old": old.public.hex(),
        "new": new.public.hex(),
        "new_mldsa44": _parts(new.mldsa_public),
        "overlap_until": rfc3339(overlap_until),
    }
    message = _message(origin, stated)
    return stated | {
        "signatures": {
            "old": old.sign(message).hex(),
            "new": new.sign(message).hex(),
            "old_mldsa44": _parts(old.sign_mldsa(message)),
            "new_mldsa44": _parts(new.sign_mldsa(message)),
        }
    }


def follow(first: Link, entries: Iterable[tuple[int, bytes]], *, origin: str) -> list[Link]:
    """The chain through ``(index, body)`` of every entry of the kind, in order of the log.

    Raises ChainBroken for an entry that is not signed by the key in force and by the new one.
    """
    chain = [first]
    for index, body in entries:
        try:
            payload = parse_leaf(body).payload
        except LeafError as error:
            raise ChainBroken(f"entry {index} is not a leaf") from error
        if payload.get("key") == LOG:
            chain.append(_next_link(chain[-1], index, payload, origin))
    return chain


def is_of_the_log(body: bytes) -> bool:
    """Whether an entry of the kind is about the key that signs the log."""
    try:
        return parse_leaf(body).payload.get("key") == LOG
    except LeafError:
        return False


def signers(chain: Sequence[Link], *, size_before: int, moment: datetime) -> list[Link]:
    """Who signs the next head: the newest key, and the one before it while the two overlap.

    The head that first covers a rotation is signed by both, however short the overlap.
    """
    newest = chain[-1]
    if newest.since is None:
        return [newest]
    overlap = newest.since >= size_before or rfc3339(moment) < newest.overlap_until
    return [newest, chain[-2]] if overlap else [newest]


def in_force(chain: Sequence[Link], size: int) -> Link:
    """The key that a head of this size must carry the signature of."""
    return [link for link in chain if link.since is None or link.since < size][-1]


def _next_link(last: Link, index: int, payload: Mapping[str, Json], origin: str) -> Link:
    stated = {name: value for name, value in payload.items() if name != "signatures"}
    signatures = payload.get("signatures")
    if not isinstance(signatures, Mapping) or payload.get("old") != last.public.hex():
        raise ChainBroken(f"entry {index} rotates another key than the one in force")
    message = _message(origin, stated)
    try:
        new = bytes.fromhex(str(payload["new"]))
        new_mldsa = _joined(payload["new_mldsa44"])
        for public, name in ((last.public, "old"), (new, "new")):
            signature = bytes.fromhex(str(signatures[name]))
            Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
        for public, name in ((last.mldsa_public, "old_mldsa44"), (new_mldsa, "new_mldsa44")):
            if public:
                signature = _joined(signatures[name])
                MLDSA44PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError, KeyError) as error:
        raise ChainBroken(f"entry {index} is not signed by the old and the new key") from error
    return Link(new, new_mldsa, index, str(payload["overlap_until"]))


def _message(origin: str, stated: Mapping[str, Json]) -> bytes:
    return f"{_DOMAIN}\n{origin}\n".encode() + canonical_bytes(dict(stated))


def _parts(data: bytes) -> list[Json]:
    """Base64 in pieces that the log takes; a single text in a leaf is short."""
    text = base64.b64encode(data).decode()
    return [text[at : at + _PART_SIZE] for at in range(0, len(text), _PART_SIZE)]


def _joined(parts: Json) -> bytes:
    if not isinstance(parts, Sequence) or not all(isinstance(part, str) for part in parts):
        raise ValueError("not a list of texts")
    return base64.b64decode("".join(str(part) for part in parts), validate=True)

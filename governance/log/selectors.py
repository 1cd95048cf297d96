"""Reading the log: entries, proofs, checkpoints and tiles, as the API and the pages show them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import TypedDict, cast
from uuid import UUID

from django.conf import settings
from django.db import connection

from dure.core import sealing, signing
from dure.core.canonical import Json
from governance.log import anchor, keys, merkle, note, tiles, witnesses
from governance.log.inconsistency import LogInconsistent
from governance.log.problems import ENTRY_UNKNOWN, LOG_EMPTY, RANGE_UNFIT
from governance.log.writing import OPENING_CONTEXT
from governance.models import (
    LogCheckpoint,
    LogEntry,
    LogOpening,
    LogPlace,
    LogTile,
    LogWaiting,
)


class EntryDocument(TypedDict):
    """An entry as published; ``body`` is the text whose UTF-8 bytes are hashed."""

    index: int
    type: str
    ts: str
    leaf: dict[str, Json]
    body: str
    leaf_hash: str


class InclusionDocument(TypedDict):
    """That a leaf is in the tree of ``size`` leaves; hashes in lower-case hex."""

    index: int
    size: int
    leaf_hash: str
    proof: list[str]
    root: str


# "from" is a keyword, so that this one is written as a call.
ConsistencyDocument = TypedDict(
    "ConsistencyDocument",
    {"from": int, "to": int, "proof": list[str], "from_root": str, "to_root": str},
)


class OpeningDocument(TypedDict):
    """What opens one commitment of a leaf."""

    index: int | None
    part: str
    salt: str
    value: str


class ProofDocument(TypedDict):
    """An entry with everything that an offline verifier needs beside the log's key."""

    entry: EntryDocument
    proof: InclusionDocument
    checkpoint: str
    rotations: list[RotationDocument]
    openings: list[OpeningDocument]


class RotationDocument(TypedDict):
    """An entry that introduced a key of the log, with its proof in the latest checkpoint."""

    entry: EntryDocument
    proof: InclusionDocument


class KeysDocument(TypedDict):
    """Ed25519 public keys in hex; ``verifier_key`` is the log's in C2SP's vkey form.

    ``mldsa44_verifier_key`` is its post-quantum key, empty where there is none;
    ``first_verifier_key`` the one that the chain of keys begins with.
    """

    origin: str
    verifier_key: str
    mldsa44_verifier_key: str
    first_verifier_key: str
    log_public_key: str
    receipt_public_key: str
    rotations: list[int]


def log_index(entry_id: UUID) -> int | None:
    """The place of an entry in the log; None while it waits to be sequenced or is unknown."""
    return LogPlace.objects.filter(entry__id=entry_id).values_list("index", flat=True).first()


def log_indices(entry_ids: Iterable[UUID]) -> dict[UUID, int]:
    """``log_index`` of several entries at once; those that wait for their place are left out."""
    found = LogPlace.objects.filter(entry__id__in=list(entry_ids))
    return dict(found.values_list("entry__id", "index"))


def latest_checkpoint() -> LogCheckpoint | None:
    """The newest signed head, None while the log is empty."""
    return LogCheckpoint.objects.order_by("-size").first()


def is_head(size: int, root: str) -> bool:
    """Whether the log had a signed head of this size with this root (lowercase hex)."""
    known = LogCheckpoint.objects.filter(size=size).values_list("root", flat=True).first()
    return known is not None and bytes(known).hex() == root


def recent_entries(
    limit: int = 50,
    kind: str | None = None,
    *,
    before: int | None = None,
    until: datetime | None = None,
) -> list[LogEntry]:
    """Sequenced entries, newest first: of a kind, below an index, recorded before a moment."""
    places = LogPlace.objects.select_related("entry")
    if kind is not None:
        places = places.filter(entry__kind=kind)
    if before is not None:
        places = places.filter(index__lt=before)
    if until is not None:
        places = places.filter(entry__recorded_at__lt=until)
    return [place.entry for place in places.order_by("-index")[:limit]]


def checkpoint_before(moment: datetime) -> LogCheckpoint | None:
    """The newest head that was signed before a moment; None if there was none yet."""
    return LogCheckpoint.objects.filter(signed_at__lt=moment).order_by("-size").first()


def first_checkpoint() -> LogCheckpoint | None:
    """The first head that was ever signed."""
    return LogCheckpoint.objects.order_by("size").first()


def entry_document(index: int) -> EntryDocument:
    """One entry; raises the problem ENTRY_UNKNOWN."""
    entry = LogEntry.objects.filter(place__index=index).first()
    if entry is None:
        raise ENTRY_UNKNOWN.problem()
    body = bytes(entry.body)
    leaf = cast("dict[str, Json]", json.loads(body))  # our own bytes, an object
    return {
        "index": index,
        "type": entry.kind,
        "ts": str(leaf["ts"]),
        "leaf": leaf,
        "body": body.decode(),
        "leaf_hash": bytes(entry.leaf_hash).hex(),
    }


def inclusion_document(index: int, size: int | None = None) -> InclusionDocument:
    """The proof for a leaf in the tree of ``size`` (default: the latest checkpoint's).

    Raises the problems ENTRY_UNKNOWN and RANGE_UNFIT.
    """
    latest = _latest_size()
    leaf = LogEntry.objects.filter(place__index=index).values_list("leaf_hash", flat=True).first()
    if leaf is None:
        raise ENTRY_UNKNOWN.problem()
    size = latest if size is None else size
    if not index < size <= latest:
        raise RANGE_UNFIT.problem()
    node = tiles.nodes_from(_read_tile)
    return {
        "index": index,
        "size": size,
        "leaf_hash": bytes(leaf).hex(),
        "proof": [step.hex() for step in merkle.inclusion_path_of(index, size, node)],
        "root": merkle.root_of(size, node).hex(),
    }


def consistency_document(first: int, second: int) -> ConsistencyDocument:
    """That the first ``first`` leaves of the tree of ``second`` never changed.

    Raises the problem RANGE_UNFIT.
    """
    if not 0 < first <= second <= _latest_size():
        raise RANGE_UNFIT.problem()
    node = tiles.nodes_from(_read_tile)
    return {
        "from": first,
        "to": second,
        "proof": [step.hex() for step in merkle.consistency_path_of(first, second, node)],
        "from_root": merkle.root_of(first, node).hex(),
        "to_root": merkle.root_of(second, node).hex(),
    }


def keys_document() -> KeysDocument:
    """The public keys that a verifier pins, and the entries that lead from the first to them."""
    chain = keys.chain()
    newest, origin = chain[-1], settings.LOG_ORIGIN
    mldsa = keys.mldsa_key(newest.mldsa_public).verifier_key if newest.mldsa_public else ""
    return {
        "origin": origin,
        "verifier_key": note.verifier_key(origin, newest.public),
        "mldsa44_verifier_key": mldsa,
        "first_verifier_key": note.verifier_key(origin, chain[0].public),
        "log_public_key": newest.public.hex(),
        "receipt_public_key": signing.public_key("receipt").hex(),
        "rotations": [link.since for link in chain if link.since is not None],
    }


def rotation_documents(size: int) -> list[RotationDocument]:
    """What lets a reader who noted an earlier key follow it into the tree of ``size``."""
    return [
        {"entry": entry_document(link.since), "proof": inclusion_document(link.since, size)}
        for link in keys.chain()
        if link.since is not None and link.since < size
    ]


def checkpoint_note() -> str:
    """The signed note to serve, with its cosignatures; raises the problem LOG_EMPTY."""
    checkpoint = witnesses.checkpoint_to_show()
    if checkpoint is None:
        raise LOG_EMPTY.problem()
    return witnesses.cosigned_note(checkpoint)


def anchor_obstacle() -> str:
    """Empty, or why the stored log does not continue the head kept outside the database."""
    try:
        anchor.check(latest_checkpoint(), tiles.nodes_from(_read_tile))
    except LogInconsistent as error:
        return str(error)
    return ""


def tile_content(path: tiles.TilePath) -> bytes | None:
    """The bytes of a tile or entry bundle; None if the signed tree does not reach that far."""
    if tiles.tile_width(_latest_size(), path.level or 0, path.index) < path.width:
        return None
    if path.level is not None:
        return _read_tile(tiles.TileKey(path.level, path.index))[
            : path.width * merkle.HASH_SIZE_BYTES
        ]
    first = path.index * tiles.TILE_WIDTH
    places = LogPlace.objects.filter(index__gte=first, index__lt=first + path.width)
    return tiles.join_entries(
        bytes(body) for body in places.order_by("index").values_list("entry__body", flat=True)
    )


def proof_document(entry_id: UUID, *, owner: UUID | None = None) -> ProofDocument | None:
    """What a receipt needs to be checked offline; None while the entry waits for its place.

    With ``owner``, the openings that belong to that party are added: only for the party itself.
    """
    index, checkpoint = log_index(entry_id), witnesses.checkpoint_to_show()
    if index is not None and checkpoint is not None and checkpoint.size <= index:
        # Not yet covered by a head that enough witnesses signed: the newest has to do.
        checkpoint = latest_checkpoint()
    if index is None or checkpoint is None:
        return None
    openings = [] if owner is None else openings_of(owner, index=index)
    return {
        "entry": entry_document(index),
        "proof": inclusion_document(index, checkpoint.size),
        "checkpoint": witnesses.cosigned_note(checkpoint),
        "rotations": rotation_documents(checkpoint.size),
        "openings": openings,
    }


def openings_of(owner: UUID, *, index: int | None = None) -> list[OpeningDocument]:
    """The openings that belong to a party (of one entry, or all), for nobody but itself."""
    rows = LogOpening.objects.filter(owner=owner).select_related("entry__place").order_by("id")
    if index is not None:
        rows = rows.filter(entry__place__index=index)
    documents: list[OpeningDocument] = []
    for row in rows:
        plaintext = sealing.unseal(owner=owner, sealed=bytes(row.sealed), context=OPENING_CONTEXT)
        opening = json.loads(plaintext)
        documents.append(
            {
                "index": row.entry.index,
                "part": row.part,
                "salt": opening["salt"],
                "value": opening["value"],
            }
        )
    return documents


def waiting_count() -> int:
    """How many committed entries wait for their place."""
    return LogWaiting.objects.count()


def waiting_since() -> datetime | None:
    """When the oldest entry that still waits for its place was recorded."""
    oldest = LogWaiting.objects.order_by("origin_seq").values("origin_seq")[:1]
    waiting = LogEntry.objects.filter(origin_seq__in=oldest)
    return waiting.values_list("recorded_at", flat=True).first()


def _latest_size() -> int:
    return LogCheckpoint.objects.order_by("-size").values_list("size", flat=True).first() or 0


def _read_tile(key: tiles.TileKey) -> bytes:
    # Raw, because a proof reads several tiles and must stay in the single milliseconds.
    with connection.cursor() as cursor:
        cursor.execute("SELECT hashes FROM governance_logtile WHERE level = %s AND index = %s", key)
        row = cursor.fetchone()
    if row is None:
        raise LogTile.DoesNotExist
    return bytes(row[0])

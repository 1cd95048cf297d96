"""How an entry comes to the database: one statement for one entry, two for any number.

The number of origin is given where the entry is written. So the leaf comes as what stands before
and behind that number, and one trip is enough; the database puts the bytes together and hashes
them, and a constraint holds it to that.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.backends.utils import CursorWrapper

from dure.accounts.acting import Actor
from dure.core import clock, sealing
from dure.core.bound_cursor import bound_cursor
from dure.core.canonical import Json
from dure.core.ids import new_ordered_id
from governance.log import kinds, merkle
from governance.log.leaf import (
    OPEN_SALT,
    SALT_SIZE_BYTES,
    Leaf,
    build_around_origin,
    commitment,
)
from governance.models import LogEntry
from governance.models.log import OpeningPart

OPENING_CONTEXT = "governance.log.opening"
ONE = "SELECT governance_log_record(%s, %s, %s, %s, %s, %s, %s, %s, %s)"
MANY = """
WITH came AS MATERIALIZED (
    SELECT line.*, nextval('governance_log_origin') AS origin_seq
    FROM unnest(%s::uuid[], %s::text[], %s::bytea[], %s::bytea[]) AS line (id, kind, head, tail)
), built AS MATERIALIZED (
    SELECT came.*, head || convert_to(origin_seq::text, 'UTF8') || tail AS body FROM came
)
INSERT INTO governance_logentry (id, origin_seq, kind, recorded_at, body, leaf_hash)
SELECT id, origin_seq, kind, %s, body, sha256('\\x00'::bytea || body) FROM built
RETURNING origin_seq
"""
OPENINGS = """
INSERT INTO governance_logopening (entry_id, part, owner, sealed)
SELECT * FROM unnest(%s::uuid[], %s::text[], %s::uuid[], %s::bytea[])
"""


@dataclass(frozen=True)
class Opening:
    """What opens a commitment, sealed under the key of its owner."""

    owner: UUID
    sealed: bytes


@dataclass(frozen=True)
class Draft:
    """An entry but for its number of origin, before and behind which its bytes stand."""

    id: UUID
    kind: str
    head: bytes
    tail: bytes
    openings: Mapping[OpeningPart, Opening]


def draft(
    *,
    kind: str,
    subject: UUID | None,
    payload: Mapping[str, Json],
    acting: Actor,
    moment: datetime,
) -> Draft:
    """An entry with fresh salts; without the openings of whoever was erased."""
    openings: dict[OpeningPart, Opening] = {}

    def hidden(part: OpeningPart, owner: UUID, value: str) -> str:
        salt = os.urandom(SALT_SIZE_BYTES)
        if (opening := _opening(owner, salt, value)) is not None:
            openings[part] = opening
        return commitment(salt, value)

    person = acting.person
    actor = (
        _open_commitment(acting.ref)
        if person is None
        else hidden(OpeningPart.ACTOR, person.party_id, acting.ref)
    )
    about = None if subject is None else hidden(OpeningPart.SUBJECT, subject, f"party:{subject}")
    leaf = Leaf(
        kind=kind,
        ts=clock.rfc3339(moment),
        origin_seq=0,
        actor=actor,
        subject=about,
        payload=payload,
        schema=kinds.SCHEMA_HASHES[kind],
    )
    head, tail = build_around_origin(leaf)
    return Draft(new_ordered_id(), kind, head, tail, openings)


@lru_cache(maxsize=256)
def _open_commitment(ref: str) -> str:
    """To what the platform did by itself, which is nobody's secret."""
    return commitment(OPEN_SALT, ref)


def _opening(owner: UUID, salt: bytes, value: str) -> Opening | None:
    plaintext = json.dumps({"salt": salt.hex(), "value": value}).encode()
    try:
        sealed = sealing.seal(owner=owner, plaintext=plaintext, context=OPENING_CONTEXT)
    except sealing.Unreadable:
        # The owner was erased: what is still recorded about them can never be opened.
        return None
    return Opening(owner, sealed)


def write(drafts: Sequence[Draft], *, moment: datetime) -> list[LogEntry]:
    """The entries in the order of the drafts, in the caller's transaction."""
    with bound_cursor() as cursor:
        origins = (
            _one(cursor, drafts[0], moment) if len(drafts) == 1 else _many(cursor, drafts, moment)
        )
    return [_entry(each, origin, moment) for each, origin in zip(drafts, origins, strict=True)]


def _one(cursor: CursorWrapper, draft: Draft, moment: datetime) -> list[int]:
    # Any: values of the types that the function takes.
    parameters: list[Any] = [draft.id, draft.kind, moment, draft.head, draft.tail]
    for part in (OpeningPart.ACTOR, OpeningPart.SUBJECT):
        opening = draft.openings.get(part)
        parameters += (None, None) if opening is None else (opening.owner, opening.sealed)
    cursor.execute(ONE, parameters)
    return [int(origin) for (origin,) in cursor.fetchall()]


def _many(cursor: CursorWrapper, drafts: Sequence[Draft], moment: datetime) -> list[int]:
    lines = [(each.id, each.kind, each.head, each.tail) for each in drafts]
    cursor.execute(MANY, [*map(list, zip(*lines, strict=True)), moment])
    origins = sorted(int(origin) for (origin,) in cursor.fetchall())
    openings = [
        (each.id, part.value, opening.owner, opening.sealed)
        for each in drafts
        for part, opening in each.openings.items()
    ]
    if openings:
        cursor.execute(OPENINGS, [list(column) for column in zip(*openings, strict=True)])
    return origins


def _entry(draft: Draft, origin: int, moment: datetime) -> LogEntry:
    body = draft.head + str(origin).encode() + draft.tail
    entry = LogEntry(
        id=draft.id,
        origin_seq=origin,
        kind=draft.kind,
        recorded_at=moment,
        body=body,
        leaf_hash=merkle.leaf_hash(body),
    )
    entry._state.adding, entry._state.db = False, connection.alias
    return entry

"""Who counts for a record that several contributions hold: whoever sent it first.

A fingerprint belongs to one contribution. An earlier one that is checked later takes it over, as
long as no epoch has settled the later one; the others wait, and the first of them inherits when
the owner leaves unsettled. ADR 7 gives the reasons.

Locks are taken in one order: the clusters of the call, then contributions by id.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db import connection
from django.db.models import Q

from contributions.models import Contribution, RecordFingerprint, Stage, State, WaitingRecord
from contributions.pipeline.recount import recount
from contributions.registries import settled

BATCH = 100_000
#: A fingerprint and the row that has it.
Candidate = tuple[bytes, int]

CLAIM = """
INSERT INTO contributions_recordfingerprint (call_id, digest, contribution_id, "row")
SELECT %s, claimed.digest, %s, claimed.place
FROM unnest(%s::bytea[], %s::int[]) AS claimed (digest, place)
ON CONFLICT (call_id, digest) DO NOTHING
RETURNING "row"
"""
OWNERS = """
SELECT held.contribution_id, held.digest, held."row", claimed.place
FROM unnest(%s::bytea[], %s::int[]) AS claimed (digest, place)
JOIN contributions_recordfingerprint held
    ON held.call_id = %s AND held.digest = claimed.digest
"""
TAKE = """
UPDATE contributions_recordfingerprint held
SET contribution_id = %s, "row" = claimed.place
FROM unnest(%s::bytea[], %s::int[]) AS claimed (digest, place)
WHERE held.call_id = %s AND held.digest = claimed.digest
"""
WAIT = """
INSERT INTO contributions_waitingrecord (call_id, digest, contribution_id, "row")
SELECT %s, claimed.digest, %s, claimed.place
FROM unnest(%s::bytea[], %s::int[]) AS claimed (digest, place)
ON CONFLICT DO NOTHING
"""
INHERIT = """
WITH heirs AS (
    SELECT DISTINCT ON (waiting.digest) waiting.digest, waiting.contribution_id, waiting."row"
    FROM contributions_recordfingerprint held
    JOIN contributions_waitingrecord waiting
        ON waiting.call_id = held.call_id AND waiting.digest = held.digest
    JOIN contributions_contribution heir ON heir.id = waiting.contribution_id
    WHERE held.contribution_id = %s AND heir.id = ANY(%s)
    ORDER BY waiting.digest, coalesce(heir.corrected_at, heir.submitted_at), heir.id
), gone AS (
    DELETE FROM contributions_waitingrecord waiting USING heirs
    WHERE waiting.call_id = %s AND waiting.digest = heirs.digest
        AND waiting.contribution_id = heirs.contribution_id
)
UPDATE contributions_recordfingerprint held
SET contribution_id = heirs.contribution_id, "row" = heirs."row"
FROM heirs WHERE held.call_id = %s AND held.digest = heirs.digest
RETURNING held.contribution_id, held."row"
"""


def hold(call_id: UUID) -> None:
    """Until the commit, nobody else changes who counts for which records of a call."""
    number = int.from_bytes(call_id.bytes[8:], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])


def hold_with_heirs(contribution_id: UUID, call_id: UUID) -> None:
    """Lock the clusters of a call, a contribution, and those that wait behind it, in that order."""
    hold(call_id)
    wanted = [contribution_id, *_waiting_behind(contribution_id, call_id)]
    list(Contribution.objects.select_for_update().filter(id__in=wanted).order_by("id"))


def contest(held: Contribution, candidates: Sequence[Candidate]) -> list[int]:
    """Claim fingerprints for a locked contribution; returns the rows that count for it.

    `candidates` are (digest, row), sorted by digest: workers that meet take their locks in the
    same order. What a later contribution holds is taken over unless an epoch settled it; behind
    all others the rows wait. Runs inside the caller's transaction.
    """
    won = _claim(held, candidates)
    rest = _without(candidates, won)
    if not rest:
        return won
    hold(held.call_id)
    # An owner may have left in the meantime; from here on nobody does.
    won += _claim(held, rest)
    rest = _without(rest, won)
    contested: dict[UUID, list[tuple[bytes, int, int]]] = defaultdict(list)
    with connection.cursor() as cursor:
        for digests, rows in _batches(rest):
            cursor.execute(OWNERS, [digests, rows, held.call_id])
            for owner, digest, theirs, mine in cursor.fetchall():
                contested[owner].append((bytes(digest), theirs, mine))
    owners = (
        Contribution.objects.select_for_update(of=("self",))
        .select_related("call", "call_version", "outcome")
        .filter(id__in=contested)
        .order_by("id")
    )
    locked = list(owners)
    paid = settled(owner.id for owner in locked)
    for owner in locked:
        shared = contested[owner.id]
        if owner.id in paid:
            continue
        if _comes_first(held, owner):
            _take(held, [(digest, mine) for digest, _theirs, mine in shared])
            _wait(owner, [(digest, theirs) for digest, theirs, _mine in shared])
            recount(owner, lost=[theirs for _digest, theirs, _mine in shared])
            won += [mine for _digest, _theirs, mine in shared]
        else:
            _wait(held, [(digest, mine) for digest, _theirs, mine in shared])
    return won


def release(left: Contribution) -> None:
    """A locked contribution leaves: its records go to whoever waits, or may come again.

    What an epoch settled stays with it, so that nobody is paid for it again.
    """
    WaitingRecord.objects.filter(contribution=left).delete()
    if settled([left.id]) or not left.fingerprints.exists():
        return
    hold(left.call_id)
    heirs = {heir.id: heir for heir in _heirs(_waiting_behind(left.id, left.call_id))}
    gained: dict[UUID, list[int]] = defaultdict(list)
    if heirs:
        with connection.cursor() as cursor:
            cursor.execute(INHERIT, [left.id, list(heirs), left.call_id, left.call_id])
            for heir_id, row in cursor.fetchall():
                gained[heir_id].append(row)
    RecordFingerprint.objects.filter(contribution=left).delete()
    for heir_id in sorted(gained):
        recount(heirs[heir_id], gained=gained[heir_id])


def _comes_first(one: Contribution, other: Contribution) -> bool:
    """Whether a record counts for `one` rather than for `other`, which holds it now."""
    if other.excluded_at is not None:
        return True
    return (one.corrected_at or one.submitted_at, one.id) < (
        other.corrected_at or other.submitted_at,
        other.id,
    )


def _heirs(waiting: Iterable[UUID]) -> list[Contribution]:
    """Those that can still be given a record: usable, past this stage, settled by no epoch."""
    found = list(
        Contribution.objects.select_for_update(of=("self",))
        .select_related("call", "call_version", "outcome")
        .filter(
            Q(state=State.ACCEPTED, excluded_at=None)
            | Q(state=State.CHECKING, stage=Stage.REPRESENTATIVENESS)
            | Q(state=State.RECEIVED, stage=Stage.REPRESENTATIVENESS),
            id__in=list(waiting),
        )
        .order_by("id")
    )
    paid = settled(heir.id for heir in found)
    return [heir for heir in found if heir.id not in paid]


def _waiting_behind(owner_id: UUID, call_id: UUID) -> list[UUID]:
    digests = RecordFingerprint.objects.filter(contribution=owner_id).values("digest")
    return list(
        WaitingRecord.objects.filter(call_id=call_id, digest__in=digests)
        .values_list("contribution_id", flat=True)
        .distinct()
    )


def _claim(held: Contribution, candidates: Sequence[Candidate]) -> list[int]:
    won: list[int] = []
    with connection.cursor() as cursor:
        for digests, rows in _batches(candidates):
            cursor.execute(CLAIM, [held.call_id, held.id, digests, rows])
            won.extend(row for (row,) in cursor.fetchall())
    return won


def _take(held: Contribution, taken: Sequence[Candidate]) -> None:
    with connection.cursor() as cursor:
        for digests, rows in _batches(taken):
            cursor.execute(TAKE, [held.id, digests, rows, held.call_id])


def _wait(behind: Contribution, waiting: Sequence[Candidate]) -> None:
    with connection.cursor() as cursor:
        for digests, rows in _batches(waiting):
            cursor.execute(WAIT, [behind.call_id, behind.id, digests, rows])


def _batches(candidates: Sequence[Candidate]) -> Iterable[tuple[list[bytes], list[int]]]:
    for start in range(0, len(candidates), BATCH):
        part = candidates[start : start + BATCH]
        yield [each[0] for each in part], [each[1] for each in part]


def _without(candidates: Sequence[Candidate], rows: Iterable[int]) -> list[Candidate]:
    known = set(rows)
    return [each for each in candidates if each[1] not in known]

"""Who counts for a record that several contributions hold: whoever sent it first.

A fingerprint belongs to one contribution. An earlier one that is checked later takes it over, as
long as no epoch has settled the later one; the others wait, and the first of them inherits when
the owner leaves unsettled. ADR 7 gives the reasons.

Locks are taken in one order: the clusters of the call, then contributions by id. Whoever claims,
gives up or passes on a record holds the clusters of its call, so of two that meet one waits.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from uuid import UUID

import numpy as np
import numpy.typing as npt
from django.db import connection
from django.db.models import Q

from contributions.models import Contribution, RecordFingerprint, Stage, State, WaitingRecord
from contributions.pipeline.claims import CARRIED_MAX, Claims, comparable, copy_in
from contributions.pipeline.recount import recount
from contributions.registries import settled

Rows = npt.NDArray[np.int32]

CLAIM = """
INSERT INTO contributions_recordfingerprint (call_id, digest, contribution_id, "row")
SELECT %s, claimed.digest, %s, claimed.place
FROM unnest(%s::bytea[], %s::int[]) AS claimed (digest, place)
ON CONFLICT (call_id, digest) DO NOTHING
RETURNING "row"
"""
#: What others hold of what is claimed; `claimed` is a relation that `comparable` names.
HELD = """
FROM {claimed}
JOIN contributions_recordfingerprint held
    ON held.call_id = %s AND held.digest = claimed.digest
"""
TAKE = """
UPDATE contributions_recordfingerprint held
SET contribution_id = %s, "row" = claimed.place
FROM {claimed}
WHERE held.call_id = %s AND held.digest = claimed.digest AND held.contribution_id = ANY(%s)
"""
WAIT = """
INSERT INTO contributions_waitingrecord (call_id, digest, contribution_id, "row")
SELECT held.call_id, held.digest, {waiting}
{held} WHERE held.contribution_id = ANY(%s)
ON CONFLICT DO NOTHING
"""
INHERIT = """
WITH heirs AS (
    SELECT DISTINCT ON (waiting.digest) waiting.digest, waiting.contribution_id, waiting."row"
    FROM contributions_recordfingerprint held
    JOIN contributions_waitingrecord waiting
        ON waiting.call_id = held.call_id AND waiting.digest = held.digest
    JOIN contributions_contribution heir ON heir.id = waiting.contribution_id
    WHERE held.contribution_id = ANY(%s) AND heir.id = ANY(%s)
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
    wanted = [contribution_id, *_waiting_behind([contribution_id], call_id)]
    list(Contribution.objects.select_for_update().filter(id__in=wanted).order_by("id"))


def contest(held: Contribution, claims: Claims) -> Rows:
    """Claim fingerprints for a locked contribution; returns the rows that count for it.

    What a later contribution holds is taken over unless an epoch settled it; behind all others the
    rows wait. Runs inside the transaction of a caller who holds the clusters of the call.
    """
    won = _claim(held, claims)
    rest = claims.without(won)
    if not len(rest):
        return won
    with comparable(rest) as (claimed, theirs), connection.cursor() as cursor:
        from_held = HELD.format(claimed=claimed)
        shared = [*theirs, held.call_id]
        cursor.execute(f"SELECT DISTINCT held.contribution_id {from_held}", shared)
        ahead, behind = _sides(held, [owner for (owner,) in cursor.fetchall()])
        if ahead:
            wait = WAIT.format(waiting="%s, claimed.place", held=from_held)
            cursor.execute(wait, [held.id, *shared, ahead])
        if not behind:
            return won
        ids = list(behind)
        wait = WAIT.format(waiting='held.contribution_id, held."row"', held=from_held)
        cursor.execute(wait, [*shared, ids])
        cursor.execute(
            f"""SELECT held.contribution_id, held."row", claimed.place {from_held}
            WHERE held.contribution_id = ANY(%s)""",
            [*shared, ids],
        )
        lost: dict[UUID, list[int]] = defaultdict(list)
        gained: list[int] = []
        for owner_id, their_row, my_row in cursor.fetchall():
            lost[owner_id].append(their_row)
            gained.append(my_row)
        cursor.execute(TAKE.format(claimed=claimed), [held.id, *shared, ids])
    for owner_id in sorted(lost):
        recount(behind[owner_id], lost=lost[owner_id])
    return np.concatenate([won, np.array(gained, np.int32)])


def _sides(
    held: Contribution, owners: Sequence[UUID]
) -> tuple[list[UUID], dict[UUID, Contribution]]:
    """Of unsettled owners: those that stay in front, and, locked, those that give way.

    Nothing waits behind what was paid for: it is never given up.
    """
    locked = list(
        Contribution.objects.select_for_update(of=("self",))
        .select_related("call", "call_version", "outcome")
        .filter(id__in=owners)
        .order_by("id")
    )
    paid = settled(owner.id for owner in locked)
    unpaid = [owner for owner in locked if owner.id not in paid]
    behind = {owner.id: owner for owner in unpaid if _comes_first(held, owner)}
    return [owner.id for owner in unpaid if owner.id not in behind], behind


def release(left: Sequence[Contribution]) -> None:
    """Locked contributions leave: their records go to whoever waits, or may come again.

    What an epoch settled stays with it, so that nobody is paid for it again. A few statements for
    all of one call, however many leave.
    """
    ids = [each.id for each in left]
    WaitingRecord.objects.filter(contribution__in=ids).delete()
    paid = settled(ids)
    unpaid: dict[UUID, list[UUID]] = defaultdict(list)
    holding = RecordFingerprint.objects.filter(contribution__in=ids).values("contribution")
    for call_id, owner_id in sorted(
        Contribution.objects.filter(id__in=holding).values_list("call_id", "id")
    ):
        if owner_id not in paid:
            unpaid[call_id].append(owner_id)
    for call_id, owners in unpaid.items():
        _pass_on(call_id, owners)


def _pass_on(call_id: UUID, owners: list[UUID]) -> None:
    """All that these contributions of a call hold goes to the first of those that wait for it."""
    hold(call_id)
    heirs = {heir.id: heir for heir in _heirs(_waiting_behind(owners, call_id))}
    gained: dict[UUID, list[int]] = defaultdict(list)
    if heirs:
        with connection.cursor() as cursor:
            cursor.execute(INHERIT, [owners, list(heirs), call_id, call_id])
            for heir_id, row in cursor.fetchall():
                gained[heir_id].append(row)
    RecordFingerprint.objects.filter(contribution__in=owners).delete()
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


def _waiting_behind(owners: Iterable[UUID], call_id: UUID) -> list[UUID]:
    held = RecordFingerprint.objects.filter(contribution__in=list(owners), call_id=call_id)
    digests = held.values("digest")
    return list(
        WaitingRecord.objects.filter(call_id=call_id, digest__in=digests)
        .values_list("contribution_id", flat=True)
        .distinct()
    )


def _claim(held: Contribution, claims: Claims) -> Rows:
    """Take what nobody holds; returns the rows."""
    if not len(claims):
        return claims.rows
    if len(claims) <= CARRIED_MAX:
        with connection.cursor() as cursor:
            cursor.execute(CLAIM, [held.call_id, held.id, *claims.arrays])
            return np.array([row for (row,) in cursor.fetchall()], np.int32)
    free = claims.without(_held_by_others(held.call_id, claims))
    if len(free):
        copy_in(held.call_id, held.id, free)
    return free.rows


def _held_by_others(call_id: UUID, claims: Claims) -> list[int]:
    """Rows whose fingerprint is held already."""
    if not RecordFingerprint.objects.filter(call=call_id).exists():
        return []
    with comparable(claims) as (claimed, theirs), connection.cursor() as cursor:
        cursor.execute(
            f"SELECT claimed.place {HELD.format(claimed=claimed)}",
            [*theirs, call_id],
        )
        return [row for (row,) in cursor.fetchall()]

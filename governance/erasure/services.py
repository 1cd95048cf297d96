"""Erasing a party: restriction and the log entry first, then the rooms, then the keys.

Each step is committed before the next and can be done again, so that a crash anywhere only delays
the rest: the tombstone outside the database is on disk before anything is destroyed.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from itertools import islice
from uuid import UUID

from django.db import connection, transaction

from dure.accounts.acting import Actor
from dure.accounts.models import Party
from dure.accounts.roles import Role
from dure.accounts.services import erase_person
from dure.core import blobs, clock, forgetting, sealing
from dure.core.clock import rfc3339
from dure.core.models import Blob
from dure.core.problems import NOT_FOUND
from governance.erasure import tombstones
from governance.log.services import record
from governance.models import (
    Erasure,
    RequestState,
    RestrictionGround,
    RightKind,
    RightsRequest,
)
from governance.registries import data_holders, farewells
from governance.rights.services import restrict

logger = logging.getLogger(__name__)

BASIS = "PIPA:36"
_BATCH = 100


def erase(*, acting: Actor, party_id: UUID, basis: str = BASIS) -> Erasure:
    """Erases a person for good; doing it again finishes what is unfinished and nothing else.

    To be called outside a transaction. Raises the problems NOT_ALLOWED (only operators, or the
    platform on a granted request or a tombstone) and NOT_FOUND (nobody, or an organisation).
    """
    if acting.person is not None:
        acting.require(Role.OPERATOR)
    _begin(acting, party_id, basis)
    _file(party_id)
    _carry_out(party_id)
    _remove_files(party_id)
    _clean_pages()
    Erasure.objects.filter(party_id=party_id, erased_at=None).update(erased_at=clock.now())
    return Erasure.objects.get(party_id=party_id)


def resume() -> int:
    """Finishes erasures that a crash interrupted and starts those that were granted."""
    granted = RightsRequest.objects.filter(kind=RightKind.ERASURE, state=RequestState.GRANTED)
    begun = Erasure.objects.values("party_id")
    ripe = granted.exclude(party_id__in=begun).order_by("due_at").iterator()
    waiting = [
        *Erasure.objects.filter(erased_at=None).values_list("party_id", flat=True)[:_BATCH],
        *islice((asked.party_id for asked in ripe if not _waits(asked)), _BATCH),
    ]
    return _each(waiting)


def _waits(asked: RightsRequest) -> bool:
    """Whether a room still has to do what the person asked of it; never beyond the legal time."""
    return clock.now() < asked.due_at and any(
        room.waits(asked.party_id) for _name, room in farewells.items()
    )


def replay() -> int:
    """Erases again whom a restored backup brought back; answers how many."""
    listed = tombstones.read()
    return _each(unreplayed(), {party: each.basis for party, each in listed.items()})


def unreplayed() -> list[UUID]:
    """Parties that the list of tombstones names and of whose erasure the database knows nothing.

    An erasure that has begun is no reason to wait: its party is restricted, and the workers
    finish it.
    """
    listed = tombstones.read()
    if not listed:
        return []
    known = set(Party.objects.filter(id__in=listed).values_list("id", flat=True))
    begun = set(Erasure.objects.filter(party_id__in=listed).values_list("party_id", flat=True))
    return sorted(known - begun, key=str)


def readiness() -> str:
    """Empty, or why the platform may not serve anybody yet."""
    try:
        waiting = len(unreplayed())
    except tombstones.TombstoneForged as error:
        return str(error)
    return f"{waiting} erasures have to be replayed: manage.py replay_erasures" if waiting else ""


def _each(parties: list[UUID], bases: Mapping[UUID, str] | None = None) -> int:
    done = 0
    for party_id in parties:
        try:
            basis = (bases or {}).get(party_id, BASIS)
            erase(acting=Actor.system("erasure"), party_id=party_id, basis=basis)
            done += 1
        except Exception as error:
            # The type only: the text of an exception may quote data.
            logger.exception("an erasure could not be finished (%s)", type(error).__name__)
    return done


@transaction.atomic
def _begin(acting: Actor, party_id: UUID, basis: str) -> None:
    """The entry in the log first, and every use stopped with it."""
    party = Party.objects.select_for_update(no_key=True).filter(id=party_id).first()
    if party is None or party.kind != Party.Kind.PERSON:
        raise NOT_FOUND.problem()
    if Erasure.objects.filter(party=party).exists():
        return
    entry = record(
        kind="erasure.executed", acting=acting, subject=party_id, payload={"basis": basis}
    )
    Erasure.objects.create(party=party, basis=basis, started_at=entry.recorded_at, log_entry=entry)
    restrict(acting=acting, party_id=party_id, ground=RestrictionGround.ERASURE)


def _file(party_id: UUID) -> None:
    """The tombstone on disk before anything is destroyed."""
    erasure = Erasure.objects.get(party_id=party_id)
    if party_id not in tombstones.read():
        tombstones.write(tombstones.Tombstone(party_id, erasure.basis, rfc3339(erasure.started_at)))
    Erasure.objects.filter(party_id=party_id, filed_at=None).update(filed_at=clock.now())


@transaction.atomic
def _carry_out(party_id: UUID) -> None:
    """Every room, the account and last the keys, together or not at all."""
    Party.objects.select_for_update(no_key=True).get(id=party_id)
    # The rooms above first: what they log on the way is forgotten by governance afterwards.
    with sealing.keys_at_hand():
        for _name, holder in reversed(data_holders.items()):
            holder.erase(party_id)
    person_id = erase_person(party_id=party_id)
    forgetting.forget(owner=party_id, actors=[party_id, person_id])
    sealing.destroy_keys(party_id)


def _remove_files(party_id: UUID) -> None:
    """Files whose rows are gone already; a crash after the commit may have left some behind."""
    blobs.delete_files(list(Blob.objects.filter(owner=party_id).values_list("id", flat=True)))


def _clean_pages() -> None:
    """Rewrites the pages in which keys and names would linger; not possible in a transaction."""
    if not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("VACUUM core_datakey, accounts_person")

"""Contributions a thousand times over: a few come through the services, the rest are their copies.

Whatever a service can write for many at once it writes here too: log entries with their sealed
openings, files under the owner's key. The rows of other tables are copied in the database. Whoever
multiplies asks `growth` of a set that came by itself, and that of the copies has to be its
multiple, table by table: a table that nobody thought of here is noticed.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID

from django.apps import apps
from django.db import connection, transaction
from django.db.models import AutoField, Model

from contributions.models import (
    CellMass,
    Contribution,
    Finding,
    RecordFingerprint,
    RunningCount,
    RunningMass,
    StageRun,
    StratumMass,
)
from contributions.news import content_commitment
from contributions.pipeline.endings import WORKER
from dure.accounts.acting import Actor
from dure.accounts.models import Person
from dure.core.blobs import read, store_all, unstored
from dure.core.canonical import Json
from dure.core.ids import new_id, new_receipt
from dure.core.models import Blob, Delivery, OutboxEvent
from governance.log.services import Line, record_all
from governance.models import LogEntry, LogOpening
from portal.models import WaitingLetter

Counts = dict[str, int]
#: Copies of all that are written together, in one transaction.
TOGETHER = 50
FILES = ("source", "records", "outcome")


@dataclass(frozen=True)
class Part:
    """A table beside contributions: its column that names one, and what of a row has to differ."""

    model: type[Model]
    link: str = "contribution_id"
    changed: Mapping[str, str] = field(default_factory=dict)


PARTS = (
    Part(StageRun),
    Part(Finding),
    Part(StratumMass),
    Part(CellMass),
    Part(
        RecordFingerprint,
        changed={"digest": "substring(sha256(part.digest || uuid_send(made.id)) FROM 1 FOR 16)"},
    ),
    Part(WaitingLetter, link="about", changed={"id": "gen_random_uuid()"}),
)


def rows() -> Counts:
    """How many rows each table has, places in the log aside: whoever asks gives them first.

    Without sums that are kept along: each statement leaves a row of them, however much it wrote.
    """
    return {
        model._meta.db_table: model._default_manager.count()
        for model in apps.get_models(include_auto_created=True)
        if model not in (RunningCount, RunningMass)
    }


def growth(before: Counts, after: Counts, times: int = 1) -> Counts:
    """What became more or less between two counts, so many times over."""
    return {
        table: (count - before[table]) * times
        for table, count in after.items()
        if count != before[table]
    }


@dataclass
class Written:
    """What one set of contributions left, without those that were there before."""

    person: Person
    contributions: list[Contribution] = field(default_factory=list)
    entries: list[LogEntry] = field(default_factory=list)
    events: list[OutboxEvent] = field(default_factory=list)


@contextmanager
def watched(person: Person) -> Iterator[Written]:
    """Notes what the person's contributions within the block leave, once it is over."""
    written = Written(person)
    contributions = Contribution.objects.filter(party=person.party_id)
    known = set(contributions.values_list("id", flat=True))
    entries = set(LogEntry.objects.values_list("id", flat=True))
    events = set(OutboxEvent.objects.values_list("id", flat=True))
    yield written
    written.contributions = list(
        contributions.exclude(id__in=known).select_related("call", "call_version", *FILES)
    )
    about = LogOpening.objects.filter(owner=person.party_id, part="subject").values("entry")
    written.entries = list(
        LogEntry.objects.filter(id__in=about).exclude(id__in=entries).order_by("origin_seq")
    )
    written.events = list(OutboxEvent.objects.exclude(id__in=events).order_by("created_at"))
    # What was noted is all of it: nobody else contributes within the block.
    assert len(written.entries) == LogEntry.objects.exclude(id__in=entries).count()


def multiply(written: Written, times: int) -> None:
    """So many copies of everything that was written."""
    by_person = set(
        LogOpening.objects.filter(entry__in=written.entries, part="actor").values_list(
            "entry_id", flat=True
        )
    )
    plain = {blob.id: read(blob) for blob in _files(written) if blob.purged_at is None}
    while times > 0:
        with transaction.atomic():
            _copy(written, min(times, TOGETHER), by_person, plain)
        times -= TOGETHER
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _files(written: Written) -> list[Blob]:
    return [
        blob
        for each in written.contributions
        for name in FILES
        if (blob := getattr(each, name)) is not None
    ]


def _copy(written: Written, times: int, by_person: set[UUID], plain: Mapping[UUID, bytes]) -> None:
    made: list[tuple[Contribution, Contribution]] = []
    for _time in range(times):
        for own in written.contributions:
            each = copy.copy(own)
            each.id, each.receipt = new_id(), new_receipt(own.submitted_at.year)
            made.append((own, each))
    _store(made, written.person, plain)
    renamed: list[dict[str, str]] = [{} for _time in range(times)]
    for number, (own, each) in enumerate(made):
        names = renamed[number // len(written.contributions)]
        names |= {
            str(own.id): str(each.id),
            own.receipt: each.receipt,
            content_commitment(own): content_commitment(each),
        }
    entries = _record(written, renamed, by_person)
    for number, (own, each) in enumerate(made):
        each.log_entry = entries[number // len(written.contributions)][own.log_entry]
    with connection.cursor() as cursor:
        # The copies are made behind the back of the rules that guard real ones.
        cursor.execute("SET LOCAL session_replication_role = replica")
    Contribution.objects.bulk_create([each for _own, each in made])
    _copy_parts(made)
    _copy_events(written, renamed)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")


def _store(
    made: Sequence[tuple[Contribution, Contribution]], person: Person, plain: Mapping[UUID, bytes]
) -> None:
    """The files of copies, sealed anew; of a purged one only its row is left."""
    purged, stored = [], []
    for own, each in made:
        for name in FILES:
            blob: Blob | None = getattr(own, name)
            if blob is None:
                continue
            if blob.id in plain:
                fresh = unstored(plain[blob.id], owner=person.party_id)
                stored.append(fresh)
                setattr(each, name, fresh.blob)
            else:
                gone = copy.copy(blob)
                gone.id = new_id()
                purged.append(gone)
                setattr(each, name, gone)
    store_all(stored)
    Blob.objects.bulk_create(purged)


def _record(
    written: Written, renamed: Sequence[Mapping[str, str]], by_person: set[UUID]
) -> list[dict[UUID, UUID]]:
    """The entries of copies: which is whose, by the entry that it is a copy of."""
    found: list[dict[UUID, UUID]] = [{} for _names in renamed]
    for acting, mine in (
        (Actor.for_person(written.person), [e for e in written.entries if e.id in by_person]),
        (WORKER, [e for e in written.entries if e.id not in by_person]),
    ):
        lines = [
            Line(
                own.kind,
                written.person.party_id,
                _renamed(json.loads(bytes(own.body))["payload"], names),
            )
            for names in renamed
            for own in mine
        ]
        for number, entry in enumerate(record_all(lines, acting=acting)):
            found[number // len(mine)][mine[number % len(mine)].id] = entry.id
    return found


def _renamed(payload: dict[str, Json], names: Mapping[str, str]) -> dict[str, Json]:
    return {
        key: names.get(value, value) if isinstance(value, str) else value
        for key, value in payload.items()
    }


def _copy_parts(made: Sequence[tuple[Contribution, Contribution]]) -> None:
    numbers = [own.id for own, _each in made], [each.id for _own, each in made]
    with connection.cursor() as cursor:
        for part in PARTS:
            # A number that the table gives by itself is given anew.
            columns = [
                str(each.column)
                for each in part.model._meta.concrete_fields
                if each.column and not isinstance(each, AutoField)
            ]
            values = {name: f'part."{name}"' for name in columns} | dict(part.changed)
            values[part.link] = "made.id"
            table = part.model._meta.db_table
            cursor.execute(
                f"""
                INSERT INTO {table} ({", ".join(f'"{name}"' for name in columns)})
                SELECT {", ".join(values[name] for name in columns)}
                FROM unnest(%s::uuid[], %s::uuid[]) WITH ORDINALITY AS made (own, id, place)
                JOIN {table} AS part ON part.{part.link} = made.own
                ORDER BY made.place
                """,
                numbers,
            )


def _copy_events(written: Written, renamed: Sequence[Mapping[str, str]]) -> None:
    heard: dict[UUID, list[Delivery]] = {event.id: [] for event in written.events}
    for delivery in Delivery.objects.filter(event__in=written.events):
        heard[delivery.event_id].append(delivery)
    events, deliveries = [], []
    for names in renamed:
        for own in written.events:
            event = copy.copy(own)
            event.id = new_id()
            event.subject = names.get(own.subject, own.subject)
            event.payload = _renamed(own.payload, names)
            events.append(event)
            for one in heard[own.id]:
                heard_too = Delivery(event=event, receiver=one.receiver)
                heard_too.delivered_at = one.delivered_at
                deliveries.append(heard_too)
    OutboxEvent.objects.bulk_create(events)
    Delivery.objects.bulk_create(deliveries)

"""Entries join their fact's transaction; the sequencer gives each one its place, once."""

from __future__ import annotations

import json
import threading
from hashlib import sha256
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from dure.accounts.acting import Actor
from dure.core import sealing, signing
from dure.core.canonical import canonical_bytes
from governance.log import merkle, note, selectors, services, tiles
from governance.log.inconsistency import LogInconsistent
from governance.log.kinds import SCHEMA_HASHES
from governance.log.leaf import parse_leaf as leaf_of
from governance.models import LogCheckpoint, LogEntry, LogOpening, LogTile
from governance.schedule import SCHEDULE
from governance.tasks import sequence_log
from tests.cast import actor, mina
from tests.governance.conftest import Forger

SYSTEM = Actor.system("tests")


def record(count: int = 1) -> list[LogEntry]:
    with transaction.atomic():
        return [
            services.record(
                kind="call.drafted", acting=SYSTEM, subject=None, payload={"number": number}
            )
            for number in range(count)
        ]


@pytest.mark.django_db
def test_a_leaf_names_nobody_and_its_opening_does() -> None:
    person = mina()
    with transaction.atomic():
        entry = services.record(
            kind="contribution.received",
            acting=actor(person),
            subject=person.party_id,
            payload={"rows": 20},
        )
    assert entry.index is None
    body = bytes(entry.body)
    leaf = json.loads(body)
    assert str(person.id) not in body.decode()
    assert str(person.party_id) not in body.decode()
    assert leaf["type"] == entry.kind == "contribution.received"
    assert leaf["payload"] == {"rows": 20}
    assert leaf["schema"] == SCHEMA_HASHES["contribution.received"]
    openings = {opening["part"]: opening for opening in selectors.openings_of(person.party_id)}
    assert openings["actor"]["value"] == f"person:{person.id}"
    assert openings["subject"]["value"] == f"party:{person.party_id}"
    for part, opening in openings.items():
        salted = bytes.fromhex(opening["salt"]) + canonical_bytes(opening["value"])
        assert leaf[part] == sha256(b"\x02" + salted).hexdigest()


@pytest.mark.django_db
def test_what_the_platform_does_by_itself_opens_for_everybody() -> None:
    (entry,) = record()
    leaf = json.loads(bytes(entry.body))
    assert leaf["actor"] == sha256(b"\x02" + bytes(32) + b'"system:tests"').hexdigest()
    assert leaf["subject"] is None
    assert not LogOpening.objects.exists()


@pytest.mark.django_db
def test_equal_subjects_do_not_look_equal() -> None:
    person = mina()
    with transaction.atomic():
        bodies = [
            json.loads(
                bytes(
                    services.record(
                        kind="contribution.received",
                        acting=actor(person),
                        subject=person.party_id,
                        payload={},
                    ).body
                )
            )
            for _ in range(2)
        ]
    assert bodies[0]["subject"] != bodies[1]["subject"]
    assert bodies[0]["actor"] != bodies[1]["actor"]


@pytest.mark.django_db
def test_openings_can_be_destroyed_and_the_log_still_verifies() -> None:
    person = mina()
    with transaction.atomic():
        services.record(
            kind="contribution.received",
            acting=actor(person),
            subject=person.party_id,
            payload={},
        )
    services.sequence()
    sealing.destroy_keys(person.party_id)
    with pytest.raises(sealing.Unreadable):
        selectors.openings_of(person.party_id)
    LogOpening.objects.filter(owner=person.party_id).delete()
    assert selectors.openings_of(person.party_id) == []
    proof = selectors.inclusion_document(0)
    assert proof["size"] == 1
    # What is recorded about an erased party later can never be opened, but is recorded.
    with transaction.atomic():
        services.record(
            kind="contribution.withdrawn", acting=SYSTEM, subject=person.party_id, payload={}
        )
    assert not LogOpening.objects.filter(owner=person.party_id).exists()
    assert services.sequence() == 1


@pytest.mark.django_db(transaction=True)
def test_an_entry_outside_a_transaction_is_refused() -> None:
    with pytest.raises(transaction.TransactionManagementError):
        services.record(kind="call.drafted", acting=SYSTEM, subject=None, payload={})


@pytest.mark.django_db
def test_an_entry_vanishes_with_its_fact() -> None:
    with transaction.atomic():
        record()
        transaction.set_rollback(True)
    assert services.sequence() == 0
    assert not LogEntry.objects.exists()


@pytest.mark.django_db
def test_the_index_is_dense_and_the_head_is_signed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "BATCH_SIZE", 300)
    record(700)
    assert services.sequence() == 700
    assert services.sequence() == 0
    entries = LogEntry.objects.order_by("place__index")
    assert [entry.index for entry in entries] == list(range(700))
    leaves = [bytes(entry.leaf_hash) for entry in entries]
    heads = LogCheckpoint.objects.order_by("size")
    assert [head.size for head in heads] == [300, 600, 700]
    for head in heads:
        text = note.open_note(head.note, name=settings.LOG_ORIGIN, public_key=signing.public_key())
        assert note.parse_checkpoint(text) == note.Checkpoint(
            settings.LOG_ORIGIN, head.size, merkle.root(leaves[: head.size])
        )
    assert set(LogTile.objects.values_list("level", "index")) == {(0, 0), (0, 1), (0, 2), (1, 0)}


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 20])
def test_what_was_recorded_is_what_the_database_holds(count: int) -> None:
    person = mina()
    lines = [
        services.Line("contribution.received", person.party_id, {"rows": number})
        for number in range(count)
    ]
    with CaptureQueriesContext(connection) as asked, transaction.atomic():
        entries = services.record_all(lines, acting=actor(person))
    stored = {entry.id: entry for entry in LogEntry.objects.all()}
    for number, entry in enumerate(entries):
        held = stored.pop(entry.id)
        assert bytes(held.body) == bytes(entry.body)
        assert bytes(held.leaf_hash) == bytes(entry.leaf_hash)
        assert (held.origin_seq, held.kind) == (entry.origin_seq, entry.kind)
        assert held.recorded_at == entry.recorded_at
        leaf = leaf_of(bytes(held.body))
        assert (leaf.origin_seq, leaf.payload) == (entry.origin_seq, {"rows": number})
        assert held.openings.count() == 2
    assert stored == {}
    assert [entry.origin_seq for entry in entries] == sorted(entry.origin_seq for entry in entries)
    # One trip for one entry with what opens it, two for any number.
    wrote = [each["sql"] for each in asked if "governance_log" in each["sql"]]
    assert len(wrote) == (1 if count == 1 else 2)


@pytest.mark.django_db
def test_the_order_is_the_order_of_origin() -> None:
    first, second = record(2)
    services.sequence()
    assert selectors.log_index(first.id) == 0
    assert selectors.log_index(second.id) == 1
    assert selectors.log_index(uuid4()) is None


@pytest.mark.django_db(transaction=True)
def test_a_transaction_that_commits_late_is_not_lost() -> None:
    begun, release = threading.Event(), threading.Event()
    late: list[LogEntry] = []

    def slow() -> None:
        try:
            with transaction.atomic():
                late.extend(record())
                begun.set()
                assert release.wait(20)
        finally:
            connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    assert begun.wait(20)
    (early,) = record()
    assert services.sequence() == 1
    release.set()
    thread.join()
    assert late[0].origin_seq < early.origin_seq
    assert services.sequence() == 1
    assert selectors.log_index(early.id) == 0
    assert selectors.log_index(late[0].id) == 1


@pytest.mark.django_db(transaction=True)
def test_one_sequencer_works_at_a_time() -> None:
    record()
    holding, release = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [services.SEQUENCER_LOCK])
                holding.set()
                assert release.wait(20)
        finally:
            connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    assert holding.wait(20)
    sequence_log()
    assert selectors.waiting_count() == 1
    release.set()
    thread.join()
    sequence_log()
    sequence_log()
    assert selectors.waiting_count() == 0
    assert LogCheckpoint.objects.count() == 1


@pytest.mark.django_db
def test_a_commit_nudges_the_sequencer_once(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: type
) -> None:
    sent: list[str] = []
    monkeypatch.setattr(services, "nudge", lambda task: sent.append(task.name))
    with django_capture_on_commit_callbacks(execute=True):
        record(3)
    assert sent == ["governance.tasks.sequence_log"]


def test_the_clock_sweeps_what_a_lost_nudge_left() -> None:
    assert sequence_log.name in {entry["task"] for entry in SCHEDULE.values()}


@pytest.mark.django_db
def test_nothing_is_signed_over_a_changed_tile(forger: Forger) -> None:
    record(3)
    services.sequence()
    forger.run(
        "UPDATE governance_logtile SET hashes = set_byte(hashes, 0, 255 - get_byte(hashes, 0))"
    )
    record()
    with pytest.raises(LogInconsistent, match="does not extend"):
        services.sequence()
    assert LogCheckpoint.objects.count() == 1
    assert selectors.waiting_count() == 1


@pytest.mark.django_db
def test_nothing_is_signed_after_a_head_that_is_not_ours(forger: Forger) -> None:
    record()
    services.sequence()
    forger.run("UPDATE governance_logcheckpoint SET note = replace(note, '1', '2')")
    record()
    with pytest.raises(LogInconsistent, match="our signature"):
        services.sequence()


@pytest.mark.django_db
def test_nothing_is_signed_when_a_tile_is_gone(forger: Forger) -> None:
    record()
    services.sequence()
    forger.run("DELETE FROM governance_logtile")
    record()
    with pytest.raises(LogInconsistent, match="missing"):
        services.sequence()


@pytest.mark.django_db
def test_proofs_from_stored_tiles_verify() -> None:
    record(600)
    services.sequence()
    record(1)
    services.sequence()
    for index, size in ((0, 600), (599, 600), (255, 601), (600, 601), (300, 400)):
        document = selectors.inclusion_document(index, size)
        assert merkle.verify_inclusion(
            index=index,
            size=size,
            leaf=bytes.fromhex(document["leaf_hash"]),
            proof=[bytes.fromhex(step) for step in document["proof"]],
            expected_root=bytes.fromhex(document["root"]),
        )
    heads = selectors.consistency_document(600, 601)
    assert merkle.verify_consistency(
        first=600,
        second=601,
        first_root=bytes.fromhex(heads["from_root"]),
        second_root=bytes.fromhex(heads["to_root"]),
        proof=[bytes.fromhex(step) for step in heads["proof"]],
    )
    latest = selectors.latest_checkpoint()
    assert latest is not None
    assert bytes(latest.root).hex() == heads["to_root"]


@pytest.mark.django_db
def test_recent_entries_come_newest_first_and_by_kind() -> None:
    record(3)
    with transaction.atomic():
        services.record(kind="key.rotated", acting=SYSTEM, subject=None, payload={})
    record(1)
    services.sequence()
    record(1)
    assert [entry.index for entry in selectors.recent_entries(2)] == [4, 3]
    assert [entry.index for entry in selectors.recent_entries(9, "key.rotated")] == [3]


@pytest.mark.django_db
def test_bundles_of_entries_rebuild_the_root() -> None:
    record(300)
    services.sequence()
    bodies = []
    for path in ("entries/000", "entries/001.p/44"):
        content = selectors.tile_content(tiles.parse_tile_path(path))
        assert content is not None
        bodies += tiles.split_entries(content)
    latest = selectors.latest_checkpoint()
    assert latest is not None
    assert merkle.root([merkle.leaf_hash(body) for body in bodies]) == bytes(latest.root)
    assert selectors.tile_content(tiles.parse_tile_path("entries/001.p/45")) is None

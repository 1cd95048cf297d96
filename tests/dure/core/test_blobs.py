"""What people upload lies encrypted, whole, and is gone when it is purged."""

from __future__ import annotations

import io
import uuid

import pytest
from django.db import transaction
from pytest_django import DjangoAssertNumQueries

from dure.core import blobs, sealing
from dure.core.blobs import PIECE_BYTES
from dure.core.models import Blob

pytestmark = pytest.mark.django_db
MINA, JOON = uuid.uuid4(), uuid.uuid4()


@pytest.mark.parametrize("size", [0, 1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1,
                                  3 * PIECE_BYTES])  # fmt: skip
def test_a_file_comes_back_as_it_went_in(size: int) -> None:
    data = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    blob = blobs.store(io.BytesIO(data), owner=MINA, size_limit=size)
    assert blob.size == size
    assert blobs.read(blob) == data
    assert data[:64] not in blobs.path_of(blob.id).read_bytes() or size < 2


def test_a_file_beyond_the_limit_leaves_nothing_behind() -> None:
    with pytest.raises(blobs.TooLarge):
        blobs.store(io.BytesIO(b"x" * 1001), owner=MINA, size_limit=1000)
    assert Blob.objects.count() == 0


def test_a_cut_or_altered_file_is_noticed() -> None:
    blob = blobs.store(
        io.BytesIO(b"x" * (PIECE_BYTES + 10)), owner=MINA, size_limit=PIECE_BYTES * 2
    )
    path = blobs.path_of(blob.id)
    sealed = path.read_bytes()
    path.write_bytes(sealed[: PIECE_BYTES + 28])
    with pytest.raises(sealing.Unreadable):
        blobs.read(blob)
    path.write_bytes(sealed[:100] + bytes([sealed[100] ^ 1]) + sealed[101:])
    with pytest.raises(sealing.Unreadable):
        blobs.read(blob)


def test_destroying_a_persons_key_makes_the_files_unreadable() -> None:
    blob = blobs.store(io.BytesIO(b"mine"), owner=MINA, size_limit=10)
    other = blobs.store(io.BytesIO(b"his"), owner=JOON, size_limit=10)
    sealing.destroy_keys(MINA)
    with pytest.raises(sealing.Unreadable):
        blobs.read(blob)
    assert blobs.read(other) == b"his"


def test_a_purged_file_is_gone_and_purging_again_changes_nothing() -> None:
    blob = blobs.store(io.BytesIO(b"mine"), owner=MINA, size_limit=10)
    blobs.purge(blob)
    first = blob.purged_at
    blobs.purge(blob)
    assert blob.purged_at == first
    assert not blobs.path_of(blob.id).exists()
    with pytest.raises(sealing.Unreadable):
        blobs.read(blob)


def test_a_sealed_value_cannot_be_moved_to_another_person_or_place() -> None:
    sealed = sealing.seal(owner=MINA, plaintext=b"110-123-456789", context="destination")
    assert sealing.unseal(owner=MINA, sealed=sealed, context="destination") == b"110-123-456789"
    for owner, context in [(JOON, "destination"), (MINA, "note")]:
        with pytest.raises(sealing.Unreadable):
            sealing.unseal(owner=owner, sealed=sealed, context=context)


def test_several_files_are_stored_at_once_and_none_where_one_cannot_be() -> None:
    wanted = [blobs.unstored(b"\x00" * size, owner=MINA) for size in (0, 7, PIECE_BYTES + 1)]
    blobs.store_all(wanted)
    for each in wanted:
        assert blobs.read(Blob.objects.get(id=each.blob.id)) == each.data
    more = [blobs.unstored(b"new", owner=JOON), wanted[0]]
    with pytest.raises(FileExistsError), transaction.atomic():
        blobs.store_all(more)
    assert not blobs.path_of(more[0].blob.id).exists()
    assert not Blob.objects.filter(id=more[0].blob.id).exists()
    assert blobs.read(wanted[0].blob) == b"", "what was stored before is left alone"


def test_a_key_at_hand_is_fetched_once_and_forgotten_afterwards(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    sealing.data_key(MINA)
    with django_assert_num_queries(1), sealing.keys_at_hand():
        assert sealing.data_key(MINA) == sealing.data_key(MINA)
    sealing.destroy_keys(MINA)
    with pytest.raises(sealing.Unreadable), sealing.keys_at_hand():
        sealing.data_key(MINA)

"""The key that wraps data keys is replaced while people work, and the old one is destroyed."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives import keywrap
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from dure.accounts.models import Person
from dure.core import keyring, sealing
from dure.core.clock import now
from dure.core.models import DataKey, KeyEncryptionKey
from governance.keys import renew_key_encryption
from governance.models import LogEntry
from tests.cast import kang, lim

pytestmark = pytest.mark.django_db
AT_ONCE = timedelta(0)


@pytest.fixture(autouse=True)
def folder(settings: pytest.FixtureRequest, tmp_path: Path) -> Path:
    settings.KEYRING = tmp_path / "keyring"  # type: ignore[attr-defined]
    return tmp_path / "keyring"


def sealed_for(owner: UUID) -> bytes:
    return sealing.seal(owner=owner, plaintext=b"secret", context="test")


def opened(owner: UUID, sealed: bytes) -> bytes:
    return sealing.unseal(owner=owner, sealed=sealed, context="test")


def test_everything_stays_readable_and_the_old_key_is_gone(
    folder: Path,
) -> None:
    owners = [uuid4() for _ in range(5)]
    values = {owner: sealed_for(owner) for owner in owners}
    digest = sealing.keyed_digest("test", b"value")
    first = keyring.rotate(keep=AT_ONCE)
    assert (first.rewrapped, first.destroyed) == (5, ())
    sealing.destroy_keys(owners[0])
    backup = dict(DataKey.objects.values_list("owner", "wrapped"))
    second = keyring.rotate(keep=AT_ONCE)
    assert (second.rewrapped, second.destroyed) == (4, (first.active,))
    for owner in owners[1:]:
        assert opened(owner, values[owner]) == b"secret"
    with pytest.raises(sealing.Unreadable):
        opened(owners[0], values[owners[0]])
    # What an old backup holds cannot be opened any more, with or without the database's consent.
    assert [path.name for path in folder.iterdir()] == [second.active]
    row = DataKey.objects.get(owner=owners[1])
    row.wrapped, row.kek_id = backup[owners[1]], first.active
    row.save()
    with pytest.raises(sealing.Unreadable):
        opened(owners[1], values[owners[1]])
    assert sealing.keyed_digest("test", b"value") == digest
    new = uuid4()
    assert opened(new, sealed_for(new)) == b"secret"
    assert DataKey.objects.get(owner=new).kek_id == second.active


def test_a_retired_key_is_kept_as_long_as_backups_are(folder: Path) -> None:
    owner = uuid4()
    value = sealed_for(owner)
    first = keyring.rotate(keep=timedelta(days=7))
    second = keyring.rotate(keep=timedelta(days=7))
    assert second.destroyed == ()
    assert {path.name for path in folder.iterdir()} == {first.active, second.active}
    assert all(path.stat().st_mode & 0o777 == 0o400 for path in folder.iterdir())
    assert keyring.finish(keep=AT_ONCE).destroyed == (first.active,)
    assert opened(owner, value) == b"secret"


def test_a_rotation_that_was_interrupted_is_finished(monkeypatch: pytest.MonkeyPatch) -> None:
    values = {owner: sealed_for(owner) for owner in (uuid4(), uuid4(), uuid4())}
    with monkeypatch.context() as patched:
        patched.setattr(keyring, "finish", lambda *, keep: None)
        keyring.rotate(keep=AT_ONCE)
    assert set(DataKey.objects.values_list("kek_id", flat=True)) == {keyring.DERIVED}
    done = keyring.finish(keep=AT_ONCE)
    assert done.rewrapped == 3
    assert keyring.finish(keep=AT_ONCE) == keyring.Rotation(done.active, 0, ())
    assert all(opened(owner, value) == b"secret" for owner, value in values.items())


def test_a_rotation_goes_on_behind_the_pages_that_a_killed_one_had_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(keyring, "PAGES", 1)
    values = {owner: sealed_for(owner) for owner in (uuid4() for _ in range(200))}
    work = keyring._rewrap_pages
    done: list[int] = []

    def killed(active: str, first: int) -> int:
        # Behind the first page with a data key of today; there may be empty ones before it.
        if sum(done):
            raise KeyboardInterrupt
        done.append(work(active, first))
        return done[-1]

    with monkeypatch.context() as patched:
        patched.setattr(keyring, "_rewrap_pages", killed)
        with pytest.raises(KeyboardInterrupt):
            keyring.rotate(keep=AT_ONCE)
    assert 0 < sum(done) < len(values)
    assert DataKey.objects.exclude(kek_id=keyring.DERIVED).count() == sum(done)
    assert all(opened(owner, value) == b"secret" for owner, value in values.items())
    rest = keyring.finish(keep=AT_ONCE)
    assert rest.rewrapped == len(values) - sum(done)
    assert not DataKey.objects.exclude(kek_id=rest.active).exists()
    assert all(opened(owner, value) == b"secret" for owner, value in values.items())


def test_a_data_key_of_another_length_stops_the_rotation_and_nothing_is_lost() -> None:
    owners = [uuid4() for _ in range(3)]
    values = {owner: sealed_for(owner) for owner in owners}
    short = keywrap.aes_key_wrap(keyring.material(keyring.DERIVED), bytes(24))
    DataKey.objects.create(owner=uuid4(), wrapped=short)
    with pytest.raises(keywrap.InvalidUnwrap, match="another length"):
        keyring.rotate(keep=AT_ONCE)
    assert all(opened(owner, value) == b"secret" for owner, value in values.items())


def test_no_index_has_to_learn_that_a_data_key_was_wrapped_anew() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexname FROM pg_indexes WHERE tablename = 'core_datakey'"
            " UNION SELECT unnest(reloptions) FROM pg_class WHERE relname = 'core_datakey'"
        )
        assert {name for (name,) in cursor.fetchall()} == {"core_datakey_pkey", "fillfactor=50"}


def test_the_database_keeps_one_key_active() -> None:
    keyring.rotate(keep=AT_ONCE)
    with pytest.raises(IntegrityError, match="one_active_kek"), transaction.atomic():
        KeyEncryptionKey.objects.create(id="other", active=True)
    with pytest.raises(IntegrityError, match="in_use"), transaction.atomic():
        KeyEncryptionKey.objects.create(id="other", active=False)


def test_the_command_rotates_and_leaves_an_entry_in_the_log(
    capsys: pytest.CaptureFixture[str],
) -> None:
    sealed_for(uuid4())
    call_command("rotate_keys", "--keep-days", "0", "--as", kang().email)
    assert "Proposed" in capsys.readouterr().out
    with pytest.raises(CommandError, match="second person"):
        call_command("rotate_keys", "--keep-days", "0", "--as", kang().email)
    with pytest.raises(CommandError, match="Something else"):
        call_command("rotate_keys", "--keep-days", "9", "--as", lim().email)
    assert KeyEncryptionKey.objects.count() == 1
    call_command("rotate_keys", "--keep-days", "0", "--as", lim().email)
    call_command("rotate_keys", "--finish")
    assert capsys.readouterr().out.count("Active key") == 2
    assert LogEntry.objects.filter(kind="key.rotated").count() == 1


def test_one_person_alone_destroys_no_key_by_finishing(folder: Path) -> None:
    with pytest.raises(CommandError, match="Nobody has agreed"):
        call_command("rotate_keys", "--finish")
    for _ in range(2):
        for person in (kang(), lim()):
            call_command("rotate_keys", f"--as={person.email}")
    (retired,) = KeyEncryptionKey.objects.filter(active=False).exclude(id=keyring.DERIVED)
    with pytest.raises(CommandError, match="two people"):
        call_command("rotate_keys", "--finish", "--keep-days=0")
    call_command("rotate_keys", "--finish")
    assert (folder / retired.id).exists(), "two people said seven days"
    _age(retired.id, retired_at=timedelta(days=8))
    entries = LogEntry.objects.filter(kind="key.rotated").count()
    call_command("rotate_keys", "--finish")
    assert not (folder / retired.id).exists()
    assert LogEntry.objects.filter(kind="key.rotated").count() == entries + 1


def test_a_closed_account_agrees_to_nothing() -> None:
    call_command("rotate_keys", f"--as={kang().email}")
    Person.objects.filter(id=lim().id).update(is_active=False)
    with pytest.raises(CommandError, match="No active account"):
        call_command("rotate_keys", f"--as={lim().email}")


@pytest.mark.django_db(transaction=True)
def test_a_key_that_somebody_holds_is_not_waited_for_and_not_forgotten(folder: Path) -> None:
    first = keyring.rotate(keep=AT_ONCE)
    held, *others = owners = [uuid4() for _ in range(3)]
    values = {owner: sealed_for(owner) for owner in owners}
    locked, let_go = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            DataKey.objects.select_for_update().get(owner=held)
            locked.set()
            let_go.wait(30)
        connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    assert locked.wait(30)
    try:
        second = keyring.rotate(keep=AT_ONCE)
        # What wraps it is kept as well.
        assert (second.rewrapped, second.destroyed) == (len(others), ())
        assert all(opened(owner, value) == b"secret" for owner, value in values.items())
    finally:
        let_go.set()
        thread.join()
    rest = keyring.finish(keep=AT_ONCE)
    assert (rest.rewrapped, rest.destroyed) == (1, (first.active,))
    assert all(opened(owner, value) == b"secret" for owner, value in values.items())


@pytest.mark.django_db(transaction=True)
def test_no_key_made_during_a_rotation_is_missed() -> None:
    owners = [uuid4() for _ in range(30)]
    values: dict[UUID, bytes] = {}

    def work() -> None:
        for owner in owners:
            values[owner] = sealed_for(owner)
        connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    for _ in range(3):
        keyring.rotate(keep=AT_ONCE)
    thread.join()
    keyring.rotate(keep=AT_ONCE)
    active = KeyEncryptionKey.objects.get(active=True).id
    assert set(DataKey.objects.values_list("kek_id", flat=True)) == {active}
    assert all(opened(owner, values[owner]) == b"secret" for owner in owners)


def _age(kek: str, **ages: timedelta) -> None:
    """Let a key have been made, or retired, so long ago."""
    moments = {name: now() - age for name, age in ages.items()}
    KeyEncryptionKey.objects.filter(id=kek).update(**moments)


def test_keys_are_renewed_by_the_clock_once_two_people_have_begun(folder: Path) -> None:
    owner = uuid4()
    sealed = sealed_for(owner)
    _age(keyring.DERIVED, created_at=timedelta(days=90))
    assert renew_key_encryption() is None, "nobody has said that every machine sees the keyring"
    for person in (kang(), lim()):
        call_command("rotate_keys", f"--as={person.email}", "--keep-days=7")
    (first,) = KeyEncryptionKey.objects.filter(active=True)
    assert renew_key_encryption() is None, "it is not three days old"
    _age(first.id, created_at=timedelta(days=3))
    done = renew_key_encryption()
    assert done is not None
    assert (done.rewrapped, done.destroyed) == (3, ()), "of the owner and of the two people"
    assert opened(owner, sealed) == b"secret"
    _age(first.id, retired_at=timedelta(days=6))
    assert renew_key_encryption() is None, "two people said seven days"
    _age(first.id, retired_at=timedelta(days=7, minutes=1))
    ended = renew_key_encryption()
    assert ended is not None
    assert ended.destroyed == (first.id,)
    assert [path.name for path in folder.iterdir()] == [done.active]
    assert opened(owner, sealed) == b"secret"
    assert LogEntry.objects.filter(kind="key.rotated").count() == 3

"""A database starts by itself on a machine without one, and keeps what it was told."""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from dure.embedded import postgres
from dure.embedded.places import SOCKET_PATH_BYTES_MAX, Places

pytestmark = pytest.mark.xdist_group("embedded")


@pytest.fixture
def places() -> Iterator[Places]:
    # Not pytest's own folder: as root the server runs as an account that may not enter it.
    with tempfile.TemporaryDirectory(prefix="dure-test-") as folder:
        found = Places.below(Path(folder) / "var")
        Path(folder).chmod(0o711)
        yield found
        postgres.stop(found)


def _connect(places: Places) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(
        host=str(places.postgres_socket), user="dure", dbname="dure", autocommit=True
    )


def test_it_starts_twice_survives_a_kill_and_keeps_every_acknowledged_row(places: Places) -> None:
    postgres.start(places)
    postgres.start(places)
    with _connect(places) as connection:
        connection.execute("CREATE TABLE fact (n int)")
        connection.execute("INSERT INTO fact VALUES (7)")
        durable = connection.execute(
            "SELECT bool_and(setting = 'on') FROM pg_settings "
            "WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit', 'data_checksums')"
        ).fetchone()
        assert durable == (True,)
    pid = int((places.postgres_data / "postmaster.pid").read_text().splitlines()[0])
    os.kill(pid, signal.SIGKILL)
    postgres.start(places)
    with _connect(places) as connection:
        assert connection.execute("SELECT n FROM fact").fetchall() == [(7,)]


def test_nobody_else_can_enter_the_socket_folder(places: Places) -> None:
    postgres.start(places)
    assert places.postgres_socket.stat().st_mode & 0o077 == 0
    assert places.postgres_data.stat().st_mode & 0o077 == 0
    with _connect(places) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)


def test_a_socket_path_is_never_too_long_for_the_system(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*["a-folder-with-a-long-name"] * 8)
    socket = Places.below(deep).postgres_socket
    assert len(os.fsencode(socket)) <= SOCKET_PATH_BYTES_MAX


def test_roots_services_move_out_of_a_home_that_nobody_else_may_enter(tmp_path: Path) -> None:
    closed = tmp_path / "root"
    closed.mkdir(mode=0o700)
    places = Places.below(closed / "dure" / "var")
    if os.geteuid() == 0:
        assert places.postgres_data.is_relative_to("/var/lib/dure")
    else:
        assert places.postgres_data.is_relative_to(closed)
    assert places.secret("kek")
    assert (closed / "dure" / "var" / "secrets" / "kek").exists()


def test_a_socket_folder_of_somebody_else_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = Places(tmp_path, tmp_path, tmp_path / "run")
    places.make_run()
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    with pytest.raises(PermissionError, match="somebody else"):
        places.make_run()


def test_a_secret_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    places = Places.below(tmp_path / "var")
    first = places.secret("kek")
    assert places.secret("kek") == first
    assert len(first) == 64
    assert (tmp_path / "var" / "secrets" / "kek").stat().st_mode & 0o077 == 0

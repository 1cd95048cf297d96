"""`dure push` of a large file: in pieces, and after an interruption from where it stood."""

from __future__ import annotations

from collections.abc import Mapping
from email.message import Message
from pathlib import Path
from typing import Any

import pytest

from contributions.models import Contribution, Upload
from dure.accounts.api_key_services import issue_api_key
from dure_client import main as client
from dure_client import resuming
from dure_client.city import City, CityError
from tests.cast import actor, mina
from tests.contributions.seoul import published, twenty_rows

pytestmark = pytest.mark.django_db(transaction=True)

Ask = Any  # Any: the method that is watched


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr(resuming, "LARGE_BYTES", 1)
    monkeypatch.setattr(resuming, "PIECE_BYTES", 100)
    monkeypatch.setattr(resuming, "PAUSES_S", ())
    path = tmp_path / "air.csv"
    path.write_bytes(twenty_rows())
    return path


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Offsets of the pieces that were sent."""
    seen: list[int] = []
    ask = City.ask

    def watched(
        self: City, path: str, *, method: str, headers: Mapping[str, str], data: bytes | None = None
    ) -> Message:
        if method == "PATCH":
            seen.append(int(headers["Upload-Offset"]))
        return ask(self, path, method=method, headers=headers, data=data)

    monkeypatch.setattr(City, "ask", watched)
    return seen


def push(live_server: Any, file: Path, key: str) -> int:
    return client.main(
        ["--url", live_server.url, "--key", key, "push", str(file), "--call", "air-daily",
         "--purpose", "city-ai"]
    )  # fmt: skip


def key_of_mina() -> str:
    published()
    _key, secret = issue_api_key(acting=actor(mina()), person=mina())
    return secret


def test_an_interrupted_push_goes_on_and_the_same_file_is_handed_in_once(
    live_server: Any, file: Path, sent: list[int], monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    key = key_of_mina()
    send = resuming._send

    def third_breaks(city: City, path: str, source: Path, offset: int) -> int:
        if offset == 200:
            raise CityError("the line is dead")
        return send(city, path, source, offset)

    monkeypatch.setattr(resuming, "_send", third_breaks)
    assert push(live_server, file, key) == client.UNVERIFIABLE
    assert "the same command goes on from here" in capsys.readouterr().err
    assert sent == [0, 100]
    monkeypatch.setattr(resuming, "_send", send)
    sent.clear()
    assert push(live_server, file, key) == client.DONE
    assert sent[0] == 200, "what had arrived was not sent again"
    receipt = capsys.readouterr().out.strip()
    made = Contribution.objects.get()
    assert (made.receipt, made.filename) == (receipt, "air.csv")
    assert made.source is not None
    assert made.source.size == file.stat().st_size
    kept = (file.parent / "state" / "dure" / "uploads.json").read_text()
    assert kept == "{}"
    assert push(live_server, file, key) == client.DONE
    assert capsys.readouterr().out.strip() == receipt
    assert Contribution.objects.count() == 1, "the same file under the same key, once"
    assert not Upload.objects.filter(closed_at=None).exists()


def test_a_small_file_and_a_large_one_are_the_same_request(
    live_server: Any, file: Path, sent: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    key = key_of_mina()
    monkeypatch.setattr(resuming, "LARGE_BYTES", 10**9)
    assert push(live_server, file, key) == client.DONE
    assert sent == []
    monkeypatch.setattr(resuming, "LARGE_BYTES", 1)
    assert push(live_server, file, key) == client.DONE
    assert Contribution.objects.count() == 1


def test_a_refusal_is_not_tried_again(live_server: Any, file: Path, sent: list[int]) -> None:
    key_of_mina()
    assert push(live_server, file, "dure_live_wrong") == client.REFUSED
    assert sent == []

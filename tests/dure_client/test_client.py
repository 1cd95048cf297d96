"""The client against a small real HTTP server that remembers what it was sent."""

from __future__ import annotations

import email
import email.policy
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from dure_client import main as client
from tests.dure_client.log_folder import checkpoint, leaf, path_of, root_of, verifier_key

RECEIPT = "D-2026-0123ABCD"
OTHER = "D-2026-ZZZZZZZZ"


class City(ThreadingHTTPServer):
    """A city with one contribution, accepted at the second question."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.received: list[tuple[dict[str, str], bytes]] = []
        self.questions = 0
        entry = {"type": "contribution.accepted", "payload": {"receipt": RECEIPT}}
        self.bodies = [b"{}", json.dumps(entry).encode(), b"{}"]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def answer(self, path: str) -> tuple[int, Any]:  # Any: a JSON document or bytes
        hashes = [leaf(body) for body in self.bodies]
        if path in (f"/api/v1/contributions/{RECEIPT}/", f"/api/v1/contributions/{OTHER}/"):
            self.questions += 1
            state = "checking" if self.questions == 1 else "accepted"
            return 200, {"receipt": RECEIPT, "state": state, "log": {"index": 1}}
        if path == "/api/v1/wallet/":
            balance = {"asset": "DURE", "pending": "1.5", "confirmed": "66.96", "paid": "0"}
            return 200, {"balances": [balance]}
        if path == "/api/v1/log/entries/1/":
            return 200, {"index": 1, "body": self.bodies[1].decode()}
        if path == "/api/v1/log/entries/1/proof/?size=3":
            steps = [step.hex() for step in path_of(1, hashes)]
            return 200, {"index": 1, "size": 3, "leaf_hash": hashes[1].hex(), "proof": steps}
        if path == "/api/v1/log/keys/":
            return 200, {"verifier_key": verifier_key()}
        if path == "/log/checkpoint":
            return 200, checkpoint(3, root_of(hashes)).encode()
        return 404, {"title": "Not found", "status": 404, "detail": "No such thing."}


class _Handler(BaseHTTPRequestHandler):
    server: City

    def do_GET(self) -> None:
        self._send(*self.server.answer(self.path))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((dict(self.headers), body))
        if self.headers["Authorization"] != "Bearer dure_test_key":
            problem = {
                "title": "Not allowed",
                "detail": "Use a key.",
                "errors": [{"field": "call", "message": "closed"}],
            }
            self._send(403, problem)
            return
        self._send(202, {"receipt": RECEIPT, "state": "received"})

    def _send(self, status: int, document: Any) -> None:
        data = document if isinstance(document, bytes) else json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """Silent."""


@pytest.fixture
def city() -> Iterator[City]:
    with City() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "도봉구 대기질.csv"
    path.write_bytes("측정일시,측정소명\r\n20261001,도봉구\r\n".encode("cp949"))
    return path


def _run(city: City, *arguments: str, key: str = "dure_test_key") -> int:
    return client.main(["--url", city.url, "--key", key, *arguments])


def test_push_sends_the_file_as_it_is_and_prints_the_receipt(
    city: City, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = _run(
        city, "push", str(file), "--call", "air-daily", "--purpose", "city-ai", "--purpose", "x"
    )
    assert code == client.DONE
    assert capsys.readouterr().out == f"{RECEIPT}\n"
    headers, body = city.received[0]
    assert headers["Authorization"] == "Bearer dure_test_key"
    message = email.message_from_bytes(
        f"Content-Type: {headers['Content-Type']}\r\n\r\n".encode() + body,
        policy=email.policy.HTTP,
    )
    parts = list(message.iter_parts())
    names = [part.get_param("name", header="content-disposition") for part in parts]
    assert names == ["call", "purpose", "purpose", "file"]
    assert parts[0].get_payload(decode=True) == b"air-daily"
    assert parts[3].get_content_type() == "text/csv"
    assert parts[3].get_payload(decode=True) == file.read_bytes()


def test_pushing_the_same_file_again_is_the_same_request(city: City, file: Path) -> None:
    for purpose in ("city-ai", "city-ai", "research"):
        _run(city, "push", str(file), "--call", "air-daily", "--purpose", purpose)
    keys = [headers["Idempotency-Key"] for headers, _ in city.received]
    assert keys[0] == keys[1] != keys[2]


def test_push_can_wait_for_the_decision(
    city: City, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(city, "push", str(file), "--call", "air-daily", "--wait") == client.DONE
    assert '"state": "accepted"' in capsys.readouterr().out
    assert city.questions == 2


def test_a_refusal_is_explained_in_the_citys_words(
    city: City, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(city, "push", str(file), "--call", "x", key="wrong") == client.REFUSED
    error = capsys.readouterr().err
    assert "Not allowed (403)\nUse a key.\n  call: closed" in error


def test_a_city_that_cannot_be_reached_is_not_a_refusal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert client.main(["--url", "http://127.0.0.1:9", "wallet"]) == client.UNVERIFIABLE
    assert "cannot be reached" in capsys.readouterr().err


def test_the_wallet_never_mixes_pending_confirmed_and_paid(
    city: City, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(city, "wallet") == client.DONE
    assert capsys.readouterr().out == "DURE  pending 1.5  confirmed 66.96  paid 0\n"


def test_status_prints_the_whole_document(city: City, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(city, "status", RECEIPT) == client.DONE
    assert json.loads(capsys.readouterr().out)["receipt"] == RECEIPT


def test_verify_checks_the_proof_of_a_receipt_and_can_keep_it(
    city: City, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    saved = tmp_path / "proof.json"
    arguments = ["verify", RECEIPT, "--log-key", verifier_key(), "--save", str(saved)]
    assert _run(city, *arguments) == client.DONE
    assert "is entry 1 of log.dure.example (3)" in capsys.readouterr().out
    # The file needs no city.
    assert client.main(["verify", str(saved), "--log-key", verifier_key()]) == client.DONE


def test_verify_says_so_when_the_key_came_from_the_city_itself(
    city: City, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(city, "verify", RECEIPT) == client.DONE
    assert f"pass --log-key {verifier_key()}" in capsys.readouterr().err


def test_verify_notices_an_entry_that_is_not_about_this_receipt(city: City) -> None:
    assert _run(city, "verify", OTHER, "--log-key", verifier_key()) == client.REFUSED


def test_verify_notices_an_entry_changed_after_it_was_signed(city: City, tmp_path: Path) -> None:
    saved = tmp_path / "proof.json"
    _run(city, "verify", RECEIPT, "--log-key", verifier_key(), "--save", str(saved))
    saved.write_text(saved.read_text().replace("accepted", "rejected"))
    assert client.main(["verify", str(saved), "--log-key", verifier_key()]) == client.REFUSED


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["push", "no-such-file", "--call", "x"],
        ["status", "D-2026-ILOU0000"],
        ["push"],
        ["dance"],
    ],
)
def test_wrong_usage_has_its_own_exit_code(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        client.main(arguments)
    assert exit_.value.code == client.USAGE

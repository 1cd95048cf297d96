"""One POST to a judged place: no redirect followed, little read, over after a fixed time."""

from __future__ import annotations

import http.client
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass

from dure.accounts.webhooks.addresses import Target, Unreachable

TIMEOUT_S = 10.0
ANSWER_BYTES_MAX = 64 * 1024


@dataclass(frozen=True)
class Answer:
    status: int
    latency_ms: int


class _Pinned(http.client.HTTPSConnection):
    """Speaks to the host's name over a connection to the address that was judged."""

    def __init__(self, target: Target, deadline: float) -> None:
        super().__init__(target.host, target.port, timeout=TIMEOUT_S)
        self._target, self._deadline = target, deadline

    def connect(self) -> None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        raw = socket.create_connection((self._target.address, self._target.port), left)
        raw.settimeout(max(0.05, self._deadline - time.monotonic()))
        if self._target.scheme == "https":
            context = ssl.create_default_context()
            self.sock = context.wrap_socket(raw, server_hostname=self._target.host)
        else:
            self.sock = raw


def post(
    target: Target, *, headers: Mapping[str, str], body: bytes, timeout_s: float = TIMEOUT_S
) -> Answer:
    """Send and read no more than the status and a little of the answer.

    Raises Unreachable with ``timed-out``, ``tls``, ``connection`` or ``answer-too-large``.
    """
    started = time.monotonic()
    deadline = started + timeout_s
    connection = _Pinned(target, deadline)
    try:
        connection.request("POST", target.path, body=body, headers=dict(headers))
        if connection.sock is not None:
            connection.sock.settimeout(max(0.05, deadline - time.monotonic()))
        answer = connection.getresponse()
        _read_little(connection, answer, deadline)
        return Answer(answer.status, int((time.monotonic() - started) * 1000))
    except TimeoutError:
        raise Unreachable("timed-out") from None
    except ssl.SSLError:
        raise Unreachable("tls") from None
    except (OSError, http.client.HTTPException):
        raise Unreachable("connection") from None
    finally:
        connection.close()


def _read_little(connection: _Pinned, answer: http.client.HTTPResponse, deadline: float) -> None:
    """A slow or endless answer ends here, not with the other side's patience."""
    taken = 0
    while True:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        if connection.sock is not None:
            connection.sock.settimeout(left)
        chunk = answer.read1(4096)
        if not chunk:
            return
        taken += len(chunk)
        if taken > ANSWER_BYTES_MAX:
            raise Unreachable("answer-too-large")

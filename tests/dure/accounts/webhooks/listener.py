"""A firm's program: a small server on this machine that hears webhooks and answers as told."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Heard:
    headers: dict[str, str]
    body: bytes


@dataclass
class Listener:
    url: str = ""
    #: Statuses to answer with, in turn; the last one for ever after.
    statuses: list[int] = field(default_factory=lambda: [200])
    location: str = ""
    answer_bytes: int = 2
    drip_s: float = 0.0
    heard: list[Heard] = field(default_factory=list)


@contextmanager
def listening(listener: Listener) -> Iterator[Listener]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            listener.heard.append(Heard({k.lower(): v for k, v in self.headers.items()}, body))
            turn = min(len(listener.heard), len(listener.statuses)) - 1
            self.send_response(listener.statuses[turn])
            if listener.location:
                self.send_header("Location", listener.location)
            self.end_headers()
            try:
                for _ in range(0, listener.answer_bytes, 4096):
                    self.wfile.write(b"x" * min(4096, listener.answer_bytes))
                    time.sleep(listener.drip_s)
            except OSError:
                return  # the other side has heard enough

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    listener.url = f"http://127.0.0.1:{server.server_address[1]}/hook"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield listener
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

"""Talking to a city: one small HTTP client over the standard library."""

from __future__ import annotations

import json
import mimetypes
import secrets
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import Any, Final

# A parsed answer: its shape is the API's, checked where a member is used.
Document = Any

TIMEOUT_S: Final = 60
CHUNK_BYTES: Final = 1024 * 1024
ANSWER_BYTES_MAX: Final = 64 * 1024 * 1024
_TYPES: Final = {
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".tab": "text/tab-separated-values",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".xls": "application/vnd.ms-excel",
    ".json": "application/json",
    ".ndjson": "application/x-ndjson",
    ".jsonl": "application/jsonl",
    ".geojson": "application/geo+json",
    ".parquet": "application/vnd.apache.parquet",
    ".zip": "application/zip",
}


class CityError(Exception):
    """The city refused or could not be reached; the text is meant for the person.

    `status` is the HTTP status, 0 where there was no answer.
    """

    def __init__(self, text: str, status: int = 0) -> None:
        super().__init__(text)
        self.status = status


@dataclass(frozen=True)
class City:
    """An address such as http://127.0.0.1:8000 and, for what is not public, an API key."""

    url: str
    key: str = ""
    language: str = "ko"

    def get(self, path: str) -> Document:
        """A JSON document below /api/v1/."""
        return json.loads(self.read(f"api/v1/{path}"))

    def read(self, path: str) -> bytes:
        """The bytes of any path of the city."""
        return self._send(urllib.request.Request(self._address(path)))  # noqa: S310

    def push(
        self, file: Path, *, call: str, purposes: Sequence[str], idempotency_key: str
    ) -> Document:
        """Send a file to a call; the file is streamed, never held in memory."""
        boundary = f"dure-{secrets.token_hex(16)}"
        fields = [("call", call), *(("purpose", purpose) for purpose in purposes)]
        head, tail = _multipart(boundary, fields, file)
        request = urllib.request.Request(  # noqa: S310
            self._address("api/v1/contributions/"),
            data=_stream(head, file, tail),
            method="POST",
            headers={
                "Content-Type": f"multipart/form-data; boundary={boundary}",
                "Content-Length": str(len(head) + file.stat().st_size + len(tail)),
                "Idempotency-Key": idempotency_key,
            },
        )
        return json.loads(self._send(request))

    def ask(
        self, path: str, *, method: str, headers: Mapping[str, str], data: bytes | None = None
    ) -> Message:
        """The headers of the answer to a request without a document."""
        request = urllib.request.Request(  # noqa: S310
            self._address(path), data=data, method=method, headers=dict(headers)
        )
        return self._exchange(request)[0]

    def contribute_upload(
        self, upload_id: str, *, call: str, purposes: Sequence[str], idempotency_key: str
    ) -> Document:
        """Hand a complete upload in to a call."""
        asked = [("upload", upload_id), ("call", call), *(("purpose", each) for each in purposes)]
        request = urllib.request.Request(  # noqa: S310
            self._address(f"api/v1/contributions/?{urllib.parse.urlencode(asked)}"),
            data=b"",
            method="POST",
            headers={"Idempotency-Key": idempotency_key},
        )
        return json.loads(self._send(request))

    def _address(self, path: str) -> str:
        if not self.url.startswith(("http://", "https://")):
            raise CityError(f"Not an address of a city: {self.url}")
        return f"{self.url.rstrip('/')}/{path}"

    def _send(self, request: urllib.request.Request) -> bytes:
        return self._exchange(request)[1]

    def _exchange(self, request: urllib.request.Request) -> tuple[Message, bytes]:
        request.add_header("Accept-Language", self.language)
        if self.key:
            request.add_header("Authorization", f"Bearer {self.key}")
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S) as response:  # noqa: S310
                headers: Message = response.headers
                data: bytes = response.read(ANSWER_BYTES_MAX + 1)
        except urllib.error.HTTPError as error:
            with error:
                text = _explain(error.code, error.read(CHUNK_BYTES))
                raise CityError(text, error.code) from None
        except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
            reason = getattr(error, "reason", error)
            raise CityError(f"{self.url} cannot be reached: {reason}") from None
        if len(data) > ANSWER_BYTES_MAX:
            raise CityError("The answer is larger than this client accepts.")
        return headers, data


def content_type_of(file: Path) -> str:
    """The media type that a file's name suggests."""
    guess = mimetypes.guess_type(file.name)[0]
    return _TYPES.get(file.suffix.lower(), guess or "application/octet-stream")


def _multipart(boundary: str, fields: Sequence[tuple[str, str]], file: Path) -> tuple[bytes, bytes]:
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields
    ]
    # Quotes and line ends would end the header early; browsers send them percent-encoded.
    name = file.name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
    parts.append(
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        f"Content-Type: {content_type_of(file)}\r\n\r\n"
    )
    return "".join(parts).encode(), f"\r\n--{boundary}--\r\n".encode()


def _stream(head: bytes, file: Path, tail: bytes) -> Iterator[bytes]:
    yield head
    with file.open("rb") as source:
        while chunk := source.read(CHUNK_BYTES):
            yield chunk
    yield tail


def _explain(status: int, body: bytes) -> str:
    """The text of an RFC 9457 problem, or the status where the answer is something else."""
    try:
        problem = json.loads(body)
    except ValueError:
        problem = None
    if not isinstance(problem, Mapping):
        return f"The city answered {status}."
    lines = [f"{problem.get('title', 'Refused')} ({status})"]
    if problem.get("detail"):
        lines.append(str(problem["detail"]))
    for error in problem.get("errors") or ():
        lines.append(f"  {error.get('field', '')}: {error.get('message', '')}")
    return "\n".join(lines)

"""Large files in pieces (tus 1.0.0), so that an interruption costs one piece and not the file.

Where an upload stands is asked of the city; only its address is remembered here, by what was to
be sent, so that the same command goes on where the last one stopped.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from dure_client.city import City, CityError, content_type_of

PIECE_BYTES: Final = 8 * 1024 * 1024
#: Smaller files are sent in one request.
LARGE_BYTES: Final = 16 * 1024 * 1024
PAUSES_S: Final = (0.5, 1, 2, 4, 8)
VERSION: Final = {"Tus-Resumable": "1.0.0"}
CHECKSUM_MISMATCH: Final = 460


def send_in_pieces(
    city: City, file: Path, *, key: str, tell: Callable[[float], None] = lambda _part: None
) -> str:
    """Upload a file, going on where an attempt under `key` stopped; returns the upload's id.

    `tell` hears the part that has arrived, from 0 to 1. Raises CityError when the city refuses, or
    stays away longer than the pauses between attempts.
    """
    size = file.stat().st_size
    failures = 0
    while True:
        try:
            path, offset = _place(city, file, key)
            while offset < size:
                tell(offset / size)
                offset = _send(city, path, file, offset)
                failures = 0
            tell(1.0)
            return path.rstrip("/").rpartition("/")[2]
        except CityError as error:
            # Refusals stay refusals; a broken line, a busy city and an offset that moved do not.
            passing = error.status in (0, 408, 409, 429, CHECKSUM_MISMATCH) or error.status >= 500
            if not passing or failures >= len(PAUSES_S):
                raise
            time.sleep(PAUSES_S[failures])
            failures += 1


def give_up(city: City, upload_id: str, *, key: str) -> None:
    """Forget an upload here, and there where it is still open."""
    _remember(_name(city, key), None)
    with contextlib.suppress(CityError):
        city.ask(f"api/v1/uploads/{upload_id}/", method="DELETE", headers=VERSION)


def _place(city: City, file: Path, key: str) -> tuple[str, int]:
    """The path of the upload and how much of it has arrived; begins a new one where none is."""
    known = _remembered().get(_name(city, key))
    if known:
        try:
            standing = city.ask(known, method="HEAD", headers=VERSION)
            if int(standing.get("Upload-Length") or -1) == file.stat().st_size:
                return known, int(standing["Upload-Offset"])
        except CityError as error:
            if error.status not in (404, 410):
                raise
    said = {"filename": file.name, "filetype": content_type_of(file)}
    encoded = (f"{name} {base64.b64encode(text.encode()).decode()}" for name, text in said.items())
    length = str(file.stat().st_size)
    answer = city.ask(
        "api/v1/uploads/",
        method="POST",
        headers={**VERSION, "Upload-Length": length, "Upload-Metadata": ",".join(encoded)},
    )
    path = str(answer["Location"]).lstrip("/")
    _remember(_name(city, key), path)
    return path, 0


def _send(city: City, path: str, file: Path, offset: int) -> int:
    with file.open("rb") as source:
        source.seek(offset)
        piece = source.read(PIECE_BYTES)
    digest = base64.b64encode(hashlib.sha256(piece).digest()).decode()
    answer = city.ask(
        path,
        method="PATCH",
        data=piece,
        headers={
            **VERSION,
            "Content-Type": "application/offset+octet-stream",
            "Upload-Offset": str(offset),
            "Upload-Checksum": f"sha256 {digest}",
        },
    )
    return int(answer["Upload-Offset"])


def _name(city: City, key: str) -> str:
    """What an upload is remembered by: no name of a file, no key of a person."""
    return hashlib.sha256(f"{city.url}|{city.key}|{key}".encode()).hexdigest()


def _file() -> Path:
    home = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(home) / "dure" / "uploads.json"


def _remembered() -> dict[str, str]:
    try:
        found = json.loads(_file().read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _remember(name: str, path: str | None) -> None:
    """Best effort: where nothing can be kept, an interrupted upload begins anew."""
    known = {each: kept for each, kept in _remembered().items() if each != name}
    if path is not None:
        known[name] = path
    with contextlib.suppress(OSError):
        _file().parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = _file().with_suffix(f".{os.getpid()}")
        draft.write_text(json.dumps(known))
        draft.chmod(0o600)
        draft.replace(_file())

"""Decoding in a process of its own, so that a crash, a hang or a memory bomb costs that process.

Small plain text is the exception. Most contributions are small CSV or NDJSON, and starting a
process costs more than reading a thousand of their rows. The readers of text keep no more than a
fixed multiple of the bytes they are given, so a mebibyte of it can do no harm in the worker.
Everything that has to be unfolded first (Parquet, spreadsheets, archives) is always read apart.

The file and the answer pass through files without a name, which vanish with their last user,
however it ends. The child gets no setting, key or connection of this process.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any, BinaryIO

import pyarrow as pa

from contributions.decode.result import DEFAULT, Decoded, Limits, Undecodable
from contributions.decode.sniff import is_binary
from contributions.row_problem import RowProblem

MEBIBYTE = 1024 * 1024
SMALL_BYTES = MEBIBYTE
PIECE_BYTES = MEBIBYTE
ROOT = Path(__file__).resolve().parents[2]
#: Crashes that nothing explains may be the machine's fault; the file gets a second chance.
ATTEMPTS = 2
#: How a child ends that has used its time, or asked for more memory than it may have: parsers that
#: are not Python abort then. The same file would do so again.
MET_A_LIMIT = (-signal.SIGXCPU, -signal.SIGABRT)
#: Looks at files at one time; a web process has better things to do than to decode.
PEEKS = threading.BoundedSemaphore(2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What the child may use. Memory counts above its size at rest, in bytes of address space."""

    memory_bytes: int
    cpu_seconds: int
    wall_seconds: float

    @classmethod
    def for_size(cls, size: int) -> Bounds:
        """512 MB and 10 s for any file. Text of our own limit in bytes is a fair request, so every
        byte sent adds six: its text in two encodings, the columns, and the answer.
        """
        seconds = 10 + size // (4 * MEBIBYTE)
        return cls(
            memory_bytes=512 * MEBIBYTE + 6 * size, cpu_seconds=seconds, wall_seconds=3.0 * seconds
        )


PEEK_BOUNDS = Bounds(memory_bytes=384 * MEBIBYTE, cpu_seconds=3, wall_seconds=5.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What came of one file, and the most memory (resident bytes) the child used; 0 if unknown."""

    decoded: Decoded | None
    refusal: Undecodable | None
    peak_bytes: int = 0


class _Crash(Exception):
    """The child ended without an answer and without having met a limit of time."""


def decode_apart(
    stream: BinaryIO, *, filename: str, content_type: str, limits: Limits = DEFAULT
) -> Decoded:
    """`decode` for files of strangers. Raises `Undecodable`, with `file.limit` where reading takes
    more memory or time than any table of that size needs.
    """
    head = stream.read(SMALL_BYTES)
    if len(head) < SMALL_BYTES and not is_binary(head):
        from contributions.decode.decoder import decode_bytes

        return decode_bytes(
            head, filename=filename, content_type=content_type, limits=limits, rows=None
        )
    with tempfile.TemporaryFile(prefix="dure-decode-") as file:
        size = _copy(head, stream, file, limits)
        reading = read_apart(
            file,
            filename=filename,
            content_type=content_type,
            limits=limits,
            bounds=Bounds.for_size(size),
        )
    return _outcome(reading)


def peek_apart(data: bytes, *, filename: str, content_type: str, rows: int) -> Decoded:
    """The first rows of a whole file under tight limits; `file.not_previewable` beyond them."""
    if not PEEKS.acquire(blocking=False):
        raise Undecodable("file.not_previewable")
    try:
        with tempfile.TemporaryFile(prefix="dure-peek-") as file:
            file.write(data)
            reading = read_apart(
                file,
                filename=filename,
                content_type=content_type,
                limits=DEFAULT,
                bounds=PEEK_BOUNDS,
                rows=rows,
                attempts=1,
            )
    finally:
        PEEKS.release()
    if reading.refusal is not None and reading.refusal.rule == "file.limit":
        raise Undecodable("file.not_previewable")
    return _outcome(reading)


def _outcome(reading: Reading) -> Decoded:
    if reading.decoded is None:
        raise reading.refusal or Undecodable("file.limit")
    return reading.decoded


def _copy(head: bytes, stream: BinaryIO, file: IO[bytes], limits: Limits) -> int:
    size, piece = 0, head
    while piece:
        size += len(piece)
        if size > limits.bytes_max:
            raise Undecodable("file.too_large", limit=limits.bytes_max)
        file.write(piece)
        piece = stream.read(PIECE_BYTES)
    return size


def read_apart(
    file: IO[bytes],
    *,
    filename: str,
    content_type: str,
    limits: Limits,
    bounds: Bounds,
    rows: int | None = None,
    attempts: int = ATTEMPTS,
) -> Reading:
    """Have a child read `file`, whole and from its start, once or (after a crash) twice."""
    request = {
        "filename": filename,
        "content_type": content_type,
        "limits": asdict(limits),
        "rows": rows,
        "memory_bytes": bounds.memory_bytes,
        "cpu_seconds": bounds.cpu_seconds,
        "output_bytes_max": 2 * limits.text_bytes_max,
    }
    line = json.dumps(request).encode() + b"\n"
    for _attempt in range(attempts):
        try:
            return _run(line, file, bounds)
        except _Crash:
            continue
    return Reading(decoded=None, refusal=Undecodable("file.limit"))


def _run(line: bytes, file: IO[bytes], bounds: Bounds) -> Reading:
    with tempfile.TemporaryFile(prefix="dure-decoded-") as answer:
        child = subprocess.Popen(
            [sys.executable, "-m", "contributions.decode.child"],
            stdin=subprocess.PIPE,
            stdout=answer,
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
            env=_environment(),
            close_fds=True,
        )
        expired = threading.Event()

        def stop() -> None:
            expired.set()
            child.kill()

        late = threading.Timer(bounds.wall_seconds, stop)
        late.start()
        try:
            _feed(child, line, file)
            code = child.wait()
        finally:
            late.cancel()
            child.kill()
            child.wait()
        if code == 0:
            answer.seek(0)
            return _answer(answer)
        if expired.is_set() or code in MET_A_LIMIT:
            return Reading(decoded=None, refusal=Undecodable("file.limit"))
        raise _Crash


def _environment() -> dict[str, str]:
    """What Python needs and nothing of ours; one arena and one pool, so that memory is counted."""
    return {
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "MALLOC_ARENA_MAX": "1",
        "ARROW_DEFAULT_MEMORY_POOL": "system",
        "ARROW_IO_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }


def _feed(child: subprocess.Popen[bytes], line: bytes, file: IO[bytes]) -> None:
    assert child.stdin is not None, "the child reads from a pipe"
    file.seek(0)
    try:
        with child.stdin as pipe:
            pipe.write(line)
            while piece := file.read(PIECE_BYTES):
                pipe.write(piece)
    except BrokenPipeError:
        pass  # it ended early; its exit code says why


def _answer(answer: IO[bytes]) -> Reading:
    """The child read bytes of a stranger, so its answer is examined like one."""
    try:
        document: dict[str, Any] = json.loads(answer.readline())  # Any: JSON of `child`
        peak = int(document["peak_bytes"])
        if "rule" in document:
            refusal = Undecodable(str(document["rule"]), **document["params"])
            return Reading(decoded=None, refusal=refusal, peak_bytes=peak)
        table = pa.ipc.open_stream(answer).read_all()
        table.validate(full=True)
        decoded = Decoded(
            table=table,
            format=document["format"],
            encoding=document["encoding"],
            rows=int(document["rows"]),
            null_cells=int(document["null_cells"]),
            ragged=tuple(RowProblem(**each) for each in document["ragged"]),
            notices=tuple(RowProblem(**each) for each in document["notices"]),
        )
    except (ValueError, KeyError, TypeError, pa.ArrowException):
        raise _Crash from None
    if decoded.rows != table.num_rows + len(decoded.ragged):
        raise _Crash
    return Reading(decoded=decoded, refusal=None, peak_bytes=peak)

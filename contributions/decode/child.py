"""The disposable process that reads one untrusted file: `python -m contributions.decode.child`.

Standard input is one line of JSON (the request) and the bytes of the file; standard output is one
line of JSON (the answer) and, unless it is a refusal, the table as an Arrow stream. The limits are
taken on before the first byte is read, and measured from the size this process has at rest.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa

# Loaded before the limits are measured: what every table needs.
import pyarrow.csv
import pyarrow.parquet

from contributions.decode.decoder import decode_bytes
from contributions.decode.result import Decoded, Limits, Undecodable

MEBIBYTE = 1024 * 1024


def main() -> int:
    """Exit code 0 with an answer or a refusal; anything else is a crash to whoever waits."""
    # Parsers that print must not write into the answer.
    answer = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    source = sys.stdin.buffer
    request: dict[str, Any] = json.loads(source.readline())  # Any: JSON from our own parent
    _limit(request)
    try:
        decoded = decode_bytes(
            source.read(),
            filename=request["filename"],
            content_type=request["content_type"],
            limits=Limits(**request["limits"]),
            rows=request["rows"],
        )
    except Undecodable as refusal:
        _write_line(answer, {"rule": refusal.rule, "params": dict(refusal.params)})
    except MemoryError:
        _write_line(answer, {"rule": "file.limit", "params": {}})
    else:
        _write(answer, decoded)
    answer.close()
    return 0


def _limit(request: dict[str, Any]) -> None:  # Any: JSON from our own parent
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    seconds = int(request["cpu_seconds"])
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    size = int(request["output_bytes_max"])
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    status = _status()
    if "VmSize" in status:  # elsewhere than on Linux the system does not hold this limit
        memory = status["VmSize"] + int(request["memory_bytes"])
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


def _status() -> dict[str, int]:
    """Sizes of this process in bytes, as Linux tells them."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return {}
    pairs = (line.split(":", 1) for line in lines if line.endswith(" kB"))
    return {name: int(value.split()[0]) * 1024 for name, value in pairs}


def _write(answer: BinaryIO, decoded: Decoded) -> None:
    _write_line(
        answer,
        {
            "format": decoded.format,
            "encoding": decoded.encoding,
            "rows": decoded.rows,
            "null_cells": decoded.null_cells,
            "ragged": [asdict(problem) for problem in decoded.ragged],
            "notices": [asdict(problem) for problem in decoded.notices],
        },
    )
    with pa.ipc.new_stream(answer, decoded.table.schema) as writer:
        writer.write_table(decoded.table)


def _write_line(answer: BinaryIO, document: dict[str, object]) -> None:
    document["peak_bytes"] = _status().get("VmHWM", 0)
    answer.write(json.dumps(document, ensure_ascii=True).encode() + b"\n")


if __name__ == "__main__":
    sys.exit(main())

"""The checks of a call in a disposable process, for whoever must not load the engine itself.

`python -m contributions.quality.apart` reads one line of JSON (checks, schema, suite) and a table
of texts as an Arrow stream, and answers with one line of JSON. Web processes ask it about a sample
of an operator; workers of the `quality` queue have the engine loaded and never need it.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from contributions.quality.outcome import CheckResult, QualityOutcome
from contributions.row_problem import RowProblem

ROOT = Path(__file__).resolve().parents[2]
SECONDS_MAX = 60.0
#: The engine takes a few hundred megabytes: one at a time in a web process, others wait their turn.
ONE_AT_A_TIME = threading.Semaphore(1)
PROBLEMS_MAX = 200


class Unanswered(Exception):
    """The process ended without an answer, or took too long."""


def judge_apart(
    table: pa.Table,
    *,
    schema: Mapping[str, Any],  # Any: a Table Schema
    checks: Sequence[Mapping[str, Any]],  # Any: Great Expectations' configurations
    suite_id: str,
    patience: float = SECONDS_MAX,
) -> QualityOutcome:
    """Judge the rows of `table` that the schema can read, as `engine.run` does.

    `table` holds texts in the columns of the schema. Of problems only the first 200 come back.
    Raises Unanswered, also where others are asked for longer than `patience` seconds.
    """
    request = {"schema": schema, "checks": list(checks), "suite_id": suite_id}
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    line = json.dumps(request).encode() + b"\n"
    if not ONE_AT_A_TIME.acquire(timeout=patience):
        raise Unanswered
    try:
        try:
            done = subprocess.run(
                [sys.executable, "-m", "contributions.quality.apart"],
                input=line + sink.getvalue(),
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=ROOT,
                env=_environment(),
                timeout=SECONDS_MAX,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise Unanswered from None
    finally:
        ONE_AT_A_TIME.release()
    if done.returncode != 0:
        raise Unanswered
    return _outcome(json.loads(done.stdout))


def _environment() -> dict[str, str]:
    """What Python needs and nothing of ours: no key, no connection."""
    return {
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "HOME": os.environ.get("HOME", "/"),
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }


def _outcome(answer: dict[str, Any]) -> QualityOutcome:  # Any: JSON of our own child
    return QualityOutcome(
        set_aside=np.array(answer["set_aside"], np.bool_),
        loss=np.array(answer["loss"], np.int64),
        results=[CheckResult(**each) for each in answer["results"]],
        problems=[RowProblem(**each) for each in answer["problems"]],
        table_failures=[CheckResult(**each) for each in answer["table_failures"]],
    )


def main() -> int:
    """The child: exit code 0 with an answer; anything else is a crash to whoever waits."""
    answer = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # the library prints; nothing of that may get into the answer
    from contributions.quality import engine
    from contributions.schema import cast

    request: dict[str, Any] = json.loads(sys.stdin.buffer.readline())  # Any: JSON of our parent
    table = pa.ipc.open_stream(sys.stdin.buffer).read_all()
    typed = cast(table, request["schema"])
    judged = engine.run(
        typed.frame[~typed.bad_rows], checks=request["checks"], suite_id=request["suite_id"]
    )
    document = {
        "set_aside": judged.set_aside.tolist(),
        "loss": judged.loss.tolist(),
        "results": [asdict(each) for each in judged.results],
        "problems": [asdict(each) for each in judged.problems[:PROBLEMS_MAX]],
        "table_failures": [asdict(each) for each in judged.table_failures],
    }
    answer.write(json.dumps(document).encode())
    answer.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""`python -m tests.benchmarks [--quick | --full] [--record] [NAME …]`: measure and print.

The figures also go into var/bench.json, with `--record` into docs/speed.md. Each benchmark runs in
a process of its own, on a database of its own that is dropped afterwards: one that fails leaves the
others alone, and its failure stands in the table.
Figures of different machines do not compare; those of one run do.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.benchmarks.measure import Size, Skipped
from tests.benchmarks.record import HEADINGS, PLOT, cells, record

NAMES = (
    "log",
    "keys",
    "erasure",
    "honest",
    "report",
    "fairness",
    "privacy",
    "coverage",
    "raking",
    "knn",
    "allocate",
    "ledger",
    "dividend",
    "decode",
    "quality",
    "small",
    "pipeline",
    "linear",
    "faults",
    "pages",
    "upload",
)
DATABASE = "dure_bench"
#: A benchmark sets itself up within its time: what it needs many of comes by the thousand.
TIME_LIMIT_S: dict[Size, int] = {"quick": 600, "normal": 1800, "full": 7200}
# In a file or a pipe there is no width to fit into.
TABLE_WIDTH = 160
# The upload is measured in the city that runs, the others must never touch it.
ON_THE_RUNNING_CITY = frozenset({"upload"})
Document = dict[str, Any]  # Any: JSON between the processes


def main() -> int:
    arguments = _parser().parse_args()
    size: Size = "quick" if arguments.quick else "full" if arguments.full else "normal"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dure.settings")
    os.environ.setdefault("DURE_LOG_LEVEL", "WARNING")
    if arguments.child:
        return _child(arguments.names[0], size)
    return _parent(arguments.names or list(NAMES), size, recorded=arguments.record)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES)}")
    sizes = parser.add_mutually_exclusive_group()
    sizes.add_argument("--quick", action="store_true", help="small sizes, about a minute")
    sizes.add_argument("--full", action="store_true", help="the sizes of the goals")
    parser.add_argument("--record", action="store_true", help="also write docs/speed.md")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    return parser


def _parent(names: list[str], size: Size, *, recorded: bool) -> int:
    import django

    django.setup()
    from django.conf import settings

    from dure.embedded.postgres import ensure_running

    unknown = sorted(set(names) - set(NAMES))
    if unknown:
        sys.exit(f"no such benchmark: {', '.join(unknown)}")
    ensure_running()
    console = Console()
    if not console.is_terminal:
        console = Console(width=TABLE_WIDTH)
    results = []
    for name in names:
        with console.status(f"{name} …"):
            result = _in_a_process(name, size)
        results.append(result)
        console.print(f"{name}: {result['outcome']} ({result.get('peak_mb', '–')} MB)")
    console.print(_table(results))
    if recorded:
        record(results, size, drawn=Path(settings.VAR_DIR) / PLOT)
    target = Path(settings.VAR_DIR) / "bench.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    machine = {
        "cores": os.cpu_count(),
        "machine": platform.machine(),
        "python": platform.python_version(),
    }
    target.write_text(
        json.dumps({"size": size, "machine": machine, "benchmarks": results}, indent=1) + "\n"
    )
    console.print(f"written to {target}")
    return 1 if any(result["outcome"] == "failed" for result in results) else 0


def _in_a_process(name: str, size: Size) -> Document:
    flag = [] if size == "normal" else [f"--{size}"]
    command = [sys.executable, "-m", "tests.benchmarks", "--child", *flag, name]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=TIME_LIMIT_S[size], check=False
        )
    except subprocess.TimeoutExpired:
        return {"name": name, "outcome": "failed", "reason": f"no end after {TIME_LIMIT_S[size]} s"}
    last = done.stdout.strip().splitlines()[-1:] or [""]
    try:
        answer: Document = json.loads(last[0])
    except ValueError:
        reason = (done.stderr.strip().splitlines() or ["no answer"])[-1]
        answer = {"name": name, "outcome": "failed", "reason": reason}
    return answer


def _child(name: str, size: Size) -> int:
    import django

    django.setup()
    scratch = name not in ON_THE_RUNNING_CITY
    if scratch:
        _create_database()
    answer: Document = {"name": name}
    try:
        module = importlib.import_module(f"tests.benchmarks.{name}")
        answer["figures"] = [figure.document() for figure in module.run(size)]
        answer["outcome"] = "measured"
    except Skipped as reason:
        answer |= {"outcome": "skipped", "reason": str(reason)}
    except Exception as error:  # the table must show any failure, of whatever kind
        answer |= {"outcome": "failed", "reason": f"{type(error).__name__}: {error}"}
    finally:
        if scratch:
            _drop_database()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    answer["peak_mb"] = round(peak / (1024 * 1024 if sys.platform == "darwin" else 1024))
    print(json.dumps(answer))
    return 0


def _create_database() -> None:
    from django.conf import settings
    from django.db import connection

    # A log that is thrown away must not be taken for the city's own.
    scratch = Path(tempfile.mkdtemp(prefix="dure-bench-"))
    settings.LOG_ANCHOR_DIR, settings.LOG_KEYS = scratch / "anchor", scratch / "keys"
    os.environ["DURE_LOG_ANCHOR_DIR"] = str(settings.LOG_ANCHOR_DIR)
    connection.settings_dict["TEST"]["NAME"] = DATABASE
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)


def _drop_database() -> None:
    from django.conf import settings
    from django.db import connection

    connection.creation.destroy_test_db(settings.DATABASES["default"]["NAME"], verbosity=0)


def _table(results: list[Document]) -> Table:
    table = Table(title="Dure, measured side by side on this machine")
    for heading in HEADINGS:
        table.add_column(heading, justify="left" if heading in {"What", "Beside"} else "right")
    for result in results:
        if result["outcome"] != "measured":
            table.add_row(result["name"], f"[red]{result['outcome']}[/]: {result['reason']}")
            continue
        for figure in result["figures"]:
            what, *rest = cells(figure)
            indent = "  " if figure["what"].startswith(" ") else ""
            table.add_row(indent + what, *rest)
    return table


if __name__ == "__main__":
    sys.exit(main())

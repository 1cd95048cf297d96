"""`--record`: what was measured goes into docs/speed.md, a section a benchmark, each with its day.

A section is replaced as a whole when its benchmark is measured again; the others stay. Machines
differ, so what counts in them is the comparison inside one run.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

PAGE = Path(__file__).resolve().parents[2] / "docs" / "speed.md"
HEAD = """# How fast it is

Measured by `python -m tests.benchmarks --record NAME` (`make bench` prints the same for all), each
benchmark in a process and on a database of its own, beside its peer in the same run. A goal stands
where one was set; a figure that misses it stands here like the others.
"""
HEADINGS = ("What", "Measured", "Goal", "Beside", "Theirs", "Better by")
#: Written by `linear`; beside the page stands a copy of what it last drew.
PLOT = "bench-linear.svg"
Document = dict[str, Any]  # Any: JSON between the processes


def record(
    results: Sequence[Document], size: str, page: Path = PAGE, drawn: Path | None = None
) -> None:
    """Write the measured ones of `results` (as `--child` answers them) into the page; `drawn` is
    the plot that `linear` left.
    """
    sections = read(page.read_text(encoding="utf-8")) if page.exists() else {}
    for result in results:
        if result["outcome"] == "measured":
            sections[result["name"]] = section(result, size)
            if result["name"] == "linear" and drawn is not None:
                shutil.copyfile(drawn, page.parent / "images" / PLOT)
    parts = [HEAD, *(sections[name] for name in sorted(sections))]
    page.write_text("\n".join(parts), encoding="utf-8")


def read(text: str) -> dict[str, str]:
    """The sections of a page by the name of their benchmark."""
    parts = re.split(r"^(?=## )", text, flags=re.MULTILINE)[1:]
    return {part[3 : part.index("\n")]: part.rstrip("\n") + "\n" for part in parts}


def section(result: Document, size: str) -> str:
    """One benchmark: how it was measured, and its figures as a table."""
    cores, load, today = os.cpu_count(), os.getloadavg()[0], datetime.now(UTC).date()
    flag = "" if size == "normal" else f" --{size}"
    lines = [
        f"## {result['name']}",
        "",
        f"`python -m tests.benchmarks{flag} {result['name']}` on {today}, "
        f"{cores} cores, {platform.machine()}, Python {platform.python_version()}; "
        f"{load:.1f} processes were busy at its end.",
        "",
        row(HEADINGS),
        row(["---", "---:", "---:", "---", "---:", "---:"]),
        *(row(cells(figure)) for figure in result["figures"]),
        "",
    ]
    if result["name"] == "linear":
        lines += [f"![Seconds over rows, both by powers of ten](images/{PLOT})", ""]
    return "\n".join(lines)


def cells(figure: Document) -> list[str]:
    """A figure as texts, in the order of `HEADINGS`."""
    theirs, ratio = figure["their_value"], figure["ratio"]
    return [
        figure["what"].strip(),
        f"{number(figure['value'])} {figure['unit']}".strip(),
        figure["goal"],
        figure["against"],
        "" if theirs is None else f"{number(theirs)} {figure['unit']}".strip(),
        "" if ratio is None else f"×{ratio:.2f}",
    ]


def row(texts: Sequence[str]) -> str:
    return f"| {' | '.join(texts)} |"


def number(value: float) -> str:
    """Whole above a hundred, three digits below."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"

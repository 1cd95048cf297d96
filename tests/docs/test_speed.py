"""The page of measured figures is written by a command, a section a benchmark."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.benchmarks.__main__ import NAMES
from tests.benchmarks.record import PAGE, read, record


def measured(name: str, value: float) -> dict[str, Any]:  # Any: JSON
    figure = {
        "what": "rows of air",
        "value": value,
        "unit": "rows/s",
        "against": "by hand",
        "their_value": 50.0,
        "ratio": value / 50,
        "goal": "10×",
    }
    return {"name": name, "outcome": "measured", "figures": [figure]}


def test_measuring_again_replaces_one_section_and_leaves_the_others(tmp_path: Path) -> None:
    page = tmp_path / "speed.md"
    record([measured("log", 1000.0), measured("keys", 500.0)], "full", page)
    before = read(page.read_text())
    record([measured("log", 2000.0), {"name": "raking", "outcome": "failed"}], "normal", page)
    after = read(page.read_text())
    assert set(after) == {"keys", "log"}
    assert after["keys"] == before["keys"]
    assert "| rows of air | 2,000 rows/s | 10× | by hand | 50 rows/s | ×40.00 |" in after["log"]
    assert "`python -m tests.benchmarks log`" in after["log"]
    assert "`python -m tests.benchmarks --full keys`" in after["keys"]


def test_every_section_of_the_page_is_a_benchmark_of_today() -> None:
    assert set(read(PAGE.read_text())) <= set(NAMES)

"""Processes are found again by another shell and stopped whole."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import psutil

from dure.embedded.places import Places
from dure.embedded.processes import Process


def _sleeper(folder: Path, program: str = "import time; time.sleep(60)") -> Process:
    return Process(
        Places(folder, folder, folder / "run"), "sleeper", (sys.executable, "-c", program)
    )


def test_a_second_start_changes_nothing(tmp_path: Path) -> None:
    process = _sleeper(tmp_path)
    process.start()
    first = process.pid()
    _sleeper(tmp_path).start()
    assert process.pid() == first
    process.stop()
    assert not process.running()


def test_children_end_with_their_parent(tmp_path: Path) -> None:
    process = _sleeper(
        tmp_path,
        "import subprocess, sys, time; "
        "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']); time.sleep(60)",
    )
    process.start()
    pid = process.pid()
    assert pid is not None
    parent = psutil.Process(pid)
    while not (children := parent.children()):
        time.sleep(0.02)
    process.stop()
    _gone, alive = psutil.wait_procs(children, timeout=5)
    assert alive == []


def test_a_number_that_was_given_to_another_process_is_not_ours(tmp_path: Path) -> None:
    process = _sleeper(tmp_path)
    process.start()
    record = process._record
    text = record.read_text()
    process.stop()
    pid = psutil.Process().pid
    record.write_text(text.replace(text.split(":")[1].split(",")[0].strip(), str(pid)))
    assert process.pid() is None

"""What the documents say about the project is true of the project."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import get_commands

PROJECT = Path(__file__).resolve().parents[2]
DOCUMENTS = [PROJECT / "README.md", *sorted((PROJECT / "docs").rglob("*.md"))]


def _names(path: Path) -> str:
    return path.relative_to(PROJECT).as_posix()


@pytest.mark.parametrize("document", DOCUMENTS, ids=_names)
def test_links_between_documents_lead_somewhere(document: Path) -> None:
    links = re.findall(r"(?<!!)\[[^\]]*\]\(([^)#]+)\)", document.read_text(encoding="utf-8"))
    missing = [
        link
        for link in links
        if not link.startswith("http") and not (document.parent / link).exists()
    ]
    assert not missing


def test_every_setting_is_explained_and_every_explained_setting_is_read() -> None:
    settings = (PROJECT / "platform" / "dure" / "settings.py").read_text(encoding="utf-8")
    read = set(re.findall(r'env\.\w+\(\s*"(DURE_\w+)"', settings))
    operating = (PROJECT / "docs" / "operating.md").read_text(encoding="utf-8")
    explained = set(re.findall(r"`(DURE_[A-Z_]+)`", operating))
    clients = {name for name in explained if name.startswith("DURE_CLIENT_")}
    assert read == explained - clients


@pytest.mark.parametrize("document", DOCUMENTS, ids=_names)
def test_commands_that_are_named_exist(document: Path) -> None:
    named = re.findall(r"manage\.py ([a-z_]+)", document.read_text(encoding="utf-8"))
    assert set(named) <= set(get_commands())


def test_the_decisions_are_numbered_without_a_gap() -> None:
    numbers = [int(path.name[:4]) for path in sorted((PROJECT / "docs" / "adr").glob("*.md"))]
    assert numbers == list(range(1, len(numbers) + 1))


def test_the_settings_that_the_makefile_gives_are_spelt_as_settings() -> None:
    """`make demo` must not be the first to read them."""
    given = dict(re.findall(r"export (DURE_\w+) \?= (\S+)", (PROJECT / "Makefile").read_text()))
    assert given
    done = subprocess.run(
        [sys.executable, "-c", "import dure.settings"],
        env={**os.environ, **given}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr

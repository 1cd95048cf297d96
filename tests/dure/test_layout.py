"""`platform/` must not shadow the standard library, and every room stays in its place."""

from __future__ import annotations

import platform
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_platform_is_still_the_standard_library() -> None:
    assert Path(platform.__file__) == Path(sysconfig.get_path("stdlib")) / "platform.py"
    assert not (ROOT / "platform" / "__init__.py").exists()


def test_no_test_and_no_conftest_below_platform() -> None:
    found = [*(ROOT / "platform").rglob("conftest.py"), *(ROOT / "platform").rglob("test_*.py")]
    assert found == []


def test_every_test_folder_is_a_package() -> None:
    folders = {path.parent for path in (ROOT / "tests").rglob("*.py")}
    assert [folder for folder in sorted(folders) if not (folder / "__init__.py").exists()] == []


def test_a_name_says_what_a_thing_is() -> None:
    vague = {"utils.py", "helpers.py", "common.py", "managers.py", "base.py", "misc.py"}
    rooms = ("platform", "governance", "contributions", "rewards", "tests")
    found = [path for room in rooms for path in (ROOT / room).rglob("*.py") if path.name in vague]
    assert found == []


#: What an auditor downloads and reads alone is one file on purpose.
ONE_FILE_ON_PURPOSE = {"platform/dure_client/dure_verify.py"}


def test_a_file_keeps_to_one_subject() -> None:
    rooms = ("platform", "governance", "contributions", "rewards", "tests")
    long = [
        (path.relative_to(ROOT).as_posix(), lines)
        for room in rooms
        for path in (ROOT / room).rglob("*.py")
        if "migrations" not in path.parts
        and (lines := len(path.read_text(encoding="utf-8").splitlines())) > 500
    ]
    assert [found for found in long if found[0] not in ONE_FILE_ON_PURPOSE] == []

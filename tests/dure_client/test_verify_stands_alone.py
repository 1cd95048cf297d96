"""The verifier is one file: it runs where nothing of the platform, and no package, is installed."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from pathlib import Path

from dure_client import dure_verify
from tests.dure_client.log_folder import LogFolder, verifier_key

FILE = Path(dure_verify.__file__)


def test_it_runs_without_site_packages_and_checks_signatures_by_itself(tmp_path: Path) -> None:
    alone = tmp_path / "alone"
    alone.mkdir()
    shutil.copy(FILE, alone)
    log = LogFolder(tmp_path / "log", [b"one", b"two", b"three"])
    log.write()
    # -I: no environment, no user packages; -S: no site-packages, so no cryptography either.
    command = [sys.executable, "-I", "-S", str(alone / FILE.name), "log", str(log.folder)]
    done = subprocess.run(
        [*command, "--key", verifier_key()], capture_output=True, text=True, check=False, cwd=alone
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("OK  3 entries")
    assert subprocess.run(command, capture_output=True, check=False).returncode == 2


def test_it_imports_the_standard_library_and_cryptography_at_most() -> None:
    imported = set()
    for node in ast.walk(ast.parse(FILE.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            imported |= {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add(str(node.module).partition(".")[0])
    assert imported - set(sys.stdlib_module_names) == {"cryptography"}

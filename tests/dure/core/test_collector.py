"""What a process is made of is not searched for garbage again and again."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import gc, os
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dure.settings")
import django
django.setup()
frozen = gc.get_freeze_count()
print(frozen > len(gc.get_objects()), len(gc.get_objects()) > 0)
"""


def test_what_was_loaded_at_the_start_is_left_alone() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["True", "True"]

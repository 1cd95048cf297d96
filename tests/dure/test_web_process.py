"""The web process stays light: the quality worker alone pays for Great Expectations."""

from __future__ import annotations

import json
import subprocess
import sys


def test_the_web_process_never_imports_the_quality_engine() -> None:
    program = (
        "import json, sys, dure.wsgi\n"
        "from django.urls import get_resolver\n"
        "get_resolver().url_patterns\n"
        "from django.urls import reverse; reverse('schema')\n"
        "heavy = ('great_expectations', 'pandas', 'scipy', 'sklearn', 'matplotlib')\n"
        "print(json.dumps([name for name in heavy if name in sys.modules]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == []

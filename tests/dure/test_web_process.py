"""The web process stays light: the quality worker alone pays for Great Expectations."""

from __future__ import annotations

import json
import subprocess
import sys

PROGRAM = """
import json, sys
import dure.wsgi
from django.urls import get_resolver, reverse
get_resolver().url_patterns
reverse("schema")
from contributions.decode import peek
from contributions.privacy import scan
from contributions.schema import find_faults
look = peek("날짜,값\\n20260231,1\\n".encode("cp949"), filename="a.csv", content_type="text/csv")
schema = {"fields": [{"name": "날짜", "type": "date", "format": "%Y%m%d"},
                     {"name": "값", "type": "number"}]}
verdict = scan(look.table, pseudonym_key=b"k" * 32)
problems = find_faults(verdict.table, schema).problems
heavy = [n for n in ("great_expectations", "pandas", "scipy") if sys.modules.get(n)]
print(json.dumps({"rules": [p.rule for p in problems], "heavy": heavy}))
"""


def test_the_web_process_looks_at_a_file_without_the_quality_engine() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "rules": ["cell.impossible_date"],
        "heavy": [],
    }

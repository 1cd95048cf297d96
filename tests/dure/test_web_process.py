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


TRIAL = """
import io, json, sys
import dure.wsgi
from contributions.calls import trial
from contributions.models import CallVersion
from tests.contributions.seoul import AIR, air_csv

document = {**AIR, "strata": [], "method": "flat", "price_cap": None}
document["schema"] = {"fields": [{"name": "측정일시", "type": "datetime"},
                                 {"name": "측정소명", "type": "string"},
                                 {"name": "PM10", "type": "number"}]}
trial.examined = lambda document: []
rows = [f"2026-{n // 600 + 1:02d}-{n % 600 // 24 + 1:02d}T{n % 24:02d}:00:00,종로구,{n % 90}"
        for n in range(2000)]
found = trial.rehearse(version=CallVersion(document=document), filename="a.csv", content_type="",
                       stream=io.BytesIO(air_csv(*rows, "2026-02-31T00:00:00,종로구,-1")))
heavy = [n for n in ("great_expectations", "pandas", "scipy") if sys.modules.get(n)]
print(json.dumps({"state": found.state, "counts": found.document()["counts"], "heavy": heavy}))
"""


def test_the_web_process_tells_how_a_file_would_end_without_the_quality_engine() -> None:
    done = subprocess.run(
        [sys.executable, "-c", TRIAL], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "state": "accepted",
        "counts": {"received": 2001, "accepted": 2000, "quarantined": 1, "duplicate": 0},
        "heavy": [],
    }

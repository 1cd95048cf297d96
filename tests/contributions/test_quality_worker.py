"""Only the workers that judge quality load the checking engine."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

CODE = """
import sys
from types import SimpleNamespace
import django
django.setup()
from celery import Celery
from contributions.quality_worker import warm_before_fork
app = Celery("w", set_as_current=False)
app.amqp.queues.select(sys.argv[1])
warm_before_fork(SimpleNamespace(app=app))
print("great_expectations" in sys.modules)
"""


@pytest.mark.parametrize(("queue", "loaded"), [("default", "False"), ("quality", "True")])
def test_the_engine_is_loaded_for_the_quality_queue_only(queue: str, loaded: str) -> None:
    answer = subprocess.run(
        [sys.executable, "-c", CODE, queue],
        check=True,
        capture_output=True,
        text=True,
        timeout=200,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "dure.settings"},
    )
    assert answer.stdout.split()[-1] == loaded

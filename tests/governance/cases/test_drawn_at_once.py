"""Two requests that draw one sample in the same instant."""

from __future__ import annotations

import pytest

from dure.core import outbox
from governance.cases.samples import draw_sample
from governance.models import AuditSample, LogEntry, SampleDrawing
from tests.cast import actor, kang, lim, seo
from tests.contributions.pipeline.test_running_twice import at_once
from tests.governance.cases.desk import SEED, case, committed, sequence_and_size

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_second_finds_the_drawing_of_the_first() -> None:
    for person in (seo(), kang(), lim()):
        assert person
    outbox.drain()
    sample = committed(case())
    sequence_and_size()
    acting = actor(seo())

    def draw() -> SampleDrawing:
        return draw_sample(acting=acting, sample=AuditSample.objects.get(id=sample.id), seed=SEED)

    first, second = at_once(draw, draw)
    assert first.pk == second.pk == SampleDrawing.objects.get().pk
    assert LogEntry.objects.filter(kind="sample.drawn").count() == 1

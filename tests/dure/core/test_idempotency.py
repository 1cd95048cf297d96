"""A keyed request has one effect and one answer."""

from __future__ import annotations

import uuid

import pytest
from rest_framework.response import Response

from dure.core.idempotency import run_idempotently
from dure.core.models import IdempotentAnswer
from dure.core.problems import INVALID, Problem

pytestmark = pytest.mark.django_db
MINA, JOON = uuid.uuid4(), uuid.uuid4()


def _answer(effects: list[int]) -> Response:
    effects.append(1)
    # The longer name first: PostgreSQL's own order of members would turn them round.
    return Response({"longer": "", "n": len(effects)}, status=202, headers={"Location": "/there"})


def test_the_same_request_again_gets_the_same_answer() -> None:
    effects: list[int] = []
    first = run_idempotently(actor=MINA, key="k", request_hash="a", run=lambda: _answer(effects))
    again = run_idempotently(actor=MINA, key="k", request_hash="a", run=lambda: _answer(effects))
    assert first.status_code == again.status_code == 202
    assert list(first.data.items()) == list(again.data.items()) == [("longer", ""), ("n", 1)]
    assert again["Location"] == "/there"
    assert len(effects) == 1


def test_another_request_under_the_same_key_is_refused() -> None:
    run_idempotently(actor=MINA, key="k", request_hash="a", run=lambda: _answer([]))
    with pytest.raises(Problem, match="idempotency-key-reused"):
        run_idempotently(actor=MINA, key="k", request_hash="b", run=lambda: _answer([]))


def test_two_people_may_choose_the_same_key() -> None:
    effects: list[int] = []
    for person in (MINA, JOON):
        run_idempotently(actor=person, key="k", request_hash="a", run=lambda: _answer(effects))
    assert len(effects) == 2


def test_a_request_that_failed_may_be_sent_again() -> None:
    def fail() -> Response:
        raise INVALID.problem()

    with pytest.raises(Problem):
        run_idempotently(actor=MINA, key="k", request_hash="a", run=fail)
    assert not IdempotentAnswer.objects.exists()
    assert (
        run_idempotently(actor=MINA, key="k", request_hash="a", run=lambda: _answer([])).status_code
        == 202
    )


@pytest.mark.parametrize("key", ["x" * 256, "a\nb"])
def test_an_odd_key_is_refused(key: str) -> None:
    with pytest.raises(Problem, match="invalid-request"):
        run_idempotently(actor=MINA, key=key, request_hash="a", run=lambda: _answer([]))

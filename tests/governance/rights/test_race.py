"""Requests at the same moment, and who may make them."""

from __future__ import annotations

import pytest

from dure.core.problems import Problem
from governance.models import RightsRequest
from governance.rights import services
from governance.rights.identity import TRIES, confirm_identity
from tests.cast import PASSWORD, actor, charlie, mina
from tests.governance.consent.test_decisions_at_once import at_once


@pytest.mark.django_db(transaction=True)
def test_of_many_requests_at_once_one_is_open() -> None:
    person = mina()
    failures = at_once([lambda: services.request_right(acting=actor(person), kind="erasure")] * 5)
    assert RightsRequest.objects.count() == 1
    assert len(failures) == 4
    assert all(isinstance(failure, Problem) for failure in failures), failures
    assert {str(failure.kind.code) for failure in failures} == {"rights-request-open"}  # type: ignore[attr-defined]


@pytest.mark.django_db
def test_the_password_confirms_and_guessing_ends_after_five_tries() -> None:
    confirm_identity(acting=actor(mina()), password=PASSWORD)
    for _ in range(TRIES):
        with pytest.raises(Problem, match="identity-unconfirmed"):
            confirm_identity(acting=actor(mina()), password="guess")
    with pytest.raises(Problem, match="identity-unconfirmed"):
        confirm_identity(acting=actor(mina()), password=PASSWORD)
    confirm_identity(acting=actor(charlie()), password=PASSWORD)

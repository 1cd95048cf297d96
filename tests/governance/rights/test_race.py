"""Requests at the same moment, and who may make them."""

from __future__ import annotations

import pytest
from django.test import Client

from dure.core.problems import Problem
from governance.models import RightsRequest
from governance.rights import services
from governance.rights.identity import TRIES, confirm_identity
from tests.cast import PASSWORD, actor, api, charlie, log_in, mina
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
def test_an_open_screen_is_not_enough_over_the_api_either(client: Client) -> None:
    log_in(client, mina())
    address = "/api/v1/rights-requests/"
    for body in ({"kind": "export"}, {"kind": "erasure", "password": "guess"}):
        answer = client.post(address, body, content_type="application/json")
        assert answer.status_code == 403
        assert answer.json()["type"].endswith("/identity-unconfirmed/")
    assert not RightsRequest.objects.exists()
    right = {"kind": "export", "password": PASSWORD}
    assert client.post(address, right, content_type="application/json").status_code == 201
    # A key was given to a program by somebody who confirmed who they are.
    assert api(mina()).post(address, {"kind": "access"}).status_code == 201


@pytest.mark.django_db
def test_the_password_confirms_and_guessing_ends_after_five_tries() -> None:
    confirm_identity(acting=actor(mina()), password=PASSWORD)
    for _ in range(TRIES):
        with pytest.raises(Problem, match="identity-unconfirmed"):
            confirm_identity(acting=actor(mina()), password="guess")
    with pytest.raises(Problem, match="identity-unconfirmed"):
        confirm_identity(acting=actor(mina()), password=PASSWORD)
    confirm_identity(acting=actor(charlie()), password=PASSWORD)

"""What the platform writes about itself names nobody, not even in the path of an address."""

from __future__ import annotations

import logging

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/api/v1/calls/minas-own/", "Not Found: /api/v1/calls/"),
        ("/mina@dure.example/nowhere", "Not Found: an address without a page"),
    ],
)
def test_a_warning_names_the_route_and_not_what_stood_in_its_place(
    path: str, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        assert Client().get(path).status_code == 404
    assert said in caplog.text
    assert "mina" not in caplog.text


def test_a_refused_form_is_told_of_without_its_path(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        answer = Client(enforce_csrf_checks=True).post("/c/D-2026-AAAAAAAA/objection/", {})
    assert answer.status_code == 403
    assert "Forbidden" in caplog.text
    assert "AAAAAAAA" not in caplog.text

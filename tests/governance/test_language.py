"""Readers are answered in their language."""

from __future__ import annotations

import pytest

from tests.cast import api

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("language", "title"),
    [("ko", "기록부에 아직 없는 번호입니다"), ("en", "The log has no such entry yet")],
)
def test_a_problem_is_explained_in_the_readers_language(language: str, title: str) -> None:
    response = api().get("/api/v1/log/entries/0/", HTTP_ACCEPT_LANGUAGE=language)
    assert response.json()["title"] == title

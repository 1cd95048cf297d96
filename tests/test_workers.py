"""How the tests are shared out among processes."""

from __future__ import annotations

import os

import pytest


@pytest.mark.xdist_group("workers")
@pytest.mark.skipif("PYTEST_XDIST_WORKER" not in os.environ, reason="one process has no groups")
def test_tests_that_must_not_meet_are_kept_on_one_worker(request: pytest.FixtureRequest) -> None:
    """pytest-xdist shares out by the name after the @, which a pytest too new for it drops."""
    assert request.node.nodeid.endswith("@workers")

"""The checking engine is imported once, as its workers do before they fork."""

from __future__ import annotations

import warnings

import pytest


@pytest.fixture(autouse=True, scope="session")
def _warm_engine() -> None:
    from contributions.quality import engine

    # Great Expectations 1.24.1 imports modules that pydantic and marshmallow deprecate.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        engine.warm()

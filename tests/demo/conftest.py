from __future__ import annotations

from tests.contributions.conftest import _warm_engine

__all__ = ["_warm_engine"]

"""What the tests of governance share."""

from __future__ import annotations

import pytest
from django.db import connection

from tests.emptying import without_triggers


class Forger:
    """Somebody with the database owner's power, who can switch the triggers off."""

    def run(self, sql: str) -> None:
        with without_triggers(), connection.cursor() as cursor:
            cursor.execute(sql)

    @staticmethod
    def run_plainly(sql: str) -> None:
        """The same statement with the triggers on."""
        with connection.cursor() as cursor:
            cursor.execute(sql)


@pytest.fixture
def forger(db: None) -> Forger:
    return Forger()

"""The files of the database are written anew after an erasure, and only then is it said so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.db import IntegrityError, connection

from dure.core import clock
from governance.erasure.pages import rewrite_pages
from governance.erasure.services import erase
from governance.models import Erasure
from tests.cast import actor, kang, mina

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def report() -> Iterator[psycopg.Connection]:
    """Somebody else at the database, as a backup or a long report would be."""
    with psycopg.connect(**connection.get_connection_params()) as other:
        yield other


@pytest.fixture(autouse=True)
def _tombstones(transactional_db: None, settings: pytest.FixtureRequest, tmp_path: Path) -> None:
    settings.TOMBSTONES = tmp_path / "tombstones.jsonl"  # type: ignore[attr-defined]


def in_pages(text: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("CHECKPOINT")
        cursor.execute(
            "SELECT position(%s IN encode(pg_read_binary_file("
            "pg_relation_filepath('accounts_person')), 'escape')) > 0",
            [text],
        )
        return bool(cursor.fetchone()[0])


def test_who_still_looks_at_yesterday_delays_it_and_a_later_night_does_it(
    report: psycopg.Connection,
) -> None:
    email = mina().email
    report.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    report.execute("SELECT 1 FROM accounts_party LIMIT 1")
    erase(acting=actor(kang()), party_id=mina().party_id)
    assert "accounts_person" in rewrite_pages()
    assert in_pages(email), "the report may still read it"
    assert Erasure.objects.get().pages_at is None
    report.rollback()
    assert rewrite_pages() == []
    assert not in_pages(email)
    assert Erasure.objects.get().pages_at is not None


def test_a_table_in_use_is_left_for_another_night(report: psycopg.Connection) -> None:
    erase(acting=actor(kang()), party_id=mina().party_id)
    report.execute("LOCK TABLE contributions_draft IN ACCESS SHARE MODE")
    assert "contributions_draft" in rewrite_pages()
    assert Erasure.objects.get().pages_at is None
    report.rollback()
    assert rewrite_pages() == []
    done = Erasure.objects.get().pages_at
    assert rewrite_pages() == []
    assert Erasure.objects.get().pages_at == done


def test_the_database_refuses_pages_that_are_clean_before_the_erasure_is_done() -> None:
    erase(acting=actor(kang()), party_id=mina().party_id)
    with pytest.raises(IntegrityError, match="erasure_done_before_pages"):
        Erasure.objects.update(pages_at=clock.now(), erased_at=None)

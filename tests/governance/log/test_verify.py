"""Whoever changes the stored log, however cleverly, is found at the first bad index."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import transaction

from dure.accounts.acting import Actor
from governance.log import services
from governance.log.verify import Outcome, verify_log
from tests.governance.conftest import Forger

pytestmark = pytest.mark.django_db


@pytest.fixture
def log() -> None:
    for count in (300, 300):
        with transaction.atomic():
            for number in range(count):
                services.record(
                    kind="call.drafted",
                    acting=Actor.system("tests"),
                    subject=None,
                    payload={"number": number},
                )
        services.sequence()


@pytest.mark.usefixtures("log")
def test_an_untouched_log_is_verified_up_to_its_head() -> None:
    verdict = verify_log()
    assert (verdict.outcome, verdict.size, verdict.first_bad_index) == (Outcome.OK, 600, None)
    out = StringIO()
    call_command("verify_log", stdout=out)
    assert verdict.root in out.getvalue()


_AT = "origin_seq IN (SELECT origin_seq FROM governance_logplace WHERE index = %s)"
_FORGED = "replace(convert_from(body, 'UTF8'), '\"number\":1}', '\"number\":7}')::bytea"


@pytest.mark.usefixtures("log")
@pytest.mark.parametrize(
    ("sql", "index"),
    [
        # The value on disk, with and without its stored hash.
        (
            f"UPDATE governance_logentry SET body = {_FORGED}, "
            f"leaf_hash = sha256('\\x00'::bytea || {_FORGED}) WHERE {_AT % 301}",
            301,
        ),
        (
            "ALTER TABLE governance_logentry DROP CONSTRAINT log_entry_hash_of_body; "
            f"UPDATE governance_logentry SET body = {_FORGED} WHERE {_AT % 1}",
            1,
        ),
        (f"UPDATE governance_logentry SET kind = 'call.revised' WHERE {_AT % 17}", 17),
        # Entries taken away, at the end and in the middle, or exchanged.
        (
            f"DELETE FROM governance_logopening; DELETE FROM governance_logentry WHERE {_AT % 599}",
            599,
        ),
        (
            f"DELETE FROM governance_logopening; DELETE FROM governance_logentry WHERE {_AT % 42}",
            42,
        ),
        ("UPDATE governance_logplace SET index = 700 WHERE index = 5", 5),
        ("DELETE FROM governance_logplace WHERE index = 599", 599),
        # Tiles.
        (
            "UPDATE governance_logtile SET hashes = set_byte(hashes, 64, "
            "255 - get_byte(hashes, 64)) WHERE level = 0 AND index = 1",
            258,
        ),
        (
            "UPDATE governance_logtile SET hashes = set_byte(hashes, 32, "
            "255 - get_byte(hashes, 32)) WHERE level = 1",
            256,
        ),
        ("DELETE FROM governance_logtile WHERE level = 0 AND index = 2", 512),
        # Heads.
        ("UPDATE governance_logcheckpoint SET root = sha256('x') WHERE size = 300", 0),
        ("UPDATE governance_logcheckpoint SET root = sha256('x') WHERE size = 600", 300),
        ("UPDATE governance_logcheckpoint SET note = replace(note, '600', '601')", 599),
        ("DELETE FROM governance_logcheckpoint WHERE size = 600", 300),
        ("DELETE FROM governance_logcheckpoint", 0),
    ],
)
def test_tampering_is_found_and_named(forger: Forger, sql: str, index: int) -> None:
    forger.run(sql)
    verdict = verify_log()
    assert (verdict.outcome, verdict.first_bad_index) == (Outcome.TAMPERED, index)
    assert verdict.reason
    out = StringIO()
    with pytest.raises(SystemExit) as exit_code:
        call_command("verify_log", stdout=out)
    assert exit_code.value.code == 1
    assert f"first bad index: {index}" in out.getvalue()


def test_an_unsigned_log_is_unverifiable_and_never_ok() -> None:
    assert verify_log().outcome is Outcome.UNVERIFIABLE
    with pytest.raises(SystemExit) as exit_code:
        call_command("verify_log", stdout=StringIO())
    assert exit_code.value.code == 2

"""Attacks on the log, each tried, and who finds it; the table is a page of the documents too."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction

from dure.accounts.acting import Actor
from governance.log import services
from governance.log.verify import Outcome, verify_log
from tests.governance.conftest import Forger

pytestmark = pytest.mark.django_db
PAGE = Path("docs") / "attacks-on-the-log.md"


@dataclass(frozen=True)
class Attack:
    """``sql`` as the program's own account, or as the owner with the triggers switched off."""

    title: str
    sql: str


_E, _T, _C = "governance_logentry", "governance_logtile", "governance_logcheckpoint"
_FORGED = "replace(convert_from(body, 'UTF8'), '\"number\":1}', '\"number\":7}')::bytea"
_FLIP = "set_byte(hashes, 32, 255 - get_byte(hashes, 32))"
_UNLINK = "DELETE FROM governance_logopening;"

BY_THE_PROGRAM = [
    Attack("change an entry", f"UPDATE {_E} SET body = 'x' WHERE index = 1"),
    Attack("change an entry with its hash",
           f"UPDATE {_E} SET body = 'x', leaf_hash = sha256('\\x0078'::bytea) WHERE index = 1"),
    Attack("change the kind of an entry", f"UPDATE {_E} SET kind = 'other'"),
    Attack("change the time of an entry", f"UPDATE {_E} SET recorded_at = now()"),
    Attack("move an entry", f"UPDATE {_E} SET index = 99 WHERE index = 1"),
    Attack("take an entry's place away", f"UPDATE {_E} SET index = NULL WHERE index = 1"),
    Attack("delete an entry", f"{_UNLINK} DELETE FROM {_E} WHERE index = 1"),
    Attack("empty the log", f"TRUNCATE {_E} CASCADE"),
    Attack("insert an entry with a place",
           f"INSERT INTO {_E} (id, origin_seq, kind, recorded_at, body, leaf_hash, index) VALUES "
           "(gen_random_uuid(), -1, 'x', now(), 'x', sha256('\\x0078'::bytea), 77)"),
    Attack("change a tile", f"UPDATE {_T} SET hashes = {_FLIP} WHERE level = 0"),
    Attack("shorten a tile", f"UPDATE {_T} SET hashes = substring(hashes FROM 1 FOR 32)"),
    Attack("delete a tile", f"DELETE FROM {_T}"),
    Attack("empty the tiles", f"TRUNCATE {_T}"),
    Attack("change a checkpoint", f"UPDATE {_C} SET root = sha256('x')"),
    Attack("delete the last checkpoint", f"DELETE FROM {_C} WHERE size = 40"),
    Attack("empty the checkpoints", f"TRUNCATE {_C}"),
]  # fmt: skip

BY_THE_OWNER = [
    Attack("change an entry together with its hash",
           f"UPDATE {_E} SET body = {_FORGED}, leaf_hash = sha256('\\x00'::bytea || {_FORGED}) "
           "WHERE index = 21"),
    Attack("change an entry, not its hash",
           f"ALTER TABLE {_E} DROP CONSTRAINT log_entry_hash_of_body; "
           f"UPDATE {_E} SET body = {_FORGED} WHERE index = 1"),
    Attack("change an entry and its hash in the tile",
           f"UPDATE {_E} SET body = {_FORGED}, leaf_hash = sha256('\\x00'::bytea || {_FORGED}) "
           f"WHERE index = 1; UPDATE {_T} SET hashes = overlay(hashes PLACING "
           f"(SELECT leaf_hash FROM {_E} WHERE index = 1) FROM 33) WHERE level = 0"),
    Attack("change the kind beside an entry", f"UPDATE {_E} SET kind = 'x' WHERE index = 5"),
    Attack("change the origin beside an entry",
           f"UPDATE {_E} SET origin_seq = -5 WHERE index = 5"),
    Attack("delete an entry in the middle", f"{_UNLINK} DELETE FROM {_E} WHERE index = 7"),
    Attack("delete the last entry", f"{_UNLINK} DELETE FROM {_E} WHERE index = 39"),
    Attack("cut off the end with its checkpoint",
           f"{_UNLINK} DELETE FROM {_C} WHERE size = 40; DELETE FROM {_E} WHERE index >= 30"),
    Attack("move an entry beyond the end", f"UPDATE {_E} SET index = 77 WHERE index = 5"),
    Attack("exchange two entries",
           f"UPDATE {_E} SET index = 1000 WHERE index = 5; "
           f"UPDATE {_E} SET index = 5 WHERE index = 6; "
           f"UPDATE {_E} SET index = 6 WHERE index = 1000"),
    Attack("slip an entry in after the end",
           f"INSERT INTO {_E} (id, origin_seq, kind, recorded_at, body, leaf_hash, index) VALUES "
           "(gen_random_uuid(), -1, 'x', now(), 'x', sha256('\\x0078'::bytea), 40)"),
    Attack("change a hash in a tile", f"UPDATE {_T} SET hashes = {_FLIP} WHERE level = 0"),
    Attack("shorten a tile",
           f"UPDATE {_T} SET hashes = substring(hashes FROM 1 FOR 64) WHERE level = 0"),
    Attack("delete a tile", f"DELETE FROM {_T} WHERE level = 0"),
    Attack("change an old root", f"UPDATE {_C} SET root = sha256('x') WHERE size = 20"),
    Attack("change the last root", f"UPDATE {_C} SET root = sha256('x') WHERE size = 40"),
    Attack("change the size in the signed note",
           f"UPDATE {_C} SET note = replace(note, '40', '41') WHERE size = 40"),
    Attack("put an old note over the new one",
           f"UPDATE {_C} SET note = (SELECT note FROM {_C} WHERE size = 20) WHERE size = 40"),
    Attack("rename the log in the note",
           f"UPDATE {_C} SET note = replace(note, 'dure', 'dare') WHERE size = 40"),
    Attack("take the signature off",
           f"UPDATE {_C} SET note = split_part(note, chr(8212), 1) WHERE size = 40"),
    Attack("delete the last checkpoint", f"DELETE FROM {_C} WHERE size = 40"),
    Attack("delete every checkpoint", f"DELETE FROM {_C}"),
]  # fmt: skip

BY_WHOEVER_HOLDS_THE_KEY = [
    "rewrite an entry and sign the new tree",
    "show one tree to some and another to others",
    "cut off the end and sign the shorter tree",
    "present an older checkpoint as the newest",
]


@pytest.fixture
def log() -> None:
    for _ in range(2):
        with transaction.atomic():
            for number in range(20):
                services.record(
                    kind="call.drafted",
                    acting=Actor.system("tests"),
                    subject=None,
                    payload={"number": number},
                )
        services.sequence()


def page() -> str:
    """The documentation of the attacks, from the tables above."""
    lines = [
        "# Attacks on the log",
        "",
        "Each of these is tried by a test (`tests/governance/log/test_attacks.py`, and",
        "`tests/dure_client/test_witness.py` for the last group), which also holds this page to",
        "its list.",
    ]
    groups = [
        ("By a program with the platform's own rights", "the database refuses",
         [attack.title for attack in BY_THE_PROGRAM]),
        ("By the owner of the database, with every trigger switched off",
         "`manage.py verify_log`, with the first bad index",
         [attack.title for attack in BY_THE_OWNER]),
        ("By whoever also holds the signing key", "a witness, which refuses to cosign",
         BY_WHOEVER_HOLDS_THE_KEY),
    ]  # fmt: skip
    for heading, finder, titles in groups:
        lines += ["", f"## {heading}", "", "| attack | found by |", "|---|---|"]
        lines += [f"| {title} | {finder} |" for title in titles]
    return "\n".join(lines) + "\n"


@pytest.mark.usefixtures("log")
@pytest.mark.parametrize("attack", BY_THE_PROGRAM, ids=lambda attack: attack.title)
def test_the_database_refuses(attack: Attack) -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(attack.sql)
    assert verify_log().outcome is Outcome.OK


@pytest.mark.usefixtures("log")
@pytest.mark.parametrize("attack", BY_THE_OWNER, ids=lambda attack: attack.title)
def test_the_audit_finds(attack: Attack, forger: Forger) -> None:
    assert verify_log().outcome is Outcome.OK
    forger.run(attack.sql)
    verdict = verify_log()
    assert verdict.outcome is Outcome.TAMPERED
    assert verdict.first_bad_index is not None


def test_the_page_lists_exactly_these_attacks() -> None:
    assert (settings.PROJECT_DIR / PAGE).read_text(encoding="utf-8") == page()

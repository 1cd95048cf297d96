"""Attacks on the log, each tried, and who finds it; the table is a page of the documents too."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction

from dure.accounts.acting import Actor
from governance.consent import services as consents
from governance.integrity import log_check
from governance.log import anchor, services
from governance.log.inconsistency import LogInconsistent
from governance.log.verify import Outcome, verify_log
from governance.models import LogCheckpoint
from tests.cast import actor, kang, mina
from tests.governance.conftest import Forger
from tests.governance.log import battery

pytestmark = pytest.mark.django_db
PAGE = Path("docs") / "attacks-on-the-log.md"


@dataclass(frozen=True)
class Attack:
    """``sql`` as the program's own account, or as the owner with the triggers switched off."""

    title: str
    sql: str


_E, _T, _C = "governance_logentry", "governance_logtile", "governance_logcheckpoint"
_P, _W = "governance_logplace", "governance_logwaiting"
_FORGED = "replace(convert_from(body, 'UTF8'), '\"number\":1}', '\"number\":7}')::bytea"
_FLIP = "set_byte(hashes, 32, 255 - get_byte(hashes, 32))"
_UNLINK = "DELETE FROM governance_logopening;"
_FOREIGN = (
    f"INSERT INTO {_E} (id, origin_seq, kind, recorded_at, body, leaf_hash) VALUES "
    "(gen_random_uuid(), -1, 'x', now(), 'x', sha256('\\x0078'::bytea));"
)


def at(condition: str) -> str:
    """The entries whose places are so."""
    return f"origin_seq IN (SELECT origin_seq FROM {_P} WHERE index {condition})"


def cut_off(first: int) -> str:
    """Deletes the entries from a place on, with their places."""
    return (
        f"{_UNLINK} DELETE FROM {_E} WHERE {at(f'>= {first}')}; "
        f"DELETE FROM {_P} WHERE index >= {first};"
    )


# An entry that waits and names the key in force as the old one, signed by nobody who holds it.
_BODY = (
    'convert_to(\'{"actor":"","origin_seq":-9,"payload":{"key":"log","old":"KEY"},'
    '"schema":"","subject":null,"ts":"","type":"key.rotated","v":1}\', \'UTF8\')'
)
ROTATE = (
    f"INSERT INTO {_E} (id, origin_seq, kind, recorded_at, body, leaf_hash) SELECT "
    "gen_random_uuid(), -9, 'key.rotated', now(), body, sha256('\\x00'::bytea || body) FROM "
    f"(SELECT {_BODY} AS body) AS forged;"
    f"INSERT INTO {_W} (origin_seq, leaf_hash) SELECT origin_seq, leaf_hash FROM {_E} "
    "WHERE origin_seq = -9"
)

BY_THE_PROGRAM = [
    Attack("change an entry", f"UPDATE {_E} SET body = 'x' WHERE {at('= 1')}"),
    Attack("change an entry with its hash",
           f"UPDATE {_E} SET body = 'x', leaf_hash = sha256('\\x0078'::bytea) WHERE {at('= 1')}"),
    Attack("change the kind of an entry", f"UPDATE {_E} SET kind = 'other'"),
    Attack("change the time of an entry", f"UPDATE {_E} SET recorded_at = now()"),
    Attack("move an entry", f"UPDATE {_P} SET index = 99 WHERE index = 1"),
    Attack("take an entry's place away", f"DELETE FROM {_P} WHERE index = 39"),
    Attack("give an entry a second place", f"INSERT INTO {_P} (index, origin_seq) SELECT 40, "
           f"origin_seq FROM {_P} WHERE index = 1"),
    Attack("empty the places", f"TRUNCATE {_P}"),
    Attack("give a place that leaves a gap",
           f"{_FOREIGN} INSERT INTO {_P} (index, origin_seq) VALUES (41, -1)"),
    Attack("give a place to what was never written",
           f"INSERT INTO {_P} (index, origin_seq) VALUES (40, -7)"),
    Attack("make an entry wait no longer, without a place",
           f"{_FOREIGN} DELETE FROM {_W} WHERE origin_seq = -1"),
    Attack("let something wait that was never written",
           f"INSERT INTO {_W} (origin_seq, leaf_hash) VALUES (-7, sha256('x'))"),
    Attack("exchange the hash of what waits",
           f"{_FOREIGN} UPDATE {_W} SET leaf_hash = sha256('x')"),
    Attack("empty the queue of what waits", f"{_FOREIGN} TRUNCATE {_W}"),
    Attack("delete an entry", f"{_UNLINK} DELETE FROM {_E} WHERE {at('= 1')}"),
    Attack("empty the log", f"TRUNCATE {_E} CASCADE"),
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
           f"WHERE {at('= 21')}"),
    Attack("change an entry, not its hash",
           f"ALTER TABLE {_E} DROP CONSTRAINT log_entry_hash_of_body; "
           f"UPDATE {_E} SET body = {_FORGED} WHERE {at('= 1')}"),
    Attack("change an entry and its hash in the tile",
           f"UPDATE {_E} SET body = {_FORGED}, leaf_hash = sha256('\\x00'::bytea || {_FORGED}) "
           f"WHERE {at('= 1')}; UPDATE {_T} SET hashes = overlay(hashes PLACING "
           f"(SELECT leaf_hash FROM {_E} WHERE {at('= 1')}) FROM 33) WHERE level = 0"),
    Attack("change the kind beside an entry", f"UPDATE {_E} SET kind = 'x' WHERE {at('= 5')}"),
    Attack("change the origin beside an entry",
           f"UPDATE {_E} SET origin_seq = -5 WHERE {at('= 5')}"),
    Attack("change the time beside an entry, so that another quarter counts it",
           f"UPDATE {_E} SET recorded_at = recorded_at - interval '100 days' WHERE {at('= 5')}"),
    Attack("delete an entry in the middle", f"{_UNLINK} DELETE FROM {_E} WHERE {at('= 7')}"),
    Attack("delete the last entry", f"{_UNLINK} DELETE FROM {_E} WHERE {at('= 39')}"),
    Attack("cut off the end with its checkpoint",
           f"DELETE FROM {_C} WHERE size = 40; {cut_off(30)}"),
    Attack("take the place of the last entry away", f"DELETE FROM {_P} WHERE index = 39"),
    Attack("move an entry beyond the end", f"UPDATE {_P} SET index = 77 WHERE index = 5"),
    Attack("exchange two entries",
           f"UPDATE {_P} SET index = 1000 WHERE index = 5; "
           f"UPDATE {_P} SET index = 5 WHERE index = 6; "
           f"UPDATE {_P} SET index = 6 WHERE index = 1000"),
    Attack("slip an entry in after the end",
           f"{_FOREIGN} INSERT INTO {_P} (index, origin_seq) VALUES (40, -1)"),
    Attack("keep an entry from ever getting a place", _FOREIGN),
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
    Attack("take the signature off an old head",
           f"UPDATE {_C} SET note = split_part(note, chr(8212), 1) WHERE size = 20"),
    Attack("put the newest note over an old one",
           f"UPDATE {_C} SET note = (SELECT note FROM {_C} WHERE size = 40) WHERE size = 20"),
    Attack("exchange a letter of an old signature",
           f"UPDATE {_C} SET note = overlay(note PLACING CASE WHEN substring(note FROM "
           "position(chr(8212) in note) + 60 FOR 1) = 'A' THEN 'B' ELSE 'A' END "
           "FROM position(chr(8212) in note) + 60) WHERE size = 20"),
    Attack("lengthen the last tile",
           f"UPDATE {_T} SET hashes = hashes || sha256('x') WHERE level = 0"),
    Attack("delete the last checkpoint", f"DELETE FROM {_C} WHERE size = 40"),
    Attack("delete every checkpoint", f"DELETE FROM {_C}"),
]  # fmt: skip

BEFORE_THE_NEXT_HEAD = [
    Attack("shorten the last tile, then let the program sign",
           f"UPDATE {_T} SET hashes = substring(hashes FROM 1 FOR 64) WHERE level = 0"),
    Attack("change a hash in the last tile, then let the program sign",
           f"UPDATE {_T} SET hashes = {_FLIP} WHERE level = 0"),
    Attack("delete the last tile, then let the program sign", f"DELETE FROM {_T}"),
    Attack("take the place of the last entry away, then let the program give it to another",
           f"DELETE FROM {_P} WHERE index = 39"),
    Attack("give the next place to a forged entry, then let the program sign",
           f"{_FOREIGN} INSERT INTO {_P} (index, origin_seq) VALUES (40, -1)"),
    Attack("change the signed note, then let the program sign",
           f"UPDATE {_C} SET note = replace(note, E'\\n40\\n', E'\\n41\\n') WHERE size = 40"),
    Attack("take the signatures off, then let the program sign",
           f"UPDATE {_C} SET note = split_part(note, chr(8212), 1) WHERE size = 40"),
    Attack("sign the last head with a key of one's own",
           f"UPDATE {_C} SET note = overlay(note PLACING 'AAAA' FROM position(chr(8212) in note)"
           " + 20) WHERE size = 40"),
    Attack("put the last checkpoint away, so that the one before it is continued",
           f"DELETE FROM {_C} WHERE size = 40"),
    Attack("restore a backup from before the last head",
           f"DELETE FROM {_C} WHERE size = 40; {cut_off(20)} "
           f"UPDATE {_T} SET hashes = substring(hashes FROM 1 FOR 640)"),
    Attack("empty the log and let the program begin a new one",
           f"{_UNLINK} DELETE FROM {_C}; DELETE FROM {_E}; DELETE FROM {_P}; DELETE FROM {_T}"),
    Attack("rewrite an entry, its hash, its tile and every head",
           f"UPDATE {_E} SET body = {_FORGED}, leaf_hash = sha256('\\x00'::bytea || {_FORGED}) "
           f"WHERE {at('= 1')}; UPDATE {_T} SET hashes = overlay(hashes PLACING "
           f"(SELECT leaf_hash FROM {_E} WHERE {at('= 1')}) FROM 33) WHERE level = 0; "
           f"UPDATE {_C} SET root = sha256('x')"),
    Attack("slip in a change of the key that nobody signed", ROTATE),
]  # fmt: skip

for _attack in BY_THE_PROGRAM:
    battery.PROGRAM.add(_attack.title, battery.DATABASE)
for _attack in BY_THE_OWNER:
    battery.OWNER.add(_attack.title, battery.AUDIT)
for _attack in BEFORE_THE_NEXT_HEAD:
    battery.BEFORE_SIGNING.add(_attack.title, battery.SEQUENCER)


def one_more() -> None:
    with transaction.atomic():
        services.record(
            kind="call.drafted", acting=Actor.system("tests"), subject=None, payload={"number": 1}
        )


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


@pytest.mark.usefixtures("log")
@pytest.mark.parametrize("attack", BEFORE_THE_NEXT_HEAD, ids=lambda attack: attack.title)
def test_the_sequencer_signs_nothing(attack: Attack, forger: Forger) -> None:
    # The tests' transaction is never committed: the anchor is written as it would have been.
    anchor.keep(LogCheckpoint.objects.latest("size").note)
    heads = set(LogCheckpoint.objects.values_list("note", flat=True))
    forger.run(attack.sql)
    one_more()
    with pytest.raises(LogInconsistent), transaction.atomic():
        services.sequence()
    assert LogCheckpoint.objects.exclude(note__in=heads).filter(size__gt=40).count() == 0


@pytest.mark.usefixtures("log")
@pytest.mark.parametrize(
    ("title", "sql"),
    [
        ("delete the last checkpoint and its entries after it was anchored",
         f"DELETE FROM {_C} WHERE size = 40; {cut_off(20)}"),
        ("take the signature off the last head that is served",
         f"UPDATE {_C} SET note = split_part(note, chr(8212), 1) WHERE size = 40"),
    ],
)  # fmt: skip
def test_the_integrity_check_shows(title: str, sql: str, forger: Forger) -> None:
    assert (title, battery.INTEGRITY) in battery.OWNER.attacks
    anchor.keep(LogCheckpoint.objects.latest("size").note)
    assert log_check()["ok"] is True
    forger.run(sql)
    assert log_check()["ok"] is False


battery.OWNER.add(
    "delete the last checkpoint and its entries after it was anchored", battery.INTEGRITY
)
battery.OWNER.add("take the signature off the last head that is served", battery.INTEGRITY)


DECISIONS = {
    "let what was given count as later than its withdrawal, by exchanging their entries":
        """CREATE TEMP TABLE held ON COMMIT DROP AS
           SELECT position, log_entry_id FROM governance_consentevent;
           UPDATE governance_consentevent SET log_entry_id =
           (SELECT id FROM governance_logentry WHERE kind = 'notice.published') WHERE position = 1;
           UPDATE governance_consentevent SET log_entry_id =
           (SELECT log_entry_id FROM held WHERE position = 1) WHERE position = 2;
           UPDATE governance_consentevent SET log_entry_id =
           (SELECT log_entry_id FROM held WHERE position = 2) WHERE position = 1""",
    "turn a withdrawal into a consent":
        "UPDATE governance_consentevent SET state = 'given', valid_until = now() + interval '1 day'"
        " WHERE position = 2",
    "turn back the time of a withdrawal":
        "UPDATE governance_consentevent SET decided_at = decided_at - interval '1 day' "
        "WHERE position = 2",
}  # fmt: skip
for _title in DECISIONS:
    battery.OWNER.add(_title, battery.AUDIT)


@pytest.mark.parametrize("title", DECISIONS)
def test_the_audit_finds_what_was_decided_otherwise(title: str, forger: Forger) -> None:
    with transaction.atomic():
        notice = consents.publish_notice(
            acting=actor(kang()),
            scope="air-daily",
            purpose="city-ai",
            required=True,
            text={"ko": "고지", "en": "Notice"},
            retention_days=30,
        )
        given = consents.decide(
            acting=actor(mina()),
            party_id=mina().party_id,
            notice=notice,
            granted=True,
            language="ko",
        )
        consents.withdraw(acting=actor(mina()), consent=given)
    services.sequence()
    assert verify_log().outcome is Outcome.OK
    forger.run(DECISIONS[title])
    verdict = verify_log()
    assert (verdict.outcome, "decisions" in verdict.reason) == (Outcome.TAMPERED, True)


def test_the_page_lists_exactly_these_attacks() -> None:
    import_module("tests.governance.log.test_attacks_from_outside")
    assert (settings.PROJECT_DIR / PAGE).read_text(encoding="utf-8") == battery.page()
    assert sum(len(group.attacks) for group in battery.GROUPS) >= 40

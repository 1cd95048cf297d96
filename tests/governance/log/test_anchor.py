"""A database that went back is not signed over: the last signed head is kept outside of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from dure.accounts.acting import Actor
from dure.core import health
from dure.core.problems import Problem
from governance.integrity import log_check
from governance.log import acknowledgement, anchor, note, selectors, services
from governance.log.inconsistency import LogInconsistent
from governance.models import LogCheckpoint, LogEntry
from tests.cast import actor, kang, mina
from tests.governance.conftest import Forger

# Heads are anchored when their transaction is committed: these tests commit.
pytestmark = pytest.mark.django_db(transaction=True)
_E, _C, _T = "governance_logentry", "governance_logcheckpoint", "governance_logtile"


def add(count: int = 3) -> None:
    with transaction.atomic():
        for number in range(count):
            services.record(
                kind="call.drafted",
                acting=Actor.system("tests"),
                subject=None,
                payload={"number": number},
            )
    services.sequence()


def go_back(size: int) -> None:
    """What restoring a backup does: later rows are gone, tiles are as they were."""
    tile = f"UPDATE {_T} SET hashes = substring(hashes FROM 1 FOR {32 * size})"
    Forger().run(
        f"DELETE FROM governance_logopening; DELETE FROM governance_logwaiting;"
        f"DELETE FROM governance_logplace WHERE index >= {size};"
        f"DELETE FROM {_E} WHERE origin_seq NOT IN (SELECT origin_seq FROM governance_logplace);"
        f"DELETE FROM {_C} WHERE size > {size}; {tile}"
    )


def anchored() -> int:
    head = anchor.read()
    return 0 if head is None else head.size


def test_every_signed_head_is_anchored(settings: object) -> None:
    assert anchored() == 0
    for size in (3, 6):
        add()
        assert anchored() == size
    path = Path(settings.LOG_ANCHOR_DIR) / "head"  # type: ignore[attr-defined]
    assert note.split_note(path.read_text())[0] == note.checkpoint_text(
        note.parse_checkpoint(selectors.checkpoint_note())
    )
    # Never backwards.
    anchor.keep(LogCheckpoint.objects.get(size=3).note)
    assert anchored() == 6


def test_a_crash_between_commit_and_anchor_is_no_alarm(monkeypatch: pytest.MonkeyPatch) -> None:
    add()
    with monkeypatch.context() as killed:
        killed.setattr(anchor, "keep", lambda text: None)
        add()
    assert (anchored(), selectors.anchor_obstacle()) == (3, "")
    services.sequence()
    assert anchored() == 6


def test_a_restored_backup_is_not_signed_over_until_an_operator_says_why() -> None:
    add(3)
    add(3)
    go_back(3)
    with pytest.raises(LogInconsistent, match="a log of 3 entries, but 6 were signed"):
        add(1)
    assert LogCheckpoint.objects.latest("size").size == 3
    assert any("acknowledge_log" in reason for reason in health.obstacles())
    check = log_check()
    assert check["ok"] is False
    assert "acknowledge_log" in str(check["anchor"])
    with pytest.raises(Problem):
        acknowledgement.acknowledge(acting=actor(mina()), reason="restored-backup")
    with pytest.raises(CommandError, match="cannot stand"):
        call_command("acknowledge_log", "--as", kang().email, "--reason", "님의 전화 010")
    call_command("acknowledge_log", "--as", kang().email, "--reason", "restored-backup")
    assert health.obstacles() == []
    entry = LogEntry.objects.get(kind="log.head_acknowledged")
    body = selectors.entry_document(entry.index or 0)["leaf"]["payload"]
    assert isinstance(body, dict)
    assert (body["anchored_size"], body["stored_size"]) == (6, 3)
    assert anchored() == LogCheckpoint.objects.latest("size").size
    with pytest.raises(CommandError, match="agrees"):
        call_command("acknowledge_log", "--as", kang().email, "--reason", "restored-backup")


def test_a_log_grown_again_past_its_anchor_is_found() -> None:
    """A backup is restored and the program adds more than was lost, on a machine elsewhere."""
    add(3)
    add(3)
    kept = (anchor._path()).read_text()
    go_back(3)
    anchor.set_aside()
    add(9)
    anchor.set_aside()
    anchor.keep(kept)
    with pytest.raises(LogInconsistent, match="not those that were signed"):
        add(1)


@pytest.mark.parametrize("damage", ["", "rubbish\n", "\ud800"])
def test_a_damaged_anchor_is_no_permission(damage: str) -> None:
    add()
    anchor._path().write_bytes(damage.encode("utf-8", "surrogatepass"))
    with pytest.raises(LogInconsistent):
        add()
    assert selectors.anchor_obstacle()


def test_an_anchor_out_of_reach_is_no_permission(settings: object, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    settings.LOG_ANCHOR_DIR = blocked / "below"  # type: ignore[attr-defined]
    with pytest.raises(LogInconsistent, match="cannot be read"):
        add()

"""The key of the log is replaced by two people, and whoever noted the old one can follow."""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client

from dure.accounts.acting import Actor
from dure.core import clock, signing
from dure.core.canonical import Json, canonical_bytes
from dure.core.problems import Problem
from dure_client import dure_verify
from governance import keys as key_services
from governance.log import key_chain, keys, note, selectors, services
from governance.log.inconsistency import LogInconsistent
from governance.log.verify import Outcome, verify_log
from governance.models import LogCheckpoint, LogEntry, Proposal
from governance.reports.selectors import report_document
from governance.reports.services import publish_report
from tests.cast import actor, kang, lim, mina
from tests.emptying import without_triggers
from tests.governance.log.mirror import mirror_log

pytestmark = pytest.mark.django_db


def add(count: int = 1) -> LogEntry:
    with transaction.atomic():
        for number in range(count):
            entry = services.record(
                kind="call.drafted",
                acting=Actor.system("tests"),
                subject=None,
                payload={"number": number},
            )
    services.sequence()
    return entry


def rotate(overlap: timedelta = timedelta(0)) -> None:
    key_services.rotate_log_key(acting=actor(kang()), overlap=overlap)
    key_services.rotate_log_key(acting=actor(lim()), overlap=overlap)
    key_services.put_in_force()


def signed_by(text: str) -> set[str]:
    """The Ed25519 keys of the chain whose signature stands in a note."""
    found = set()
    for link in keys.chain():
        try:
            note.open_note(text, name="dure.example/log", public_key=link.public)
        except note.NoteError:
            continue
        found.add(link.public.hex())
    return found


@pytest.fixture
def noted() -> str:
    add(3)
    return selectors.keys_document()["verifier_key"]


@pytest.fixture
def check(client: Client, tmp_path: Path) -> Callable[[str], int]:
    """dure-verify of everything that is served, with one noted key."""

    def run(vkey: str) -> int:
        folder = mirror_log(client, tmp_path / "mirror")
        return dure_verify.main(["log", str(folder), "--key", vkey])

    return run


def test_one_person_alone_rotates_nothing(noted: str) -> None:
    with pytest.raises(Problem):
        key_services.rotate_log_key(acting=actor(mina()))
    key_services.rotate_log_key(acting=actor(kang()))
    with pytest.raises(Problem, match="another-person-needed"):
        key_services.rotate_log_key(acting=actor(kang()))
    services.sequence()
    assert selectors.keys_document()["verifier_key"] == noted
    with pytest.raises(IntegrityError, match="four_eyes_are_two"), transaction.atomic():
        Proposal.objects.update(approver=kang(), decided_at=clock.now())


def test_what_was_decided_stays_decided(noted: str) -> None:
    rotate()
    for change in ({"kind": "other"}, {"approver": mina()}):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            Proposal.objects.update(**change)
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        Proposal.objects.all().delete()


def test_both_keys_sign_during_the_overlap_and_the_new_one_alone_afterwards(noted: str) -> None:
    old = signing.first_log_key().public.hex()
    rotate(timedelta(days=30))
    new = selectors.keys_document()["log_public_key"]
    assert new != old
    for _ in range(2):
        add()
        assert signed_by(selectors.checkpoint_note()) == {old, new}
    rotate()
    third = selectors.keys_document()["log_public_key"]
    # The head that first covers a change is signed by both, however short the overlap.
    assert signed_by(selectors.checkpoint_note()) == {new, third}
    add()
    assert signed_by(selectors.checkpoint_note()) == {third}
    assert verify_log().outcome is Outcome.OK


def test_whoever_noted_any_key_of_the_chain_follows_it_offline(
    noted: str, check: Callable[[str], int]
) -> None:
    rotate()
    second = selectors.keys_document()["verifier_key"]
    rotate()
    add(2)
    third = selectors.keys_document()["verifier_key"]
    assert len({noted, second, third}) == 3
    assert [check(vkey) for vkey in (noted, second, third)] == [0, 0, 0]


def test_the_post_quantum_key_is_followed_as_well(
    noted: str, client: Client, tmp_path: Path
) -> None:
    first = selectors.keys_document()["mldsa44_verifier_key"]
    assert first
    rotate()
    add()
    second = selectors.keys_document()["mldsa44_verifier_key"]
    folder = mirror_log(client, tmp_path / "mirror")
    for mldsa in (first, second):
        assert dure_verify.main(["log", str(folder), "--key", noted, "--key", mldsa]) == 0
        assert dure_verify.main(["log", str(folder), "--key", mldsa]) == 0
    checkpoint = folder / "checkpoint"
    lines = checkpoint.read_text().splitlines(keepends=True)
    checkpoint.write_text("".join(lines[:-1]))
    assert len(lines[-1]) > 3000
    assert dure_verify.main(["log", str(folder), "--key", noted]) == 0
    assert dure_verify.main(["log", str(folder), "--key", noted, "--key", second]) == 2


def test_a_rotation_that_is_not_in_the_log_is_refused(
    noted: str, client: Client, tmp_path: Path
) -> None:
    """A thief of the old key appoints a successor and signs with it, but in no entry."""
    folder = mirror_log(client, tmp_path / "mirror")
    thief = signing.create_log_key()
    checkpoint = folder / "checkpoint"
    text = checkpoint.read_text().rpartition("\n\n")[0] + "\n"
    checkpoint.write_text(
        note.sign_note(text, name="dure.example/log", public_key=thief.public, sign=thief.sign)
    )
    assert dure_verify.main(["log", str(folder), "--key", noted]) == 2


def test_an_entry_that_the_old_key_did_not_sign_stops_the_sequencer(
    noted: str, check: Callable[[str], int], capsys: pytest.CaptureFixture[str]
) -> None:
    thief, other = signing.create_log_key(), signing.create_log_key()
    payload = key_chain.rotation_payload(
        origin="dure.example/log", old=other, new=thief, overlap_until=clock.now()
    )
    payload["old"] = signing.first_log_key().public.hex()
    with transaction.atomic():
        services.record(
            kind="key.rotated", acting=Actor.system("thief"), subject=None, payload=payload
        )
    with pytest.raises(LogInconsistent, match="not signed by the old and the new key"):
        services.sequence()
    assert LogCheckpoint.objects.latest("size").size == 3
    assert check(noted) == 0


def test_old_and_new_receipts_verify_with_the_key_that_was_noted_first(
    noted: str, tmp_path: Path
) -> None:
    early = add()
    documents = [selectors.proof_document(early.id)]
    rotate()
    rotate()
    late = add()
    documents += [selectors.proof_document(early.id), selectors.proof_document(late.id)]
    for document in documents:
        path = tmp_path / "receipt.json"
        path.write_text(json.dumps(document))
        assert dure_verify.main(["receipt", str(path), "--key", noted]) == 0
    assert document is not None
    assert len(document["rotations"]) == 2
    # Without the entries that lead there, the new key is nobody's.
    path.write_text(json.dumps({**document, "rotations": []}))
    assert dure_verify.main(["receipt", str(path), "--key", noted]) == 2


def test_without_the_private_part_nothing_is_signed(noted: str, settings: object) -> None:
    rotate()
    for path in Path(settings.LOG_KEYS).iterdir():  # type: ignore[attr-defined]
        assert path.stat().st_mode & 0o777 == 0o400
        path.unlink()
    with pytest.raises(LogInconsistent, match="private part"):
        add()


def test_the_command_proposes_and_confirms(capsys: pytest.CaptureFixture[str]) -> None:
    add()
    call_command("rotate_log_key", "--as", kang().email)
    assert "Proposed" in capsys.readouterr().out
    with pytest.raises(CommandError, match="second person"):
        call_command("rotate_log_key", "--as", kang().email)
    with pytest.raises(CommandError, match="No active account"):
        call_command("rotate_log_key", "--as", "nobody@dure.example")
    call_command("rotate_log_key", "--as", lim().email)
    assert selectors.keys_document()["verifier_key"] in capsys.readouterr().out
    kinds = LogEntry.objects.order_by("origin_seq").values_list("kind", flat=True)
    assert list(kinds)[1:] == ["act.proposed", "act.approved", "key.rotated"]


def test_reports_are_signed_by_the_key_in_force_and_stay_verifiable(
    noted: str, tmp_path: Path
) -> None:
    path = tmp_path / "report.json"

    def check(period: str, vkey: str) -> int:
        path.write_text(json.dumps(report_document(period)))
        return dure_verify.main(["report", str(path), "--key", vkey])

    publish_report(acting=actor(kang()), period="2026-q2")
    rotate()
    publish_report(acting=actor(kang()), period="2026-q3")
    newest = selectors.keys_document()["verifier_key"]
    assert [check("2026-q2", noted), check("2026-q3", newest)] == [0, 0]
    # Another key of the same log is no sign of a forgery, and no proof either.
    assert [check("2026-q3", noted), check("2026-q2", newest)] == [2, 2]


def test_with_the_log_a_report_is_known_by_any_key_of_the_chain(
    noted: str, client: Client, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    publish_report(acting=actor(kang()), period="2026-q2")
    rotate()
    rotate()
    publish_report(acting=actor(kang()), period="2026-q3")
    services.sequence()
    newest = selectors.keys_document()["verifier_key"]
    folder = str(mirror_log(client, tmp_path / "mirror"))
    path = tmp_path / "report.json"
    for period in ("2026-q2", "2026-q3"):
        document = report_document(period)
        path.write_text(json.dumps(document))
        for vkey in (noted, newest):
            asked = ["report", str(path), "--key", vkey, "--log", folder]
            assert dure_verify.main(asked) == 0, (period, vkey)
        thief = signing.create_log_key()
        body = canonical_bytes(cast("Json", document["report"]))
        document["published"]["public_key"] = thief.public.hex()
        document["published"]["signature"] = thief.sign(body).hex()
        document["package"] = None
        path.write_text(json.dumps(document))
        capsys.readouterr()
        assert dure_verify.main(["report", str(path), "--key", newest, "--log", folder]) == 1
        assert "a key that the log never had" in capsys.readouterr().out


def test_a_receipt_kept_from_before_a_rotation_is_never_called_tampered_with(
    noted: str, tmp_path: Path
) -> None:
    """Its checkpoint is signed by the old keys alone, of both kinds; new ones cannot judge it."""
    kept = selectors.proof_document(add().id)
    old = [noted, selectors.keys_document()["mldsa44_verifier_key"]]
    rotate()
    add()
    new = [selectors.keys_document()[name] for name in ("verifier_key", "mldsa44_verifier_key")]
    path = tmp_path / "receipt.json"
    path.write_text(json.dumps(kept))

    def check(*keys: str) -> int:
        return dure_verify.main(["receipt", str(path), *(p for k in keys for p in ("--key", k))])

    assert [check(*old), check(old[0]), check(old[1])] == [0, 0, 0]
    assert [check(*new), check(new[0]), check(new[1])] == [2, 2, 2]
    # The first signature of the right key, the second of the wrong one: not proven, not forged.
    assert [check(old[0], new[1]), check(new[0], old[1])] == [2, 2]
    assert kept is not None
    text, _blank, lines = kept["checkpoint"].rpartition("\n\n")
    for place in range(len(lines.splitlines())):
        broken = lines.splitlines()
        broken[place] = broken[place][:-6] + (
            "AAAA==" if broken[place].endswith("==") else "AAAAA="
        )
        path.write_text(
            json.dumps({**kept, "checkpoint": f"{text}\n\n" + "\n".join(broken) + "\n"})
        )
        assert check(*old) in (1, 2)
        assert check(*old) == 1, "the named key did not make this signature"


def broken(line: str) -> str:
    """A signature line with one bit of its signature turned."""
    start, _space, encoded = line.rstrip("\n").rpartition(" ")
    blob = bytearray(base64.b64decode(encoded))
    blob[-1] ^= 1
    return f"{start} {base64.b64encode(blob).decode()}\n"


def rewritten(size: int, text: str) -> None:
    with without_triggers(), connection.cursor() as cursor:
        sql = "UPDATE governance_logcheckpoint SET note = %s WHERE size = %s"
        cursor.execute(sql, [text, size])


def test_every_signature_of_an_old_head_is_checked_also_those_of_retired_keys(noted: str) -> None:
    """A thief of the retired Ed25519 key writes an old note anew; its second line does not hold."""
    rotate(timedelta(days=30))
    add()
    rotate()
    add()
    heads = list(LogCheckpoint.objects.order_by("size").values_list("size", "note"))
    assert len(heads) > 3
    assert verify_log().outcome is Outcome.OK
    kinds: Counter[str] = Counter()
    for size, text in heads[:-1]:
        body, blank, signed = text.rpartition("\n\n")
        lines = signed.splitlines(keepends=True)
        for place, line in enumerate(lines):
            kinds["mldsa" if len(line) > 1000 else "ed25519"] += 1
            other = "".join([*lines[:place], broken(line), *lines[place + 1 :]])
            rewritten(size, body + blank + other)
            verdict = verify_log()
            assert (verdict.outcome, verdict.first_bad_index) == (Outcome.TAMPERED, size - 1)
            rewritten(size, text)
    assert min(kinds["mldsa"], kinds["ed25519"]) > len(heads) - 1, "overlapping keys sign twice"
    assert verify_log().outcome is Outcome.OK

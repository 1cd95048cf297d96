"""Seo examines, draws and finds; nobody else does so in her name, and nothing after her mandate."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.db import DatabaseError, IntegrityError, transaction

from dure.accounts.acting import Actor
from dure.accounts.models import Person, RoleGrant
from dure.core import clock, signing
from dure.core.canonical import sha256_hex
from dure.core.models import OutboxEvent
from dure.core.problems import Problem
from governance.cases import sampling
from governance.cases.access import case_for, cases_of
from governance.cases.clocks import answer_due
from governance.cases.findings import answer_finding
from governance.cases.looks import looks_of_staff
from governance.cases.samples import population_root, sample_document
from governance.cases.selectors import finding_document, findings_about, findings_check
from governance.cases.services import close_case, record_replay
from governance.models import AuditSample, LogEntry
from tests.cast import actor, charlie, hana, kang, lim, mina, seo
from tests.governance.cases import desk
from tests.governance.conftest import Forger

pytestmark = pytest.mark.django_db

TABLES = (
    "auditcase",
    "caseclosing",
    "auditsample",
    "sampledrawing",
    "casereplay",
    "auditfinding",
    "findinganswer",
)


@pytest.fixture(autouse=True)
def _granted() -> None:
    """Some roles are on record, so that the log has entries to draw from."""
    from dure.core import outbox

    for person in (seo(), kang(), lim(), mina()):
        assert person
    outbox.drain()


def later(monkeypatch: pytest.MonkeyPatch, days: float) -> None:
    moment = clock.now() + timedelta(days=days)
    for module in ("dure.core.clock", "dure.accounts.models"):
        monkeypatch.setattr(f"{module}.now", lambda: moment)


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(Problem) as caught:
        act()
    return caught.value.kind.code


def fields(act: Callable[[], object]) -> set[str]:
    with pytest.raises(Problem) as caught:
        act()
    return {error.field for error in caught.value.errors}


def refused_by_database(act: Callable[[], object]) -> None:
    with pytest.raises((DatabaseError, IntegrityError)), transaction.atomic():
        act()


def test_a_case_is_a_fact_with_its_log_entry_and_event() -> None:
    found = desk.case()
    payload = json.loads(bytes(found.log_entry.body))["payload"]
    assert payload["case"] == str(found.id)
    assert payload["about"] == desk.ALGORITHM
    assert found.title not in bytes(found.log_entry.body).decode()
    assert OutboxEvent.objects.filter(kind="case.opened", subject=str(found.id)).exists()
    assert list(cases_of(actor(seo()))) == [found]


def test_only_an_auditor_has_cases(monkeypatch: pytest.MonkeyPatch) -> None:
    found = desk.case()
    for person in (mina(), hana(), charlie(), kang()):
        assert refusal(partial(cases_of, actor(person))) == "not-allowed"
        assert refusal(partial(case_for, actor(person), found.id)) == "not-allowed"
    assert refusal(lambda: cases_of(Actor.system("worker"))) == "not-signed-in"


def test_another_auditor_does_not_see_it() -> None:
    from dure.accounts.roles import Role
    from tests.cast import _person

    found = desk.case()
    other = _person("Noh", Role.AUDITOR)
    assert refusal(lambda: case_for(actor(other), found.id)) == "audit-case-unknown"


def test_the_case_lies_within_the_mandate() -> None:
    RoleGrant.objects.filter(person=seo()).update(until=clock.now() + timedelta(days=10))
    assert fields(lambda: desk.case(last_day=desk.day(20))) == {"last_day"}
    assert fields(lambda: desk.case(last_day=desk.day(-2))) == {"last_day"}
    assert fields(lambda: desk.case(about_id="no-such", title=" ")) == {"title", "about"}
    assert desk.case(last_day=desk.day(5))
    RoleGrant.objects.filter(person=seo()).update(scope="air-daily")
    assert fields(lambda: desk.case(last_day=desk.day(5))) == {"about"}


def test_access_ends_with_the_last_day(monkeypatch: pytest.MonkeyPatch) -> None:
    found = desk.case(last_day=desk.day(5))
    later(monkeypatch, 7)
    assert refusal(lambda: case_for(actor(seo()), found.id)) == "audit-mandate-over"
    assert refusal(lambda: desk.finding(found)) == "audit-mandate-over"
    assert list(cases_of(actor(seo()))) == [found]  # that it was there stays known


def test_access_ends_with_the_role(monkeypatch: pytest.MonkeyPatch) -> None:
    found = desk.case()
    RoleGrant.objects.filter(person=seo()).update(until=clock.now() - timedelta(days=1))
    again = Person.objects.get(id=seo().id)
    assert refusal(lambda: cases_of(actor(again))) == "audit-mandate-over"
    assert refusal(lambda: case_for(actor(again), found.id)) == "audit-mandate-over"


def test_nothing_goes_into_a_closed_case() -> None:
    found = desk.case()
    close_case(acting=actor(seo()), case=found)
    assert refusal(lambda: close_case(acting=actor(seo()), case=found)) == "audit-case-closed"
    assert refusal(lambda: desk.finding(found)) == "audit-case-closed"
    assert refusal(lambda: desk.committed(found)) == "audit-case-closed"
    assert case_for(actor(seo()), found.id) == found  # and it can still be read


def test_the_database_refuses_additions_after_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = desk.case(), desk.case()
    sample = desk.committed(first)
    close_case(acting=actor(seo()), case=first)
    copy = {
        field.name: getattr(sample, field.name)
        for field in sample._meta.concrete_fields
        if field.name not in ("id", "case", "log_entry", "seed_sha256")
    }

    def add(case: Any, moment: Any) -> None:  # Any: a case and a moment
        entry = LogEntry.objects.exclude(id__in=AuditSample.objects.values("log_entry")).earliest(
            "origin_seq"
        )
        AuditSample.objects.create(
            **{**copy, "committed_at": moment}, case=case, log_entry=entry, seed_sha256="0" * 64
        )

    refused_by_database(lambda: add(first, clock.now()))
    refused_by_database(lambda: add(second, second.until))
    add(second, clock.now())


@pytest.mark.parametrize("table", TABLES)
def test_the_database_refuses_changes(forger: Forger, table: str) -> None:
    found = desk.case()
    desk.drawn(desk.committed(found))
    made = desk.finding(found)
    answer_finding(
        acting=actor(kang()), finding_id=made.id, outcome="accepted", text="네.", language="ko"
    )
    for statement in (
        f"UPDATE governance_{table} SET log_entry_id = log_entry_id",
        f"DELETE FROM governance_{table}",
        f"TRUNCATE governance_{table} CASCADE",
    ):
        refused_by_database(partial(forger.run_plainly, statement))


def test_a_sample_is_drawn_by_the_seed_and_the_head_that_followed() -> None:
    found = desk.case()
    sample = desk.committed(found)
    assert desk.SEED not in bytes(sample.log_entry.body).decode()
    drawing = desk.drawn(sample)
    document = sample_document(AuditSample.objects.get(id=sample.id))
    # Again from what stands in public: the log alone.
    kind, _, size = str(document["population"]).removeprefix("entries:").partition(":")
    items = [
        str(entry.index)
        for entry in LogEntry.objects.filter(kind=kind).order_by("origin_seq")
        if entry.index is not None and entry.index < int(size)
    ]
    assert population_root(tuple(items)) == document["population_root"]
    key = sampling.key_of(
        str(document["seed"]),
        checkpoint_root=str(document["checkpoint_root"]),
        population_root=str(document["population_root"]),
        size=2,
    )
    ranked = sorted(items, key=lambda item: sampling.ticket(key, item))
    assert document["drawn"] == drawing.items == ranked[:2]
    assert int(str(document["checkpoint_size"])) > int(str(document["committed_log_index"]))
    assert desk.drawn(sample) == drawing  # once


def test_another_seed_draws_nothing() -> None:
    sample = desk.committed(desk.case())
    assert refusal(lambda: desk.drawn(sample, "b3RoZXIgdGhhbiBpdCB3YXM")) == "audit-seed-other"


def test_nothing_is_drawn_before_the_log_signed_the_commitment() -> None:
    from governance.cases.samples import draw_sample

    sample = desk.committed(desk.case())
    early = lambda: draw_sample(acting=actor(seo()), sample=sample, seed=desk.SEED)  # noqa: E731
    assert refusal(early) == "audit-sample-waits"


def test_the_database_draws_with_no_other_seed_nor_head(forger: Forger) -> None:
    sample = desk.committed(desk.case())
    desk.sequence_and_size()
    entry = LogEntry.objects.earliest("origin_seq")
    statement = (
        "INSERT INTO governance_sampledrawing (sample_id, seed, checkpoint_size, checkpoint_root,"
        " items, drawn_at, log_entry_id) SELECT '{sample}', '{seed}', size + {more},"
        " encode(root, 'hex'), '[\"0\", \"1\"]', now(), '{entry}'"
        " FROM governance_logcheckpoint ORDER BY size DESC LIMIT 1"
    )
    told = {"sample": sample.id, "entry": entry.id}
    for wrong in ({"seed": "x" * 22, "more": 0}, {"seed": desk.SEED, "more": 1}):
        refused_by_database(partial(forger.run_plainly, statement.format(**told, **wrong)))
    forger.run_plainly(statement.format(**told, seed=desk.SEED, more=0))


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"size": 0}, "size"),
        ({"size": 501}, "size"),
        ({"population_id": "role.granted:999999"}, "population"),
        ({"population_id": "secret.kind:1"}, "population"),
        ({"population_kind": "people"}, "population"),
        ({"seed_sha256": "not a hash"}, "seed_sha256"),
        ({"seed_sha256": "", "seed": "short"}, "seed"),
    ],
)
def test_a_sample_that_cannot_be_is_refused(changes: dict[str, Any], wrong: str) -> None:
    assert fields(lambda: desk.committed(desk.case(), **changes)) == {wrong}


def test_a_seed_serves_once() -> None:
    found = desk.case()
    desk.committed(found)
    assert fields(lambda: desk.committed(found)) == {"seed_sha256"}


def test_a_typed_seed_is_hashed_and_the_log_says_so() -> None:
    sample = desk.committed(desk.case(), seed_sha256="", seed=desk.SEED)
    assert sample.seed_sha256 == sampling.seed_hash(desk.SEED)
    assert json.loads(bytes(sample.log_entry.body))["payload"]["seed_typed"] is True


def test_a_finding_is_signed_logged_and_public() -> None:
    made = desk.finding(desk.case())
    key = Ed25519PublicKey.from_public_bytes(signing.public_key())
    key.verify(bytes(made.signature), bytes(made.body))
    payload = json.loads(bytes(made.log_entry.body))["payload"]
    assert payload["finding_sha256"] == made.sha256 == sha256_hex(bytes(made.body))
    (shown,) = findings_about("algorithm", desk.ALGORITHM)
    assert shown["text"].startswith("표에")
    assert seo().name not in json.dumps(shown, ensure_ascii=False)
    assert made.due_at == answer_due("medium", made.found_at)


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"text": ""}, "text"),
        ({"text": "홍길동의 주민등록번호는 900101-1234568 입니다."}, "text"),
        ({"text": "연락처 010-1234-5678"}, "text"),
        ({"evidence": []}, "evidence"),
        ({"evidence": [999_999]}, "evidence"),
        ({"evidence": ["not a hash"]}, "evidence"),
        ({"kind": "gossip"}, "kind"),
        ({"severity": "huge"}, "severity"),
        ({"language": "fr"}, "language"),
        ({"about_kind": "algorithm", "about_id": "reward-flat"}, "about"),
    ],
)
def test_a_finding_that_cannot_stand_is_refused(changes: dict[str, Any], wrong: str) -> None:
    assert fields(lambda: desk.finding(desk.case(), **changes)) == {wrong}


def test_a_finding_is_corrected_by_another_and_never_twice() -> None:
    found = desk.case()
    wrong = desk.finding(found)
    right = desk.finding(found, supersedes=wrong.id, severity="low", text="이유는 아래에 있습니다.")
    documents = {each["id"]: each for each in findings_about("algorithm", desk.ALGORITHM)}
    assert documents[str(wrong.id)]["superseded_by"] == str(right.id)
    assert documents[str(right.id)]["supersedes"] == str(wrong.id)
    again = lambda: desk.finding(found, supersedes=wrong.id)  # noqa: E731
    assert refusal(again) == "audit-finding-over"
    answering = lambda: answer_finding(  # noqa: E731
        acting=actor(kang()), finding_id=wrong.id, outcome="accepted", text="네", language="ko"
    )
    assert refusal(answering) == "audit-finding-over"


def test_the_city_answers_by_its_clock_and_the_newest_answer_stands(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = desk.finding(desk.case(), severity="critical")
    assert findings_check() == {"ok": True, "open": 1, "overdue": 0}
    later(monkeypatch, 9)
    assert findings_check() == {"ok": False, "open": 1, "overdue": 1}
    assert finding_document(made)["overdue"]

    def answer(**changes: Any) -> None:  # Any: arguments of the service
        stated = {"outcome": "mending", "text": "고칩니다.", "language": "ko", **changes}
        answer_finding(acting=actor(kang()), finding_id=made.id, **stated)

    assert fields(answer) == {"mend_by"}
    assert fields(lambda: answer(outcome="maybe", text="", language="")) == {
        "outcome",
        "text",
        "language",
    }
    answer(mend_by=desk.day(3))
    answer(outcome="contested", text="다시 보니 규칙대로입니다.", mend_by=desk.day(3))
    made.refresh_from_db()
    shown = [(each["outcome"], each["mend_by"]) for each in finding_document(made)["answers"]]
    assert shown == [("mending", desk.day(3).isoformat()), ("contested", None)]
    assert findings_check()["ok"]


def test_only_operators_answer_and_never_an_own_finding() -> None:
    from dure.accounts.roles import Role
    from dure.accounts.services import grant_role

    made = desk.finding(desk.case())

    def answer(person: Person) -> None:
        answer_finding(
            acting=actor(person), finding_id=made.id, outcome="accepted", text="네", language="ko"
        )

    for person in (mina(), charlie(), seo()):
        assert refusal(partial(answer, person)) == "not-allowed"
    grant_role(acting=Actor.system("tests"), person=seo(), role=Role.OPERATOR)
    again = Person.objects.get(id=seo().id)
    assert refusal(lambda: answer(again)) == "audit-answer-own"
    entry = LogEntry.objects.earliest("origin_seq")
    refused_by_database(
        lambda: made.answers.create(
            position=1,
            outcome="accepted",
            text="네",
            language="ko",
            answered_by=again,
            answered_at=clock.now(),
            log_entry=entry,
        )
    )


def test_a_replay_that_cannot_be_recorded_is_refused() -> None:
    found = desk.case()
    act = lambda: record_replay(  # noqa: E731
        acting=actor(seo()), case=found, epoch_id="none", manifest_sha256="x", outcome="fine"
    )
    assert fields(act) == {"epoch", "manifest_sha256", "outcome"}


def test_looks_are_counted_without_names_and_small_numbers_withheld() -> None:
    from dure.accounts.roles import Role
    from governance.access.services import note_accesses
    from tests.cast import _person

    crowd = [_person(f"Resident{number}", Role.RESIDENT).party_id for number in range(10)]
    note_accesses(acting=actor(kang()), party_ids=crowd, what="redemption", why="payment")
    note_accesses(acting=actor(lim()), party_ids=crowd[:3], what="photo", why="review")
    lines = looks_of_staff(actor(seo()), days=30)
    assert [(line["what"], line["looks"], line["people"]) for line in lines] == [
        ("redemption", 10, 10),
        ("photo", 3, None),
    ]
    assert len({line["staff"] for line in lines}) == 2
    assert kang().name not in json.dumps(lines)
    for person in (mina(), kang(), charlie()):
        assert refusal(partial(looks_of_staff, actor(person), days=30)) == ("not-allowed")
    RoleGrant.objects.filter(person=seo()).update(scope="air-daily")
    assert refusal(lambda: looks_of_staff(actor(seo()), days=30)) == "not-allowed"

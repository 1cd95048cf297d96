"""People use their rights, the law's clock runs, and somebody else answers with a reason."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from dure.accounts.models import Person
from dure.core import clock, sealing, signing
from dure.core.models import OutboxEvent
from dure.core.problems import Problem
from dure_client import dure_verify
from governance.integrity import rights_check
from governance.models import (
    AccessNote,
    LogEntry,
    Objection,
    RequestState,
    RightKind,
    RightsRequest,
)
from governance.registries import data_holders
from governance.rights import clocks, services, work
from tests.cast import actor, api, charlie, hanbit, kang, lim, mina, seo
from tests.emptying import without_triggers

pytestmark = pytest.mark.django_db
URL = "/api/v1/rights-requests/"
OBJECTIONS = "/api/v1/objections/"


def overdue(asked: RightsRequest | Objection) -> None:
    """As if it had come in a year ago."""
    with without_triggers(), connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {asked._meta.db_table} SET received_at = received_at - interval '1 year',"
            " due_at = due_at - interval '1 year' WHERE id = %s",
            [asked.id],
        )


@pytest.mark.parametrize("kind", RightKind.values)
def test_every_right_has_its_clock_and_its_entry_in_the_log(kind: str) -> None:
    client = api(mina())
    answer = client.post(URL, {"kind": kind, "text": "부탁드립니다"})
    assert answer.status_code == 201, answer.content
    document = answer.json()
    request = RightsRequest.objects.get(id=document["id"])
    assert answer["Location"] == f"{URL}{request.id}/"
    assert request.due_at == clocks.due_at(kind, request.received_at)
    left = request.due_at - request.received_at
    days = timedelta(days=clocks.DAYS[kind])
    assert days < left <= days + timedelta(days=1)
    assert (document["state"], document["text"]) == ("received", "부탁드립니다")
    entry = LogEntry.objects.get(kind="rights.received")
    leaf = json.loads(bytes(entry.body))
    assert leaf["payload"] == {"right": kind, "days": clocks.DAYS[kind]}
    assert "부탁" not in bytes(entry.body).decode()
    assert "부탁".encode() not in bytes(request.text)


def test_the_clocks_are_those_of_the_law() -> None:
    ten = {"access", "export", "correction", "erasure", "restriction"}
    assert {kind for kind, days in clocks.DAYS.items() if days == 10} == ten
    assert {kind for kind, days in clocks.DAYS.items() if days == 30} == {
        "objection", "explanation", "human_review",
    }  # fmt: skip
    assert set(clocks.DAYS) == set(clocks.LEGAL_BASIS) == set(RightKind.values)


def test_one_request_of_a_kind_is_open_at_a_time() -> None:
    client = api(mina())
    assert client.post(URL, {"kind": "correction", "text": "이름"}).status_code == 201
    again = client.post(URL, {"kind": "correction", "text": "이름"})
    assert (again.status_code, again.json()["type"]) == (
        409,
        "/developers/errors/rights-request-open/",
    )
    assert client.post(URL, {"kind": "explanation", "text": "왜?"}).status_code == 201
    assert api(charlie()).post(URL, {"kind": "correction", "text": "이름"}).status_code == 201
    row = RightsRequest.objects.get(kind="explanation")
    row.pk, row.kind = uuid4(), "correction"
    with pytest.raises(IntegrityError), transaction.atomic():
        RightsRequest.objects.bulk_create([row])


def test_strangers_and_neighbours_are_refused() -> None:
    made = api(mina()).post(URL, {"kind": "explanation", "text": "왜?"}).json()
    objection = services.object(
        acting=actor(mina()), subject_kind="algorithm", subject_id="disclosure-control", text="왜"
    )
    for path in (
        f"{URL}{made['id']}/",
        f"{URL}{made['id']}/export/",
        f"{OBJECTIONS}{objection.id}/",
    ):
        assert api().get(path).status_code == 401
        assert api(charlie()).get(path).status_code == 404
        assert api(seo()).get(path).status_code == 404
        assert api(charlie()).get(path.replace(path.split("/")[4], str(uuid4()))).status_code == 404
    for path in (URL, OBJECTIONS, "/api/v1/accesses/"):
        assert api().get(path).status_code == 401
        assert api(charlie()).get(path).json()["results"] == []
    for path in (URL, OBJECTIONS):
        assert api().post(path, {}).status_code == 401
        assert api(charlie()).get(path, {"queue": "true"}).status_code == 403
    for path in (f"{URL}{made['id']}/answer/", f"{OBJECTIONS}{objection.id}/answer/"):
        answer = {"outcome": "granted", "reason": "그렇습니다"}
        assert api().post(path, answer).status_code == 401
        assert api(charlie()).post(path, answer).status_code == 404
    with pytest.raises(Problem, match="rights-request-unknown"):
        services.request_right(
            acting=actor(kang()), kind="export", text="", party_id=mina().party_id
        )


def test_an_operator_answers_once_with_a_reason_and_leaves_a_note_of_having_looked() -> None:
    made = api(mina()).post(URL, {"kind": "explanation", "text": "왜 이 금액인가요?"}).json()
    operator = api(kang())
    queue = operator.get(URL, {"queue": "true"}).json()["results"]
    assert [(row["id"], row["text"]) for row in queue] == [(made["id"], "")]
    assert not AccessNote.objects.exists()
    path = f"{URL}{made['id']}/"
    assert operator.get(path).json()["text"] == "왜 이 금액인가요?"
    assert operator.post(f"{path}answer/", {"outcome": "granted", "reason": " "}).status_code == 400
    done = operator.post(f"{path}answer/", {"outcome": "granted", "reason": "인구 비율입니다"})
    assert done.status_code == 200, done.content
    seen = api(mina()).get(path).json()
    assert seen["state"] == "granted"
    assert seen["answer"]["reason"] == "인구 비율입니다"
    assert seen["answer"]["by"] == "human"
    again = api(lim()).post(f"{path}answer/", {"outcome": "refused", "reason": "아니요"})
    assert again.status_code == 409
    looks = api(mina()).get("/api/v1/accesses/").json()["results"]
    assert looks
    assert looks[0]["what"] == "rights request"
    assert looks[0]["role"] == "operator"
    assert "Kang" not in json.dumps(looks)
    assert LogEntry.objects.filter(kind="rights.answered").count() == 1


def test_nobody_answers_their_own_request() -> None:
    request = services.request_right(acting=actor(kang()), kind="correction", text="이름")
    with pytest.raises(Problem, match="rights-own-request"):
        services.answer_request(
            acting=actor(kang()), request=request, outcome="granted", reason="좋습니다"
        )
    with pytest.raises(IntegrityError, match="never_answers_own"), transaction.atomic():
        RightsRequest.objects.filter(id=request.id).update(
            state="granted",
            answered_at=clock.now(),
            answered_by=kang(),
            answered_by_party=kang().party_id,
            reason=b"x",
        )
    services.answer_request(
        acting=actor(lim()), request=request, outcome="refused", reason="근거가 없습니다"
    )
    for change in ({"state": "granted"}, {"reason": b"other"}, {"text": b"other"}):
        with pytest.raises(DatabaseError, match="is kept"), transaction.atomic():
            RightsRequest.objects.filter(id=request.id).update(**change)
    with pytest.raises(DatabaseError, match="is kept"), transaction.atomic():
        RightsRequest.objects.filter(id=request.id).delete()


def test_an_export_is_made_verifies_and_expires(tmp_path: Path) -> None:
    client = api(mina())
    path = f"{URL}{client.post(URL, {'kind': 'export'}).json()['id']}/"
    assert client.get(f"{path}export/").json()["type"].endswith("export-unready/")
    assert work.make_exports() == 1
    assert work.make_exports() == 0
    document = client.get(path).json()
    assert document["state"] == "granted"
    assert document["answer"]["by"] == "platform"
    file = client.get(document["export"]["url"])
    assert (file.status_code, file["Content-Type"]) == (200, "application/zip")
    archive = tmp_path / "export.zip"
    archive.write_bytes(file.content)
    key = signing.public_key("receipt").hex()
    assert dure_verify.main(["export", str(archive), "--key", key]) == 0
    assert dure_verify.main(["export", str(archive)]) == 2
    with zipfile.ZipFile(io.BytesIO(file.content)) as inside:
        names = set(inside.namelist())
        assert {"manifest.json", "governance.json", "contributions.json", "rewards.json"} <= names
        assert "governance/requests.csv" in names
        assert "account/account.csv" in names
        held = json.loads(inside.read("account.json"))
    assert held["account"][0]["name"] == mina().name
    assert held["account"][0]["email"] == mina().email
    assert [key["prefix"] for key in held["api_keys"]] == [mina().api_keys.get().prefix]
    assert "digest" not in str(held)
    assert "password" not in str(held)
    changed = tmp_path / "changed.zip"
    with zipfile.ZipFile(archive) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name) + (b" " if name == "rewards.json" else b""))
    assert dure_verify.main(["export", str(changed)]) == 1
    for other in (charlie(), kang()):
        assert api(other).get(f"{path}export/").status_code == 404
    RightsRequest.objects.update(export_expires_at=clock.now() - timedelta(seconds=1))
    assert client.get(f"{path}export/").status_code == 410
    assert work.expire_exports() == 1
    assert work.expire_exports() == 0
    assert client.get(path).json()["export"] is None


def test_an_account_is_taken_out_without_the_names_of_others() -> None:
    holder = data_holders.get("account")
    assert holder is not None
    person = kang()
    held = holder.export(person.party_id)
    assert isinstance(held, dict)
    assert {role["role"] for role in held["roles"]} == {"operator", "approver"}
    firm = hanbit()
    shown = holder.export(firm.party_id)
    assert isinstance(shown, dict)
    assert shown["account"][0]["name"] == firm.name
    assert "memberships" not in shown
    holder.restrict(person.party_id)
    holder.erase(person.party_id)
    # Whoever has an account finds every column of it that is about them.
    (account,) = held["account"]
    inside = {
        "id",
        "password",
        "is_active",
        "session_round",
        "party_id",
        "created_at",
        "last_login",
    }
    columns = {field.attname for field in Person._meta.concrete_fields} - inside
    assert columns <= set(account)
    assert account["opened_at"] == clock.rfc3339(person.created_at)


def test_the_clock_tells_once_that_an_answer_is_due_and_once_that_it_is_late() -> None:
    request = services.request_right(acting=actor(mina()), kind="correction", text="이름")
    assert work.run_clocks() == 0
    assert rights_check()["ok"] is True
    assert clocks.urgency(request.due_at, request.due_at) is clocks.Urgency.DUE_SOON
    overdue(request)
    assert work.run_clocks() == 1
    assert work.run_clocks() == 0
    event = OutboxEvent.objects.get(kind="rights.escalated")
    assert event.payload == {"urgency": "overdue"}
    assert rights_check() == {"ok": False, "open": 1, "overdue": 1}
    assert api(mina()).get(f"{URL}{request.id}/").json()["overdue"] is True


def test_an_objection_goes_to_a_human() -> None:
    wish = {
        "subject_kind": "algorithm",
        "subject_id": "disclosure-control",
        "text": "설명해 주세요",
    }
    client = api(mina())
    made = client.post(OBJECTIONS, wish)
    assert made.status_code == 201, made.content
    assert client.post(OBJECTIONS, wish).status_code == 409
    assert client.post(OBJECTIONS, {**wish, "subject_id": "nothing"}).status_code == 422
    assert client.post(OBJECTIONS, {**wish, "subject_kind": "nothing"}).status_code == 422
    foreign = {**wish, "subject_kind": "contribution", "subject_id": "D-2026-00000000"}
    assert client.post(OBJECTIONS, foreign).status_code == 422
    path = f"{OBJECTIONS}{made.json()['id']}/"
    operator = api(kang())
    assert len(operator.get(OBJECTIONS, {"queue": "true"}).json()["results"]) == 1
    reply = {"outcome": "partly", "reason": "다시 계산했습니다"}
    assert operator.post(f"{path}answer/", reply).status_code == 200
    document = client.get(path).json()
    assert document["subject"] == {"kind": "algorithm", "id": "disclosure-control"}
    assert document["answer"]["outcome"] == "partly"
    assert set(
        LogEntry.objects.filter(kind__startswith="objection").values_list("kind", flat=True)
    ) == {"objection.received", "objection.answered"}


def test_texts_are_gone_with_the_key() -> None:
    request = services.request_right(acting=actor(mina()), kind="correction", text="비밀")
    sealing.destroy_keys(mina().party_id)
    assert api(mina()).get(f"{URL}{request.id}/").json()["text"] == ""
    assert RightsRequest.objects.get().state == RequestState.RECEIVED


def test_access_notes_are_never_changed() -> None:
    made = services.request_right(acting=actor(mina()), kind="correction", text="이름")
    api(kang()).get(f"{URL}{made.id}/")
    refused = pytest.raises(DatabaseError, match="append-only")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM governance_accessnote")

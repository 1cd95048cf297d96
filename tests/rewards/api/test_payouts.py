"""Pay-outs over HTTP: the whole way, and who is turned away at every door."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from dure.core.canonical import sha256_hex
from rewards.models import PayoutItem, Redemption
from rewards.treasury.rules import BASELINE, EXAMPLE_WITHHOLDING
from tests import cast
from tests.rewards.rails.payouts import confirmed, redeem, sent_batch
from tests.rewards.rails.rail_answers import camt053, entry

NOBODY = "00000000-0000-4000-8000-000000000000"
ROOT = "/api/v1/payouts/"

pytestmark = pytest.mark.django_db

READS = ("waiting/", "batches/", f"batches/{NOBODY}/", "answers/", "reconciliation/", "rules/")
WRITES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("batches/", {"rail": "bank", "asset": "KRW"}),
    (f"batches/{NOBODY}/approval/", {}),
    (f"batches/{NOBODY}/sending/", {}),
    (f"batches/{NOBODY}/discarding/", {}),
    (f"redemptions/{NOBODY}/settlement/", {}),
    (f"redemptions/{NOBODY}/failure/", {"reason": "x"}),
    (f"redemptions/{NOBODY}/return/", {"reason": "x"}),
    ("reconciliation/notes/", {"difference": "x", "note": "x"}),
    ("rules/", {"subject": "payout", "document": {}}),
    (f"rules/{NOBODY}/approval/", {}),
)


def code(response: Any) -> tuple[int, str]:
    return response.status_code, response.json()["type"].rstrip("/").rsplit("/", 1)[-1]


@pytest.mark.parametrize("address", [*READS, f"batches/{NOBODY}/file/"])
def test_nobody_but_staff_reads(address: str) -> None:
    assert cast.api().get(ROOT + address).status_code == 401
    for person in (cast.charlie(), cast.mina(), cast.seo()):
        assert cast.api(person).get(ROOT + address).status_code == 403


@pytest.mark.parametrize(("address", "body"), WRITES)
def test_nobody_but_staff_writes_and_unknown_ids_are_not_found(
    address: str, body: dict[str, Any]
) -> None:
    assert cast.api().post(ROOT + address, body).status_code == 401
    for person in (cast.charlie(), cast.mina(), cast.seo()):
        assert cast.api(person).post(ROOT + address, body).status_code == 403
    if NOBODY in address:
        assert cast.api(cast.kang()).post(ROOT + address, body).status_code == 404


def test_nobody_but_staff_hands_in_answers() -> None:
    for person, status in ((None, 401), (cast.mina(), 403)):
        api = cast.api(person) if person else cast.api()
        body = {"rail": "bank", "file": SimpleUploadedFile("a.xml", camt053())}
        assert api.post(f"{ROOT}answers/", body, format="multipart").status_code == status


def test_the_whole_way_of_a_batch() -> None:
    redeem(1000)
    kang, lim = cast.api(cast.kang()), cast.api(cast.lim())
    assert len(kang.get(f"{ROOT}waiting/").json()["results"]) == 1
    wanted = {"rail": "bank", "asset": "KRW"}
    proposed = kang.post(f"{ROOT}batches/", wanted, headers={"idempotency-key": "b1"})
    assert proposed.status_code == 201
    batch = proposed.json()
    again = kang.post(f"{ROOT}batches/", wanted, headers={"idempotency-key": "b1"})
    assert again.json() == batch
    other = {**wanted, "asset": "DURE"}
    assert code(kang.post(f"{ROOT}batches/", other, headers={"idempotency-key": "b1"})) == (
        422,
        "idempotency-key-reused",
    )
    at = f"{ROOT}batches/{batch['id']}/"
    assert code(kang.post(f"{at}approval/")) == (403, "payout-needs-second-person")
    assert code(kang.get(f"{at}file/")) == (409, "batch-not-in-that-state")
    assert lim.post(f"{at}approval/").json()["state"] == "approved"
    assert lim.post(f"{at}sending/").json()["state"] == "sent"
    file = lim.get(f"{at}file/")
    assert sha256_hex(file.content) == batch["file_sha256"]
    assert file.headers["Content-Type"].startswith("application/xml")
    assert code(lim.post(f"{at}discarding/")) == (409, "batch-not-in-that-state")
    (item,) = batch["items"]
    statement = camt053(entry(item["uid"], "1000", "B1"))
    for _ in range(2):
        body = {"rail": "bank", "file": SimpleUploadedFile("a.xml", statement)}
        answer = kang.post(f"{ROOT}answers/", body, format="multipart")
        assert (answer.status_code, answer.json()["counts"]["settled"]) == (200, 1)
    assert len(kang.get(f"{ROOT}answers/").json()["results"]) == 1
    assert kang.get(at).json()["items"][0]["state"] == "settled"
    assert kang.get(f"{ROOT}reconciliation/").json()["differences"] == []
    back = {"reason": "closed"}
    redemption = f"{ROOT}redemptions/{item['redemption']}/"
    first = kang.post(f"{redemption}return/", back)
    assert (first.status_code, first.json()["state"]) == (202, "settled")
    assert code(kang.post(f"{redemption}return/", back)) == (403, "another-person-needed")
    second = cast.api(cast.lim()).post(f"{redemption}return/", back)
    assert (second.status_code, second.json()["state"]) == (200, "returned")
    assert code(kang.post(f"{redemption}failure/", back)) == (409, "redemption-already-resolved")
    assert confirmed() == "1000"


def test_one_amount_is_settled_or_given_back_without_a_batch() -> None:
    paid, refused = redeem(10), redeem(20)
    kang = cast.api(cast.kang())
    at = f"{ROOT}redemptions/{paid.id}/settlement/"
    lim = cast.api(cast.lim())
    for person, status, state in ((kang, 202, "held"), (lim, 200, "settled")):
        answer = person.post(at, {"reference": "B-1"})
        assert (answer.status_code, answer.json()["state"]) == (status, state)
    at = f"{ROOT}redemptions/{refused.id}/failure/"
    assert kang.post(at, {}).status_code == 400
    assert kang.post(at, {"reason": "No such account"}).json()["reason"] == "No such account"


def test_an_entity_in_an_answer_is_refused_with_its_reason() -> None:
    content = b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'
    body = {"rail": "bank", "file": SimpleUploadedFile("a.xml", content)}
    refusal = cast.api(cast.kang()).post(f"{ROOT}answers/", body, format="multipart")
    assert code(refusal) == (422, "rail-answer-unreadable")
    assert refusal.json()["errors"][0]["code"] == "declares-entities"


def test_differences_are_noted() -> None:
    redeem(1000)
    (item,) = sent_batch().items.all()
    kang = cast.api(cast.kang())
    statement = camt053(entry(item.uid.hex, "999", "B1"))
    body = {"rail": "bank", "file": SimpleUploadedFile("a.xml", statement)}
    kang.post(f"{ROOT}answers/", body, format="multipart")
    (found,) = kang.get(f"{ROOT}reconciliation/").json()["differences"]
    assert (found["kind"], found["ours"], found["theirs"]) == ("amount-differs", "1000", "999")
    note = {"difference": found["name"], "note": "Asked the bank.", "closes": True}
    noted = kang.post(f"{ROOT}reconciliation/notes/", note)
    assert (noted.status_code, noted.json()["closed"]) == (201, True)
    assert PayoutItem.objects.get().state == "open"


def test_a_rule_takes_two_people() -> None:
    kang, lim = cast.api(cast.kang()), cast.api(cast.lim())
    wanted = {"subject": "withholding", "document": EXAMPLE_WITHHOLDING}
    proposed = kang.post(f"{ROOT}rules/", wanted)
    assert (proposed.status_code, proposed.json()["state"]) == (201, "proposed")
    at = f"{ROOT}rules/{proposed.json()['id']}/approval/"
    assert code(kang.post(at)) == (403, "payout-needs-second-person")
    assert lim.post(at).json()["state"] == "in-force"
    assert code(lim.post(at)) == (409, "treasury-rule-decided")
    bad = {"subject": "payout", "document": {**BASELINE["payout"], "overdue_days": 0.5}}
    refusal = kang.post(f"{ROOT}rules/", bad)
    assert (refusal.status_code, refusal.json()["errors"][0]["field"]) == (400, "overdue_days")


GOOD = {"asset": "KRW", "amount": "10", "rail": "bank", "destination": "088-110123456789"}


@pytest.mark.parametrize(
    ("changes", "status", "problem", "field"),
    [
        ({"amount": "-1"}, 400, "invalid-request", "amount"),
        ({"amount": "0"}, 400, "invalid-request", "amount"),
        ({"amount": "+1"}, 400, "invalid-request", "amount"),
        ({"amount": "1e3"}, 400, "invalid-request", "amount"),
        ({"amount": "１0"}, 400, "invalid-request", "amount"),
        ({"amount": "NaN"}, 400, "invalid-request", "amount"),
        ({"amount": "1.0000001"}, 400, "invalid-request", "amount"),
        ({"amount": "9999999999999"}, 400, "invalid-request", "amount"),
        ({"amount": "1.5"}, 422, "whole-units-only", "amount"),
        ({"amount": "51"}, 409, "insufficient-balance", "amount"),
        ({"asset": "DURE"}, 409, "insufficient-balance", "amount"),
        ({"asset": "USD"}, 400, "invalid-request", "asset"),
        ({"rail": "cash"}, 400, "invalid-request", "rail"),
        ({"destination": "x"}, 400, "invalid-request", "destination"),
        ({"destination": None}, 400, "invalid-request", "destination"),
    ],
)
def test_what_cannot_be_taken_out_is_refused_before_anything_is_written(
    changes: dict[str, Any], status: int, problem: str, field: str | None
) -> None:
    redeem(50)
    held = Redemption.objects.get()
    kang = cast.api(cast.kang())
    kang.post(f"{ROOT}redemptions/{held.id}/failure/", {"reason": "again"})
    answer = cast.api(cast.mina()).post("/api/v1/redemptions/", {**GOOD, **changes}, format="json")
    assert code(answer) == (status, problem)
    assert field is None or answer.json()["errors"][0]["field"] == field
    assert (Redemption.objects.count(), confirmed()) == (1, "50")


def test_the_same_key_with_another_body_is_refused_and_with_the_same_answered_again() -> None:
    redeem(50)
    held = Redemption.objects.get()
    cast.api(cast.kang()).post(f"{ROOT}redemptions/{held.id}/failure/", {"reason": "again"})
    mina = cast.api(cast.mina())
    key = {"idempotency-key": "k1"}
    first = mina.post("/api/v1/redemptions/", GOOD, headers=key)
    assert first.status_code == 201
    assert mina.post("/api/v1/redemptions/", GOOD, headers=key).json() == first.json()
    other = mina.post("/api/v1/redemptions/", {**GOOD, "amount": "11"}, headers=key)
    assert code(other) == (422, "idempotency-key-reused")
    assert (Redemption.objects.count(), confirmed()) == (2, "40")

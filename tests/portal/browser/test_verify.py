"""Receipts and proofs pasted by anybody, checked by the browser alone."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from playwright.sync_api import Page, expect

from contributions.models import Contribution
from dure.accounts.acting import Actor
from governance.consent.receipt import receipt_document
from governance.keys import put_in_force, rotate_log_key
from governance.log.selectors import (
    consistency_document,
    keys_document,
    openings_of,
    rotation_documents,
)
from governance.log.services import record, sequence
from governance.models import Consent, LogCheckpoint, LogEntry
from portal.auditor.verify import proof_text
from tests.cast import actor, kang, lim

pytestmark = pytest.mark.django_db(transaction=True)


def verdict(page: Page, document: str) -> Any:
    page.get_by_label("Receipt or proof (JSON)").fill(document)
    page.get_by_role("button", name="Verify", exact=True).click()
    return expect(page.locator("#verify-status"))


def test_a_proof_is_checked_without_asking_the_city(
    page: Page, live_server: Any, town: str, complaints: list[str]
) -> None:
    sequence()
    page.goto(f"{live_server.url}/en/verify/?entry=2")
    calls: list[str] = []
    page.on("request", lambda r: calls.append(r.url) if "/static/" not in r.url else None)
    page.get_by_role("button", name="Verify", exact=True).click()
    expect(page.locator("#verify-status")).to_have_text(re.compile("^Verified: entry 2 "))
    assert calls == []
    proof = json.loads(proof_text(3))
    verdict(page, json.dumps(proof)).to_have_text(re.compile("^Verified: entry 3 "))
    proof["entry"]["body"] += " "
    verdict(page, json.dumps(proof)).to_have_text(re.compile("^Not verified: the entry"))
    verdict(page, "{").to_have_text(re.compile("^Not verified: this is not"))
    other = json.loads(proof_text(4))
    other["checkpoint"] = other["checkpoint"].replace("\n\n", "\n1\n\n")
    verdict(page, json.dumps(other)).to_have_text(re.compile("^Not verified: the signature"))


def test_a_consent_receipt_is_checked_by_its_signature(
    page: Page, live_server: Any, town: str, complaints: list[str]
) -> None:
    receipt = receipt_document(Consent.objects.get())
    page.goto(f"{live_server.url}/en/verify/")
    page.locator("#document-file").set_input_files(
        {
            "name": "receipt.json",
            "mimeType": "application/json",
            "buffer": json.dumps(receipt).encode(),
        }
    )
    expect(page.get_by_label("Receipt or proof (JSON)")).to_have_value(re.compile("eddsa-jcs"))
    page.get_by_role("button", name="Verify", exact=True).click()
    expect(page.locator("#verify-status")).to_have_text(re.compile("^Verified: the document"))
    for bend in ("1{}", "zz{}", "Z{}"):
        bent = json.loads(json.dumps(receipt))
        bent["proof"]["proofValue"] = "z" + bend.format(bent["proof"]["proofValue"][1:])
        verdict(page, json.dumps(bent)).to_have_text(re.compile("^Not verified: the document"))
    changed = {**receipt, "dct:issued": "2020-01-01T00:00:00Z"}
    verdict(page, json.dumps(changed)).to_have_text(re.compile("^Not verified: the document"))


def test_the_receipt_of_a_contribution_is_checked_with_all_that_it_says(
    page: Page, live_server: Any, town: str, complaints: list[str]
) -> None:
    """The document that `dure verify --save` writes, with who it is about."""
    sequence()
    received = LogEntry.objects.filter(kind="contribution.received").first()
    assert received is not None
    assert received.index is not None
    document = json.loads(proof_text(received.index))
    number = json.loads(bytes(received.body))["payload"]["receipt"]
    owner = Contribution.objects.get(receipt=number).party_id
    document |= {
        "receipt": number,
        "log_key": keys_document()["verifier_key"],
        "openings": openings_of(owner, index=received.index),
    }
    assert document["openings"]
    page.goto(f"{live_server.url}/en/verify/")
    verdict(page, json.dumps(document)).to_have_text(re.compile("^Verified: entry"))
    document["openings"][0]["value"] = "person:another"
    verdict(page, json.dumps(document)).to_have_text(
        re.compile("^Not verified: the entry is not about")
    )


def put(*path: str | int, value: object) -> Callable[[Any], None]:
    def change(document: Any) -> None:
        for name in path[:-1]:
            document = document[name]
        document[path[-1]] = value

    return change


# What anybody could do to a proof, and the word that the verdict must contain.
TAMPERED = [
    (put("proof", "index", value=4), "the entry"),
    (put("proof", "index", value=-1), "not a receipt"),
    (put("proof", "index", value=2.5), "not a receipt"),
    (put("proof", "index", value="3"), "not a receipt"),
    (put("proof", "index", value=10**30), "not a receipt"),
    (put("proof", "size", value=0), "not a receipt"),
    (put("proof", "size", value=4), "the proof"),
    (put("proof", "root", value="00" * 32), "the proof"),
    (put("proof", "proof", value=[]), "the proof"),
    (put("proof", "proof", value="x"), "not a receipt"),
    (put("proof", "proof", value=["zz" * 32]), "not a receipt"),
    (put("proof", "proof", value=["00" * 32] * 129), "not a receipt"),
    (put("proof", "proof", value=[None]), "not a receipt"),
    (put("proof", "leaf_hash", value="00" * 32), "the entry"),
    (put("entry", "leaf_hash", value="00" * 32), "the entry"),
    (put("entry", "index", value=9), "the entry"),
    (put("entry", "body", value=7), "not a receipt"),
    (put("entry", "leaf", "ts", value="2020-01-01T00:00:00Z"), "the entry"),
    (put("entry", "leaf", value=None), "the entry"),
    (put("entry", "ts", value="2020-01-01T00:00:00Z"), "the entry"),
    (put("entry", "type", value="reward.issued"), "the entry"),
    (put("entry", "by", value="the mayor"), "it holds a part"),
    (put("proof", "by", value="the mayor"), "it holds a part"),
    (put("by", value="the mayor"), "it holds a part"),
    (put("receipt", value="D-2026-ZZZZZZZZ"), "the entry is not about"),
    (put("openings", value=[{"part": "actor", "salt": "00" * 32, "value": "x"}]), "not about"),
    (put("openings", value=[{"part": "actor", "salt": "00", "value": "x"}]), "not a receipt"),
    (put("openings", value=[{"name": "Seo"}]), "it holds a part"),
    (put("log_key", value="dure+00000000+AAAA"), "cannot be judged"),
    (put("checkpoint", value=""), "not a receipt"),
    (put("checkpoint", value="a\n08\nAAAA\n\n— a AAAA\n"), "not a receipt"),
    (put("checkpoint", value=None), "not a receipt"),
    (put("entry", value=None), "not a receipt"),
    (put("proof", value=[]), "not a receipt"),
]


def test_whatever_is_changed_has_a_clear_verdict(
    page: Page, live_server: Any, town: str, complaints: list[str]
) -> None:
    sequence()
    page.goto(f"{live_server.url}/en/verify/")
    for change, word in TAMPERED:
        document = json.loads(proof_text(3))
        change(document)
        verdict(page, json.dumps(document)).to_have_text(re.compile(f"^Not verified: .*{word}"))
    for text in ("", "[]", "null", "7", '"x"', "{}", '{"proof":{}}', "\ufeff", "[" * 5000):
        verdict(page, text).to_have_text(re.compile("^Not verified: .*not a receipt"))
    # One name twice: the reader could see one value while the other is checked.
    for number in ("3.0", "3.00000000000000000001", "3e0", "-0", "9007199254740993"):
        bent = proof_text(3).replace('"index": 3', f'"index": {number}')
        verdict(page, bent).to_have_text(re.compile("^Not verified: .*not a receipt"))
    twice = proof_text(3).replace('"entry": {', '"entry": {"index": 9, ', 1)
    verdict(page, twice).to_have_text(re.compile("^Not verified: .*not a receipt"))
    unsigned = json.loads(proof_text(3))
    unsigned["checkpoint"] = unsigned["checkpoint"].split("— ")[0] + "— dure AAAA\n"
    verdict(page, json.dumps(unsigned)).to_have_text(re.compile("^Not verified: the signature"))
    page.get_by_text("Which keys are trusted").click()
    other_log = page.get_by_label("Key of the log").input_value().split("+", 1)[1]
    page.get_by_label("Key of the log").fill(f"another.example/log+{other_log}")
    verdict(page, proof_text(3)).to_have_text(re.compile("^Not verified: .*cannot be judged"))
    page.get_by_label("Key of the log").fill("dure+00000000+AAAA")
    verdict(page, proof_text(3)).to_have_text(re.compile("^Not verified: the key"))


def test_two_dates_are_compared_in_the_browser(
    page: Page, live_server: Any, town: str, complaints: list[str]
) -> None:
    sequence()
    with transaction.atomic():
        record(kind="call.drafted", acting=Actor.system("tests"), subject=None, payload={})
    sequence()
    page.goto(f"{live_server.url}/log/consistency/")
    page.get_by_role("button", name="내 브라우저에서 검증").click()
    expect(page.locator("#verify-status")).to_have_text(re.compile("^검증됨"))
    heads = list(LogCheckpoint.objects.order_by("size"))
    earlier, later = heads[0], heads[-1]
    assert earlier.size < later.size
    document = {
        "earlier": earlier.note,
        "later": later.note,
        "proof": consistency_document(earlier.size, later.size),
    }
    page.goto(f"{live_server.url}/en/verify/")
    verdict(page, json.dumps(document)).to_have_text(re.compile("^Verified: the log of"))
    for change, word in [
        (put("proof", "proof", value=["00" * 32]), "the later log"),
        (put("proof", "from", value=later.size), "not a receipt"),
        (put("earlier", value=later.note), "not a receipt"),
    ]:
        changed = json.loads(json.dumps(document))
        change(changed)
        verdict(page, json.dumps(changed)).to_have_text(re.compile(f"^Not verified: .*({word})"))
    swapped = {**document, "earlier": document["later"], "later": document["earlier"]}
    verdict(page, json.dumps(swapped)).to_have_text(re.compile("^Not verified"))


def test_a_log_that_cannot_be_reached_is_no_verdict_of_tampering(
    page: Page, live_server: Any, town: str
) -> None:
    sequence()
    page.goto(f"{live_server.url}/en/log/1/")
    page.route("**/log/checkpoint", lambda route: route.abort())
    page.get_by_role("button", name="Verify in my browser").click()
    expect(page.locator("#verify-status")).to_have_text(
        "Not verified: the log could not be reached. Try again later."
    )


def test_documents_outlive_the_key_that_signed_them(
    page: Page, live_server: Any, town: str, complaints: list[str]
) -> None:
    """A receipt, two dates and a new receipt, each judged with the old key and with the new one."""
    sequence()
    kept, old = proof_text(3), keys_document()["verifier_key"]
    first = LogCheckpoint.objects.order_by("size").first()
    for person in (kang(), lim()):
        rotate_log_key(acting=actor(person), overlap=timedelta(0))
    put_in_force()
    with transaction.atomic():
        record(kind="call.drafted", acting=Actor.system("tests"), subject=None, payload={})
    sequence()
    new, fresh = keys_document()["verifier_key"], proof_text(3)
    last = LogCheckpoint.objects.order_by("size").last()
    assert first is not None
    assert last is not None
    assert old != new
    growth = {
        "earlier": first.note,
        "later": last.note,
        "proof": consistency_document(first.size, last.size),
        "rotations": rotation_documents(last.size),
    }
    page.goto(f"{live_server.url}/en/verify/")
    page.get_by_text("Which keys are trusted").click()

    def judged(key: str, document: str) -> Any:
        page.get_by_label("Key of the log").fill(key)
        return verdict(page, document)

    judged(old, kept).to_have_text(re.compile("^Verified: entry 3 "))
    judged(new, fresh).to_have_text(re.compile("^Verified: entry 3 "))
    judged(old, fresh).to_have_text(re.compile("^Verified: entry 3 "))
    judged(new, kept).to_have_text(re.compile("^Not verified: .*cannot be judged"))
    for key in (old, new):
        judged(key, json.dumps(growth)).to_have_text(re.compile("^Verified: the log"))
    # A change of the key that one of both did not sign, or that no entry holds, leads nowhere.
    unled = json.loads(fresh) | {"rotations": []}
    judged(old, json.dumps(unled)).to_have_text(re.compile("^Not verified: .*cannot be judged"))
    forged = json.loads(fresh)
    forged["rotations"][0]["entry"]["body"] = forged["rotations"][0]["entry"]["body"].replace(
        "a", "b"
    )
    judged(old, json.dumps(forged)).to_have_text(re.compile("^Not verified: the entry"))
    page.goto(f"{live_server.url}/en/log/consistency/")
    page.get_by_role("button", name="Verify in my browser").click()
    expect(page.locator("#verify-status")).to_have_text(re.compile("^Verified: the log"))

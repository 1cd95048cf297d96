"""Receipts and proofs pasted by anybody, checked by the browser alone."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from governance.consent.receipt import receipt_document
from governance.log.services import sequence
from governance.models import Consent
from portal.auditor.verify import proof_text

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
    changed = {**receipt, "dct:issued": "2020-01-01T00:00:00Z"}
    verdict(page, json.dumps(changed)).to_have_text(re.compile("^Not verified: the document"))

"""Audits speak in words: no code of a trial, a reason or a test reaches a reader."""

from __future__ import annotations

import ast
import re

import pytest
from django.conf import settings
from django.test import Client
from django.utils.translation import override

from governance.access.selectors import AccessDocument
from governance.audits.data import Absent
from governance.audits.findings import PARTS
from governance.audits.services import audit_algorithm
from governance.registries import audit_sources
from portal.auditor import audit_words as words
from portal.auditor.cases.words import look_reason_text, looked_at_text
from portal.rights_words import look_text
from tests import cast

pytestmark = pytest.mark.django_db

KOREAN = re.compile("[가-힣]")
PROJECT = settings.PROJECT_DIR


@pytest.mark.parametrize("language", ["ko", "en"])
def test_every_code_of_every_audit_has_words(language: str) -> None:
    with override(language):
        said = {
            **{part: words.part_text(part) for part in PARTS},
            **{reason.value: words.absent_text(reason) for reason in Absent},
        }
        for _name, source in audit_sources.items():
            data = source()
            trials = [*data.counterfactuals, *data.conservation]
            for trial in [*trials, *([data.replay] if data.replay else [])]:
                said[trial.name] = words.trial_text(trial.name)
            for measure in data.measures:
                said[measure.name] = words.measure_text(measure.name)
    for code, text in said.items():
        assert text != code, code
        assert bool(KOREAN.search(text)) == (language == "ko"), code


def test_pages_show_what_was_found_and_what_does_not_apply() -> None:
    seo = cast.actor(cast.seo())
    for name, _source in audit_sources.items():
        audit_algorithm(acting=seo, algorithm=name)
        for prefix in ("", "/en"):
            page = Client().get(f"{prefix}/algorithms/{name}/audits/")
            assert page.status_code == 200
            text = page.content.decode()
            assert 'id="found"' in text
            assert 'id="absent"' in text
    register = Client().get("/en/algorithms/").content.decode()
    assert "No audit was made yet." not in register
    assert register.count("Audited") == len(list(audit_sources.items()))
    listed = Client().get("/api/v1/algorithms/").json()["results"]
    assert {each["last_audit"]["outcome"] for each in listed} == {"fair", "insufficient"}
    one = Client().get("/api/v1/algorithms/reward-coverage/").json()
    assert one["last_audit"]["audited_at"]


def test_findings_are_told_in_sentences() -> None:
    with override("en"):
        assert words.found_text("selection", "district", "11320").startswith("Dobong-gu: ")
        assert words.found_text("shares", "withheld:air:open:2.1.district", "11320") == (
            "Records that a release withholds: air 2.1, District: Dobong-gu stands out"
        )
        assert words.call_of("withheld:air:open:2.1", "district") == "air"
        assert words.call_of("unmapped", "call:air") == "air"
        assert words.call_of("masked", "sex") == words.call_of("withheld-sums", "report:x/1") == ""
        assert words.share_text("unmapped", "call:air", {"air": "Air quality"}) == (
            "Records in no stratum: Air quality"
        )
        assert words.found_text("shares", "masked.sex", "F") == (
            "Files in which personal data was masked: Sex: Women stands out"
        )
        assert words.found_text("measures", "recall.rrn", "") == (
            "Found: resident registration numbers: too often wrong"
        )
        assert words.found_text("drift", "air.district", "") == (
            "air: District: changed since the last time"
        )
        assert words.found_text("replay", "replay", "") == (
            "Broken: Every settlement follows from its manifest, byte for byte"
        )


@pytest.mark.parametrize("language", ["ko", "en"])
def test_whatever_staff_may_look_at_and_why_has_words_for_auditors_and_for_its_owner(
    language: str,
) -> None:
    """What the code notes, found in the code: a look of a new kind cannot stay a code."""
    noted = {"what": set[str](), "why": set[str]()}
    for room in ("contributions", "governance", "rewards", "platform/portal"):
        for source in (PROJECT / room).rglob("*.py"):
            for call in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
                if isinstance(call, ast.Call) and "note_access" in ast.unparse(call.func):
                    for given in call.keywords:
                        if given.arg in noted and isinstance(given.value, ast.Constant):
                            noted[given.arg].add(str(given.value.value))
    assert {"licence", "account"} < noted["what"]
    with override(language):
        for what in noted["what"]:
            owner = look_text(_look(what=what))["what_text"]
            assert what not in (looked_at_text(what), owner), what
        for why in noted["why"] - {"administration"}:
            owner = look_text(_look(why=why))["why_text"]
            assert why not in (look_reason_text(why), owner), why


def _look(*, what: str = "account", why: str = "audit") -> AccessDocument:
    return {
        "what": what,
        "why": why,
        "role": "auditor",
        "subject": "",
        "at": "2026-11-29T00:00:00Z",
    }

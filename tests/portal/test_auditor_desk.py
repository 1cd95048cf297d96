"""Seo's day at the auditor's desk, in the browser's terms, and who stays outside."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from dure.accounts.models import RoleGrant
from dure.core import clock
from governance.cases.sampling import seed_hash
from governance.log.services import sequence
from governance.models import (
    AccessNote,
    AuditCase,
    AuditFinding,
    AuditSample,
    CaseReplay,
    FindingAnswer,
)
from portal.formatting import share_text
from rewards.models import Epoch, EpochInput
from tests import cast
from tests.governance.cases.desk import SEED, day
from tests.rewards.city import SLUG
from tests.rewards.dividends.test_dividends import settled_city

pytestmark = pytest.mark.django_db


@pytest.fixture
def epoch() -> Epoch:
    settled_city()
    sequence()
    return Epoch.objects.exclude(state="open").get()


@pytest.fixture
def seo(client: Client) -> Client:
    return cast.log_in(client, cast.seo())


def shown(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, path
    return answer.content.decode()


def opened(seo: Client, about: str) -> AuditCase:
    sent = {"title": "1회차 점검", "about": about, "last_day": day(20).isoformat()}
    answer = seo.post("/audit/cases/new/", sent)
    assert answer.status_code == 302, answer.content.decode()
    return AuditCase.objects.latest("opened_at")


def drawn(seo: Client, case: AuditCase, epoch: Epoch, size: int = 2) -> AuditSample:
    sent = {
        "case": str(case.id),
        "population": f"epoch:{epoch.id}",
        "size": str(size),
        "seed_sha256": seed_hash(SEED),
    }
    assert seo.post("/audit/sample/", sent).status_code == 302
    sample = AuditSample.objects.get()
    assert "서명하지 않았습니다" in shown(seo, f"/audit/samples/{sample.id}/")
    sequence()
    assert "표본 뽑기" in shown(seo, f"/audit/samples/{sample.id}/")
    assert seo.post(f"/audit/samples/{sample.id}/", {"seed": SEED}).status_code == 302
    return AuditSample.objects.get()


def test_a_case_a_sample_a_replay_and_a_finding(seo: Client, epoch: Epoch, tmp_path: Path) -> None:
    assert "사건 열기" in shown(seo, "/audit/")
    case = opened(seo, f"epoch:{epoch.id}")
    desk = shown(seo, "/audit/")
    assert '<button class="button">표본 뽑기</button>' in desk
    assert "1회차 점검" in desk

    sample = drawn(seo, case, epoch)
    page = shown(seo, f"/audit/samples/{sample.id}/")
    names = set(EpochInput.objects.filter(epoch=epoch).values_list("pseudonym", flat=True))
    assert set(sample.drawing.items) <= names
    for item in sample.drawing.items:
        assert item[:16] in page
    # The recipe on the page, run as it stands on the public manifest, draws the same.
    recipe = re.search(r"key=\$\(.*?(?=</code>)", page, re.DOTALL)
    assert recipe is not None
    script = recipe[0].replace("&#x27;", "'").replace("&quot;", '"')
    manifest = seo.get(f"/api/v1/epochs/{epoch.id}/manifest/").content
    items = [each["id"] for each in json.loads(manifest)["inputs"]]
    (tmp_path / "population.txt").write_text("\n".join(items) + "\n")
    told = subprocess.run(
        ["/bin/sh", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert told.stdout.split() == sample.drawing.items
    assert json.loads(shown(seo, f"/audit/samples/{sample.id}/sample.json"))["seed"] == SEED

    (tmp_path / "manifest.json").write_bytes(manifest)
    page = shown(seo, f"/audit/cases/{case.id}/replay/")
    digest = epoch.manifest_sha256
    assert f"dure_verify.py replay manifest.json --sha256 {digest}" in page
    verifier = Path(settings.PROJECT_DIR) / "platform" / "dure_client" / "dure_verify.py"
    run = [sys.executable, str(verifier), "replay", "manifest.json", "--sha256", digest]
    assert subprocess.run(run, cwd=tmp_path, check=False, capture_output=True).returncode == 0
    sent = {"epoch": str(epoch.id), "manifest_sha256": digest, "outcome": "ok"}
    assert seo.post(f"/audit/cases/{case.id}/replay/", sent).status_code == 302
    assert CaseReplay.objects.get().outcome == "ok"
    assert "공개된 것과 같음" in shown(seo, f"/audit/cases/{case.id}/")

    sent = {
        "about": f"epoch:{epoch.id}",
        "kind": "sound",
        "severity": "note",
        "language": "ko",
        "text": "표본의 계산이 명세서와 같습니다.",
        "evidence": f"0\n{digest}",
    }
    assert seo.post(f"/audit/cases/{case.id}/finding/", sent).status_code == 302
    stranger = Client()
    assert "표본의 계산이" in shown(stranger, f"/transparency/settlements/{epoch.id}/")
    assert "표본의 계산이" in shown(stranger, "/findings/")

    assert seo.post(f"/audit/cases/{case.id}/closing/").status_code == 302
    assert seo.post(f"/audit/cases/{case.id}/finding/", sent).status_code == 409
    assert AuditFinding.objects.count() == 1


def test_a_look_at_what_was_drawn_tells_nothing_personal_and_is_told(
    seo: Client, epoch: Epoch
) -> None:
    sample = drawn(seo, opened(seo, f"call:{SLUG}"), epoch, size=3)
    for position in (1, 2, 3):
        page = shown(seo, f"/en/audit/samples/{sample.id}/{position}/")
        for person in (cast.mina(), cast.joon(), cast.charlie()):
            assert person.name not in page
            assert str(person.party_id) not in page
            for row in person.party.contributions.all():
                assert row.receipt not in page
    for person in (cast.mina(), cast.joon(), cast.charlie()):
        note = AccessNote.objects.get(party=person.party, what="contribution")
        assert (note.by, note.why) == (cast.seo(), "audit")
    browser = cast.log_in(Client(), cast.mina())
    assert "Auditor" in shown(browser, "/en/me/rights/")
    shown(seo, f"/audit/samples/{sample.id}/4/", 404)


def test_errors_stand_beside_their_fields(seo: Client, epoch: Epoch) -> None:
    answer = seo.post("/en/audit/cases/new/", {"title": "", "about": "", "last_day": "x"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "<title>Error: " in page
    for name in ("title", "about", "last_day"):
        assert f'href="#{name}"' in page
        assert f'id="{name}-error"' in page
    case = opened(seo, f"epoch:{epoch.id}")
    for path, fields in (
        ("/en/audit/sample/", ("population", "size", "seed_sha256")),
        (f"/en/audit/cases/{case.id}/replay/", ("epoch", "manifest_sha256", "outcome")),
        (f"/en/audit/cases/{case.id}/finding/", ("kind", "severity", "text", "evidence")),
    ):
        answer = seo.post(path, {"case": str(case.id)})
        assert answer.status_code == 422, path
        for name in fields:
            assert f'id="{name}-error"' in answer.content.decode(), (path, name)
    sample = drawn(seo, case, epoch)
    other = AuditSample.objects.get(id=sample.id)
    assert seo.post(f"/audit/samples/{other.id}/", {"seed": "wrong"}).status_code == 302  # drawn


def test_another_seed_is_refused_on_the_page(seo: Client, epoch: Epoch) -> None:
    case = opened(seo, f"epoch:{epoch.id}")
    sent = {
        "case": str(case.id),
        "population": f"epoch:{epoch.id}",
        "size": "1",
        "seed_sha256": seed_hash(SEED),
    }
    seo.post("/en/audit/sample/", sent)
    sequence()
    sample = AuditSample.objects.get()
    answer = seo.post(f"/en/audit/samples/{sample.id}/", {"seed": "a" * 30})
    assert answer.status_code == 422
    assert "This is not the seed that you committed to" in answer.content.decode()


def test_the_city_answers_in_the_console_and_a_correction_follows(
    seo: Client, epoch: Epoch
) -> None:
    case = opened(seo, "algorithm:reward-coverage")
    sent = {
        "about": "algorithm:reward-coverage",
        "kind": "process",
        "severity": "high",
        "language": "en",
        "text": "The page does not say when the rule was last looked at.",
        "evidence": "0",
    }
    seo.post(f"/audit/cases/{case.id}/finding/", sent)
    finding = AuditFinding.objects.get()
    assert "does not say when" in shown(Client(), "/en/algorithms/reward-coverage/")
    kang = cast.log_in(Client(), cast.kang())
    assert "Findings of auditors" in shown(kang, "/en/console/")
    assert "In time" in shown(kang, "/en/console/findings/")
    path = f"/en/console/findings/{finding.id}/"
    answer = kang.post(path, {"outcome": "mending", "language": "en", "text": "We shall."})
    assert answer.status_code == 422
    assert 'id="mend_by-error"' in answer.content.decode()
    said = {"outcome": "mending", "language": "en", "text": "We shall.", "mend_by": str(day(5))}
    assert kang.post(path, said).status_code == 302
    assert FindingAnswer.objects.get().answered_by == cast.kang()
    page = shown(Client(), f"/en/findings/{finding.id}/")
    assert "The city mends it" in page
    assert cast.kang().name not in page
    assert cast.seo().name not in page
    again = f"/en/audit/cases/{case.id}/finding/?corrects={finding.id}"
    assert "does not say when" in shown(seo, again)
    assert seo.post(again, {**sent, "severity": "note", "text": "It does."}).status_code == 302
    assert "The auditor corrected this finding." in shown(Client(), f"/en/findings/{finding.id}/")
    signed = Client().get(f"/findings/{finding.id}/finding.json")
    assert signed.content == bytes(finding.body)


def test_who_stays_outside(client: Client, epoch: Epoch) -> None:
    inside = cast.log_in(Client(), cast.seo())
    case = opened(inside, f"epoch:{epoch.id}")
    sample = drawn(inside, case, epoch)
    places = (
        "/audit/",
        "/audit/looks/",
        "/audit/sample/",
        "/audit/cases/new/",
        f"/audit/cases/{case.id}/",
        f"/audit/cases/{case.id}/replay/",
        f"/audit/cases/{case.id}/finding/",
        f"/audit/samples/{sample.id}/",
        f"/audit/samples/{sample.id}/1/",
        f"/audit/samples/{sample.id}/sample.json",
    )
    for place in places:
        answer = client.get(place)
        assert answer.status_code == 302, place
        assert "/login/" in answer["Location"], place
    for person in (cast.mina(), cast.hana(), cast.charlie(), cast.kang()):
        browser = cast.log_in(Client(), person)
        assert "감사 업무" not in shown(browser, "/")
        for place in places:
            shown(browser, place, 404)
        for place in ("/audit/cases/new/", f"/audit/cases/{case.id}/finding/"):
            assert browser.post(place, {"title": "x"}).status_code == 404
    for place in places:
        shown(inside, place)
    RoleGrant.objects.filter(person=cast.seo()).update(until=clock.now() - timedelta(days=1))
    ended = cast.log_in(Client(), cast.seo())
    for place in places:
        assert "감사 권한이 끝났습니다" in shown(ended, place, 403)
    shown(cast.log_in(Client(), cast.mina()), f"/console/findings/{case.id}/", 404)


def test_a_mandate_for_one_call_reaches_no_other_and_no_looks(seo: Client, epoch: Epoch) -> None:
    RoleGrant.objects.filter(person=cast.seo()).update(scope="another-call")
    sent = {"title": "x", "about": f"epoch:{epoch.id}", "last_day": day(3).isoformat()}
    assert seo.post("/audit/cases/new/", sent).status_code == 422
    shown(seo, "/audit/looks/", 403)


def test_looks_are_read_by_role_and_kind(seo: Client, epoch: Epoch) -> None:
    AccessNote.objects.create(
        party=cast.mina().party, by=cast.kang(), what="redemption", why="payment", at=clock.now()
    )
    page = shown(seo, "/en/audit/looks/")
    assert "Operator" in page
    assert "Pay-out" in page
    assert "yours" not in page
    assert "withheld" in page
    assert cast.kang().name not in page


def test_reference_populations_and_integrity_are_public(client: Client, epoch: Epoch) -> None:
    assert "Two districts" in shown(client, "/en/references/")
    page = shown(client, "/en/references/two-districts/")
    assert '<data value="80">80</data>' in page
    assert f'<td class="end">{share_text("0.8")}</td>' in page
    assert f'href="/en/calls/{SLUG}/"' in page
    shown(client, "/references/no-such/", 404)
    page = shown(client, "/en/status/integrity/")
    assert "Every balance is the sum of its entries" in page
    assert "The newest head carries the city’s signature" in page

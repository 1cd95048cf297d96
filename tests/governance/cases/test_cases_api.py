"""Seo's program reads the own cases and publishes a finding; everybody reads findings."""

from __future__ import annotations

import pytest

from dure.accounts.api_key_services import issue_api_key
from dure.accounts.roles import Role
from governance.cases.services import close_case
from governance.models import AuditFinding
from tests import cast
from tests.governance.cases import desk

pytestmark = pytest.mark.django_db
CASES = "/api/v1/cases/"
FINDINGS = "/api/v1/findings/"
WISH = {
    "kind": "process",
    "severity": "high",
    "text": "표에 칸을 가린 이유가 적혀 있지 않습니다.",
    "language": "ko",
    "evidence": [{"index": 0}, {"sha256": "ab" * 32}],
}


def test_a_case_is_read_with_its_samples_and_a_finding_is_published() -> None:
    seo, case = cast.api(cast.seo()), desk.case()
    kind = f"case.opened:{desk.sequence_and_size()}"
    desk.drawn(desk.committed(case, population_id=kind, size=1))
    (listed,) = seo.get(CASES).json()["results"]
    assert (listed["id"], listed["state"]) == (str(case.id), "open")
    assert listed["about"] == {"kind": "algorithm", "id": desk.ALGORITHM}
    answer = seo.post(f"{CASES}{case.id}/findings/", WISH, format="json")
    assert answer.status_code == 201, answer.content
    made = answer.json()
    assert made["evidence"] == WISH["evidence"]
    assert AuditFinding.objects.get().sha256 == made["sha256"]
    shown = seo.get(f"{CASES}{case.id}/").json()
    assert [each["seed"] for each in shown["samples"]] == [desk.SEED]
    assert [each["id"] for each in shown["findings"]] == [made["id"]]
    assert seo.get(f"{CASES}{case.id}/findings/").json()["results"] == [made]
    stranger = cast.api()
    assert stranger.get(FINDINGS).json()["results"] == [made]
    assert stranger.get(answer["Location"]).json() == made


def test_a_finding_corrects_an_earlier_one() -> None:
    seo, case = cast.api(cast.seo()), desk.case()
    earlier = desk.finding(case)
    wish = {**WISH, "supersedes": str(earlier.id)}
    made = seo.post(f"{CASES}{case.id}/findings/", wish, format="json").json()
    assert made["supersedes"] == str(earlier.id)
    assert seo.get(f"{FINDINGS}{earlier.id}/").json()["superseded_by"] == made["id"]


def test_what_is_wrong_with_a_finding_is_named() -> None:
    seo, case = cast.api(cast.seo()), desk.case()
    desk.sequence_and_size()
    for changed, field in (
        ({"kind": "gossip"}, "kind"),
        ({"text": ""}, "text"),
        ({"evidence": []}, "evidence"),
        ({"evidence": [{"index": 0, "sha256": "ab" * 32}]}, "evidence"),
        ({"evidence": [{"sha256": "ab"}]}, "evidence"),
        ({"evidence": [{"index": 999_999}]}, "evidence"),
        ({"text": "010-1234-5678로 전화하세요."}, "text"),
        ({"about": {"kind": "call", "id": "no-such"}}, "about"),
    ):
        answer = seo.post(f"{CASES}{case.id}/findings/", {**WISH, **changed}, format="json")
        assert answer.status_code in (400, 422), changed
        assert answer.json()["errors"][0]["field"].startswith(field), answer.json()
    close_case(acting=cast.actor(cast.seo()), case=case)
    assert seo.post(f"{CASES}{case.id}/findings/", WISH, format="json").status_code == 409
    assert seo.get(f"{CASES}{case.id}/").json()["state"] == "closed"
    assert not AuditFinding.objects.exists()


def test_strangers_and_another_auditor_are_refused() -> None:
    case = desk.case()
    other = cast._person("Nam", Role.AUDITOR)
    addresses = (f"{CASES}{case.id}/", f"{CASES}{case.id}/findings/")
    assert cast.api().get(CASES).status_code == 401
    assert cast.api(other).get(CASES).json()["results"] == []
    for person in (cast.mina(), cast.hana(), cast.kang()):
        assert cast.api(person).get(CASES).status_code == 403
    for address in addresses:
        assert cast.api().get(address).status_code == 401
        assert cast.api(other).get(address).status_code == 404
        assert cast.api(cast.mina()).get(address).status_code == 403
    publishing = addresses[1]
    assert cast.api().post(publishing, WISH, format="json").status_code == 401
    assert cast.api(other).post(publishing, WISH, format="json").status_code == 404
    assert cast.api(cast.mina()).post(publishing, WISH, format="json").status_code == 403
    assert not AuditFinding.objects.exists()


def test_a_key_needs_the_scope() -> None:
    seo, case = cast.seo(), desk.case()
    client = cast.api()
    _key, secret = issue_api_key(acting=cast.actor(seo), person=seo, scopes=["audit:read"])
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    assert client.get(f"{CASES}{case.id}/").status_code == 200
    assert client.post(f"{CASES}{case.id}/findings/", WISH, format="json").status_code == 403

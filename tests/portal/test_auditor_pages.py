"""The register, its versions and its audits as pages; who may start an audit from one."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
import time_machine
from django.test import Client

from dure.accounts.acting import Actor
from dure_client import dure_verify
from governance.algorithms.services import record_algorithms
from governance.audits.services import audit_algorithms
from governance.models import AlgorithmAudit
from governance.registries import AlgorithmEntry, algorithms
from portal.auditor import verify
from portal.changed_words import changed_words
from tests import cast
from tests.rewards.audits.test_methods import settled

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("audit")
REWARD = "/en/algorithms/reward-coverage/"


def test_an_entry_answers_five_questions_and_says_whether_it_is_stale(client: Client) -> None:
    page = client.get(REWARD).content.decode()
    for heading in ("Which data it uses", "How it decides", "How it treats everybody alike",
                    "Who watches it", "What could go wrong"):  # fmt: skip
        assert heading in page
    assert "is not what was registered last" in page
    record_algorithms(acting=SYSTEM)
    assert "is not what was registered last" not in client.get(REWARD).content.decode()
    assert "duplicate-rule" in client.get("/en/algorithms/").content.decode()


def test_the_verifier_is_a_download_away_and_the_page_says_its_hash(client: Client) -> None:
    """What auditors are told to run comes from the pages, byte for byte as it is in the source."""
    answer = client.get("/verify/dure_verify.py")
    source = Path(dure_verify.__file__).read_bytes()
    assert answer.content == source
    assert 'filename="dure_verify.py"' in answer["Content-Disposition"]
    page = client.get("/en/verify/").content.decode()
    assert hashlib.sha256(source).hexdigest() in page
    assert "/verify/dure_verify.py" in page


def test_witnesses_are_promised_where_there_are_some(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = client.get("/en/verify/").content.decode()
    assert "There are no witnesses outside the city yet" in page
    assert "Witnesses keep copies" not in page
    monkeypatch.setattr(verify, "configured", lambda: [object()])
    page = client.get("/en/verify/").content.decode()
    assert "There are no witnesses outside the city yet" not in page
    assert "Witnesses keep copies" in page


def test_a_change_of_words_is_a_version_and_shows_what_changed(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    record_algorithms(acting=SYSTEM)
    old = algorithms.get("reward-flat")
    assert old is not None
    new = AlgorithmEntry(**{**vars(old), "how": {"ko": "다르게", "en": "<b>Otherwise</b>"}})
    monkeypatch.setitem(algorithms._items, "reward-flat", new)
    assert (
        "is not what was registered last"
        in client.get("/en/algorithms/reward-flat/").content.decode()
    )
    assert [row.algorithm for row in record_algorithms(acting=SYSTEM)] == ["reward-flat"]
    assert record_algorithms(acting=SYSTEM) == []
    page = client.get("/en/algorithms/reward-flat/versions/2/").content.decode()
    assert "&lt;b&gt;Otherwise&lt;/b&gt;" in page
    assert str(old.how["en"])[:30] in page
    for number in (0, 1, 3, 10**30):
        assert client.get(f"/en/algorithms/reward-flat/versions/{number}/").status_code == 404
    assert client.get("/en/algorithms/nobody/versions/2/").status_code == 404


def test_only_the_words_that_changed_are_marked(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    record_algorithms(acting=SYSTEM)
    old = algorithms.get("reward-flat")
    assert old is not None
    how = {**old.how, "en": f"{old.how['en']} Sundays <i>count</i> twice."}
    new = AlgorithmEntry(**{**vars(old), "how": how})
    monkeypatch.setitem(algorithms._items, "reward-flat", new)
    record_algorithms(acting=SYSTEM)
    page = client.get("/en/algorithms/reward-flat/versions/2/").content.decode()
    assert "<ins> Sundays &lt;i&gt;count&lt;/i&gt; twice.</ins>" in page
    assert "<del>" not in page


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "new"),
        ("a b c", "a x c"),
        ("같은 글", "같은 글"),
        ("all\nother", "words here"),
        ("a ", "a"),
    ],
)
def test_pieces_joined_are_the_texts_again(before: str, after: str) -> None:
    pieces = changed_words(before, after)
    assert tuple("".join(one.text for one in side) for side in pieces) == (before, after)
    kept = [[one.text for one in side if not one.changed] for side in pieces]
    assert kept[0] == kept[1]


def test_an_audit_is_read_by_everybody(client: Client) -> None:
    settled(1, 5, 12)
    assert "No audit was made yet" in client.get(f"{REWARD}audits/").content.decode()
    audit_algorithms(acting=SYSTEM)
    page = client.get(f"{REWARD}audits/").content.decode()
    assert "Who contributed makes no difference" in page
    assert "Too little data to tell" in page
    assert "Audit now" not in page
    assert "Read the audit" in client.get(REWARD).content.decode()
    checks = client.get("/algorithms/contribution-checks/audits/")
    assert "언제나 지켜져야 하는 것" in checks.content.decode()


@pytest.mark.parametrize("path", ["nobody/audits/", "reward-coverage/audits/?audit=x"])
def test_what_is_not_there_is_not_found(client: Client, path: str) -> None:
    assert client.get(f"/en/algorithms/{path}").status_code == 404


def test_auditors_and_operators_audit_again_and_others_do_not(client: Client) -> None:
    address = f"{REWARD}audits/"
    assert client.post(address).status_code in (302, 401, 403)
    for person in (cast.mina(), cast.charlie(), cast.hana()):
        cast.log_in(client, person)
        assert client.post(address).status_code == 403
        assert "Audit now" not in client.get(address).content.decode()
    assert not AlgorithmAudit.objects.exists()
    with time_machine.travel("2026-11-20T09:00:00Z", tick=False) as clock:
        for person in (cast.seo(), cast.kang()):
            cast.log_in(client, person)
            assert "Audit now" in client.get(address).content.decode()
            assert client.post(address)["Location"] == address
            # An audit reads every decision: nobody starts the next within a minute.
            again = client.post(address)
            assert again.status_code == 429
            clock.shift(61)
        assert client.post("/en/algorithms/reward-of-nobody/audits/").status_code == 404
    assert AlgorithmAudit.objects.count() == 2

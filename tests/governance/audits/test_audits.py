"""Audits compare groups, hide what could point to a person, and stand in the log by their hash."""

from __future__ import annotations

import json

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError

from dure.core.canonical import canonical_hash
from governance.audits.data import AuditData, AuditGroup
from governance.audits.findings import examine
from governance.models import AlgorithmAudit, LogEntry
from governance.registries import algorithms, audit_sources
from tests.cast import api, seo

GROUPS = (
    AuditGroup("sex", "F", 100, 80, units=1000, reward=1000),
    AuditGroup("sex", "M", 100, 60, units=1000, reward=3000),
    AuditGroup("sex", "", 4, 4, units=1, reward=9999),
    AuditGroup("district", "11320", 29, 1),
)


def test_a_group_below_four_fifths_makes_the_outcome_unfair() -> None:
    outcome, findings = examine(AuditData(GROUPS))
    assert outcome == "unfair"
    selection = findings["selection"]
    assert isinstance(selection, dict)
    lines = {line["key"]: line for line in selection["sex"]}
    assert lines["M"]["verdict"] == "unfair"
    assert lines["F"]["verdict"] == "fair"
    assert lines["M"]["rate"] == "0.600000"
    low, high = lines["M"]["interval_95"]
    assert low < "0.600000" < high
    assert lines[""] == {"key": "", "verdict": "insufficient", "people": None}
    assert "rate" not in selection["district"][0]
    assert canonical_hash(findings)


def test_too_few_people_say_nothing() -> None:
    assert examine(AuditData(GROUPS[3:]))[0] == "insufficient"
    assert examine(AuditData(()))[0] == "insufficient"
    assert examine(AuditData(GROUPS[:1]))[0] == "fair"
    assert "inequality" not in examine(AuditData((), rewards=(1, 2, 3)))[1]
    _, findings = examine(AuditData((), rewards=(5,) * 30))
    assert findings["inequality"] == {
        "parties": 30, "gini": "0.000000", "top_tenth": "0.100000",
    }  # fmt: skip


@pytest.mark.django_db
def test_the_command_audits_every_algorithm_that_has_data(
    capsys: pytest.CaptureFixture[str],
) -> None:
    call_command("audit_algorithms", "--as", seo().email)
    names = [name for name, _ in audit_sources.items()]
    assert {"contribution-checks", "reward-coverage"} <= set(names)
    assert set(names) <= {entry.id for _, entry in algorithms.items()}
    assert capsys.readouterr().out.count("SHA-256") == len(names)
    entries = LogEntry.objects.filter(kind="audit.run")
    assert len(entries) == len(names)
    payloads = [json.loads(bytes(entry.body))["payload"] for entry in entries]
    for payload in payloads:
        audit = AlgorithmAudit.objects.get(id=payload["audit"])
        assert payload["findings_sha256"] == audit.sha256
        shown = api().get(f"/api/v1/algorithms/{payload['algorithm']}/audits/").json()["results"]
        assert canonical_hash(shown[0]["findings"]) == audit.sha256
        assert shown[0]["outcome"] == payload["outcome"] == "insufficient"
    with pytest.raises(CommandError):
        call_command("audit_algorithms", "--as", "nobody@dure.example")
    with pytest.raises(IntegrityError, match="known_outcome"):
        AlgorithmAudit.objects.create(
            algorithm="x",
            audited_at=audit.audited_at,
            outcome="nice",
            findings=b"{}",
            sha256="0" * 64,
            log_entry=audit.log_entry,
        )

"""Audits compare groups, hide what could point to a person, and stand in the log by their hash."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.core.management import CommandError, call_command
from django.db import IntegrityError
from hypothesis import given
from hypothesis import strategies as st

from dure.core.canonical import canonical_bytes, canonical_hash
from governance.audits.data import (
    Absent,
    Appeals,
    AuditData,
    AuditGroup,
    Drift,
    Measure,
    Representation,
    Share,
    Trial,
)
from governance.audits.findings import PERSONS_MIN, examine
from governance.fairness import measures
from governance.models import AlgorithmAudit, LogEntry
from governance.registries import algorithms, audit_sources
from tests.cast import api, mina, seo

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
    assert lines["M"]["rate"] == "0.600000"
    assert lines["M"]["impact_ratio"] == "0.750000"
    low, high = lines["M"]["interval_95"]
    assert low < "0.600000" < high
    assert lines[""] == {"key": "", "verdict": "insufficient", "people": None}
    # The four would be found by subtracting from a total; an interval would tell the count too.
    assert lines["F"] == {"key": "F", "verdict": "fair", "people": None}
    assert selection["district"] == [{"key": "11320", "verdict": "insufficient", "people": 29}]
    assert findings["inequality"] is findings["replay"] is findings["appeals"] is None
    assert canonical_hash(findings)


def test_too_few_people_say_nothing() -> None:
    assert examine(AuditData(GROUPS[3:]))[0] == "insufficient"
    assert examine(AuditData(()))[0] == "insufficient"
    assert examine(AuditData(GROUPS[:1]))[0] == "fair"
    assert examine(AuditData((), rewards=(1, 2, 3)))[1]["inequality"] is None
    _, findings = examine(
        AuditData((), rewards=(5,) * 30, by_group={"sex": {"F": (5,) * 10, "M": (5,) * 20}})
    )
    assert findings["inequality"] == {
        "parties": 30,
        "gini": "0.000000",
        "top_tenth": "0.100000",
        "top_hundredth": "0.033333",
        "lorenz": [f"{step / 10:.6f}" for step in range(11)],
        "theil": {"sex": {"within": "0.000000", "between": "0.000000"}},
    }


@given(
    st.lists(
        st.tuples(st.sampled_from("abcdef"), st.integers(1, 60), st.integers(0, 60)),
        max_size=6,
        unique_by=lambda each: each[0],
    )
)
def test_no_group_below_ten_is_counted_or_can_be(groups: list[tuple[str, int, int]]) -> None:
    made = [AuditGroup("age", key, n, min(a, n)) for key, n, a in groups]
    _, findings = examine(AuditData(tuple(made)))
    selection = findings["selection"] or {}
    assert isinstance(selection, dict)
    lines = {line["key"]: line for line in selection.get("age", [])}
    people = {group.key: group.people for group in made}
    hidden = [people[key] for key, line in lines.items() if line["people"] is None]
    for key, line in lines.items():
        assert line["people"] in (None, people[key])
        assert line["people"] is None or line["people"] >= PERSONS_MIN
        if line["people"] is None:
            assert set(line) == {"key", "verdict", "people"}
    if hidden and len(hidden) < len(lines):
        # Whoever knows the total has the sum of the hidden: each may still be ten or more.
        assert len(hidden) >= 2
        assert sum(hidden) - (len(hidden) - 1) >= PERSONS_MIN


def test_like_is_compared_with_like() -> None:
    """Women earn less a record, but only because their records are of the lower class."""
    groups = (
        AuditGroup("sex", "F", 100, 100, units=100, reward=500),
        AuditGroup("sex", "M", 100, 100, units=100, reward=1000),
    )
    matched = {"sex": {("F", "5"): (500, 100), ("M", "10"): (1000, 100)}}
    selection = examine(AuditData(groups, matched=matched))[1]["selection"]
    assert isinstance(selection, dict)
    women, men = selection["sex"]
    assert (women["reward_ratio"], men["reward_ratio"]) == ("0.666666", "1.333333")
    assert (women["matched_reward_ratio"], men["matched_reward_ratio"]) == ("1.000000", "1.000000")


def test_a_rule_that_broke_once_is_no_fair_rule() -> None:
    data = AuditData(
        (AuditGroup("sex", "F", 100, 80), AuditGroup("sex", "M", 100, 80)),
        counterfactuals=(Trial("identity", 50, 1),),
        replay=Trial("replay", 3, 0),
    )
    outcome, findings = examine(data)
    assert outcome == "unfair"
    assert findings["counterfactuals"] == [{"name": "identity", "tried": 50, "broken": 1}]
    assert examine(replace(data, counterfactuals=()))[0] == "fair"
    assert examine(replace(data, groups=(), counterfactuals=()))[0] == "insufficient"


def test_money_that_goes_where_data_is_missing_brings_it_nearer() -> None:
    city = {"11320": 500, "11680": 500}
    one = Representation("air", "district", "DURE", {"11680": 800, "11320": 200},
                         {"11680": 600, "11320": 400}, city)  # fmt: skip
    found = examine(AuditData((), representation=(one,)))[1]["representation"]
    assert isinstance(found, list)
    assert isinstance(found[0], dict)
    assert found[0]["distance_of_data"] == "0.300000"
    assert found[0]["distance_of_pay"] == "0.100000"
    nothing = replace(one, paid={})
    again = examine(AuditData((), representation=(nothing,)))[1]["representation"]
    assert isinstance(again, list)
    assert isinstance(again[0], dict)
    assert again[0]["distance_of_pay"] is None


def test_drift_and_objections() -> None:
    data = AuditData(
        (),
        drift=(
            Drift("steady", {"a": 50, "b": 50}, {"a": 52, "b": 48}),
            Drift("moved", {"a": 90, "b": 10}, {"a": 10, "b": 90}),
            Drift("new", {}, {"a": 1}),
        ),
        appeals=Appeals(40, 30, 12),
    )
    findings = examine(data)[1]
    drift = findings["drift"]
    assert isinstance(drift, list)
    assert [each["alert"] for each in drift if isinstance(each, dict)] == [False, True, False]
    assert drift[2] == {"name": "new", "psi": None, "alert": False}
    assert findings["appeals"] == {
        "received": 40, "answered": 30, "overturned": 12, "overturn_rate": "0.400000",
    }  # fmt: skip
    few = examine(AuditData((), appeals=Appeals(40, 30, 3)))[1]["appeals"]
    assert few == {"received": 40, "answered": 30, "overturned": None, "overturn_rate": None}


def test_what_was_found_stands_with_its_weight_the_gravest_first() -> None:
    data = AuditData(
        (AuditGroup("sex", "F", 100, 90), AuditGroup("sex", "M", 100, 50)),
        shares=(Share("held", "sex", "F", 10, 100, 40), Share("held", "sex", "M", 60, 100, 40)),
        measures=(Measure("precision", 9, 10, Fraction(95, 100)),),
        counterfactuals=(Trial("identity", 5, 1),),
        conservation=(Trial("budget-conserved", 5, 1), Trial("ledger-agrees", 5, 0)),
        drift=(Drift("moved", {"a": 90, "b": 10}, {"a": 10, "b": 90}),),
        appeals=Appeals(40, 30, 12),
        absent={"reasons": Absent.ONE_REASON},
    )
    findings = examine(data)[1]
    found = findings["found"]
    assert isinstance(found, list)
    rows = [(row["severity"], row["part"], row["name"], row["key"])
            for row in found if isinstance(row, dict)]  # fmt: skip
    assert rows == [
        ("critical", "conservation", "budget-conserved", ""),
        ("high", "counterfactuals", "identity", ""),
        ("high", "selection", "sex", "M"),
        ("medium", "appeals", "overturned", ""),
        ("medium", "measures", "precision", ""),
        ("medium", "shares", "held.sex", "M"),
        ("low", "drift", "moved", ""),
    ]
    assert findings["not_applicable"] == {
        "inequality": "nothing-yet",
        "representation": "nothing-yet",
        "reasons": "one-reason",
        "replay": "nothing-yet",
    }
    assert examine(AuditData())[1]["found"] == []


def test_a_share_of_few_people_is_hidden_and_compared_with_nobody() -> None:
    shares = (
        Share("masked", "sex", "F", 1, 3, 3),
        Share("masked", "sex", "M", 0, 90, 40),
        Share("masked", "district", "11320", 90, 100, 29),
        Share("masked", "district", "11680", 0, 100, 40),
        Share("withheld-counts", "report:2031-q3/1", "consent", 1, 5, None),
    )
    _, findings = examine(AuditData(shares=shares))
    lines = findings["shares"]
    assert isinstance(lines, list)
    told = {(line["dimension"], line["key"]): line["share"]
            for line in lines if isinstance(line, dict)}  # fmt: skip
    assert told["sex", "F"] is told["sex", "M"] is None, "the other one would give it away"
    assert told["district", "11320"] == "0.900000"
    assert told["report:2031-q3/1", "consent"] == "0.200000"
    assert findings["found"] == [], "twenty-nine people are too few to compare"


@given(st.lists(st.tuples(st.integers(0, 80), st.integers(1, 80)), min_size=1, max_size=6))
def test_only_what_chance_hardly_explains_is_called_unfair(pairs: list[tuple[int, int]]) -> None:
    """Whoever is judged unfair is below four fifths by more than chance explains, and no other."""
    groups = {str(n): (min(a, n_), n_) for n, (a, n_) in enumerate(pairs)}
    judged, plain = measures.judge(groups), measures.four_fifths(groups)
    for name, word in judged.items():
        assert word == plain[name] or (plain[name], word) == ("unfair", "unclear")


@pytest.mark.django_db
def test_the_command_audits_every_algorithm_that_has_data(
    capsys: pytest.CaptureFixture[str],
) -> None:
    call_command("audit_algorithms", "--as", seo().email)
    names = [name for name, _ in audit_sources.items()]
    assert set(names) == {entry.id for _, entry in algorithms.items()}, (
        "whatever stands in the register can be audited"
    )
    assert capsys.readouterr().out.count("SHA-256") == len(names)
    entries = LogEntry.objects.filter(kind="audit.run")
    assert len(entries) == len(names)
    payloads = [json.loads(bytes(entry.body))["payload"] for entry in entries]
    for payload in payloads:
        audit = AlgorithmAudit.objects.get(id=payload["audit"])
        assert payload["findings_sha256"] == audit.sha256
        shown = api().get(f"/api/v1/algorithms/{payload['algorithm']}/audits/").json()["results"]
        assert canonical_hash(shown[0]["findings"]) == audit.sha256
        assert shown[0]["outcome"] == payload["outcome"]
        # Nobody has done anything here: only what needs no persons to be tried can be fair.
        about_nobody = shown[0]["findings"]["not_applicable"].get("selection") == "no-persons"
        assert payload["outcome"] == ("fair" if about_nobody else "insufficient")
        assert shown[0]["findings"]["found"] == []
        body = canonical_bytes(shown[0]["findings"])
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(shown[0]["public_key"])).verify(
            bytes.fromhex(shown[0]["signature"]), body
        )
    with pytest.raises(CommandError):
        call_command("audit_algorithms", "--as", "nobody@dure.example")
    for refused in (("--as", mina().email), ("--algorithm", "reward-of-nobody")):
        with pytest.raises(CommandError):
            call_command("audit_algorithms", *refused)
    call_command("audit_algorithms", "--algorithm", "reward-coverage")
    first, again = AlgorithmAudit.objects.filter(algorithm="reward-coverage")
    assert first.sha256 == again.sha256, "the same records give the same findings"
    with pytest.raises(IntegrityError, match="known_outcome"):
        AlgorithmAudit.objects.create(
            algorithm="x",
            audited_at=audit.audited_at,
            outcome="nice",
            findings=b"{}",
            sha256="0" * 64,
            log_entry=audit.log_entry,
        )

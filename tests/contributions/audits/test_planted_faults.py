"""A fault is put into an algorithm as the city runs it: its audit names it, signed and logged."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from contributions import algorithms
from contributions.audits import corpus
from contributions.disclosure import gate
from contributions.duplicates import fingerprints
from contributions.models import Contribution, Release
from contributions.pipeline import duplicates as duplicate_stage
from contributions.pipeline.stages import check
from contributions.privacy import columns, positions
from contributions.privacy import gate as privacy_gate
from contributions.privacy.detectors import detect
from contributions.privacy.hit import Hit
from contributions.releases import assembly, weights
from contributions.releases.gathering import gather_from
from dure.core.canonical import canonical_bytes, canonical_hash
from dure.core.clock import now
from governance.audits.services import audit_algorithm
from governance.models import LogEntry
from tests.cast import actor, api, joon, mina, seo
from tests.contributions.releases.test_building import built, stop_consenting
from tests.contributions.seoul import air_csv, handed_in, published, twenty_rows

pytestmark = pytest.mark.django_db(transaction=True)

TYPES = sorted({kind for kind, _said, _make in corpus.PERSONAL})
#: What `dure scan` may call a finding.
NAMED = (
    "rrn frn passport driver_license card bank_account phone email plate address name dob "
    "geo_point trajectory ip mac device_id brn"
)
BY_RECORD = {"quasi_identifiers": ["측정소명"], "sensitive": ["PM10"], "unit": "record"}
Found = set[tuple[str, str, str]]


def found_by_audit(algorithm: str) -> Found:
    """Seo audits; what was found, as anybody reads it and can check it against the log."""
    audit = audit_algorithm(acting=actor(seo()), algorithm=algorithm)
    entry = LogEntry.objects.filter(kind="audit.run").latest("recorded_at")
    payload = json.loads(bytes(entry.body))["payload"]
    shown = api().get(f"/api/v1/algorithms/{algorithm}/audits/").json()["results"][0]
    assert payload["audit"] == shown["id"] == str(audit.id)
    assert payload["findings_sha256"] == canonical_hash(shown["findings"])
    assert payload["outcome"] == shown["outcome"]
    Ed25519PublicKey.from_public_bytes(bytes.fromhex(shown["public_key"])).verify(
        bytes.fromhex(shown["signature"]), canonical_bytes(shown["findings"])
    )
    rows = shown["findings"]["found"]
    assert (shown["outcome"] == "unfair") == any(
        row["severity"] in ("critical", "high") or row["part"] == "measures" for row in rows
    )
    return {(row["severity"], row["part"], row["name"]) for row in rows}


def blind_to(kind: str, honest: Callable[..., list[Hit]]) -> Callable[..., list[Hit]]:
    """A detection that no longer knows one type."""
    return lambda *given: [hit for hit in honest(*given) if hit.type != kind]


@pytest.mark.parametrize("kind", TYPES)
def test_a_gate_that_no_longer_sees_one_type_is_found(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("detect", "detect_forms"):
        monkeypatch.setattr(columns, name, blind_to(kind, getattr(columns, name)))
    found = found_by_audit(algorithms.PRIVACY_GATE.id)
    expected: Found = {("medium", "measures", f"recall.{kind}")}
    if kind in ("rrn", "frn"):
        # The same number with another digit for sex and origin is still seen.
        expected.add(("high", "counterfactuals", "registration-number"))
    assert found == expected


def test_every_type_that_the_gate_takes_out_is_tried() -> None:
    """A type that is added to the gate and not to the corpus has nobody to miss it."""
    assert {*TYPES, "trajectory"} == set(NAMED.split()) - {"brn"}, "a firm's number may stay"


def test_a_gate_that_no_longer_follows_a_person_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    assert found_by_audit(algorithms.PRIVACY_GATE.id) == set()
    monkeypatch.setattr(positions, "PATH_POINTS", corpus.STEPS + 1)
    assert found_by_audit(algorithms.PRIVACY_GATE.id) == {
        ("medium", "measures", "recall.trajectory")
    }


def test_a_gate_that_begins_to_refuse_what_it_let_pass_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Five weeks ago files of the air call went through; by a new rule they are refused."""
    published()
    for day in range(1, 7):
        assert check(handed_in(mina(), twenty_rows(f"202611{day:02d}")).id).state == "accepted"
    with time_machine.travel(now() + timedelta(days=35), tick=True):
        assert found_by_audit(algorithms.PRIVACY_GATE.id) == set()

        def wary(text: str, kinds: frozenset[str]) -> list[Hit]:
            if text == "도봉구":
                return [Hit("card", "card.luhn", "refuse", 0, len(text))]
            return detect(text, kinds)

        with monkeypatch.context() as planted:
            planted.setattr(columns, "detect", wary)
            # Its words announce nothing yet: such a rule reads every cell.
            planted.setattr(
                privacy_gate,
                "worth_reading_of",
                lambda tables: [[np.ones(t.num_rows, np.bool_) for _ in t.columns] for t in tables],
            )
            planted.setattr(columns, "forms_of", lambda column, _kinds: np.full(len(column), -1))
            for day in range(11, 17):
                again = check(handed_in(joon(), twenty_rows(f"202611{day:02d}")).id)
                assert again.reason_rule == "personal-data-refused"
        assert ("low", "drift", "refusals") in found_by_audit(algorithms.PRIVACY_GATE.id)


def test_a_rule_that_begins_to_call_everything_a_repeat_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    published()
    for day in range(1, 4):
        assert check(handed_in(mina(), twenty_rows(f"202611{day:02d}")).id).accepted == 20
    with time_machine.travel(now() + timedelta(days=35), tick=True):
        assert found_by_audit(algorithms.DUPLICATES.id) == set()

        def by_station(table: Any, **kept: Any) -> list[bytes]:
            return fingerprints(table, **{**kept, "key": ["측정소명"]})

        with monkeypatch.context() as planted:
            planted.setattr(duplicate_stage, "fingerprints", by_station)
            for day in range(11, 14):
                check(handed_in(joon(), twenty_rows(f"202611{day:02d}")).id)
        assert Contribution.objects.filter(duplicate__gte=18).count() == 3
        found = found_by_audit(algorithms.DUPLICATES.id)
        assert ("low", "drift", "duplicates") in found
        assert ("critical", "replay", "fingerprints-follow-again") in found


def released() -> Release:
    """Two hundred and eighty records of Jongno-gu, eleven of Dobong-gu, two of Gangnam-gu."""
    published(disclosure=BY_RECORD)
    for part in range(14):
        rows = [f"202611{part + 1:02d}{hour:02d},종로구,{20 + hour}" for hour in range(20)]
        assert check(handed_in(mina(), air_csv(*rows)).id).accepted == 20
    few = [f"202611{day:02d}08,도봉구,{20 + day}" for day in range(1, 12)]
    check(handed_in(joon(), air_csv(*few, "2026110109,강남구,7", "2026110209,강남구,8")).id)
    release = built()
    assert release.state == "published"
    return release


def test_a_release_that_an_honest_gate_let_go_gives_no_alarm() -> None:
    release = released()
    assert release.records == 291
    assert release.document["disclosure"]["suppressed"] == 2
    assert found_by_audit(algorithms.RELEASE_GATE.id) == set()
    assert found_by_audit(algorithms.MEASURING.id) == set()


def test_a_gate_that_let_a_small_class_go_decides_otherwise_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as planted:
        planted.setattr(gate, "_too_small", lambda codes, *_others: np.zeros(len(codes), np.bool_))
        assert released().records == 293
    assert found_by_audit(algorithms.RELEASE_GATE.id) == {
        ("critical", "conservation", "classes-are-large-enough"),
        ("critical", "replay", "gate-decides-again"),
    }


def test_a_gate_that_kept_a_district_out_decides_otherwise_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It says how many it withheld, and no class that it let go is too small."""
    honest = gate._too_small

    def harder(codes: Any, people: Any, guarded: Any, kept: Any, rule: Any) -> Any:
        # Classes are numbered in the order of their records: Joon's eleven come last but one.
        return honest(codes, people, guarded, kept, rule) | (np.bincount(codes)[codes] == 11)

    with monkeypatch.context() as planted:
        planted.setattr(gate, "_too_small", harder)
        release = released()
    assert (release.records, release.document["disclosure"]["suppressed"]) == (280, 13)
    assert ("critical", "replay", "gate-decides-again") in found_by_audit(
        algorithms.RELEASE_GATE.id
    )


def test_records_that_never_reached_the_gate_are_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Joon's records were dropped and counted nowhere: all that the release says agrees."""

    def without_joon(version: Any, wanted: Any) -> Any:
        return gather_from(version, wanted.exclude(party=joon().party))

    with monkeypatch.context() as planted:
        planted.setattr(assembly, "gather_from", without_joon)
        release = released()
    assert (release.records, release.document["disclosure"]["suppressed"]) == (280, 0)
    assert found_by_audit(algorithms.RELEASE_GATE.id) == {
        ("critical", "conservation", "nothing-is-left-out-unsaid")
    }
    # Since he withdrew, nobody can say any more that they had been left out.
    stop_consenting(joon(), "city-ai")
    assert found_by_audit(algorithms.RELEASE_GATE.id) == set()


def test_a_gate_that_looks_at_the_order_of_records_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    honest = gate._too_small

    def last_is_least(codes: Any, people: Any, guarded: Any, kept: Any, rule: Any) -> Any:
        bad = honest(codes, people, guarded, kept, rule)
        bad[-1] = True
        return bad

    monkeypatch.setattr(gate, "_too_small", last_is_least)
    released()
    assert found_by_audit(algorithms.RELEASE_GATE.id) == {
        ("high", "counterfactuals", "record-order-of-gate")
    }


def test_weights_that_look_at_the_order_of_records_are_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    honest = weights._rake

    def first_is_most(*given: Any) -> Any:
        found, raked = honest(*given)
        found = found.copy()
        found[0] *= 2
        return found, raked

    monkeypatch.setattr(weights, "_rake", first_is_most)
    released()
    found = found_by_audit(algorithms.MEASURING.id)
    assert ("high", "counterfactuals", "record-order-of-weights") in found

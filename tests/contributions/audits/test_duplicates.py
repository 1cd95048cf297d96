"""The audit of the duplicate rule finds another fingerprint, another owner and another order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from contributions.audits import duplicates
from contributions.duplicates import fingerprints
from contributions.models import Contribution
from contributions.pipeline.stages import check
from governance.audits.data import AuditData
from governance.audits.findings import examine
from tests.cast import joon, mina
from tests.contributions.seoul import air_csv, handed_in, published, twenty_rows
from tests.forging import forge

pytestmark = pytest.mark.django_db(transaction=True)


def city() -> tuple[Contribution, Contribution]:
    """Mina sends twenty records; Joon sends one of them again, and one of his own."""
    published()
    first = check(handed_in(mina(), twenty_rows()).id)
    again = check(handed_in(joon(), air_csv("2026110100,종로구,20", "2026110300,강남구,7")).id)
    assert (again.accepted, again.duplicate) == (1, 1)
    return first, again


def broken(data: AuditData) -> dict[str, int]:
    trials = [*data.counterfactuals, *data.conservation, *([data.replay] if data.replay else [])]
    return {trial.name: trial.broken for trial in trials if trial.broken}


def test_an_honest_city_gives_no_alarm() -> None:
    city()
    data = duplicates.duplicate_rule()
    assert broken(data) == {}
    assert data.replay is not None
    assert data.replay.tried == 2
    assert {trial.name: trial.tried for trial in data.conservation} == {
        "every-record-counts-once": 2,
        "first-comes-first": 1,
    }
    of_sex = {share.key: (share.part, share.whole) for share in data.shares
              if share.dimension == "sex"}  # fmt: skip
    assert sum(part for part, _whole in of_sex.values()) == 1
    assert sum(whole for _part, whole in of_sex.values()) == 22
    assert examine(data) == examine(duplicates.duplicate_rule())


def test_a_fingerprint_that_is_not_the_records_own_is_found() -> None:
    first, _again = city()
    forge(
        "UPDATE contributions_recordfingerprint SET digest = sha256(digest)::bytea "
        'WHERE contribution_id = %s AND "row" = 3',
        first.id,
    )
    assert broken(duplicates.duplicate_rule()) == {"fingerprints-follow-again": 1}


def test_a_record_given_to_whoever_came_later_is_found() -> None:
    """Joon holds what Mina sent before him, and Mina waits for it."""
    first, again = city()
    digests = "SELECT digest FROM contributions_waitingrecord WHERE contribution_id = %s"
    moved = forge(
        f"UPDATE contributions_recordfingerprint SET contribution_id = %s WHERE digest IN "
        f"({digests})",
        again.id,
        again.id,
    )
    assert moved == 1
    forge("UPDATE contributions_waitingrecord SET contribution_id = %s", first.id)
    found = broken(duplicates.duplicate_rule())
    assert found["first-comes-first"] == 1
    assert found["every-record-counts-once"] == 2


def test_records_that_nobody_counts_for_are_found() -> None:
    first, _again = city()
    forge("DELETE FROM contributions_recordfingerprint WHERE contribution_id = %s", first.id)
    assert set(broken(duplicates.duplicate_rule())) == {
        "fingerprints-follow-again",
        "every-record-counts-once",
    }


def test_rules_that_look_at_order_spelling_or_other_calls_are_found() -> None:
    city()
    looked = list(duplicates._looked_at())

    def by_place(table: Any, **_: Any) -> list[bytes]:
        return [str(place).encode() for place in range(table.num_rows)]

    def by_columns(table: Any, **kept: Any) -> list[bytes]:
        name = table.column_names[0].encode()
        return [name + each for each in fingerprints(table, **kept)]

    def by_letters(table: Any, **_: Any) -> list[bytes]:
        return [repr(sorted(row.items())).encode() for row in table.to_pylist()]

    def found(rule: Any) -> Sequence[str]:
        return [trial.name for trial in duplicates.swayed(looked, rule) if trial.broken]

    assert "record-order" in found(by_place)
    assert found(by_columns) == ["column-order"]
    assert found(by_letters) == ["spelling", "calls-apart"]
    assert found(fingerprints) == []


def test_a_district_whose_people_never_count_is_named() -> None:
    """The pure part: thirty people each, of whom one district has nothing counted."""
    from governance.audits.data import AuditGroup, Share

    data = AuditData(
        (AuditGroup("district", "11680", 40, 40), AuditGroup("district", "11320", 40, 12)),
        shares=(
            Share("duplicate", "district", "11680", 4, 400, 40),
            Share("duplicate", "district", "11320", 280, 400, 40),
        ),
    )
    outcome, findings = examine(data)
    assert outcome == "unfair"
    assert findings["found"] == [
        {"severity": "high", "part": "selection", "name": "district", "key": "11320"},
        {"severity": "medium", "part": "shares", "name": "duplicate.district", "key": "11320"},
    ]

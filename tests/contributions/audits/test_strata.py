"""The audit of strata and weights finds moved masses, forged weights and who falls through."""

from __future__ import annotations

import json

import pytest

from contributions.audits import strata
from contributions.pipeline.stages import check
from contributions.releases.building import build
from contributions.releases.services import build_release
from governance.audits.data import Absent, AuditData
from governance.audits.findings import examine
from tests.cast import actor, joon, kang, mina
from tests.contributions.seoul import air_csv, handed_in, published, twenty_rows
from tests.forging import forge

pytestmark = pytest.mark.django_db(transaction=True)


def city() -> None:
    """Twenty records of two districts, one of a third, one of nowhere; and a release of them."""
    published()
    check(handed_in(mina(), twenty_rows()).id)
    check(handed_in(joon(), air_csv("2026110300,강남구,7", "2026110301,부산,9")).id)
    asked = {"call_slug": "air-daily", "purpose": "city-ai", "kind": "open"}
    assert build(build_release(acting=actor(kang()), **asked).id).state == "published"


def broken(data: AuditData) -> dict[str, int]:
    trials = [*data.counterfactuals, *data.conservation, *([data.replay] if data.replay else [])]
    return {trial.name: trial.broken for trial in trials if trial.broken}


def test_an_honest_city_gives_no_alarm_and_weights_bring_the_data_nearer() -> None:
    city()
    data = strata.strata_and_weights()
    assert broken(data) == {}
    assert data.replay is not None
    assert data.replay.tried == 2
    assert {trial.name: trial.tried for trial in data.conservation} == {
        "weights-follow-again": 1,
        "totals-follow-again": 1,
    }
    (nowhere,) = [each for each in data.shares if each.dimension == "call:air-daily"]
    assert (nowhere.key, nowhere.part, nowhere.whole, nowhere.people) == ("district", 1, 22, 2)
    _, findings = examine(data)
    represented = findings["representation"]
    assert isinstance(represented, list)
    (one,) = represented
    assert isinstance(one, dict)
    assert float(str(one["distance_of_data"])) > 0.4
    assert float(str(one["distance_of_pay"])) < 0.000001
    assert findings == examine(strata.strata_and_weights())[1]


def test_without_an_earlier_period_drift_is_not_called_undecided() -> None:
    assert strata.strata_and_weights().absent["drift"] == Absent.NOTHING_YET
    city()
    data = strata.strata_and_weights()
    assert (data.drift, data.absent["drift"]) == ((), Absent.NO_EARLIER)
    forge("UPDATE contributions_contribution SET accepted_at = accepted_at - interval '40 days' "
          "WHERE received = 20")  # fmt: skip
    assert [each.name for each in strata.strata_and_weights().drift] == ["air-daily.district"]


def test_a_mass_that_was_moved_to_another_stratum_is_found() -> None:
    city()
    forge("UPDATE contributions_stratummass SET key = '11680' WHERE key = '11320'")
    assert broken(strata.strata_and_weights()) == {"masses-follow-again": 1}


def test_a_sum_that_is_not_the_sum_of_its_contributions_is_found() -> None:
    city()
    forge("UPDATE contributions_runningmass SET mass = mass + 1000 WHERE key = '11320'")
    assert broken(strata.strata_and_weights()) == {"totals-follow-again": 1}


def test_records_that_were_counted_as_mapped_are_found() -> None:
    city()
    forge("UPDATE contributions_contribution SET unmapped = '{\"district\": 0}'")
    assert broken(strata.strata_and_weights()) == {"masses-follow-again": 1}


def test_weights_that_are_said_to_be_better_than_they_are_are_found() -> None:
    city()
    document = {"design_effect": "1.000000"}
    forge(
        "UPDATE contributions_release SET document = jsonb_set(document, '{weights}', "
        "(document -> 'weights') || %s::jsonb)",
        json.dumps(document),
    )
    assert broken(strata.strata_and_weights()) == {"weights-follow-again": 1}


def test_weights_in_the_file_that_are_others_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    city()
    honest = strata.published
    monkeypatch.setattr(strata, "published", lambda release: [
        None if unit is None else unit + 5 for unit in honest(release)
    ])  # fmt: skip
    assert broken(strata.strata_and_weights()) == {"weights-follow-again": 1}

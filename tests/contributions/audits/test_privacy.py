"""The audit of the personal-data gate finds one that misses, or that looks at whose a text is."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest

from contributions.audits import corpus, privacy
from contributions.models import Contribution
from contributions.pipeline.stages import check
from governance.audits.data import Measure, Trial
from governance.audits.findings import examine
from tests.cast import joon, mina
from tests.contributions.seoul import air_csv, handed_in, published, twenty_rows
from tests.forging import forge


def trials(found: Sequence[Trial]) -> dict[str, int]:
    return {trial.name: trial.broken for trial in found}


def test_the_gate_finds_what_it_must_and_is_swayed_by_nothing() -> None:
    for measure in privacy.measured(privacy.reports):
        assert measure.part >= measure.least * measure.whole, measure
        assert measure.whole >= corpus.EACH
    swayed = privacy.swayed(privacy.actions)
    assert set(trials(swayed).values()) == {0}
    assert all(trial.tried > 0 for trial in swayed)


def test_the_corpus_is_the_same_each_time_and_its_numbers_are_sound() -> None:
    assert corpus.cells() == corpus.cells()
    for cell in corpus.cells():
        if cell.kind in ("rrn", "frn"):
            digits = [int(d) for d in re.sub("[^0-9]", "", cell.text)]
            total = sum(d * (place % 8 + 2) for place, d in enumerate(digits[:12]))
            base = 13 if cell.kind == "frn" else 11
            assert digits[12] == (base - total % 11) % 10
    for men, women, foreign_men, foreign_women in corpus.pairs_of_registrations():
        assert {men[:6], women[:6], foreign_men[:6], foreign_women[:6]} == {men[:6]}
        assert [each[7] for each in (men, women, foreign_men, foreign_women)] == list("1256")


def test_a_gate_that_misses_foreigners_is_found() -> None:
    """It knows the numbers of Koreans alone: recall says so, and so does the swap."""

    def blind(texts: Sequence[str]) -> privacy.Done:
        return [
            frozenset() if re.search("[0-9]{6}-[5-8][0-9]{6}", text) else done
            for text, done in zip(texts, privacy.reports(texts), strict=True)
        ]

    low = {each.name for each in privacy.measured(blind) if each.part < each.least * each.whole}
    assert low == {"recall.frn"}
    assert trials(privacy.swayed(blind))["registration-number"] == corpus.EACH


@pytest.mark.parametrize(
    ("word", "trial"),
    [("도봉구", "text-district"), ("여성", "text-sex"), ("외국인", "text-origin")],
)
def test_a_gate_that_is_harder_on_one_group_is_found(word: str, trial: str) -> None:
    def harder(texts: Sequence[str]) -> privacy.Done:
        return [
            frozenset({"refuse"}) if word in text else done
            for text, done in zip(texts, privacy.actions(texts), strict=True)
        ]

    broken = trials(privacy.swayed(harder))
    assert broken[trial] > 0
    assert [name for name, count in broken.items() if count] == [trial]


def test_a_gate_that_cries_wolf_or_counts_rows_is_found() -> None:
    everything = privacy.measured(lambda texts: [frozenset({"name"}) for _ in texts])
    assert next(each for each in everything if each.name == "precision").part == corpus.EACH

    def first_only(texts: Sequence[str]) -> privacy.Done:
        return [frozenset({"refuse"} if place < 5 else ()) for place, _ in enumerate(texts)]

    assert trials(privacy.swayed(first_only))["row-order"] > 0


@pytest.mark.django_db(transaction=True)
def test_what_the_gate_did_in_the_city_is_examined() -> None:
    published()
    check(handed_in(mina(), twenty_rows()).id)
    refused = check(handed_in(joon(), air_csv("2026110300,900101-1234568,3")).id)
    assert refused.reason_rule == privacy.REFUSED
    data = privacy.personal_data_gate()
    kept = {trial.name: (trial.tried, trial.broken) for trial in data.conservation}
    assert kept == {
        "refused-file-is-gone": (1, 0),
        "refusal-shows-its-place": (1, 0),
        "nothing-refusable-went-through": (1, 0),
    }
    assert sum(group.selected for group in data.groups) < sum(g.people for g in data.groups)
    outcome, findings = examine(data)
    assert outcome == "insufficient"
    assert findings["found"] == []
    assert findings["not_applicable"] == {
        "inequality": "no-reward",
        "representation": "no-weighing",
    }
    assert findings == examine(privacy.personal_data_gate())[1]
    # Somebody keeps a refused file, and strikes out why it was refused.
    kept_file = Contribution.objects.exclude(id=refused.id).get().records_id
    forge(
        "UPDATE contributions_contribution SET records_id = %s WHERE id = %s", kept_file, refused.id
    )
    forge("DELETE FROM contributions_finding WHERE contribution_id = %s", refused.id)
    again = {trial.name: trial.broken for trial in privacy.personal_data_gate().conservation}
    assert again["refused-file-is-gone"] == again["refusal-shows-its-place"] == 1
    found = examine(privacy.personal_data_gate())[1]["found"]
    assert isinstance(found, list)
    assert [row["severity"] for row in found if isinstance(row, dict)] == ["critical"] * 2


def test_a_test_that_is_failed_weighs_and_makes_the_outcome_unfair() -> None:
    from governance.audits.data import AuditData

    low = AuditData(measures=(Measure("recall.rrn", 18, 20, privacy.LEAST),))
    outcome, findings = examine(low)
    assert outcome == "unfair"
    assert findings["found"] == [
        {"severity": "medium", "part": "measures", "name": "recall.rrn", "key": ""}
    ]

"""Every expectation that the library ships can be used from a call, or is refused by name."""

from __future__ import annotations

import inspect
import json
import logging

import pytest

from contributions.quality import engine
from contributions.quality.catalogue import KINDS, OWN, REFUSED
from contributions.quality.suite import validate_checks
from tests.contributions.quality.examples import EXAMPLES, MARKED_NUMBER, MARKER, sample

SCHEMA: dict[str, object] = {
    "fields": [
        {"name": str(name), "type": "string" if str(dtype) == "str" else "number"}
        for name, dtype in sample().dtypes.items()
    ]
}
SEVERITIES = ("critical", "warning", "info")


def shipped() -> set[str]:
    from great_expectations.expectations import core
    from great_expectations.util import camel_to_snake

    return {
        camel_to_snake(name).replace("k_l_divergence", "kl_divergence")
        for name, member in inspect.getmembers(core, inspect.isclass)
        if member.__module__.startswith("great_expectations.expectations.core")
    }


def test_each_expectation_of_the_library_is_offered_or_refused_with_a_reason() -> None:
    assert shipped() == (set(KINDS) - set(OWN)) | set(REFUSED)
    assert not shipped() & set(OWN)
    assert not set(KINDS) & set(REFUSED)
    assert set(EXAMPLES) == set(KINDS)


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_a_refused_expectation_says_why(name: str) -> None:
    problems = validate_checks([{"type": name, "kwargs": {}}], SCHEMA)
    assert problems == [f"Check 1: the expectation {name} is not offered: {REFUSED[name]}."]


@pytest.mark.parametrize("severity", SEVERITIES)
@pytest.mark.parametrize("name", sorted(KINDS))
def test_an_offered_expectation_is_met_or_not_and_never_quotes_a_value(
    name: str,
    severity: str,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    met, missed = EXAMPLES[name]
    checks: list[dict[str, object]] = [
        {"type": name, "kwargs": dict(each), "severity": severity} for each in (met, missed)
    ]
    assert validate_checks(json.loads(json.dumps(checks)), SCHEMA) == []
    with caplog.at_level(logging.DEBUG):
        outcome = engine.run(sample(), checks=checks, suite_id=f"{name}:{severity}")
    assert [(each.passed, each.error) for each in outcome.results] == [(True, None), (False, None)]
    by_row = KINDS[name].scope == "row"
    assert (outcome.results[1].failing > 0) == by_row
    assert bool(outcome.table_failures) == (not by_row)
    assert outcome.set_aside.any() == (by_row and severity == "critical")
    # What a sentence may quote are the call's own arguments, so those are taken out first.
    shown = repr([(p.row, p.rule, p.column) for p in outcome.problems]) + repr(outcome.results)
    told = shown + caplog.text + "".join(capfd.readouterr())
    assert MARKER not in told
    assert str(MARKED_NUMBER) not in told


ABOUT_COLUMNS = (
    "expect_column_to_exist",
    "expect_table_columns_to_match_set",
    "expect_table_columns_to_match_ordered_list",
)


@pytest.mark.parametrize(
    "name", sorted(name for name in KINDS if KINDS[name].columns and name not in ABOUT_COLUMNS)
)
def test_a_check_of_a_column_that_is_not_there_is_an_error_and_no_verdict(name: str) -> None:
    kind = KINDS[name]
    kwargs: dict[str, object] = dict(EXAMPLES[name][1])
    for argument in kind.columns:
        kwargs[argument] = ["nowhere", "neither"] if argument == "column_list" else "nowhere"
    check: dict[str, object] = {"type": name, "kwargs": kwargs, "severity": "critical"}
    outcome = engine.run(sample(), checks=[check], suite_id=f"{name}:nowhere")
    assert outcome.results[0].error is not None
    assert not outcome.set_aside.any()
    assert outcome.table_failures == []

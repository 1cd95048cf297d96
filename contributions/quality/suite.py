"""Are the checks of a call ones that can be run? Asked when it is drafted; needs no engine."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime

from django.utils.translation import gettext as _

from contributions.quality.catalogue import KINDS, OWN, REFUSED, Kind, columns_named

SEVERITIES = ("critical", "warning", "info")
FULL_LOSS = 1000
NUMERIC = ("integer", "number", "year")
TEMPORAL = ("date", "datetime")
COMPARED = (
    "expect_column_values_to_be_between",
    "expect_column_min_to_be_between",
    "expect_column_max_to_be_between",
)
COMPUTED = (
    "expect_column_mean_to_be_between",
    "expect_column_median_to_be_between",
    "expect_column_stdev_to_be_between",
    "expect_column_sum_to_be_between",
    "expect_column_value_z_scores_to_be_less_than",
    "expect_column_values_to_not_be_outliers",
)


def validate_checks(checks: list[dict[str, object]], schema: Mapping[str, object]) -> list[str]:
    """What is wrong with the checks, as sentences for their author; empty when usable."""
    return [text for _place, text in check_problems(checks, schema)]


def check_problems(
    checks: list[dict[str, object]], schema: Mapping[str, object]
) -> list[tuple[int, str]]:
    """The same with the 0-based place of each faulty check."""
    fields = schema.get("fields")
    types = {
        str(field.get("name")): str(field.get("type", "string"))
        for field in (fields if isinstance(fields, list) else [])
        if isinstance(field, dict)
    }
    problems: list[tuple[int, str]] = []
    for place, check in enumerate(checks):
        number = {"number": place + 1}
        if not isinstance(check, dict):
            problems.append((place, _("Check %(number)d must be an object.") % number))
            continue
        heading = _("Check %(number)d:") % number
        problems.extend((place, f"{heading} {text}") for text in _problems(check, types))
    return problems


def loss_of(check: Mapping[str, object]) -> int:
    """Thousandths of quality that a failing row loses: only a `warning` costs any."""
    meta = check.get("meta")
    loss = meta.get("loss", 0) if isinstance(meta, dict) else 0
    return loss if check.get("severity") == "warning" and isinstance(loss, int) else 0


def _problems(check: Mapping[str, object], types: Mapping[str, str]) -> Iterable[str]:
    expectation = str(check.get("type"))
    kind = KINDS.get(expectation)
    if expectation in REFUSED:
        words = {"name": expectation, "reason": REFUSED[expectation]}
        yield _("the expectation %(name)s is not offered: %(reason)s.") % words
        return
    if kind is None:
        yield _("the expectation %(name)s is not offered.") % {"name": expectation}
        return
    severity = check.get("severity", "critical")
    if severity not in SEVERITIES:
        yield _("the severity is one of %(names)s.") % {"names": ", ".join(SEVERITIES)}
    yield from _loss_problems(check, kind)
    kwargs = check.get("kwargs", {})
    if not isinstance(kwargs, dict):
        yield _("the arguments must be an object.")
        return
    for name in sorted(set(kwargs) - kind.arguments()):
        yield _("the argument %(name)s is not known.") % {"name": name}
    for name in (*kind.columns, *kind.needs):
        if name not in kwargs:
            yield _("the argument %(name)s is missing.") % {"name": name}
    if kind.one_of and all(kwargs.get(name) is None for name in kind.one_of):
        yield _("at least one of %(names)s is needed.") % {"names": ", ".join(kind.one_of)}
    for column in columns_named(kind, kwargs):
        if column not in types:
            yield _("the column %(name)s is not in the schema.") % {"name": column}
    yield from _value_problems(expectation, kwargs, types)


def _loss_problems(check: Mapping[str, object], kind: Kind) -> Iterable[str]:
    meta = check.get("meta") or {}
    loss = meta.get("loss") if isinstance(meta, dict) else None
    if loss is None:
        return
    if isinstance(loss, bool) or not isinstance(loss, int) or not 0 <= loss <= FULL_LOSS:
        yield _("the loss must be a whole number from 0 to %(most)d.") % {"most": FULL_LOSS}
    elif loss and check.get("severity") != "warning":
        yield _("only a check of severity warning can state a loss.")
    elif loss and kind.scope == "table":
        yield _("a check of the whole table cannot state a loss for its rows.")


def _value_problems(
    name: str, kwargs: Mapping[str, object], types: Mapping[str, str]
) -> Iterable[str]:
    for key in ("regex", "regex_list"):
        patterns = kwargs.get(key, [])
        for pattern in patterns if isinstance(patterns, list) else [patterns]:
            if not _compiles(pattern):
                yield _("%(name)s holds something that is no regular expression.") % {"name": key}
    for key in ("json_schema", "partition_object"):
        if key in kwargs and not isinstance(kwargs[key], dict):
            yield _("%(name)s must be an object.") % {"name": key}
    mostly = kwargs.get("mostly", 1)
    if isinstance(mostly, bool) or not isinstance(mostly, int | float) or not 0 <= mostly <= 1:
        yield _("%(name)s must be a number from 0 to 1.") % {"name": "mostly"}
    yield from _own_problems(name, kwargs, types)
    column = types.get(str(kwargs.get("column")))
    if column is None:
        return
    if name in COMPUTED and column not in NUMERIC:
        yield _("this check needs a column of numbers.")
    bounds = [kwargs[key] for key in ("min_value", "max_value") if kwargs.get(key) is not None]
    if name in COMPARED:
        if column in TEMPORAL and not all(_is_moment(bound) for bound in bounds):
            yield _("the bounds of a date column must be dates such as 2026-01-31.")
        elif column not in TEMPORAL and column not in NUMERIC:
            yield _("this check needs a column of numbers or dates.")
        elif column in NUMERIC and not all(_is_number(bound) for bound in bounds):
            yield _("the bounds of a column of numbers must be numbers.")
    if len(bounds) == 2 and type(bounds[0]) is type(bounds[1]) and bounds[0] > bounds[1]:  # type: ignore[operator]
        yield _("min_value is above max_value.")


def _own_problems(
    name: str, kwargs: Mapping[str, object], types: Mapping[str, str]
) -> Iterable[str]:
    if name not in OWN:
        return
    listed = kwargs.get("column_list")
    named = [str(each) for each in listed] if isinstance(listed, list) else []
    if len(named) < 2:
        yield _("column_list must name what rows belong together by, then the column of the value.")
    if name != "expect_no_repeated_block":
        return
    if not named or types.get(named[-1]) not in NUMERIC:
        yield _("the last of column_list must be a column of numbers.")
    for key, least in (("run_length", 2), ("block_length", 4)):
        given = kwargs.get(key, least)
        if isinstance(given, bool) or not isinstance(given, int) or given < least:
            words = {"name": key, "least": least}
            yield _("%(name)s must be a whole number from %(least)d on.") % words
    noise = kwargs.get("noise", 0)
    if not _is_number(noise) or noise < 0:  # type: ignore[operator]  # a number by now
        yield _("noise must be a number from 0 on.")


def _compiles(pattern: object) -> bool:
    try:
        re.compile(pattern if isinstance(pattern, str) else "(")
    except re.error:
        return False
    return True


def _is_number(bound: object) -> bool:
    return isinstance(bound, int | float) and not isinstance(bound, bool)


def _is_moment(bound: object) -> bool:
    try:
        datetime.fromisoformat(str(bound))
    except ValueError:
        return False
    return isinstance(bound, str)

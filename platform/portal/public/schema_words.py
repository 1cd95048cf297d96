"""A call's columns and checks in plain words, and a sample file to start from."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from contributions.schema.written import written_form
from portal.public.check_words import check_text

#: When what an example tells of happened, and how a column without a form writes it.
MOMENT: Final = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
_MOMENTS: Final = {"date": "%Y-%m-%d", "datetime": "%Y-%m-%dT%H:%M:%S", "time": "%H:%M"}
#: More than any example, however a spreadsheet saved it.
SAMPLE_BYTES_MAX: Final = 64 * 1024

# Any: a Table Schema and Great Expectations configurations are JSON.
Document = Mapping[str, Any]


@dataclass(frozen=True)
class Rule:
    """What is asked of a cell, and in a few words what becomes of a row that breaks it."""

    text: str
    otherwise: str


@dataclass(frozen=True)
class Column:
    """A column as the page of its call tells of it; ``form`` is how its dates are written."""

    name: str
    kind: str
    form: str
    required: bool
    rules: tuple[Rule, ...]
    example: str


def kind_text(kind: str) -> str:
    """What a Table Schema type is called."""
    return {
        "string": _("Text"),
        "number": pgettext("kind of column", "Number"),
        "integer": _("Whole number"),
        "boolean": _("Yes or no"),
        "date": _("Date"),
        "datetime": _("Date and time"),
        "time": _("Time of day"),
        "geopoint": _("Coordinates"),
    }.get(kind, kind)


def column_kind(field: Document) -> str:
    """What a column holds, with the form that its dates are written in where the call has one."""
    kind, form = kind_text(field.get("type", "string")), _form(field)
    return f"{kind}, {form}" if form else kind


def _form(field: Document) -> str:
    """The form that a column's dates are written in, with an example; empty without one."""
    form = str(field.get("format", ""))
    return written_form(form) if "%" in form else ""


def severity_text(check: Document) -> str:
    """What happens to a record that breaks the check."""
    match check.get("severity"):
        case "critical":
            return _("otherwise the row is set aside")
        case "warning":
            loss = check.get("meta", {}).get("loss")
            if loss:
                return _("otherwise the row loses %(percent)s%% of its value") % {
                    "percent": f"{loss / 10:g}"
                }
            return _("otherwise the row loses value")
        case _other:
            return _("for information only")


def _outcome(check: Document) -> str:
    """As `severity_text`, short enough for a cell."""
    match check.get("severity"):
        case "critical":
            return _("else the row is left out")
        case "warning":
            loss = check.get("meta", {}).get("loss")
            if loss:
                return _("else −%(percent)s%% of its value") % {"percent": f"{loss / 10:g}"}
            return _("otherwise the row loses value")
        case _other:
            return _("for information only")


def columns(document: Document) -> tuple[list[Column], list[str]]:
    """The columns a call expects with their rules, and the rules that name no single column."""
    by_column: dict[str, list[Rule]] = {}
    others: list[str] = []
    for check in document.get("checks", []):
        text, column = check_text(check), check.get("kwargs", {}).get("column")
        if column:
            by_column.setdefault(column, []).append(Rule(text, _outcome(check)))
        else:
            others.append(f"{text} ({severity_text(check)})")
    fields = document["schema"]["fields"]
    found = [
        Column(
            name=field["name"],
            kind=kind_text(field.get("type", "string")),
            form=_form(field),
            required=bool(field.get("constraints", {}).get("required")),
            rules=tuple(by_column.get(field["name"], ())),
            example=example,
        )
        for field, example in zip(fields, example_row(document), strict=True)
    ]
    return found, others


def example_row(document: Document) -> list[str]:
    """A made-up but plausible value for each column of a call, in the form that it asks for."""
    checks = list(document.get("checks", []))
    rules = document.get("strata_rules") or document.get("strata") or []
    maps = {rule["column"]: rule["map"] for rule in rules if rule.get("map") and "column" in rule}
    return [
        _example(field, checks, maps.get(field["name"], {}))
        for field in document["schema"]["fields"]
    ]


def _example(field: Document, checks: list[Document], mapped: Mapping[str, str]) -> str:
    """The call's own example (a property of Table Schema), or what its rules let one think of."""
    given, kind = field.get("example"), field.get("type", "string")
    if isinstance(given, str | int | float) and not isinstance(given, bool):
        return str(given)
    if mapped:
        return next(iter(mapped))
    constraints = field.get("constraints", {})
    if constraints.get("enum"):
        return str(constraints["enum"][0])
    for check in checks:
        words = check.get("kwargs", {})
        if words.get("column") != field["name"]:
            continue
        if words.get("value_set"):
            return str(words["value_set"][0])
        low, high = words.get("min_value"), words.get("max_value")
        if isinstance(low, int | float) and isinstance(high, int | float):
            return _within(low, high, whole=kind == "integer")
    if kind in _MOMENTS:
        form = str(field.get("format", ""))
        return MOMENT.strftime(form if "%" in form else _MOMENTS[kind])
    if kind == "string" and not constraints.get("required"):
        return ""
    return {"number": "12", "integer": "12", "boolean": "true", "string": "A-1"}.get(kind, "")


def _within(low: float, high: float, *, whole: bool) -> str:
    """A number that both limits bear. What is measured mostly lies far below its ceiling."""
    if whole:
        return str(int(min(low + 12, high)))
    return f"{low + (high - low) / 100:.3g}"


def sample_csv(document: Document) -> bytes:
    """A CSV with the call's header and one example row; UTF-8 with BOM, as spreadsheets like it."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([field["name"] for field in document["schema"]["fields"]])
    writer.writerow(example_row(document))
    return out.getvalue().encode("utf-8-sig")


def is_sample(document: Document, data: bytes) -> bool:
    """Whether a file says nothing but the example rows of `sample_csv`, however it was saved."""
    if len(data) > SAMPLE_BYTES_MAX:
        return False
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp949", errors="replace")
    try:
        rows = [row for row in csv.reader(io.StringIO(text, newline="")) if any(row)]
    except csv.Error:
        return False
    header = [field["name"] for field in document["schema"]["fields"]]
    example = example_row(document)
    return len(rows) > 1 and rows[0] == header and all(row == example for row in rows[1:])

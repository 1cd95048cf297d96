"""A call's columns and checks in plain words, and a sample file to start from."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from contributions.schema.written import written_form
from portal.public.check_words import check_text

# Any: a Table Schema and Great Expectations configurations are JSON.
Document = Mapping[str, Any]


@dataclass(frozen=True)
class Column:
    name: str
    kind: str
    required: bool
    rules: tuple[str, ...]


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
    kind, form = kind_text(field.get("type", "string")), str(field.get("format", ""))
    return f"{kind}, {written_form(form)}" if "%" in form else kind


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


def columns(document: Document) -> tuple[list[Column], list[str]]:
    """The columns a call expects with their rules, and the rules that name no single column."""
    by_column: dict[str, list[str]] = {}
    others: list[str] = []
    for check in document.get("checks", []):
        sentence = f"{check_text(check)} ({severity_text(check)})"
        column = check.get("kwargs", {}).get("column")
        if column:
            by_column.setdefault(column, []).append(sentence)
        else:
            others.append(sentence)
    found = [
        Column(
            name=field["name"],
            kind=column_kind(field),
            required=bool(field.get("constraints", {}).get("required")),
            rules=tuple(by_column.get(field["name"], ())),
        )
        for field in document["schema"]["fields"]
    ]
    return found, others


def _example(field: Document, checks: list[Document], mapped: Mapping[str, str]) -> str:
    """A plausible value for one column."""
    name, kind = field["name"], field.get("type", "string")
    if mapped:
        return next(iter(mapped))
    for check in checks:
        words = check.get("kwargs", {})
        if words.get("column") != name:
            continue
        if words.get("value_set"):
            return str(words["value_set"][0])
        if words.get("min_value") is not None and words.get("max_value") is not None:
            return str(min(words["min_value"] + 12, words["max_value"]))
    if kind == "date":
        return "20261101" if field.get("format") == "%Y%m%d" else "2026-11-01"
    return {
        "number": "12", "integer": "12", "datetime": "2026-11-01T09:00:00", "time": "09:00",
        "boolean": "true",
    }.get(kind, "…")  # fmt: skip


def sample_csv(document: Document) -> bytes:
    """A CSV with the call's header and one example row; UTF-8 with BOM, as spreadsheets like it."""
    checks = list(document.get("checks", []))
    rules = document.get("strata_rules") or document.get("strata") or []
    maps = {rule["column"]: rule["map"] for rule in rules if rule.get("map") and "column" in rule}
    fields = document["schema"]["fields"]
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([field["name"] for field in fields])
    writer.writerow([_example(field, checks, maps.get(field["name"], {})) for field in fields])
    return out.getvalue().encode("utf-8-sig")

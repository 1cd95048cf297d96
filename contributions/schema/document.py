"""Is a Table Schema one that we can apply? Asked when an operator drafts a call, not per file."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

Field = Mapping[str, object]

TYPES = (
    "string",
    "integer",
    "number",
    "boolean",
    "date",
    "datetime",
    "time",
    "year",
    "yearmonth",
)
TEMPORAL = ("date", "datetime", "time")
CONSTRAINTS = {
    "required": TYPES,
    "unique": TYPES,
    "enum": TYPES,
    "pattern": TYPES,
    "minimum": ("integer", "number", "date", "datetime", "time", "year", "yearmonth"),
    "maximum": ("integer", "number", "date", "datetime", "time", "year", "yearmonth"),
    "minLength": ("string",),
    "maxLength": ("string",),
}
DIRECTIVES = "YymdHMSfjzpbB%"


def same_name(name: str) -> str:
    """The form in which column names are compared: NFC, stripped, case folded."""
    return unicodedata.normalize("NFC", name).strip().casefold()


def fields_of(schema: Mapping[str, object]) -> list[Field]:
    """The field descriptors of a valid schema."""
    fields = schema.get("fields")
    return (
        [field for field in fields if isinstance(field, dict)] if isinstance(fields, list) else []
    )


def missing_values(schema: Mapping[str, object]) -> list[str]:
    """Texts that stand for "no value"; by the standard just the empty one."""
    values = schema.get("missingValues", [""])
    return [str(value) for value in values] if isinstance(values, list) else [""]


def constraints_of(field: Field) -> Mapping[str, object]:
    """The constraints of a field, empty when it has none."""
    constraints = field.get("constraints", {})
    return constraints if isinstance(constraints, dict) else {}


def validate_schema_document(schema: dict[str, object]) -> list[str]:
    """What is wrong with a schema, as English sentences for its author; empty when it is usable."""
    fields = schema.get("fields")
    if not isinstance(fields, list) or not fields:
        return ["`fields` must be a list with at least one field."]
    problems: list[str] = []
    values = schema.get("missingValues", [""])
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        problems.append("`missingValues` must be a list of texts.")
    seen: set[str] = set()
    for position, field in enumerate(fields, start=1):
        if not isinstance(field, dict) or not isinstance(field.get("name"), str):
            problems.append(f"Field {position} needs a `name`.")
            continue
        name = same_name(field["name"])
        if not name:
            problems.append(f"Field {position} needs a `name` that is not blank.")
        if name in seen:
            problems.append(f"Field {position}: the name {field['name']!r} is used twice.")
        seen.add(name)
        problems.extend(f"{field['name']}: {text}" for text in _field_problems(field))
    return problems


def _field_problems(field: Field) -> list[str]:
    kind = field.get("type", "string")
    if kind not in TYPES:
        return [f"the type {kind!r} is not one of {', '.join(TYPES)}."]
    problems = _format_problems(str(kind), field.get("format", "default"))
    for key in ("groupChar", "decimalChar"):
        mark = field.get(key)
        if mark is not None and not (isinstance(mark, str) and len(mark) == 1):
            problems.append(f"`{key}` must be one character.")
    constraints = field.get("constraints", {})
    if not isinstance(constraints, dict):
        return [*problems, "`constraints` must be an object."]
    for key, value in constraints.items():
        if key not in CONSTRAINTS:
            problems.append(f"the constraint {key!r} is not known.")
        elif kind not in CONSTRAINTS[key]:
            problems.append(f"the constraint {key!r} does not apply to the type {kind!r}.")
        else:
            problems.extend(_constraint_problems(str(key), value, field))
    return problems


def _format_problems(kind: str, form: object) -> list[str]:
    if not isinstance(form, str):
        return ["`format` must be a text."]
    if form in ("default", "any") or kind not in TEMPORAL:
        return []
    directives = re.findall(r"%(.?)", form)
    if not directives:
        return [f"the format {form!r} is neither `default`, `any` nor a pattern such as %Y-%m-%d."]
    return [
        f"the directive %{each} is not supported." for each in directives if each not in DIRECTIVES
    ]


def _constraint_problems(key: str, value: object, field: Field) -> list[str]:
    if key in ("required", "unique"):
        return [] if isinstance(value, bool) else [f"`{key}` must be true or false."]
    if key in ("minLength", "maxLength"):
        fits = isinstance(value, int) and not isinstance(value, bool) and value >= 0
        return [] if fits else [f"`{key}` must be a whole number of at least 0."]
    if key == "pattern":
        try:
            re.compile(value if isinstance(value, str) else "(")
        except re.error:
            return ["`pattern` is not a regular expression."]
        return []
    from contributions.schema.parsing import parses

    candidates = value if isinstance(value, list) else [value]
    if key == "enum" and (not isinstance(value, list) or not value):
        return ["`enum` must be a list with at least one value."]
    if all(parses(str(each), field) for each in candidates):
        return []
    return [f"`{key}` holds a value that is not of the field's own type and format."]

"""The parts of a Table Schema that we can apply: types, constraints, names."""

from __future__ import annotations

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

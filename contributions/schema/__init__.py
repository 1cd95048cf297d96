"""The call's Table Schema (Frictionless) applied to a table of strings, column by column."""

from __future__ import annotations

from contributions.schema.casting import Faults, Typed, cast, find_faults, trimmed_columns
from contributions.schema.matching import (
    ColumnsMismatch,
    extra_columns,
    match_columns,
    unknown_columns,
)
from contributions.schema.validation import schema_problems, validate_schema_document

__all__ = [
    "ColumnsMismatch",
    "Faults",
    "Typed",
    "cast",
    "extra_columns",
    "find_faults",
    "match_columns",
    "schema_problems",
    "trimmed_columns",
    "unknown_columns",
    "validate_schema_document",
]

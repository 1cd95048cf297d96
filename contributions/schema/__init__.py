"""The call's Table Schema (Frictionless) applied to a table of strings, column by column."""

from __future__ import annotations

from contributions.schema.casting import Typed, cast
from contributions.schema.document import validate_schema_document
from contributions.schema.matching import ColumnsMismatch, match_columns, unknown_columns

__all__ = [
    "ColumnsMismatch",
    "Typed",
    "cast",
    "match_columns",
    "unknown_columns",
    "validate_schema_document",
]

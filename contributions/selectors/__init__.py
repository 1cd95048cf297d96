"""Reads of this room."""

from __future__ import annotations

from contributions.selectors.calls import (
    call_document,
    call_documents,
    calls_in_preparation,
    is_open,
    open_calls,
    open_version,
    published_version,
    stock,
    stocks,
    strata_documents,
    version_in_preparation,
)
from contributions.selectors.contributions import (
    contribution_document,
    contribution_documents,
    contribution_for,
    contributions_of,
    finding_document,
    findings_of,
    findings_page,
    of_the_keys_kind,
    progress,
    usable,
)
from contributions.selectors.references import reference_document, reference_for, references
from contributions.selectors.representativeness import representativeness

__all__ = [
    "call_document",
    "call_documents",
    "calls_in_preparation",
    "contribution_document",
    "contribution_documents",
    "contribution_for",
    "contributions_of",
    "finding_document",
    "findings_of",
    "findings_page",
    "is_open",
    "of_the_keys_kind",
    "open_calls",
    "open_version",
    "progress",
    "published_version",
    "reference_document",
    "reference_for",
    "references",
    "representativeness",
    "stock",
    "stocks",
    "strata_documents",
    "usable",
    "version_in_preparation",
]

"""Reference populations in public: counts of the city that data is compared with."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from contributions.selectors.references import (
    calls_using,
    reference_document,
    reference_for,
    references,
)
from contributions.strata_labels import dimension_label
from dure.core.language import localized
from portal.doors import shows_problems


def _text(text: str | dict[str, str]) -> str:
    return text if isinstance(text, str) else localized(text)


@gzip_page
@require_safe
def populations(request: HttpRequest) -> HttpResponseBase:
    """All of them with their source and the calls that use each."""
    context = {
        "populations": [
            {
                "key": each.key,
                "title": localized(each.title),
                "source": _text(each.source),
                "as_of": each.as_of,
                "dimensions": [localized(dimension_label(name)) for name in each.dimensions],
                "calls": calls_using(each),
            }
            for each in references()
        ]
    }
    return render(request, "portal/public/reference_populations.html", context)


def _dimension(
    name: str, counts: dict[str, int], labels: dict[str, dict[str, str]]
) -> dict[str, Any]:  # Any: a template's context
    total = sum(counts.values())
    return {
        "label": localized(dimension_label(name)),
        "total": total,
        "rows": [
            {
                "label": localized(labels[key]),
                "count": count,
                "share": Decimal(count) / total if total else Decimal(0),
            }
            for key, count in counts.items()
        ],
    }


@gzip_page
@require_safe
@shows_problems
def population(request: HttpRequest, key: str) -> HttpResponseBase:
    """One of them, stratum by stratum."""
    found = reference_for(key)
    document = reference_document(found)
    context = {
        "title": localized(found.title),
        "source": _text(found.source),
        "reference": document,
        "calls": calls_using(found),
        "cells": len(found.cells or []),
        "dimensions": [
            _dimension(name, counts, document["labels"][name])
            for name, counts in found.dimensions.items()
        ],
    }
    return render(request, "portal/public/reference_population.html", context)

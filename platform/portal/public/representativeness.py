"""Whom the data of a call stands for: the map, the indices with a sentence each, and the week."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from contributions.selectors.calls import call_document, published_version
from contributions.selectors.representativeness import representativeness
from dure.core.language import localized
from portal.doors import shows_problems
from portal.formatting import exact, number_text, share_text
from portal.maps.district_map import DistrictMap, district_map
from portal.public.cards import call_card
from portal.public.week import Week, week_of
from portal.strata import Dimension

Document = Mapping[str, Any]  # Any: the representativeness document is JSON
JOINT_ROWS_MAX = 60


@dataclass(frozen=True)
class Index:
    """One measure: its name, its figure ready to read, and what it says in one sentence."""

    name: str
    value: str
    sentence: str


@dataclass(frozen=True)
class ShareRow:
    label: str
    people: str
    data: str
    difference: str


@dataclass(frozen=True)
class Part:
    """Everything about one dimension; `rows` is its coverage table, `map` only for districts."""

    label: str
    source: str
    indices: tuple[Index, ...]
    warning: str
    shares: tuple[ShareRow, ...]
    coverage: Dimension | None
    map: DistrictMap | None


@gzip_page
@require_safe
@shows_problems
def call_representativeness(request: HttpRequest, slug: str) -> HttpResponse:
    found = representativeness(slug)
    card = call_card(call_document(published_version(slug)))
    context = {
        "card": card,
        "found": found,
        "parts": [_part(each, card.dimension(each["dimension"])) for each in found["dimensions"]],
        "joint": found["joint"],
        "joint_indices": _joint_indices(found["joint"]) if found["joint"] else (),
        "joint_rows": _joint_rows(found["joint"]) if found["joint"] else [],
        "week": week_of(found["time"]) if found["time"] else None,
        "week_indices": _week_indices(found["time"], week_of(found["time"])),
    }
    return render(request, "portal/public/representativeness.html", context)


def _part(found: Document, coverage: Dimension | None) -> Part:
    rows = {row.key: row for row in coverage.rows} if coverage else {}
    indicator = found["r_indicator"] or {}
    return Part(
        label=localized(found["label"]),
        source=_source(found["reference"]),
        indices=_indices(found),
        warning=indicator.get("statement") or "",
        shares=tuple(_share_row(each) for each in found["strata"]),
        coverage=coverage,
        map=district_map(rows) if found["dimension"] == "district" and rows else None,
    )


def _source(reference: Document) -> str:
    source = reference["source"]
    text = source if isinstance(source, str) else localized(source)
    return f"{text} ({reference['as_of']})"


def _share_row(stratum: Document) -> ShareRow:
    share = stratum["share"]
    points = exact(share or 0) - exact(stratum["population"])
    sign = "+" if points > 0 else "−" if points < 0 else "±"
    return ShareRow(
        localized(stratum["label"]),
        share_text(stratum["population"]),
        share_text(share) if share is not None else "–",
        f"{sign}{number_text(abs(points) * 100, 1)}" if share is not None else "–",
    )


def _ratio(value: str | None, decimals: int = 2) -> str:
    return "–" if value is None else number_text(value, decimals)


def _share(value: str | None) -> str:
    return "–" if value is None else share_text(value)


def _records(mass: int | None) -> str:
    return "–" if mass is None else number_text(Decimal(mass) / 1000, 0)


def _coverage(value: str | None) -> Index:
    return Index(
        _("Population with data"),
        _share(value),
        _("Share of the population in groups with at least some data."),
    )


def _distance(value: str | None) -> Index:
    return Index(
        _("Distance from the city (TVD)"),
        _share(value),
        _("Share of the records that would have to come from other groups to mirror the city."),
    )


def _weighting(found: Document) -> tuple[Index, ...]:
    return (
        Index(
            _("Effective records (Kish)"),
            _records(found["effective_mass"]),
            _("After weighting, the data tells as much as this many evenly drawn records."),
        ),
        Index(
            _("Design effect"),
            _ratio(found["design_effect"]),
            _("How many times more records are needed than in an even sample."),
        ),
    )


def _variation(value: str | None) -> Index:
    return Index(
        _("Variation of the propensities"),
        _ratio(value),
        _("How unequally the groups take part; 0 would be equal."),
    )


def _indices(found: Document) -> tuple[Index, ...]:
    psi, indicator = found["psi"], found["r_indicator"]
    shown = [
        _coverage(found["coverage"]),
        _distance(found["tvd"]),
        Index(
            _("Hellinger distance"),
            _ratio(found["hellinger"]),
            _("0: made up like the city; 1: nothing in common with it."),
        ),
        Index(
            _("Population stability (PSI)"),
            _ratio(psi["value"] if psi else None),
            _("How far the make-up has shifted: hardly below 0.1, strongly above 0.25."),
        ),
        _variation(found["cv_rho"]),
        *_weighting(found),
    ]
    if indicator and not indicator["misleading"]:
        shown.append(
            Index(
                _("R-indicator"),
                _ratio(indicator["value"]),
                _("1: every group takes part alike; lower: some do far more than others."),
            )
        )
    return (*shown, *_space(found["space"]))


def _space(space: Document | None) -> tuple[Index, ...]:
    if space is None:
        return ()
    shown = [
        Index(
            _("Gini of the districts"),
            _ratio(space["gini"]),
            _("0: every district gives as much per person; 1: a single one gives everything."),
        )
    ]
    if space["morans_i"] is not None:
        shown.append(
            Index(
                _("Moran's I"),
                _ratio(space["morans_i"]),
                _("Above %(expected)s, thin districts lie side by side; below, they are scattered.")
                % {"expected": number_text(space["expected_i"], 2)},
            )
        )
    return tuple(shown)


def _joint_indices(joint: Document) -> tuple[Index, ...]:
    empty = Index(
        _("Empty cells"),
        _("%(empty)s of %(cells)s")
        % {"empty": number_text(joint["empty"]), "cells": number_text(joint["cells"])},
        _("Combinations of groups from which there is no data at all."),
    )
    if joint["reference"] is None:
        return (empty,)
    return (
        empty,
        _coverage(joint["coverage"]),
        _distance(joint["tvd"]),
        _variation(joint["cv_rho"]),
        *_weighting(joint),
    )


def _joint_rows(joint: Document) -> list[dict[str, Any]]:  # Any: a template's context
    """The cells that may be shown, those furthest below their share of the people first."""
    mass = joint["mass"] or 1

    def gap(cell: Document) -> Decimal:
        return Decimal(cell["mass"]) / mass - exact(cell["population"] or 0)

    return [
        {
            "label": " · ".join(localized(each) for each in cell["labels"]),
            "people": _share(cell["population"]),
            "data": share_text(Decimal(cell["mass"]) / mass),
            "records": _records(cell["mass"]),
        }
        for cell in sorted(joint["listed"], key=gap)[:JOINT_ROWS_MAX]
    ]


def _week_indices(found: Document | None, week: Week | None) -> tuple[Index, ...]:
    if found is None or week is None:
        return ()
    name, covered = (
        (_("Hours with data"), _("Share of the 168 hours of a week with any data."))
        if found["hourly"]
        else (_("Days with data"), _("Share of the seven weekdays with any data."))
    )
    return (
        Index(name, _share(found["covered"]), covered),
        Index(
            _("Distance from an even week (TVD)"),
            _share(found["tvd"]),
            _("Share of the records that would have to come from other times for an even week."),
        ),
    )

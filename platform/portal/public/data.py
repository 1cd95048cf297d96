"""The data that can be had: releases, what is in them, and what has to be deleted again."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve, reverse
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from contributions.models import Release, ReleaseState
from contributions.models.releases import GIVEN_OUT
from contributions.releases.look import preview, quality_of, recalled_rows
from contributions.releases.selectors import (
    release_document,
    release_documents,
    release_for,
    releases_for,
)
from contributions.strata_labels import dimension_label, label
from dure.accounts.acting import Actor
from dure.core.language import localized
from governance.consent.purpose_words import purpose_label
from portal.doors import shows_problems
from portal.formatting import exact, number_text, share_text
from portal.public.check_words import check_text
from portal.public.representativeness import Index

Document = dict[str, Any]  # Any: JSON
SHOWN = 50
#: Margins that differ by less are equal: the rest is how the machine rounds.
LEAST_RESIDUAL = Decimal("0.000001")
_UNITS = (("MB", 1_000_000), ("kB", 1_000))


@gzip_page
@require_safe
@shows_problems
def data(request: HttpRequest) -> HttpResponse:
    found = list(releases_for(Actor.of(request)).filter(state__in=GIVEN_OUT)[:SHOWN])
    rows = [
        {**document, "name": release_name(document), "purpose_name": purpose_name(release)}
        for release, document in zip(found, release_documents(found), strict=True)
    ]
    context = {
        "current": [row for row in rows if row["state"] == ReleaseState.PUBLISHED],
        "recalled": [row for row in rows if row["state"] == ReleaseState.SUPERSEDED],
    }
    return render(request, "portal/public/data.html", context)


@gzip_page
@require_safe
@shows_problems
def data_release(request: HttpRequest, release_id: str) -> HttpResponse:
    release = release_for(Actor.of(request), str(release_id))
    document = release_document(release)
    measures = document["measures"]
    weights = measures.get("weights") or {}
    context = {
        "release": document,
        "name": release_name(document),
        "purpose_name": purpose_name(release),
        "preview": preview(release),
        "quality": _quality(release),
        "weights": weights,
        "residual": _residual(weights),
        "indices": _indices(weights),
        "unweighted_reason": _unweighted(release, weights),
        "uncovered": _uncovered((weights.get("uncovered") or {}).get("strata", [])),
        "disclosure": measures.get("disclosure") or {},
        "consent": measures.get("consent") or {},
        "files": [{**file, "size": _size(file["bytes"])} for file in document["files"]],
        "recalled_rows": recalled_rows(release) if document["state"] == "superseded" else 0,
        "recalls_url": f"/api/v1/releases/{document['id']}/recalls/",
        "licence_url": _licence_url(document["id"]),
    }
    return render(request, "portal/public/data_release.html", context)


def release_name(document: Document) -> str:
    """A release by its title and version, in the reader's language."""
    title = localized(document["title"])
    return _("%(title)s, release %(number)s") % {"title": title, "number": document["label"]}


def purpose_name(release: Release) -> str:
    """The purpose of a release in the words of its call."""
    asked = release.call_version.document["purposes"]
    notices = {each["key"]: each["notice"] for each in asked}
    return purpose_label(release.purpose, notices[release.purpose])


def _licence_url(release_id: str) -> str:
    """Where a licence is agreed, where this installation has such a page."""
    address = f"{reverse('portal:data-release', args=[release_id])}licence/"
    try:
        resolve(address)
    except Resolver404:
        return ""
    return address


def _size(count: int) -> str:
    for unit, whole in _UNITS:
        if count >= whole:
            return f"{number_text(exact(count) / whole, 1)} {unit}"
    return _("%(count)s bytes") % {"count": count}


def _strata(release: Release, strata: list[Document]) -> list[str]:
    return [
        f"{localized(dimension_label(each['dimension']))}: "
        f"{localized(label(each['dimension'], each['key']))}"
        for each in strata
    ]


def _uncovered(strata: list[Document]) -> list[str]:
    """Strata without a record, each dimension named once: ``District – Dobong-gu, Nowon-gu``."""
    named: dict[str, list[str]] = {}
    for each in strata:
        name = localized(label(each["dimension"], each["key"]))
        named.setdefault(each["dimension"], []).append(name)
    return [
        f"{localized(dimension_label(dimension))} – {', '.join(names)}"
        for dimension, names in named.items()
    ]


def _quality(release: Release) -> Document:
    """What was checked, each rule in the words of the call's own page."""
    found = quality_of(release)
    rules = [
        {**rule, "text": check_text(rule["check"] or {"type": rule["rule"]})}
        for rule in found["rules"]
    ]
    return {**found, "rules": rules}


def _residual(weights: Document) -> str:
    """The largest error of a margin; rounding of the machine is no error worth digits."""
    residual = exact(weights.get("residual") or 0)
    if residual < LEAST_RESIDUAL:
        return _("less than %(figure)s") % {"figure": f"{LEAST_RESIDUAL:f}"}
    return number_text(residual, 6)


def _unweighted(release: Release, weights: Document) -> str:
    """Why there are no weights, as a sentence; empty where there are."""
    if weights.get("method"):
        return ""
    stratum = weights.get("stratum")
    if stratum:
        return _(
            "There are no weights: people live in “%(stratum)s” and no record comes from there, so "
            "any weight would pretend to speak for them."
        ) % {"stratum": _strata(release, [stratum])[0]}
    return {
        "no-strata": _("There are no weights: this call compares with no population."),
        "no-record-in-a-stratum": _("There are no weights: no record belongs to a known group."),
        "not-converged": _("There are no weights: no weights satisfy all groups at once."),
        "totals-differ": _("There are no weights: the reference populations count other totals."),
    }.get(weights.get("reason", ""), _("There are no weights."))


def _indices(weights: Document) -> tuple[Index, ...]:
    """The figures that have to stand beside weights: margins that hold hide much."""
    if not weights.get("method"):
        return ()
    shown = [
        Index(
            _("Effective records (Kish)"),
            number_text(weights["effective_records"], 0),
            _("After weighting, the data tells as much as this many evenly drawn records."),
        ),
        Index(
            _("Design effect"),
            number_text(weights["design_effect"], 2),
            _("How many times more records are needed than in an even sample."),
        ),
        Index(
            _("Largest weight"),
            f"×{number_text(weights['largest_weight'], 1)}",
            _("How often the most heavily weighted record counts, against the mean.")
            if weights["bound"]
            else _("Bounded weights could not match the population, so they are not bounded."),
        ),
        Index(
            _("Population without data"),
            share_text(weights["uncovered"]["share"]),
            _("Share of the population with no record here; the weights do not speak for it."),
        ),
    ]
    joint = weights.get("joint")
    if joint:
        shown.append(
            Index(
                _("Combinations after weighting (TVD)"),
                share_text(joint["tvd_weighted"]),
                _("Each group agrees by itself; this share of weight is in wrong combinations."),
            )
        )
    return tuple(shown)

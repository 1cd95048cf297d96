"""How well the stock of a call stands for the city: one document for pages, reports and the API."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from contributions.models import ReferencePopulation
from contributions.representativeness import (
    RIndicator,
    gini,
    hellinger,
    indices,
    morans_i,
    psi,
    r_indicator,
    shares,
)
from contributions.representativeness.districts import NEIGHBOURS
from contributions.selectors.calls import published_version, references_of, share_text, stock
from contributions.selectors.cells import joint_document, week_document
from contributions.strata_labels import dimension_label, label
from dure.core.clock import now, rfc3339

Document = dict[str, Any]  # Any: JSON
DISTRICT = "district"
THOUSAND = 1000


def representativeness(call_slug: str) -> Document:
    """Measures of every dimension of a call by its usable mass now, of all of them at once, and of
    the hours of the week; CALL_UNKNOWN.

    `strata` says whether the call's strata are one dimension, margins of several, or joint cells
    that the reference counts. Cells of few contributors are hidden (`k`), masses of margins are
    not: the prices follow from them, and anybody may recompute those.
    Shares, distances and ratios are decimal strings of six places, masses thousandths of a record;
    formulas and sources stand at the functions of `contributions.representativeness`.
    """
    version = published_version(call_slug)
    have = stock(call_slug)
    references = references_of(version)
    dimensions = []
    for part in version.document["strata"]:
        name = part["dimension"]
        dimensions.append(_dimension(name, have.get(name, {}), references[part["reference"]]))
    joint = joint_document(version)
    return {
        "call": version.call.slug,
        "version": version.number,
        "as_of": rfc3339(now()),
        "target_mass": version.document["target_mass"] * THOUSAND,
        "strata": _kind(joint, len(dimensions)),
        "dimensions": dimensions,
        "joint": joint,
        "time": week_document(version),
    }


def _kind(joint: Document | None, dimensions: int) -> str:
    if joint is not None and joint["reference"] is not None:
        return "joint"
    return "margins" if dimensions > 1 else "single" if dimensions else "none"


def _dimension(name: str, masses: Mapping[str, int], reference: ReferencePopulation) -> Document:
    people: dict[str, int] = reference.dimensions[name]
    known = {key: masses.get(key, 0) for key in people}
    found = indices(known, people)
    q, total = shares(people), sum(known.values())
    p = shares(known) if total else {}
    under = found.under_represented
    return {
        "dimension": name,
        "label": dimension_label(name),
        "reference": {
            "key": reference.key,
            "source": reference.source,
            "as_of": reference.as_of,
        },
        "mass": total,
        "coverage": share_text(found.coverage),
        "tvd": _text(found.tvd),
        "hellinger": _decimal(hellinger(p, q)) if p else None,
        "psi": _psi(p, q) if p else None,
        "cv_rho": _decimal(found.cv_rho),
        "r_indicator": _r_indicator(known, people),
        "kish": _text(found.kish),
        "effective_mass": found.effective_mass,
        "design_effect": _text(1 / found.kish if found.kish else None),
        "under_represented": (
            {
                "key": under.key,
                "label": label(name, under.key, reference.labels),
                "ratio": _text(under.ratio),
            }
            if under
            else None
        ),
        "empty": list(found.empty),
        "strata": [
            {
                "key": key,
                "label": label(name, key, reference.labels),
                "population": share_text(q[key]),
                "share": _text(p.get(key)),
                "mass": known[key],
            }
            for key in people
        ],
        "space": _space(known, people) if name == DISTRICT else None,
    }


def _psi(p: Mapping[str, Fraction], q: Mapping[str, Fraction]) -> Document:
    found = psi(p, q)
    return {
        "value": _decimal(found.value),
        "floor": share_text(found.floor),
        "floored": list(found.floored),
    }


def _r_indicator(masses: Mapping[str, int], people: Mapping[str, int]) -> Document | None:
    """The indicator over whole records; what `misleading` says comes with it wherever it goes."""
    thousandfold = {key: count * THOUSAND for key, count in people.items()}
    found = r_indicator(masses, thousandfold)
    if found is None:
        return None
    return {
        "value": _decimal(found.value),
        "mean_propensity": _decimal(float(found.mean), 9),
        "misleading": found.misleading,
        "statement": _statement(found),
        "partials": {key: _decimal(part, 9) for key, part in found.partials.items()},
    }


def _statement(found: RIndicator) -> str | None:
    """Why the value must not be read alone, in the reader's language; None where it may."""
    if not found.misleading:
        return None
    if found.mean > 1 or found.value < 0:
        return _(
            "The R-indicator does not apply here: there are more records than people. Read the "
            "variation of the propensities (%(cv)s) instead."
        ) % {"cv": f"{found.cv:.2f}"}
    return _(
        "An R-indicator says little here: so few people have contributed that it is near 1 "
        "whatever the skew. Read the variation of the propensities (%(cv)s) instead."
    ) % {"cv": f"{found.cv:.2f}"}


def _space(masses: Mapping[str, int], people: Mapping[str, int]) -> Document | None:
    """How unevenly, and in which pattern, districts are covered; None outside known districts."""
    districts = {
        key: Fraction(masses[key], count)
        for key, count in people.items()
        if key in NEIGHBOURS and count
    }
    moran = morans_i(districts, NEIGHBOURS)
    return {
        "gini": _text(gini(masses, people)),
        "morans_i": _text(moran.value) if moran else None,
        "expected_i": _text(moran.expected) if moran else None,
        "districts": len(districts),
    }


def _text(value: Fraction | None) -> str | None:
    if value is None:
        return None
    return f"-{share_text(-value)}" if value < 0 else share_text(value)


def _decimal(value: float | None, places: int = 6) -> str | None:
    return None if value is None else f"{value:.{places}f}"

"""Is this a sound reference population? Margins are derived where joint cells are given."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from contributions.calls.document import SLUG, UNSTORABLE, Document, storable
from dure.core.problems import FieldError, Text

AS_OF = re.compile(r"^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$", re.ASCII)
STRATA_MAX = 20_000
COUNT_MAX = 10**12
Margins = dict[str, dict[str, int]]


@dataclass(frozen=True)
class ReferenceReading:
    """The margins of a reference document and everything that is wrong with it."""

    dimensions: Margins
    errors: list[FieldError]


def read_reference(document: Document) -> ReferenceReading:
    """Margins by dimension and stratum; errors name the field."""
    errors: list[FieldError] = []

    def fault(field: str, message: Text) -> None:
        errors.append(FieldError(field=field, message=message, code="invalid"))

    if not storable(document):
        fault("request", UNSTORABLE)
        return ReferenceReading({}, errors)
    key = document.get("key")
    if not isinstance(key, str) or len(key) > 80 or not SLUG.match(key):
        fault("key", _("Use lowercase letters, digits and hyphens, up to 80."))
    title = document.get("title")
    if not _is_text(title):
        fault("title", _("Write this text in both languages."))
    if not _is_text(document.get("source")):
        fault("source", _("Name where the counts were published."))
    as_of = document.get("as_of")
    if not isinstance(as_of, str) or not AS_OF.match(as_of):
        fault("as_of", _("Give a date such as 2020-11-01."))
    for name in set(document) - {
        "key",
        "title",
        "source",
        "as_of",
        "dimensions",
        "cells",
        "labels",
    }:
        fault(str(name), _("A reference population has no such field."))
    labels = document.get("labels", {})
    if not isinstance(labels, Mapping) or not all(isinstance(v, Mapping) for v in labels.values()):
        fault("labels", _("Give labels by dimension and stratum."))
    given, cells = document.get("dimensions"), document.get("cells")
    if (given is None) == (cells is None):
        fault("dimensions", _("Give either dimensions or cells."))
        return ReferenceReading({}, errors)
    margins = _margins(given) if cells is None else _margins_of_cells(cells)
    if margins is None:
        field = "dimensions" if cells is None else "cells"
        fault(field, _("Every stratum has a whole count, and the counts are not all zero."))
    elif len({sum(strata.values()) for strata in margins.values()}) > 1:
        fault("dimensions", _("The dimensions count different totals."))
    return ReferenceReading(margins or {}, errors)


def _is_text(text: object) -> bool:
    # A plain text is taken for both languages.
    if isinstance(text, str):
        return bool(text.strip())
    return isinstance(text, Mapping) and all(
        isinstance(text.get(language), str) and text[language].strip() for language in ("ko", "en")
    )


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= COUNT_MAX


def _margins(given: object) -> Margins | None:
    if not isinstance(given, Mapping) or not given:
        return None
    margins: Margins = {}
    for name, strata in given.items():
        if not isinstance(strata, Mapping) or not 0 < len(strata) <= STRATA_MAX:
            return None
        if not all(key and _is_count(count) for key, count in strata.items()):
            return None
        if not sum(strata.values()):
            return None
        margins[str(name)] = {str(key): int(count) for key, count in strata.items()}
    return margins


def _margins_of_cells(cells: object) -> Margins | None:
    if not isinstance(cells, list) or not 0 < len(cells) <= STRATA_MAX:
        return None
    names: set[str] = set(cells[0]) - {"count"} if isinstance(cells[0], Mapping) else set()
    margins: Margins = {name: {} for name in sorted(names)}
    seen: set[tuple[Any, ...]] = set()  # Any: keys as they came
    for cell in cells:
        if not isinstance(cell, Mapping) or set(cell) != names | {"count"} or not names:
            return None
        place = tuple(cell[name] for name in sorted(names))
        if place in seen or not all(isinstance(key, str) and key for key in place):
            return None
        if not _is_count(cell["count"]):
            return None
        seen.add(place)
        for name in names:
            margins[name][cell[name]] = margins[name].get(cell[name], 0) + cell["count"]
    return margins if any(sum(strata.values()) for strata in margins.values()) else None

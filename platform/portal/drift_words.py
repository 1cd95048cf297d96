"""How a push moved and what changed in its form, in words; charts of its columns."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from portal.auditor.charts import BARS_MAX, BarChart, bar_chart
from portal.formatting import number_text, share_text

Document = Mapping[str, Any]  # Any: JSON
#: By the rule of thumb of the index: below the first nothing moved, above the second something did.
CALM, MOVED = 0.1, 0.25
#: Limits that all lie here are years, which are written without marks.
YEARS = range(1900, 2101)


def change_text(change: Document) -> str:
    """One change of form in a sentence."""
    words = {"column": change["column"], "before": change["before"], "now": change["now"]}
    match change["what"]:
        case "added":
            return _("Column %(column)s is new.") % words
        case "removed":
            return _("Column %(column)s is gone.") % words
        case "type":
            return _("Column %(column)s was %(before)s and is %(now)s.") % words
        case "precision":
            return _("Column %(column)s had %(before)s decimals and has %(now)s.") % words
        case part:
            return _("%(part)s: was %(before)s, is %(now)s.") % {**words, "part": form_text(part)}


def form_text(part: str) -> str:
    """What a part of a file's form is called."""
    return {
        "format": pgettext("file", "Format"),
        "encoding": _("Encoding"),
        "delimiter": _("Separator"),
    }.get(part, part)


def psi_rows(drift: Document | None) -> list[dict[str, Any]]:  # Any: a template's context
    """The index of each column with what it means, the largest first."""
    indices: Mapping[str, float] = (drift or {}).get("psi", {})
    return [
        {
            "column": column,
            "index": number_text(str(index), 3),
            "tone": "heed" if index >= MOVED else "info" if index >= CALM else "good",
            "text": _("Changed a lot")
            if index >= MOVED
            else _("Changed a little")
            if index >= CALM
            else _("As before"),
        }
        for column, index in sorted(indices.items(), key=lambda pair: (-pair[1], pair[0]))
    ]


def changes(drift: Document | None) -> list[str]:
    """Every change of form as a sentence."""
    return [change_text(change) for change in (drift or {}).get("changes", [])]


def form_lines(fingerprint: Document) -> list[tuple[str, str]]:
    """The form of a push as pairs of a name and what it is; what is no text has no encoding."""
    form: Mapping[str, str] = fingerprint.get("form", {})
    return [
        (form_text(part), "↹" if value == "\t" else value)
        for part, value in form.items()
        if (part, value) != ("encoding", "binary")
    ]


def class_text(label: str) -> str:
    """The limits of a class of numbers with their thousands set apart: ``10,000 – 12,000``."""
    return re.sub(r"(?<![\d.])\d{4,}", lambda found: number_text(found.group()), label)


def distribution_chart(column: str, distribution: Document) -> BarChart | None:
    """Shares of the values of a column by class; the fullest classes where there are many.

    Of numbers the classes have one width, so that the bars show how the values spread.
    """
    drawn: Document = distribution.get("drawn", distribution)
    limits = drawn.get("limits") or distribution.get("limits") or []
    numeric = bool(limits) and not all(limit in YEARS for limit in limits)
    pairs = list(zip(drawn["labels"], drawn["counts"], strict=True))
    whole = sum(count for _label, count in pairs)
    if not whole:
        return None
    if "drawn" in distribution:
        # Nothing lies outside the limits: then there is nothing to draw there.
        pairs = pairs[not pairs[0][1] : len(pairs) - (not pairs[-1][1])]
    elif len(pairs) > BARS_MAX or not distribution["limits"]:
        held = sorted((pair for pair in pairs if pair[1]), key=lambda pair: -pair[1])
        pairs = held[:BARS_MAX]
    return bar_chart(
        column,
        [
            (
                _("Others") if label == "…" else class_text(label) if numeric else label,
                Decimal(count),
                f"{number_text(count)} ({share_text(Decimal(count) / whole)})",
            )
            for label, count in pairs
        ],
    )

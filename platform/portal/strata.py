"""Strata of a call as rows of a table, in the order and words a reader expects."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from contributions.strata_labels import dimension_label
from dure.core.language import localized
from portal.formatting import exact, multiplier_number, number_text, percent_text

#: From this multiplier on a stratum counts as under-represented and is shown in amber.
UNDER_REPRESENTED = Decimal("1.25")
#: How many strata are named as those that are missed most.
MISSED_SHOWN = 3


@dataclass(frozen=True)
class StratumRow:
    """One stratum; figures as the call document carries them, texts ready to read.

    ``have`` and ``target`` are thousandths of a record.
    """

    dimension: str
    key: str
    label: str
    have: str
    target: str
    price: str | None
    multiplier: str | None

    @property
    def anchor(self) -> str:
        return f"{self.dimension}-{self.key}"

    @property
    def coverage_text(self) -> str:
        return percent_text(self.have, self.target)

    @property
    def under_represented(self) -> bool:
        """Whether a record of it is worth clearly more than the mean."""
        return self.multiplier is not None and exact(self.multiplier) >= UNDER_REPRESENTED

    @property
    def have_text(self) -> str:
        return number_text(exact(self.have) / 1000, 0)

    @property
    def target_text(self) -> str:
        return number_text(exact(self.target) / 1000, 0)

    @property
    def multiplier_number(self) -> str:
        return multiplier_number(self.multiplier) if self.multiplier is not None else ""

    @property
    def multiplier_text(self) -> str:
        return f"×{self.multiplier_number}" if self.multiplier is not None else "–"


@dataclass(frozen=True)
class Dimension:
    """The strata of one dimension."""

    key: str
    label: str
    rows: tuple[StratumRow, ...]

    @property
    def missed_most(self) -> list[StratumRow]:
        """At most three strata whose records are worth most of all, where any is worth more."""
        rows = sorted((row for row in self.rows if row.under_represented), key=_worth, reverse=True)
        return rows[:MISSED_SHOWN]

    @property
    def extremes(self) -> tuple[StratumRow, StratumRow] | None:
        """The strata of the dearest and of the cheapest record; None where all are alike."""
        priced = [row for row in self.rows if row.price is not None]
        if not priced:
            return None
        dear, cheap = max(priced, key=_worth), min(priced, key=_worth)
        return (dear, cheap) if _worth(dear) > _worth(cheap) else None

    @property
    def caption(self) -> str:
        if self.key == "district":
            return _("Coverage by district")
        return _("Coverage by %(dimension)s") % {"dimension": self.label.lower()}


# Any: the call document is JSON.
def stratum_row(document: Mapping[str, Any]) -> StratumRow:
    """A row from one entry of a call document's ``strata``."""
    label = document.get("label") or document["key"]
    price, multiplier = document.get("price"), document.get("multiplier")
    return StratumRow(
        dimension=document["dimension"],
        key=document["key"],
        label=label if isinstance(label, str) else localized(label),
        have=str(document.get("have") or 0),
        target=str(document.get("target") or 0),
        price=None if price is None else str(price),
        multiplier=None if multiplier is None else str(multiplier),
    )


def dimensions(strata: Iterable[Mapping[str, Any]]) -> list[Dimension]:
    """Live strata of a call document, grouped by dimension."""
    grouped: dict[str, list[StratumRow]] = {}
    for document in strata:
        if "key" in document:
            row = stratum_row(document)
            grouped.setdefault(row.dimension, []).append(row)
    return [
        Dimension(key, localized(dimension_label(key)), tuple(sorted(rows, key=_natural)))
        for key, rows in grouped.items()
    ]


def _worth(row: StratumRow) -> Decimal:
    return exact(row.price) if row.price is not None else Decimal(0)


def _natural(row: StratumRow) -> tuple[int, str]:
    """Bands and codes by their first number, others by key: 0-9, 10-19, 70+."""
    digits = re.match(r"\d+", row.key)
    return int(digits[0]) if digits else 0, row.key


def highest_multiplier(strata: Iterable[Mapping[str, Any]]) -> str:
    """The best multiplier on offer when it is worth a mention, else an empty text."""
    found = [exact(str(row["multiplier"])) for row in strata if row.get("multiplier") is not None]
    best = max(found, default=exact(1))
    return multiplier_number(best) if best >= exact("1.05") else ""

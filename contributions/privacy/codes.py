"""Cells that say nothing in words, and the few things that one of them could be.

Bar codes, serial numbers and dates with a number behind them come by the million, and are digits
and signs, or have some letters ahead that announce nothing. What is found by the words around it is
not in them, so that only numbers with a form of their own are left; an expression over the whole
column says for each of these which cells could hold it. A test holds this to finding what all
detectors find.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from contributions.privacy import documents, traces
from contributions.privacy.hit import Hit
from contributions.privacy.prefilter import (
    BUSINESS,
    CARD,
    LICENCE,
    NETWORK,
    PHONE,
    REGISTRATION,
    matching,
    silent,
)

#: Kinds of a column's name that find nothing by themselves.
UNANNOUNCED = frozenset({"contrary", "corporate"})
#: In the order of `detectors.DETECTORS`, each with what it never finds anything without.
FORMS: tuple[tuple[Callable[[str, frozenset[str]], Iterator[Hit]], str], ...] = (
    (documents.registrations, REGISTRATION),
    (documents.cards, CARD),
    (documents.licences, LICENCE),
    (traces.phones, PHONE),
    (traces.businesses, BUSINESS),
    (traces.network, NETWORK),
)
#: Of a cell that has to be read by all, and of one that can hold nothing.
BY_ALL, NOTHING = -1, 0

Forms = npt.NDArray[np.int64]


def forms_of(column: pa.Array, kinds: frozenset[str]) -> Forms:
    """Of each cell, the numbers in `FORMS` of what it could hold as bits; `BY_ALL` where it speaks.

    `column`: strings without null.
    """
    forms = np.full(len(column), BY_ALL, np.int64)
    if not kinds <= UNANNOUNCED:
        return forms
    quiet = np.nonzero(silent(column))[0]
    if not len(quiet):
        return forms
    cells = column if len(quiet) == len(column) else column.take(pa.array(quiet))
    found = np.zeros(len(quiet), np.int64)
    for bit, (_detector, pattern) in enumerate(FORMS):
        found |= matching(cells, pattern).astype(np.int64) << bit
    forms[quiet] = found
    return forms


def detect_forms(text: str, kinds: frozenset[str], forms: int) -> list[Hit]:
    """What `detectors.detect` finds in a text without words, asking only whom `forms` names."""
    hits: list[Hit] = []
    for bit, (detector, _pattern) in enumerate(FORMS):
        if forms >> bit & 1:
            for hit in detector(text, kinds):
                if all(hit.end <= other.start or hit.start >= other.end for other in hits):
                    hits.append(hit)
    return hits

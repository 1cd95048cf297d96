"""Cells that say nothing in words, and the few things that one of them could be.

Bar codes, serial numbers and dates with a number behind them come by the million, and are digits
and signs alone. What is found by the words around it is not in them, so that only numbers with a
form of their own are left; an expression over the whole column says for each of these which cells
could hold it. A test holds this to finding what all detectors find.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from contributions.privacy import documents, traces
from contributions.privacy.hit import Hit
from contributions.privacy.prefilter import GAP, matching

#: Digits and signs, behind one letter at most: no word is so short. Letters that were typed for 0
#: and 1 are not among them, nor digits that were spread out: what is folded is read by all.
SILENT = r"^[A-HJ-NP-Za-kmnp-z]?[0-9 .,_/:;()+\-]+$"
SPREAD = r"[0-9](( - |[ .\-])[0-9]){8}"
#: Kinds of a column's name that find nothing by themselves.
UNANNOUNCED = frozenset({"contrary", "corporate"})
#: No longer run of digits is one of the numbers below.
FROM, UPTO = r"(^|[^0-9])", r"([^0-9]|$)"
PARTED = r"[ .\-_/]{1,3}"
#: How the number of any card begins (`checksums.card_issuer`).
ISSUER = r"([49][0-9]|5[1-5]|2[2-7]|3[0-8]|6[0-5])"
#: In the order of `detectors.DETECTORS`, each with what it never finds anything without.
FORMS: tuple[tuple[Callable[[str, frozenset[str]], Iterator[Hit]], str], ...] = (
    (
        documents.registrations,
        FROM
        + r"[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])[^0-9A-Za-z가-힣]{0,3}[0-9]{7}"
        + UPTO,
    ),
    (
        documents.cards,
        FROM
        + rf"({ISSUER}[0-9]{{2}}([0-9]{{10,12}}|({PARTED}[0-9]{{4}}){{2}}{PARTED}[0-9]{{2,7}})"
        + rf"|62[0-9]{{15,17}}|3[0-9]{{3}}{PARTED}[0-9]{{6}}{PARTED}[0-9]{{4,5}})"
        + UPTO,
    ),
    (documents.licences, r"[0-9]{2}-[0-9]{6}-[0-9]{2}"),
    (
        traces.phones,
        FROM
        + rf"(01[016789]{GAP}[0-9]{{3,4}}{GAP}[0-9]{{4}}"
        + r"|0[2-7][0-9]?[0-9]?[)\-.] ?[0-9]{3,4}[\-.][0-9]{4}"
        + r"|(00)?82[ \-.]{0,2}\(?0?\)?[ \-.]?[1-7][0-9]{0,2}"
        + rf"{GAP}[0-9]{{3,4}}[ .\-]?[0-9]{{4}})"
        + UPTO,
    ),
    (traces.businesses, r"[0-9]{3}-[0-9]{2}-[0-9]{5}"),
    (
        traces.network,
        r"([0-9A-Za-z]{2}[:-]){5}[0-9]|[A-Fa-f][0-9]{3}\.[0-9]{4}\.[0-9]{4}|[0-9]*:[0-9]*:[0-9]*:"
        r"|[0-9]\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]",
    ),
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
    silent = np.nonzero(matching(column, SILENT) & ~matching(column, SPREAD))[0]
    if not len(silent):
        return forms
    cells = column if len(silent) == len(column) else column.take(pa.array(silent))
    found = np.zeros(len(silent), np.int64)
    for bit, (_detector, pattern) in enumerate(FORMS):
        found |= matching(cells, pattern).astype(np.int64) << bit
    forms[silent] = found
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

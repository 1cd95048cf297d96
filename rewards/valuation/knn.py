"""KNN-Shapley: what each record adds to a nearest-neighbour model, exact where records tie.

The utility of a set S for one trusted query is the expected number of records with the query's
label among its min(K, |S|) nearest, divided by K; records at the same distance are in random
order. Its Shapley value has a closed form. With c_r = 1 / max(K, r), m_i = 1 where the label of
record i is the query's, and i in a group of g records at equal distance on ranks a to b, h of
which match, and cbar the mean of c_a to c_b:

    value_i = m_i * cbar + (h - m_i) / (g - 1) * (c_b - cbar)
              + sum over farther groups of h' / g' * (c_b' - c_before')

where the second term is 0 for g = 1 and c_before' is c at the rank just before that group. Values
are means over queries. They are right for fewer records than K, identical records get identical
values, and the order of rows has no influence whatsoever.

Never value raw copies: a copy of a record takes value from everybody else. `shapley` values the
earliest record of each content cluster only.

Source: Jia et al. (2019) for records at distinct distances; the groups are ours.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from math import fsum, inf, lcm
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

ID: Final = "knn"
VERSION: Final = "1"

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]

#: Queries whose distances are in memory at once.
BLOCK: Final = 16
#: Decimals of a feature that are read exactly.
PLACES_MOST: Final = 6
#: Parts of the whole utility in which worth is counted.
WORTH_UNITS: Final = 10**12
#: Below this every sum of products of integers is exact, in a double and in a float.
_EXACT, _EXACT_SHORT = 2.0**52, 2.0**24
#: Distances that are no integers are told apart by this part of the largest.
_TOLD_APART: Final = 2.0**-40
#: Integers below this are sorted by their digits.
_SHORT: Final = 2**16


def values(records: Floats, labels: Ints, queries: Floats, query_labels: Ints, k: int) -> Floats:
    """Value of each record, shape (n,), in the order of ``records`` (n, features).

    The sum of all values is the mean utility of the whole set. O(m n log n) for m ``queries``,
    memory O(n). Features that are integers have exact distances; others are told apart to 2^-40
    of the largest distance, and equal rows are at equal distance always. Raises ValueError for
    shapes that do not fit and ``k`` below 1.
    """
    if k < 1 or records.ndim != 2 or queries.ndim != 2 or records.shape[1] != queries.shape[1]:
        raise ValueError("records and queries are rows of the same features, and k is at least 1")
    if len(records) != len(labels) or len(queries) != len(query_labels):
        raise ValueError("every record and every query has a label")
    count = len(records)
    total = np.zeros(count)
    if not count or not len(queries):
        return total
    curve = 1.0 / np.maximum(np.arange(1, count + 1), k)
    summed = np.concatenate(([0.0], np.cumsum(curve)))
    steps = np.concatenate((curve[:1], np.diff(curve)))
    for distances, asked in _blocks(records, queries, query_labels):
        for row, label in zip(distances, asked, strict=True):
            total += _one_query(row, labels == label, curve, summed, steps)
    return total / len(queries)


def worth(
    records: Floats, labels: Ints, queries: Floats, query_labels: Ints, k: int
) -> tuple[Ints, Fraction]:
    """Worth of each record in 1e-12 of the whole, never negative, and the utility of all.

    Who harms is worth nothing, record by record: spread over accounts or not, it is the same.
    """
    found = values(records, labels, queries, query_labels, k)
    units = np.rint(np.maximum(found, 0.0) * WORTH_UNITS).astype(np.int64)
    return units, Fraction(round(fsum(found.tolist()) * WORTH_UNITS), WORTH_UNITS)


def in_units(records: Floats, queries: Floats, units: Sequence[Fraction]) -> tuple[Floats, Floats]:
    """Features divided by their units of distance; as integers, in one scale, where they fit.

    Decimals of up to six places become integers, so that distances between them are exact.
    """
    places = [
        _places(np.concatenate((records[:, f], queries[:, f]))) for f in range(records.shape[1])
    ]
    if None not in places:
        steps = [unit * 10 ** (place or 0) for unit, place in zip(units, places, strict=True)]
        scale = lcm(*(step.numerator for step in steps))
        factors = np.array([float(scale / step) for step in steps])
        powers = np.array([10.0 ** (place or 0) for place in places])
        whole = tuple(np.rint(rows * powers) * factors for rows in (records, queries))
        if scale < _EXACT and _largest(*whole) < _EXACT:
            return whole[0], whole[1]
    parts = np.array([float(unit) for unit in units])
    return records / parts, queries / parts


def _places(column: Floats) -> int | None:
    """Decimals of a column, as few as it has; None beyond six."""
    for places in range(PLACES_MOST + 1):
        scaled = column * 10.0**places
        if (np.abs(scaled - np.rint(scaled)) <= 1e-9 * np.maximum(1.0, np.abs(scaled))).all():
            return places
    return None


def _blocks(
    records: Floats, queries: Floats, query_labels: Ints
) -> Iterator[tuple[NDArray[np.number[Any]], Ints]]:
    """Distances of a few queries at a time to all records, (queries, records), with their labels.

    Integral distances come in the shortest type that holds them, which sorts fastest.
    """
    exact = _integral(records) and _integral(queries)
    largest = _largest(records, queries) if exact else inf
    place: Ints | None = None
    if largest >= _EXACT:
        # One row for equal rows, in an order of their own: the product of matrices rounds
        # differently from place to place.
        records, place = np.unique(records, axis=0, return_inverse=True)
        place = place.reshape(-1)
    kind = np.float32 if largest < _EXACT_SHORT else np.float64
    rows: NDArray[Any] = records.astype(kind)
    asked: NDArray[Any] = queries.astype(kind)
    twice = rows.T * -2.0
    squares, own = (rows**2).sum(axis=1), (asked**2).sum(axis=1)
    for start in range(0, len(asked), BLOCK):
        block = asked[start : start + BLOCK]
        found: NDArray[Any] = block @ twice
        found += squares
        found += own[start : start + BLOCK, None]
        if place is not None:
            step = max(float(np.abs(found).max()), 1e-300) * _TOLD_APART
            found = np.rint(found / step)[:, place]
        elif largest < _SHORT:
            found = found.astype(np.uint16)
        yield found, query_labels[start : start + BLOCK]


def _one_query(
    distances: NDArray[np.number[Any]], matches: Flags, curve: Floats, summed: Floats, steps: Floats
) -> Floats:
    stable = distances.dtype == np.uint16
    order = np.argsort(distances, kind="stable" if stable else "quicksort")
    near, match = distances[order], matches[order].astype(np.float64)
    first = np.concatenate(([True], near[1:] != near[:-1]))
    value = np.empty(len(order))
    if first.all():
        # What every farther record adds, summed from the farthest.
        later = np.concatenate((np.cumsum((match * steps)[:0:-1])[::-1], [0.0]))
        value[order] = match * curve + later
        return value
    starts = np.flatnonzero(first)
    ends = np.concatenate((starts[1:], [len(order)]))
    size, hits = (ends - starts).astype(np.float64), np.add.reduceat(match, starts)
    last = curve[ends - 1]
    before = np.concatenate(([0.0], last[:-1]))
    farther = (hits / size * (last - before))[:0:-1]
    later = np.concatenate((np.cumsum(farther)[::-1], [0.0]))
    # A group of one has its own rank's c as its mean, exactly and not as a difference of sums.
    mean = np.where(size == 1, last, (summed[ends] - summed[starts]) / size)
    left = (last - mean) / np.maximum(size - 1, 1)
    # Of a group, those that match get one value and those that do not another.
    wrong = hits * left + later
    right = mean + (hits - 1) * left + later
    value[order] = np.where(match, np.repeat(right, ends - starts), np.repeat(wrong, ends - starts))
    return value


def _largest(records: Floats, queries: Floats) -> float:
    """No distance between records and queries is larger, nor any sum on the way to one."""
    most = max(float(np.abs(records).max(initial=0)), float(np.abs(queries).max(initial=0)))
    return 4.0 * float(records.shape[1]) * most**2


def _integral(rows: Floats) -> bool:
    return bool(np.isfinite(rows).all() and (rows == np.rint(rows)).all())


def earliest(clusters: Sequence[str], accepted: Sequence[int]) -> Flags:
    """Which records speak for their content cluster: the one accepted first in each."""
    first: dict[str, int] = {}
    for place, cluster in enumerate(clusters):
        known = first.setdefault(cluster, place)
        if accepted[place] < accepted[known]:
            first[cluster] = place
    flags = np.zeros(len(clusters), dtype=np.bool_)
    flags[list(first.values())] = True
    return flags


def shapley(
    *,
    records: Floats,
    labels: Ints,
    queries: Floats,
    query_labels: Ints,
    k: int,
    contributors: Sequence[str],
    clusters: Sequence[str],
    accepted: Sequence[int],
) -> dict[str, float]:
    """Value of each contributor: the sum over the clusters that it contributed first.

    ``accepted`` orders records by acceptance. Later copies of a cluster are not in the game; a
    contributor of nothing but copies has the value 0.
    """
    own = earliest(clusters, accepted)
    found = values(records[own], labels[own], queries, query_labels, k)
    parts: dict[str, list[float]] = {name: [] for name in contributors}
    for place, value in zip(np.flatnonzero(own).tolist(), found, strict=True):
        parts[contributors[place]].append(float(value))
    return {name: fsum(own_values) for name, own_values in parts.items()}


def shares(amount: int, worth: Mapping[str, float]) -> dict[str, int]:
    """``amount`` sub-units by worth; who harms earns nothing, and every share is floored."""
    positive = {name: Fraction(max(value, 0.0)) for name, value in worth.items()}
    whole = sum(positive.values(), Fraction(0))
    if not whole:
        return dict.fromkeys(positive, 0)
    return {name: int(amount * part / whole) for name, part in positive.items()}

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

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import fsum
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

ID: Final = "knn"
VERSION: Final = "1"

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]

#: Queries whose distances are in memory at once.
BLOCK: Final = 16
#: Below this every sum of products of integers is exact in a double.
_EXACT: Final = 2.0**52


def values(records: Floats, labels: Ints, queries: Floats, query_labels: Ints, k: int) -> Floats:
    """Value of each record, shape (n,), in the order of ``records`` (n, features).

    The sum of all values is the mean utility of the whole set. O(m n log n) for m ``queries``,
    memory O(n). Raises ValueError for shapes that do not fit and ``k`` below 1.
    """
    if k < 1 or records.ndim != 2 or queries.ndim != 2 or records.shape[1] != queries.shape[1]:
        raise ValueError("records and queries are rows of the same features, and k is at least 1")
    if len(records) != len(labels) or len(queries) != len(query_labels):
        raise ValueError("every record and every query has a label")
    count = len(records)
    total = np.zeros(count)
    if not count or not len(queries):
        return total
    ranks = np.arange(1, count + 1)
    curve = 1.0 / np.maximum(ranks, k)
    summed = np.concatenate(([0.0], np.cumsum(curve)))
    exact = _integral(records) and _integral(queries) and _small(records, queries)
    for start in range(0, len(queries), BLOCK):
        block = queries[start : start + BLOCK]
        for distances, label in zip(
            _distances(records, block, exact), query_labels[start : start + BLOCK], strict=True
        ):
            total += _one_query(distances, labels == label, curve, summed)
    return total / len(queries)


def _one_query(distances: Floats, matches: Flags, curve: Floats, summed: Floats) -> Floats:
    order = np.argsort(distances)
    near, match = distances[order], matches[order].astype(np.float64)
    first = np.concatenate(([True], near[1:] != near[:-1]))
    value = np.empty(len(order))
    if first.all():
        step = match.copy()
        step[0] *= curve[0]
        step[1:] *= np.diff(curve)
        later = np.concatenate((np.cumsum(step[:0:-1])[::-1], [0.0]))
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
    group = np.cumsum(first) - 1
    others = (hits[group] - match) / np.maximum(size[group] - 1, 1)
    value[order] = match * mean[group] + others * (last - mean)[group] + later[group]
    return value


def _distances(records: Floats, queries: Floats, exact: bool) -> Floats:
    """Squared distances (queries, records); equal rows have equal distances, wherever they are."""
    if exact:
        squares = (records**2).sum(axis=1)
        found: Floats = squares - 2.0 * (queries @ records.T) + (queries**2).sum(axis=1)[:, None]
        return found
    # Feature by feature: a matrix product rounds differently at the edges of its blocks.
    sums = np.zeros((len(queries), len(records)))
    for feature in range(records.shape[1]):
        gap = records[:, feature] - queries[:, feature, None]
        sums += gap * gap
    return sums


def _integral(rows: Floats) -> bool:
    return bool(np.isfinite(rows).all() and (rows == np.rint(rows)).all())


def _small(records: Floats, queries: Floats) -> bool:
    largest = max(float(np.abs(records).max(initial=0)), float(np.abs(queries).max(initial=0)))
    return bool(4.0 * records.shape[1] * largest**2 < _EXACT)


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

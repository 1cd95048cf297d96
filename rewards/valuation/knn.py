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
BLOCK: Final = 32
#: Distances on so many levels for each record are counted; more are sorted.
LEVELS_MOST: Final = 2
#: Decimals of a feature that are read exactly.
PLACES_MOST: Final = 6
#: Parts of the whole utility in which worth is counted.
WORTH_UNITS: Final = 10**12
#: Below this every sum of products of integers is exact, in a double and in a float.
_EXACT, _EXACT_SHORT = 2.0**52, 2.0**24
#: Distances that are no integers are told apart by this part of the largest.
_TOLD_APART: Final = 2.0**-40
#: What a short and a long key hold: a distance and the place of its record.
_SHORT, _LONG = 2.0**32, 2.0**63


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
    # In an order of their own, so that the one in which they came has no influence.
    order = _own_order(records)
    records, labels = records[order], labels[order]
    curve = 1.0 / np.maximum(np.arange(1, count + 1), k)
    summed = np.concatenate(([0.0], np.cumsum(curve)))
    steps = np.concatenate((curve[:1], np.diff(curve)))
    carriers = {label: np.flatnonzero(labels == label) for label in set(query_labels.tolist())}
    for distances, asked in _blocks(records, queries, query_labels):
        lowest = distances.min()
        levels = int(distances.max() - lowest) + 1
        if levels <= LEVELS_MOST * count:
            by_level = np.subtract(distances, lowest, out=distances).astype(np.intp)
            for row, label in zip(by_level, asked.tolist(), strict=True):
                _add_by_level(total, row, carriers[label], levels, curve, summed)
            continue
        for row, label in zip(_keys(distances), asked, strict=True):
            _add_query(total, row, labels == label, curve, summed, steps)
    found = np.empty(count)
    found[order] = total
    return found / len(queries)


def _own_order(records: Floats) -> Ints:
    """An order of the rows that depends on nothing but the rows; equal ones are neighbours."""
    mixture = np.sqrt(np.arange(2, records.shape[1] + 2))
    order: Ints = np.argsort((records * mixture).sum(axis=1), kind="stable")
    return order


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
) -> Iterator[tuple[NDArray[Any], Ints]]:
    """Whole distances of a few queries at a time to all records, with the queries' labels."""
    whole = _integral(records) and _integral(queries)
    largest, count = _largest(records, queries) if whole else inf, len(records)
    bits = count.bit_length()
    exact = largest < min(_EXACT, _LONG / 2.0**bits)
    repeats: Ints | None = None
    if not exact:
        # Once for equal rows: the product of matrices rounds differently from place to place.
        new = np.concatenate(([True], (records[1:] != records[:-1]).any(axis=1)))
        if not new.all():
            starts = np.flatnonzero(new)
            repeats = np.diff(np.concatenate((starts, [len(records)])))
            records = records[starts]
        largest = 1 / _TOLD_APART
    rows: NDArray[Any] = records.astype(np.float32 if largest < _EXACT_SHORT else np.float64)
    asked: NDArray[Any] = queries.astype(rows.dtype)
    twice = asked * -2.0
    squares, own = (rows**2).sum(axis=1), (asked**2).sum(axis=1)
    for start in range(0, len(asked), BLOCK):
        found: NDArray[Any] = twice[start : start + BLOCK] @ rows.T
        found += squares
        found += own[start : start + BLOCK, None]
        if not exact:
            np.maximum(found, 0.0, out=found)
            found *= 1 / (max(float(found.max()), 1e-300) * _TOLD_APART)
            np.rint(found, out=found)
        if repeats is not None:
            found = np.repeat(found, repeats, axis=1)
        yield found, query_labels[start : start + BLOCK]


def _keys(distances: NDArray[Any]) -> NDArray[Any]:
    """Distances with the places of the records below them.

    Sorting keys orders records by distance, and equal distances are still to be seen.
    """
    count = distances.shape[1]
    bits = count.bit_length()
    kind = np.uint32 if float(distances.max()) * 2.0**bits < _SHORT else np.int64
    places: NDArray[Any] = np.arange(count).astype(kind)
    keys: NDArray[Any] = (distances.astype(kind) << bits) | places
    return keys


def _add_by_level(
    total: Floats, level: Ints, carriers: Ints, levels: int, curve: Floats, summed: Floats
) -> None:
    """The same where distances are few levels: counted instead of sorted.

    ``level`` is a whole number below ``levels`` for each record, ``carriers`` are the places of
    the records with the query's label.
    """
    matching = level[carriers]
    sizes = np.bincount(level, minlength=levels)
    hits = np.bincount(matching, minlength=levels).astype(np.float64)
    ends = np.cumsum(sizes)
    # A level without records ends where the one before it does, and nobody asks for its value.
    last = np.where(ends > 0, curve[ends - 1], 0.0)
    before = np.concatenate(([0.0], last[:-1]))
    size = np.maximum(sizes, 1).astype(np.float64)
    farther = (hits / size * (last - before))[:0:-1]
    later = np.concatenate((np.cumsum(farther)[::-1], [0.0]))
    mean = np.where(size == 1, last, (summed[ends] - summed[ends - sizes]) / size)
    left = (last - mean) / np.maximum(size - 1, 1)
    value = (hits * left + later)[level]
    value[carriers] += (mean - left)[matching]
    total += value


def _add_query(
    total: Floats,
    keys: NDArray[Any],
    matches: Flags,
    curve: Floats,
    summed: Floats,
    steps: Floats,
) -> None:
    """Add to each record's total what it is worth for one query."""
    bits = keys.dtype.type(len(keys).bit_length())
    keys.sort()
    near, order = keys >> bits, (keys & ((1 << int(bits)) - 1)).astype(np.intp)
    match = matches[order].astype(np.float64)
    new = near[1:] != near[:-1]
    if new.all():
        # What every farther record adds, summed from the farthest.
        value = match * curve
        value[:-1] += np.cumsum((match * steps)[:0:-1])[::-1]
        total[order] += value
        return
    starts = np.concatenate(([0], np.flatnonzero(new) + 1))
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
    right = mean - left
    sizes = ends - starts
    total[order] += np.repeat(wrong, sizes) + match * np.repeat(right, sizes)


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

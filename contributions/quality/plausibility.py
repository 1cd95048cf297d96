"""Rows that look made up or contradict each other, found by arithmetic on columns.

Pure. Judged within groups (a station, a device), in the order of the rows. A later copy is the
suspect, never its original; of contradicting rows all are, because nobody knows which is right.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Mask = npt.NDArray[np.bool_]
#: How many rows of its group a copied block may lie apart from its original: 30 days of hours.
FARTHEST = 720


def in_long_runs(values: npt.NDArray[np.float64], length: int) -> Mask:
    """Rows of runs of one and the same value, at least `length` long; NaN ends a run."""
    if not len(values):
        return np.zeros(0, np.bool_)
    starts = np.concatenate(([True], values[1:] != values[:-1]))
    run = np.cumsum(starts) - 1
    return np.asarray(np.bincount(run)[run] >= length, np.bool_)


def in_copied_blocks(
    values: npt.NDArray[np.float64], length: int, noise: float, farthest: int = FARTHEST
) -> Mask:
    """Rows of blocks of at least `length` rows that repeat an earlier block to within `noise`.

    A block must hold more than one value and rise and fall by more than the noise, because calm
    days resemble each other. Costs time in the order of rows times `farthest`.
    """
    found = np.zeros(len(values), np.bool_)
    for lag in range(1, min(farthest, len(values) - length) + 1):
        alike = np.abs(values[lag:] - values[:-lag]) <= noise
        if np.count_nonzero(alike) < length:
            continue
        for start, end in _runs(alike, length):
            block = values[start + lag : end + lag]
            if np.ptp(block) > 4 * noise and len(np.unique(block)) > length // 3:
                found[start + lag : end + lag] = True
    return found


def in_contradiction(
    keys: npt.NDArray[np.int64], values: npt.NDArray[np.int64], *, missing: int = -1
) -> Mask:
    """Rows whose key stands elsewhere with another value; `missing` values contradict nothing."""
    there = values != missing
    pairs = np.unique(np.stack([keys[there], values[there]]), axis=1)
    distinct, count = np.unique(pairs[0], return_counts=True)
    return np.asarray(np.isin(keys, distinct[count > 1]) & there, np.bool_)


def _runs(alike: Mask, length: int) -> list[tuple[int, int]]:
    """(start, end) of every stretch of True that is at least `length` long."""
    edges = np.diff(np.concatenate(([0], alike.astype(np.int8), [0])))
    starts, ends = np.nonzero(edges == 1)[0], np.nonzero(edges == -1)[0]
    long = ends - starts >= length
    return list(zip(starts[long].tolist(), ends[long].tolist(), strict=True))

"""Shapley value of a few institutions: what each adds, averaged over the orders of joining.

Up to 14 players every coalition is asked and the value is an exact fraction. Up to 30 it is
estimated from orders drawn by a published seed: each order is used with its reverse, which cancels
most of the chance (antithetic pairs), and the estimate says how wrong it may be. Utilities are
exact (integers or fractions) and so are the intervals, so that everybody with the seed draws the
same orders, stops after the same pair and gets the same estimate.

The interval is Student's, as the spread of a pair is itself estimated from the pairs.

Source: Shapley (1953); Castro et al. (2009) for sampling orders; Student (1908) for the interval,
its quantile by Abramowitz and Stegun (1964), 26.7.5.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from math import ceil, comb, isqrt
from typing import Final

ID: Final = "permutation"
VERSION: Final = "2"

EXACT_MOST: Final = 14
PLAYERS_MOST: Final = 30
#: Half-width of a 95 % interval in standard errors of many draws, a published decimal.
NORMAL_95: Final = Fraction(1_959_964, 1_000_000)
#: Half-widths are rounded up to this part of a unit of utility.
WIDTH_PARTS: Final = 10**6
PAIRS_LEAST: Final = 16

Utility = Callable[[frozenset[str]], Fraction | int]
Worth = Callable[[frozenset[str]], Fraction]


@dataclass(frozen=True, slots=True)
class Estimate:
    """Values, and the half-widths of their 95 % intervals (0 where the value is exact).

    A half-width is the least multiple of a millionth of a unit that is not below the exact one.

    Values sum to the utility of all less that of nobody, also when they are estimated.
    """

    values: dict[str, Fraction]
    half_widths: dict[str, Fraction]
    pairs: int


def exact(players: Sequence[str], utility: Utility) -> dict[str, Fraction]:
    """The Shapley value by all 2^n coalitions; ValueError beyond 14 players."""
    _check(players, EXACT_MOST)
    count = len(players)
    worth = [
        Fraction(utility(frozenset(p for bit, p in enumerate(players) if mask >> bit & 1)))
        for mask in range(1 << count)
    ]
    weights = [Fraction(1, count * comb(count - 1, size)) for size in range(count)]
    found = dict.fromkeys(players, Fraction(0))
    for bit, player in enumerate(players):
        gains = [Fraction(0)] * count
        for mask in range(1 << count):
            if not mask >> bit & 1:
                gains[mask.bit_count()] += worth[mask | 1 << bit] - worth[mask]
        found[player] = sum((w * g for w, g in zip(weights, gains, strict=True)), Fraction(0))
    return found


def estimate(
    players: Sequence[str],
    utility: Utility,
    *,
    seed: str,
    epsilon: Fraction,
    pairs_most: int = 2_000,
) -> Estimate:
    """The Shapley value: exact up to 14 players, else sampled until it is known to ``epsilon``.

    Sampling stops when the widest 95 % interval is at most ``epsilon`` to either side, after at
    least 16 and at most ``pairs_most`` pairs of orders. Raises ValueError beyond 30 players.
    """
    _check(players, PLAYERS_MOST)
    if len(players) <= EXACT_MOST:
        return Estimate(exact(players, utility), dict.fromkeys(players, Fraction(0)), 0)
    known: dict[frozenset[str], Fraction] = {}

    def worth(coalition: frozenset[str]) -> Fraction:
        if coalition not in known:
            known[coalition] = Fraction(utility(coalition))
        return known[coalition]

    sums, squares = dict.fromkeys(players, Fraction(0)), dict.fromkeys(players, Fraction(0))
    # The seed's orders start from names, so that the order of the arguments has no influence.
    orders, widths, pairs = _orders(sorted(players), seed), dict.fromkeys(players, Fraction(0)), 0
    while pairs < pairs_most:
        order = next(orders)
        there, back = _gains(order, worth), _gains(order[::-1], worth)
        for player in players:
            pair = (there[player] + back[player]) / 2
            sums[player] += pair
            squares[player] += pair * pair
        pairs += 1
        if pairs >= PAIRS_LEAST:
            widths = {p: _half_width(sums[p], squares[p], pairs) for p in players}
            if max(widths.values()) <= epsilon:
                break
    return Estimate({p: total / pairs for p, total in sums.items()}, widths, pairs)


def _gains(
    order: Sequence[str], worth: Callable[[frozenset[str]], Fraction]
) -> dict[str, Fraction]:
    joined: frozenset[str] = frozenset()
    before, gains = worth(joined), {}
    for player in order:
        joined |= {player}
        after = worth(joined)
        gains[player] = after - before
        before = after
    return gains


@cache
def student_95(pairs: int) -> Fraction:
    """Half-width of a 95 % interval in standard errors after so many pairs, to a millionth.

    The expansion is off by 0.000004 after the least number of pairs and by less later.
    """
    z, freedom = NORMAL_95, pairs - 1
    terms = (
        z,
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    exact = sum((term / freedom**power for power, term in enumerate(terms)), Fraction(0))
    return Fraction(ceil(exact * 10**6), 10**6)


def _half_width(total: Fraction, squares: Fraction, pairs: int) -> Fraction:
    """Student's part of the standard error of the mean of ``pairs`` draws, up to a millionth."""
    variance = (squares - total * total / pairs) / ((pairs - 1) * pairs)
    whole = ceil(student_95(pairs) ** 2 * variance * WIDTH_PARTS * WIDTH_PARTS)
    root = isqrt(whole)
    return Fraction(root if root * root == whole else root + 1, WIDTH_PARTS)


def _orders(players: list[str], seed: str) -> Iterator[list[str]]:
    """Endless uniformly shuffled orders that follow from the seed alone."""
    words = _words(seed)
    while True:
        order = list(players)
        for last in range(len(order) - 1, 0, -1):
            bound = (1 << 64) - (1 << 64) % (last + 1)
            word = next(w for w in words if w < bound)
            place = word % (last + 1)
            order[last], order[place] = order[place], order[last]
        yield order


def _words(seed: str) -> Iterator[int]:
    block = 0
    while True:
        digest = hashlib.sha256(f"{len(seed)}:{seed}:{block}".encode()).digest()
        for start in range(0, 32, 8):
            yield int.from_bytes(digest[start : start + 8], "big")
        block += 1


def _check(players: Sequence[str], most: int) -> None:
    if not 0 < len(players) <= most or len(set(players)) != len(players):
        raise ValueError(f"from 1 to {most} players, each named once")

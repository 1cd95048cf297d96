"""Policies, stocks and contributions for the properties of pricing."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import strategies as st

from rewards.valuation.policy import Dimension, Policy, Stock, Stratum

KEYS = ("a", "b", "c", "d")
COSTS = st.fractions(1, 3, max_denominator=10)


@st.composite
def policies(
    draw: st.DrawFn, *, capped: bool | None = None, dimensions_max: int = 2, priced: bool = False
) -> Policy:
    """Policies; ``priced`` ones have cost multipliers and may close strata at a fill."""
    names = ("district", "age_band")[: draw(st.integers(1, dimensions_max))]
    dimensions = []
    for name in names:
        size = draw(st.integers(1, len(KEYS)))
        counts = draw(st.lists(st.integers(0, 1000), min_size=size, max_size=size).filter(any))
        weight = Fraction(draw(st.integers(1, 10)), 10)
        costs = draw(st.dictionaries(st.sampled_from(KEYS[:size]), COSTS)) if priced else {}
        dimensions.append(Dimension(name, weight, dict(zip(KEYS, counts, strict=False)), costs))
    wants_cap = draw(st.booleans()) if capped is None else capped
    cap = Fraction(draw(st.integers(10, 50)), 10) if wants_cap else None
    return Policy(
        pool=draw(st.integers(0, 10**13)),
        target_records=draw(st.integers(1, 5000)),
        dimensions=tuple(dimensions),
        price_cap=cap,
        fill_limit=draw(st.none() | st.fractions("0.5", 4)) if priced else None,
        cap_over_open=draw(st.booleans()) if priced else False,
    )


def strata(policy: Policy) -> list[Stratum]:
    return [Stratum(d.name, key) for d in policy.dimensions for key in d.counts]


def stocks(policy: Policy, largest: int = 3_000_000) -> st.SearchStrategy[dict[Stratum, int]]:
    return st.fixed_dictionaries({s: st.integers(0, largest) for s in strata(policy)})


@st.composite
def epochs(
    draw: st.DrawFn, *, capped: bool | None = None, dimensions_max: int = 2, priced: bool = False
) -> tuple[Policy, Stock, dict[str, Stock]]:
    """A policy, the stock an epoch opens with, and what contributions bring."""
    policy = draw(policies(capped=capped, dimensions_max=dimensions_max, priced=priced))
    before = draw(stocks(policy))
    count = draw(st.integers(1, 5))
    brought: dict[str, Stock] = {f"c{n}": draw(stocks(policy, 200_000)) for n in range(count)}
    return policy, before, brought

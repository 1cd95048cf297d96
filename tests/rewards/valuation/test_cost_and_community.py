"""Quotes on equal terms, and splits that neither lose nor create a sub-unit."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewards.valuation.community import split, whole_units
from rewards.valuation.cost import (
    CostBasis,
    DirectCost,
    Enterprise,
    Purpose,
    Recipient,
    SizeLimits,
    is_small,
    quote,
)

BASIS = CostBasis(
    direct=(DirectCost("preparation", 200_000), DirectCost("delivery", 0, Fraction(5, 2))),
    infrastructure=1_000_000,
    infrastructure_share=Fraction(1, 10),
    investment=4_000_000,
    recovered=1_000_000,
    user_share=Fraction(1, 3),
    margin=Fraction(1, 10),
)
LARGE = Enterprise(people=900, turnover=90_000_000, balance=80_000_000)
SMALL = Enterprise(people=12, turnover=2_000_000, balance=1_000_000)
FIRM = Recipient(Purpose.COMMERCIAL, LARGE)

fractions = st.fractions(0, 1, max_denominator=100)
enterprises = st.builds(
    Enterprise,
    people=st.integers(0, 1000),
    turnover=st.integers(0, 10**8),
    balance=st.integers(0, 10**8),
    share=fractions,
)
bases = st.builds(
    CostBasis,
    direct=st.lists(
        st.builds(
            DirectCost,
            st.sampled_from("abc"),
            st.integers(0, 10**9),
            st.fractions(0, 1000, max_denominator=1000),
        ),
        max_size=3,
    ).map(tuple),
    infrastructure=st.integers(0, 10**12),
    infrastructure_share=fractions,
    investment=st.integers(0, 10**12),
    recovered=st.integers(0, 10**12),
    user_share=fractions,
    margin=fractions,
)


def test_the_lines_of_a_quote_can_be_added_up_by_hand() -> None:
    found = quote(BASIS, FIRM, records=1001)
    # 10 % of 200,000 + 2,502 + 100,000 + 3,000,000 × 2/3
    assert [tuple(line) for line in found.lines] == [
        ("direct.preparation", 200_000),
        ("direct.delivery", 2_502),
        ("infrastructure", 100_000),
        ("margin", 230_250),
    ]
    assert found.total == 532_752


def test_lines_come_in_steps_that_can_be_paid() -> None:
    found = quote(BASIS, FIRM, records=1001, step=1_000)
    # 10 % of 200,000 + 2,000 + 100,000 + 3,000,000 × 2/3
    assert [line.amount for line in found.lines] == [200_000, 2_000, 100_000, 230_000]


@given(bases, enterprises, st.lists(enterprises, max_size=3).map(tuple), st.integers(0, 10**6))
def test_small_firms_and_research_never_pay_more_than_large_ones(
    basis: CostBasis, own: Enterprise, others: tuple[Enterprise, ...], records: int
) -> None:
    large = quote(basis, FIRM, records=records)
    anyone = quote(basis, Recipient(Purpose.COMMERCIAL, own, others), records=records)
    research = quote(basis, Recipient(Purpose.RESEARCH, own, others), records=records)
    direct = sum(line.amount for line in large.lines if line.key.startswith("direct."))
    assert research.total == direct <= anyone.total <= large.total
    assert anyone.total in {direct, large.total}
    assert anyone.reduced == is_small(own, others, limits=SizeLimits())
    more = quote(basis, Recipient(Purpose.COMMERCIAL, own, others), records=records + 1)
    assert more.total >= anyone.total


@given(
    bases, enterprises, st.lists(enterprises, max_size=3).map(tuple), st.integers(0, 10**6),
    st.sampled_from([1, 1_000, 1_000_000]),
)  # fmt: skip
def test_a_quote_is_the_formula_of_article_nine_written_down_a_second_time(
    basis: CostBasis, own: Enterprise, others: tuple[Enterprise, ...], records: int, step: int
) -> None:
    """In integers over one denominator, with thresholds as the recommendation has them."""
    found = quote(basis, Recipient(Purpose.COMMERCIAL, own, others), records=records, step=step)

    def down(amount: Fraction) -> int:
        return amount.numerator // (amount.denominator * step) * step

    direct = [down(Fraction(item.fixed) + item.per_record * records) for item in basis.direct]
    group: list[tuple[Enterprise, int | Fraction]] = [(own, 100)]
    for other in others:
        percent = 100 * other.share
        group.append((other, 100 if percent > 50 else percent if percent >= 25 else 0))
    people, turnover, balance = (
        sum(getattr(each, name) * part for each, part in group)
        for name in ("people", "turnover", "balance")
    )
    small = people < 25_000 and (turnover <= 5_000_000_000 or balance <= 4_300_000_000)
    total = sum(direct)
    if not small:
        total += down(basis.infrastructure * basis.infrastructure_share)
        left = basis.investment - basis.recovered if basis.investment > basis.recovered else 0
        total += down(basis.margin * (total + left - left * basis.user_share))
    assert found.reduced is small
    assert found.total == sum(line.amount for line in found.lines) == total
    assert [line.amount for line in found.lines[: len(direct)]] == direct


def test_a_small_firm_of_a_large_group_is_not_small() -> None:
    def small(*others: Enterprise) -> bool:
        return quote(BASIS, Recipient(Purpose.COMMERCIAL, SMALL, others), records=1).reduced

    assert small()
    assert not small(replace(LARGE, share=Fraction(51, 100)))
    assert not small(replace(LARGE, share=Fraction(1, 2)))  # 12 + 450 people
    assert small(replace(LARGE, people=900, share=Fraction(1, 4)))  # 12 + 225 people
    assert small(replace(LARGE, share=Fraction(24, 100)))


def test_a_basis_that_cannot_be_meant_is_refused() -> None:
    with pytest.raises(ValueError, match="not negative"):
        replace(BASIS, margin=Fraction(2))
    with pytest.raises(ValueError, match="not negative"):
        quote(BASIS, FIRM, records=-1)


weights = st.dictionaries(
    st.sampled_from("abcdef"), st.fractions(0, 10, max_denominator=50), min_size=1
).filter(lambda found: any(found.values()))


@given(st.integers(0, 10**13), weights)
def test_parts_and_rest_are_the_amount(amount: int, given_weights: dict[str, Fraction]) -> None:
    whole = sum(given_weights.values(), Fraction(0))
    shares = {name: weight / whole for name, weight in given_weights.items()}
    found = split(amount, shares)
    assert sum(found.parts.values()) + found.rest == amount
    assert 0 <= found.rest < len(shares)
    for name, part in found.parts.items():
        assert 0 <= amount * shares[name] - part < 1


def test_shares_that_do_not_sum_to_one_are_refused() -> None:
    with pytest.raises(ValueError, match="sum to one"):
        split(10, {"a": Fraction(1, 2), "b": Fraction(1, 3)})


@given(st.integers(0, 10**6), weights, st.text(max_size=5))
def test_whole_units_all_go_to_the_list_and_nobody_is_a_unit_off(
    units: int, given_weights: dict[str, Fraction], seed: str
) -> None:
    found = whole_units(units, given_weights, seed=seed)
    whole = sum(given_weights.values(), Fraction(0))
    assert sum(found.values()) == units
    for name, weight in given_weights.items():
        assert abs(found[name] - units * weight / whole) < 1
        assert found[name] == 0 or weight > 0
    backwards = dict(reversed(given_weights.items()))
    assert whole_units(units, backwards, seed=seed) == found


def test_equal_remainders_are_drawn_by_the_seed() -> None:
    equal = {"a": Fraction(1), "b": Fraction(1)}
    lucky = {max(given, key=given.__getitem__) for given in _draws(equal)}
    assert lucky == {"a", "b"}


def _draws(equal: dict[str, Fraction]) -> list[dict[str, int]]:
    return [whole_units(1, equal, seed=str(number)) for number in range(20)]

"""A sum is withheld where one who contributed to it could compute what another one has."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.reports.dominance import (
    FEWEST,
    is_sensitive,
    together,
    total_may_be_shown,
    withheld,
)

amounts = st.dictionaries(st.integers(0, 8), st.integers(0, 1000), max_size=9)


def evenly(count: int, amount: int = 10) -> dict[object, int]:
    return dict.fromkeys(range(count), amount)


@pytest.mark.parametrize(
    ("parts", "sensitive"),
    [
        ({}, False),
        ({"한빛": 0}, False),
        ({"한빛": 7}, True),
        # With two, each subtracts their own part.
        ({"한빛": 7, "누리": 9}, True),
        (evenly(FEWEST - 1), True),
        (evenly(FEWEST), False),
        # Exactly 85 % is not more than 85 %; all others have 10 % of the largest and more.
        ({0: 85, 1: 4, 2: 4, 3: 4, 4: 3}, False),
        ({0: 86, 1: 4, 2: 4, 3: 3, 4: 3}, True),
        # Two have nearly everything: the second knows the first to within 10 %.
        ({0: 100, 1: 100, 2: 3, 3: 3, 4: 3}, True),
        ({0: 100, 1: 100, 2: 4, 3: 3, 4: 3}, False),
    ],
)
def test_the_rules_on_their_edges(parts: dict[object, int], sensitive: bool) -> None:
    assert is_sensitive(parts) is sensitive


def test_an_amount_is_not_negative() -> None:
    with pytest.raises(ValueError, match="not negative"):
        is_sensitive({"a": -1})


def test_a_lone_withheld_cell_takes_another_with_it() -> None:
    small, large, larger = {"x": 5, "y": 6}, evenly(6, 10), evenly(9, 30)
    assert withheld([small, large, larger]) == {0, 1}
    assert withheld([small, large, larger], total_is_known=False) == {0}
    assert total_may_be_shown([small, large, larger])
    # With nothing else to hide it behind, the total goes.
    assert not total_may_be_shown([small])
    assert not total_may_be_shown([small, {}])
    assert withheld([large, larger]) == frozenset()


@given(st.lists(amounts, max_size=5))
def test_no_subtraction_finds_a_sensitive_sum(cells: list[dict[int, int]]) -> None:
    hidden = withheld(cells)
    shown = set(range(len(cells))) - hidden
    assert not any(is_sensitive(cells[place]) for place in shown)
    if total_may_be_shown(cells):
        # The total less everything shown is the sum of the withheld cells, as one cell.
        assert not is_sensitive(together([cells[place] for place in sorted(hidden)]))


@given(amounts, st.integers(0, 8))
def test_nobody_estimates_another_ones_part_of_a_shown_sum(parts: dict[int, int], who: int) -> None:
    """The attack itself: whoever knows their own part and the sum bounds each other's."""
    if is_sensitive(parts) or not parts.get(who):
        return
    total = sum(parts.values())
    for other, amount in parts.items():
        if other != who and amount:
            # All that the attacker can say is that the other has at most what is left.
            most = total - parts[who]
            assert 100 * (most - amount) >= 10 * amount

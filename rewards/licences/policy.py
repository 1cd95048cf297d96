"""The city's published terms: what access costs, and where revenue goes.

The figures are the example that the demo city publishes; they were chosen, not measured. A real
city replaces them with its own accounts before it quotes anything.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from rewards.valuation.cost import CostBasis, DirectCost

VERSION: Final = "2026-11"
_WON: Final = 1_000_000

#: Cost basis of quotes in sub-units of won.
BASIS: Final = CostBasis(
    direct=(
        DirectCost("preparation", 150_000 * _WON),
        DirectCost("delivery", 20_000 * _WON, Fraction(2 * _WON)),
    ),
    infrastructure=36_000_000 * _WON,
    infrastructure_share=Fraction(1, 200),
    investment=120_000_000 * _WON,
    user_share=Fraction(99, 100),
    margin=Fraction(1, 10),
)

#: Parts of a revenue; they sum to one.
CONTRIBUTORS, FUNDS, OPERATION = "contributors", "funds", "operation"
SPLIT: Final = {
    CONTRIBUTORS: Fraction(70, 100),
    FUNDS: Fraction(20, 100),
    OPERATION: Fraction(10, 100),
}

"""The pricing rules that a call can choose, by the name it uses for them."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Final, Protocol

from rewards.valuation import coverage, flat
from rewards.valuation.policy import Policy, Prices, Stock


class Method(Protocol):
    """What a pricing rule answers; every module of a rule is one."""

    @property
    def ID(self) -> str:
        """The name that calls use."""

    @property
    def VERSION(self) -> str:
        """Changes with every change of what the rule pays."""

    def value(self, policy: Policy, stock: Stock, /) -> Fraction:
        """Share of the pool that a stock has earned."""

    def prices(self, policy: Policy, before: Stock, after: Stock, /) -> Prices:
        """Prices of an epoch between two stocks."""

    def counted(
        self, policy: Policy, masses: Mapping[str, Mapping[str, int]], records: int, /
    ) -> Stock:
        """The mass of a contribution that the rule prices."""


METHODS: Final[Mapping[str, Method]] = {coverage.ID: coverage, flat.ID: flat}

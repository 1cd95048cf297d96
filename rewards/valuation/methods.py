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
    def ID(self) -> str: ...

    @property
    def VERSION(self) -> str: ...

    def value(self, policy: Policy, stock: Stock) -> Fraction: ...

    def prices(self, policy: Policy, before: Stock, after: Stock) -> Prices: ...

    METHODS: Final[Mapping[str, Method]] = {coverage.ID: coverage, flat.ID: flat}

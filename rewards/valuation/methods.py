"""The pricing rules that a call can choose, by the name it uses for them."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Final, Protocol

from rewards.valuation import compensation, coverage, flat, institutions, training
from rewards.valuation.policy import Item, Policy, Prices, Stock


class Method(Protocol):
    """What a pricing rule answers; every module of a rule is one."""

    @property
    def ID(self) -> str:
        """The name that calls use."""

    @property
    def VERSION(self) -> str:
        """Changes with every change of what the rule pays."""

    def counted(self, policy: Policy, item: Item, /) -> Stock:
        """The mass of a contribution that the rule prices."""

    def prices(self, policy: Policy, before: Stock, after: Stock, /) -> Prices:
        """Prices of an epoch between two stocks."""

    def span(self, policy: Policy, before: Stock, after: Stock, /) -> tuple[Fraction, Fraction]:
        """Shares of the pool that were earned before and after the epoch."""

    def mean_price(self, prices: Prices, added: Stock, records: int, /) -> Fraction:
        """Price of a thousandth of a record at the mean of an epoch that added a stock."""


METHODS: Final[Mapping[str, Method]] = {
    method.ID: method for method in (coverage, flat, training, institutions, compensation)
}
#: Rules whose price of the next record is known before a settlement is closed.
QUOTED: Final = frozenset({coverage.ID, flat.ID, compensation.ID})

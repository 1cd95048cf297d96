"""What the city's token is worth when it is taken out, by the rule of paying out in force."""

from __future__ import annotations

from dure.core.money import Asset, format_amount, parse_amount
from portal.formatting import Figure, amount_text
from rewards.treasury.selectors import payout_rule


def rate_text() -> str:
    """The rate for readers: ``1 두레 = 1원``, which no line break tears apart."""
    _version, rule = payout_rule()
    text = f"{amount_text(rule.tokens, Asset.DURE)} = {amount_text(rule.won, Asset.KRW)}"
    return text.replace(" ", "\N{NO-BREAK SPACE}")


def worth_text(figure: Figure, asset: str) -> str:
    """What an amount of tokens pays out as, in whole won; empty for won and for nothing."""
    amount = parse_amount(str(figure))
    if asset == Asset.KRW or amount <= 0:
        return ""
    _version, rule = payout_rule()
    return amount_text(format_amount(rule.worth(asset, amount)), Asset.KRW)

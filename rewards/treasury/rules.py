"""What the city decides about money on its way in and out, as it is read from a rule's document.

Pure: documents come in, values with integer parts go out. Where the city has decided nothing, the
baseline holds: one whole unit at least, no tax withheld, nothing set aside before five years, and
the example terms of licences below.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any, Final

from contributions.strata_labels import DISTRICTS
from dure.core.money import AMOUNT_MAX, SUB_UNITS, Asset, format_amount, parse_amount
from rewards.rails.lines import iban_checks
from rewards.valuation.cost import CostBasis, DirectCost, EuroRate

#: What becomes of what somebody who left has not taken out (``Unclaimed.leaving``).
LEAVING: Final = ("escrow", "fund", "keep")
RAILS: Final = ("bank", "local-currency", "transit", "fund")
_BIC = re.compile(r"[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?", re.ASCII)
_ACCOUNT = re.compile(r"[0-9]{8,16}|[A-Z]{2}[0-9]{2}[0-9A-Z]{10,30}", re.ASCII)
_NAME_MAX = 140
_KEY = re.compile(r"[a-z][a-z0-9-]{0,39}", re.ASCII)
_DECIMAL = re.compile(r"[01](\.[0-9]{1,9})?", re.ASCII)
_LINES_MAX = 20
_FUND = re.compile(r"[0-9a-z]{2,40}", re.ASCII)
_FUNDS_MAX = 1_000
#: Of the whole numbers of a rate.
RATE_MAX: Final = 1_000_000

Document = Mapping[str, Any]  # Any: JSON


class NotARule(ValueError):
    """The document cannot be a rule; ``field`` says where, and ``wanted`` what belongs there.

    That is ``share`` (0 to 1), ``amount`` (a decimal string, not negative), ``whole`` (a number
    from ``low`` to ``high``), or nothing that has a name.
    """

    def __init__(self, field: str, wanted: str = "", low: int = 0, high: int = 0) -> None:
        super().__init__(f"{field} is missing or not as a rule needs it")
        self.field, self.wanted, self.low, self.high = field, wanted, low, high


class NotWhole(NotARule):
    """Parts of a whole that do not add up to it; ``total`` is what they add up to."""

    def __init__(self, field: str, total: Fraction) -> None:
        super().__init__(field)
        self.total = total


@dataclass(frozen=True, slots=True)
class Payout:
    """Smallest amounts (sub-units), assets that a rail takes, who pays, when silence is too long.

    A token leaves towards a bank, a card or a local currency as ``won / tokens`` won. ``funds`` are
    the neighbourhood funds that a gift can go to, with their names; a rule that names none has one
    for each district.
    """

    minimum: Mapping[str, int]
    assets: Mapping[str, tuple[str, ...]]
    debtor_name: str
    debtor_account: str
    debtor_bic: str
    overdue_days: int
    won: int
    tokens: int
    funds: Mapping[str, Mapping[str, str]]

    def worth(self, asset: str, amount: int) -> int:
        """Sub-units of won for an amount of an asset, whole won, rounded down."""
        if asset == Asset.KRW:
            return amount
        return amount * self.won // self.tokens // SUB_UNITS * SUB_UNITS


@dataclass(frozen=True, slots=True)
class Withholding:
    """A tax on taking value out: on these assets and rails, above a threshold for each payment.

    The threshold is in won, whatever asset is taken out: it is held against what that is worth.
    It is held against each payment alone, never against a sum over a month or a year, because that
    is how the law it was made for counts: article 84 of the Income Tax Act of Korea taxes no other
    income of up to 50,000 won for each case (건별), after what is deducted as expenses (here what
    ``taxable`` leaves), and article 129 has it withheld when it is paid. Whether several payments
    for one cause are one case is for counsel to say.
    ``taxable`` of each thousand of the amount is income; the tax is ``rate`` of each thousand of
    that, rounded down to ``step`` sub-units.
    """

    name: Mapping[str, str]
    source: str
    rate: int
    taxable: int
    threshold: int
    step: int
    assets: tuple[str, ...]
    rails: tuple[str, ...]

    def tax(self, *, asset: str, rail: str, amount: int, worth: int) -> int:
        """Sub-units withheld from an amount of sub-units; always less than the amount.

        ``worth`` is what the amount comes to in sub-units of won (``Payout.worth``).
        """
        if asset not in self.assets or rail not in self.rails:
            return 0
        if worth * self.taxable // 1000 <= self.threshold:
            return 0
        return amount * self.taxable // 1000 * self.rate // 1000 // self.step * self.step


@dataclass(frozen=True, slots=True)
class Unclaimed:
    """When a share that nobody uses is set aside, until when it can be claimed, and the warning.

    ``leaving`` says what becomes of what somebody who left has not taken out: ``fund`` gives it to
    the neighbourhood funds at once, ``escrow`` sets it aside for 30 days before, ``keep`` until the
    time is over. What a person chose themselves on leaving precedes it.
    """

    dormant_days: int
    years: int
    warning_days: int
    leaving: str


@dataclass(frozen=True, slots=True)
class Licensing:
    """What access to data costs, and where what it brings goes; the parts sum to one exactly.

    ``rate`` is at what firms tell their size in won, None where the city has published none: the
    limits of small firms are in euro.
    """

    basis: CostBasis
    split: Mapping[str, Fraction]
    rate: EuroRate | None = None


#: Parts of a revenue.
CONTRIBUTORS, FUNDS, OPERATION = "contributors", "funds", "operation"
PARTS: Final = (CONTRIBUTORS, FUNDS, OPERATION)

#: Terms that the demo city publishes; they were chosen, not measured. A real city decides a version
#: of its own, out of its own accounts, before it quotes anything.
EXAMPLE_LICENSING: Final[Document] = {
    "direct": [
        {"key": "preparation", "fixed": "150000", "per_record": "0"},
        {"key": "delivery", "fixed": "20000", "per_record": "2"},
    ],
    "infrastructure": {"cost": "36000000", "share": "0.005"},
    "investment": {"cost": "120000000", "recovered": "0", "user_share": "0.99"},
    "margin": "0.1",
    "euro": {
        "won": 1600,
        "euro": 1,
        "as_of": "2026-11-02",
        "source": "예시 환율, 고시된 환율이 아님 (example, not a published rate)",
    },
    "split": {CONTRIBUTORS: "0.7", FUNDS: "0.2", OPERATION: "0.1"},
}

BASELINE: Final[Mapping[str, Document]] = {
    "licensing": EXAMPLE_LICENSING,
    "payout": {
        "minimum": dict.fromkeys(RAILS, "1"),
        "assets": {rail: list(Asset.values) for rail in RAILS},
        "debtor": {"name": "Dure City Treasury", "account": "00100000000", "bic": "DUREKRSE"},
        "overdue_days": 5,
        "rate": {"won": 1, "tokens": 1},
    },
    "withholding": {
        "name": {"ko": "원천징수 없음", "en": "Nothing withheld"},
        "source": "",
        "rate": 0,
        "taxable": 1000,
        "threshold": "0",
        "step": "1",
        "assets": [],
        "rails": [],
    },
    "unclaimed": {"dormant_days": 1095, "years": 5, "warning_days": 60, "leaving": "escrow"},
}

#: An example of a rule, not advice: 20 % income tax and 2 % local income tax on other income above
#: 50,000 won for each payment. Whether rewards are such income is to be verified by counsel.
EXAMPLE_WITHHOLDING: Final[Document] = {
    "name": {"ko": "기타소득 원천징수(예시)", "en": "Withholding on other income (example)"},
    "source": (
        "Income Tax Act of Korea, art. 21, 84 (2), 129 (1) 6; Local Tax Act, art. 103-13; "
        "an example, to be verified by counsel"
    ),
    "rate": 220,
    "taxable": 1000,
    "threshold": "50000",
    "step": "10",
    "assets": ["DURE", "KRW"],
    "rails": ["bank", "local-currency", "transit"],
}


def payout(document: Document) -> Payout:
    """Read a rule of paying out. Raises NotARule."""
    debtor, rate = _part(document, "debtor"), _part(document, "rate")
    minimum, assets = _part(document, "minimum"), _part(document, "assets")
    name = debtor.get("name")
    if not isinstance(name, str) or not 0 < len(name) <= _NAME_MAX:
        raise NotARule("debtor.name")
    account = str(debtor.get("account"))
    if not _ACCOUNT.fullmatch(account) or not iban_checks(account):
        raise NotARule("debtor.account")
    if not _BIC.fullmatch(str(debtor.get("bic"))):
        raise NotARule("debtor.bic")
    return Payout(
        minimum={rail: _amount(minimum, rail, "minimum.") for rail in RAILS},
        assets={rail: _choices(assets, rail, Asset.values, "assets.") for rail in RAILS},
        debtor_name=name,
        debtor_account=account,
        debtor_bic=str(debtor["bic"]),
        overdue_days=_number(document, "overdue_days", 1, 365),
        won=_number(rate, "won", 1, 1_000_000, "rate."),
        tokens=_number(rate, "tokens", 1, 1_000_000, "rate."),
        funds=_funds(document),
    )


def _funds(document: Document) -> Mapping[str, Mapping[str, str]]:
    """The neighbourhood funds by key: at least one, each named in both languages."""
    if "funds" not in document:
        return DISTRICTS
    funds = _part(document, "funds")
    if not 0 < len(funds) <= _FUNDS_MAX:
        raise NotARule("funds")
    for key, name in funds.items():
        if not _FUND.fullmatch(key) or not isinstance(name, Mapping) or set(name) != {"ko", "en"}:
            raise NotARule("funds")
        for text in name.values():
            if not isinstance(text, str) or not 0 < len(text.strip()) <= _NAME_MAX:
                raise NotARule("funds")
    return funds


def withholding(document: Document) -> Withholding:
    """Read a rule of tax. Raises NotARule."""
    name = _part(document, "name")
    if not all(isinstance(name.get(language), str) for language in ("ko", "en")):
        raise NotARule("name")
    rate = _number(document, "rate", 0, 999)
    source = document.get("source")
    if not isinstance(source, str) or (rate and not source.strip()):
        raise NotARule("source")
    step = _amount(document, "step")
    if step < SUB_UNITS or step % SUB_UNITS:
        raise NotARule("step")
    return Withholding(
        name=dict(name),
        source=source,
        rate=rate,
        taxable=_number(document, "taxable", 1, 1000),
        threshold=_amount(document, "threshold"),
        step=step,
        assets=_choices(document, "assets", Asset.values),
        rails=_choices(document, "rails", RAILS),
    )


def unclaimed(document: Document) -> Unclaimed:
    """Read a rule of unclaimed amounts; warnings come 30 days before or sooner. Raises NotARule."""
    leaving = document.get("leaving")
    if leaving not in LEAVING:
        raise NotARule("leaving")
    return Unclaimed(
        dormant_days=_number(document, "dormant_days", 1, 36_500),
        years=_number(document, "years", 1, 100),
        warning_days=_number(document, "warning_days", 30, 365),
        leaving=leaving,
    )


def licensing(document: Document) -> Licensing:
    """Read the terms of licences. Raises NotARule, also where the parts do not sum to one."""
    lines = document.get("direct")
    if not isinstance(lines, list) or not 0 < len(lines) <= _LINES_MAX:
        raise NotARule("direct")
    direct: list[DirectCost] = []
    for place, line in enumerate(lines):
        where = f"direct[{place}]."
        key = line.get("key") if isinstance(line, Mapping) else None
        if not isinstance(key, str) or not _KEY.fullmatch(key) or key in {d.key for d in direct}:
            raise NotARule(f"{where}key")
        each = Fraction(_amount(line, "per_record", where))
        direct.append(DirectCost(key, _amount(line, "fixed", where), each))
    infrastructure, investment = _part(document, "infrastructure"), _part(document, "investment")
    shares = _part(document, "split")
    if set(shares) != set(PARTS):
        raise NotARule("split")
    split = {name: _rate(shares, name, "split.") for name in PARTS}
    total = sum(split.values(), Fraction(0))
    if total != 1:
        raise NotWhole("split", total)
    basis = CostBasis(
        direct=tuple(direct),
        infrastructure=_amount(infrastructure, "cost", "infrastructure."),
        infrastructure_share=_rate(infrastructure, "share", "infrastructure."),
        investment=_amount(investment, "cost", "investment."),
        recovered=_amount(investment, "recovered", "investment."),
        user_share=_rate(investment, "user_share", "investment."),
        margin=_rate(document, "margin", ""),
    )
    return Licensing(basis, split, _euro_rate(document))


def _euro_rate(document: Document) -> EuroRate | None:
    """The rate of a terms' ``euro``: two whole numbers, a day, and who published it."""
    if "euro" not in document:
        return None
    part = _part(document, "euro")
    for name in part:
        if name not in ("won", "euro", "as_of", "source"):
            raise NotARule(f"euro.{name}")
    won = _number(part, "won", 1, RATE_MAX, "euro.")
    euro = _number(part, "euro", 1, RATE_MAX, "euro.")
    try:
        as_of = date.fromisoformat(str(part.get("as_of")))
    except ValueError:
        raise NotARule("euro.as_of") from None
    if part.get("as_of") != as_of.isoformat():
        raise NotARule("euro.as_of")
    source = part.get("source")
    if not isinstance(source, str) or not 0 < len(source.strip()) <= _NAME_MAX:
        raise NotARule("euro.source")
    return EuroRate(won, euro, as_of, source)


READ: Final = {
    "payout": payout,
    "withholding": withholding,
    "unclaimed": unclaimed,
    "licensing": licensing,
}


def _part(document: Document, name: str) -> Document:
    part = document.get(name)
    if not isinstance(part, Mapping):
        raise NotARule(name)
    return part


def _number(document: Document, name: str, low: int, high: int, where: str = "") -> int:
    value = document.get(name)
    if type(value) is not int or not low <= value <= high:
        raise NotARule(where + name, "whole", low, high)
    return value


def _rate(document: Document, name: str, where: str) -> Fraction:
    """A decimal from 0 to 1."""
    text = document.get(name)
    if not isinstance(text, str) or not _DECIMAL.fullmatch(text) or Fraction(text) > 1:
        raise NotARule(where + name, "share")
    return Fraction(text)


def _amount(document: Document, name: str, where: str = "") -> int:
    """An amount in decimal writing, in the one way of writing it."""
    text = document.get(name)
    try:
        amount = parse_amount(text) if isinstance(text, str) else -1
    except ValueError:
        amount = -1
    if not 0 <= amount <= AMOUNT_MAX or format_amount(amount) != text:
        raise NotARule(where + name, "amount")
    return amount


def _choices(
    document: Document, name: str, known: Sequence[str], where: str = ""
) -> tuple[str, ...]:
    chosen = document.get(name)
    if not isinstance(chosen, list) or len(set(map(str, chosen))) != len(chosen):
        raise NotARule(where + name)
    if not all(each in known for each in chosen):
        raise NotARule(where + name)
    return tuple(chosen)

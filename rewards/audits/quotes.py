"""What an audit asks of the licence quote: equal terms for equal facts, and no more than the cap.

Every agreed quote is worked out again from who asked, as they told it on that day; older ones kept
only whether that made them reduced ones. The rule is tried on made-up firms besides.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any, Final

from dure.core.money import SUB_UNITS, parse_amount
from dure.core.problems import Problem
from governance.audits.data import Absent, AuditData, Share, Trial
from rewards.licences.sizes import asker_of
from rewards.models import Licence, PolicySubject, TreasuryPolicy
from rewards.treasury import rules
from rewards.treasury.selectors import licensing_rule
from rewards.valuation.cost import (
    CostBasis,
    Enterprise,
    Purpose,
    Quote,
    Recipient,
    quote,
)

#: The newest licences that are looked at.
LICENCES_MOST: Final = 1_000
LARGE: Final = Enterprise(people=10_000, turnover=10**12, balance=10**12)
#: Sizes around the limits of a small firm: people, and turnover and balance in euro.
PEOPLE: Final = (0, 9, 249, 250, 5_000)
EUROS: Final = (0, 1_000_000, 43_000_000, 43_000_001, 50_000_000, 50_000_001, 10**10)
RECORDS: Final = (0, 1, 100, 12_345, 1_000_000)
Rule = Callable[..., Quote]


def licence_quotes() -> AuditData:
    """Agreed quotes by the terms of their day, and the terms in force tried on made-up firms."""
    licences = list(Licence.objects.order_by("-agreed_at", "id")[:LICENCES_MOST])
    reduced = sum(bool(each.quote["reduced"]) for each in licences)
    _version, rule = licensing_rule()
    return AuditData(
        shares=(Share("reduced", "licences", "all", reduced, len(licences), None),)
        if licences
        else (),
        counterfactuals=(equal_terms(licences), *swayed(rule.basis, quote)),
        replay=quoted_again(licences),
        conservation=(lines_add_up(licences), within_the_margin(licences)),
        absent={
            "selection": Absent.NO_PERSONS,
            "measures": Absent.NO_TEST,
            "inequality": Absent.NO_REWARD,
            "reasons": Absent.NOTHING_REFUSED,
            "representation": Absent.NO_WEIGHING,
            "drift": Absent.NO_SERIES,
            "appeals": Absent.NO_OBJECTION,
        },
    )


def terms_of(policy: str) -> rules.Licensing | None:
    """The terms that a quote names; None where no such version was ever approved."""
    if policy == "example":
        return rules.licensing(rules.BASELINE[PolicySubject.LICENSING])
    name, _dash, number = policy.rpartition("-")
    found = TreasuryPolicy.objects.filter(
        subject=PolicySubject.LICENSING,
        number=int(number) if number.isdecimal() else -1,
        approved_at__isnull=False,
    ).first()
    return rules.licensing(found.document) if found is not None and name == "licensing" else None


def _lines(stated: Mapping[str, Any]) -> dict[str, int]:  # Any: JSON
    return {line["key"]: parse_amount(line["amount"]) for line in stated["lines"]}


def quoted_again(licences: Sequence[Licence]) -> Trial:
    """Every agreed quote follows, line by line, from its terms, its records and who asked."""
    broken = 0
    for each in licences:
        again = _again(each.quote)
        broken += again is None or (
            {line.key: line.amount for line in again.lines} != _lines(each.quote)
            or again.reduced != each.quote["reduced"]
        )
    return Trial("quotes-follow-again", len(licences), broken)


def _again(stated: Mapping[str, Any]) -> Quote | None:  # Any: JSON
    """A quote worked out anew; None without its terms, or a rate for what was told in won."""
    terms = terms_of(str(stated["policy"]))
    if terms is None:
        return None
    if "asker" in stated:
        try:
            recipient = asker_of(stated["asker"]).recipient(terms.rate)
        except Problem:
            return None
    else:
        purpose = Purpose.RESEARCH if stated["reduced"] else Purpose.COMMERCIAL
        recipient = Recipient(purpose, LARGE)
    return quote(terms.basis, recipient, records=int(stated["records"]), step=SUB_UNITS)


def lines_add_up(licences: Sequence[Licence]) -> Trial:
    """The lines of every quote are its total, which is what was charged."""
    broken = sum(
        sum(_lines(each.quote).values()) != parse_amount(each.quote["total"])
        or parse_amount(each.quote["total"]) != each.total
        for each in licences
    )
    return Trial("quote-lines-add-up", len(licences), broken)


def within_the_margin(licences: Sequence[Licence]) -> Trial:
    """No quote charges more than cost and the published margin; a reduced one only direct cost."""
    broken = 0
    for each in licences:
        terms, lines = terms_of(str(each.quote["policy"])), _lines(each.quote)
        if terms is None:
            broken += 1
            continue
        direct = sum(amount for key, amount in lines.items() if key.startswith("direct."))
        if each.quote["reduced"]:
            broken += sum(lines.values()) > direct
            continue
        basis = terms.basis
        open_investment = max(0, basis.investment - basis.recovered)
        infrastructure = Fraction(basis.infrastructure) * basis.infrastructure_share
        cost = direct + infrastructure + open_investment * (1 - basis.user_share)
        most = direct + infrastructure + basis.margin * cost
        broken += sum(lines.values()) > most
    return Trial("margin-within-its-cap", len(licences), broken)


def equal_terms(licences: Sequence[Licence]) -> Trial:
    """Whoever had the same facts (terms, records, reduced or not) was quoted the same."""
    alike: dict[tuple[object, ...], list[dict[str, int]]] = defaultdict(list)
    for each in licences:
        stated = each.quote
        alike[stated["policy"], stated["records"], stated["reduced"]].append(_lines(stated))
    unlike = sum(lines != own[0] for own in alike.values() for lines in own)
    return Trial("equal-facts-equal-quotes", len(licences), unlike)


def swayed(basis: CostBasis, rule: Rule) -> Iterator[Trial]:
    """Made-up firms of every size around the limits, quoted by the terms in force.

    ``partner-order``: in which order a firm names those it belongs to; ``split-firm``: two halves
    of one firm that name each other pay what the whole pays; ``larger-never-pays-less``,
    ``more-records-never-cost-less`` and ``research-never-pays-more`` say it of themselves.
    """
    tried, broken = dict.fromkeys(_SWAYS, 0), dict.fromkeys(_SWAYS, 0)
    firms = [Enterprise(n, t, b) for n in PEOPLE for t in EUROS for b in EUROS]
    for records in RECORDS:
        for firm in firms:
            for name, fails in _SWAYS.items():
                tried[name] += 1
                broken[name] += fails(basis, rule, firm, records)
    for name in _SWAYS:
        yield Trial(name, tried[name], broken[name])


def _total(
    basis: CostBasis,
    rule: Rule,
    own: Enterprise,
    records: int,
    others: tuple[Enterprise, ...] = (),
    purpose: Purpose = Purpose.COMMERCIAL,
) -> int:
    return rule(basis, Recipient(purpose, own, others), records=records, step=SUB_UNITS).total


def _order(basis: CostBasis, rule: Rule, firm: Enterprise, records: int) -> bool:
    partners = (replace(firm, share=Fraction(1, 3)), replace(firm, share=Fraction(3, 4)))
    pair = [_total(basis, rule, firm, records, others) for others in (partners, partners[::-1])]
    return pair[0] != pair[1]


def _split(basis: CostBasis, rule: Rule, firm: Enterprise, records: int) -> bool:
    one = Enterprise(firm.people // 2, Fraction(firm.turnover, 2), Fraction(firm.balance, 2))
    two = replace(one, people=firm.people - one.people)
    return _total(basis, rule, one, records, (two,)) != _total(basis, rule, firm, records)


def _larger(basis: CostBasis, rule: Rule, firm: Enterprise, records: int) -> bool:
    grown = Enterprise(2 * firm.people + 1, 2 * firm.turnover + 1, 2 * firm.balance + 1)
    return _total(basis, rule, grown, records) < _total(basis, rule, firm, records)


def _more(basis: CostBasis, rule: Rule, firm: Enterprise, records: int) -> bool:
    return _total(basis, rule, firm, records + 1_000) < _total(basis, rule, firm, records)


def _research(basis: CostBasis, rule: Rule, firm: Enterprise, records: int) -> bool:
    usual = _total(basis, rule, firm, records)
    return _total(basis, rule, firm, records, purpose=Purpose.RESEARCH) > usual


_SWAYS: Final[Mapping[str, Callable[[CostBasis, Rule, Enterprise, int], bool]]] = {
    "partner-order": _order,
    "split-firm": _split,
    "larger-never-pays-less": _larger,
    "more-records-never-cost-less": _more,
    "research-never-pays-more": _research,
}

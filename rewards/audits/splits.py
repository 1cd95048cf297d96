"""What an audit asks of the split of revenue: nothing is lost, and the terms of the day decided.

Every payment is split once more with whole numbers alone and compared with what the ledger moved;
every share of a dividend is worked out again from its weight.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from random import Random
from typing import Final
from uuid import UUID

from django.db.models import Sum

from contributions.audits.groups import groups_of
from dure.accounts.models import Person
from governance.audits.data import Absent, AuditData, AuditGroup, Trial
from governance.models import LogEntry
from rewards.audits.quotes import terms_of
from rewards.licences.services import policy_name
from rewards.models import (
    AccountKind,
    Dividend,
    DividendShare,
    Entry,
    Licence,
    PolicySubject,
    TreasuryPolicy,
)
from rewards.treasury.rules import CONTRIBUTORS, FUNDS, OPERATION
from rewards.valuation.community import Split, split, whole_units

#: The newest payments and dividends that are looked at, and shares of a dividend up to which they
#: are all worked out again.
LICENCES_MOST: Final = 1_000
DIVIDENDS_MOST: Final = 50
SHARES_MOST: Final = 50_000
TRIED: Final = 200
SEED: Final = "dure-audit-splits/1"
KINDS: Final = {
    AccountKind.DIVIDEND: CONTRIBUTORS,
    AccountKind.FUND: FUNDS,
    AccountKind.OPERATION: OPERATION,
}
Rule = Callable[[int, Mapping[str, Fraction]], Split]


@dataclass(frozen=True)
class _Line:
    party: UUID | None
    weight: int
    amount: int


def revenue_split() -> AuditData:
    """Payments and dividends worked out again, and what dividends brought to each group."""
    paid = list(Licence.objects.filter(paid_at__isnull=False).order_by("-paid_at")[:LICENCES_MOST])
    policies = _logged()
    dividends = list(Dividend.objects.order_by("-frozen_at", "id")[:DIVIDENDS_MOST])
    lines = {each.id: _lines(each) for each in dividends if each.people <= SHARES_MOST}
    whole = [each for each in dividends if each.id in lines]
    groups, by_group, rewards = _received(lines.values())
    return AuditData(
        groups=groups,
        rewards=rewards,
        by_group=by_group,
        counterfactuals=tuple(swayed(split)),
        replay=split_again(paid, policies),
        conservation=(
            _conserved(paid),
            _in_force(paid, policies),
            _dividends_add_up(whole, lines),
            shares_again(whole, lines),
            made_up_units(),
        ),
        absent={
            "shares": Absent.NOTHING_REFUSED,
            "measures": Absent.NO_TEST,
            "reasons": Absent.NOTHING_REFUSED,
            "representation": Absent.NO_WEIGHING,
            "drift": Absent.NO_SERIES,
            "appeals": Absent.NO_OBJECTION,
        },
    )


def _logged() -> dict[str, str]:
    """By which terms each revenue was split, as the log says."""
    found = {}
    for body in LogEntry.objects.filter(kind="revenue.recorded").values_list("body", flat=True):
        payload = json.loads(bytes(body))["payload"]
        found[str(payload["licence"])] = str(payload["policy"])
    return found


def moved(licence: Licence) -> dict[str, int]:
    """What the payment of a licence moved to each part, in sub-units."""
    rows = (
        Entry.objects.filter(transfer=licence.payment_id)
        .values_list("account__kind")
        .annotate(total=Sum("amount"))
        .order_by()
    )
    return {KINDS.get(kind, str(kind)): int(total) for kind, total in rows}


def split_again(paid: Sequence[Licence], policies: Mapping[str, str]) -> Trial:
    """Each part is its published share of the revenue, rounded down; operation has what is left."""
    broken = 0
    for licence in paid:
        terms = terms_of(policies.get(str(licence.id), ""))
        if terms is None:
            broken += 1
            continue
        parts = {
            name: licence.total * share.numerator // share.denominator
            for name, share in terms.split.items()
        }
        parts[OPERATION] += licence.total - sum(parts.values())
        told = moved(licence)
        broken += any(told.get(name, 0) != amount for name, amount in parts.items())
    return Trial("split-follows-again", len(paid), broken)


def _conserved(paid: Sequence[Licence]) -> Trial:
    """What came in is what was quoted, and all of it went to the three parts."""
    broken = 0
    for licence in paid:
        told = moved(licence)
        given = sum(told.get(name, 0) for name in KINDS.values())
        broken += given != licence.total or sum(told.values()) != 0
    return Trial("revenue-conserved", len(paid), broken)


def _in_force(paid: Sequence[Licence], policies: Mapping[str, str]) -> Trial:
    """The terms that split a revenue were in force when it was paid."""
    versions = list(
        TreasuryPolicy.objects.filter(
            subject=PolicySubject.LICENSING, approved_at__isnull=False
        ).order_by("number")
    )
    broken = 0
    for licence in paid:
        number = max(
            (each.number for each in versions
             if each.approved_at and licence.paid_at and each.approved_at <= licence.paid_at),
            default=0,
        )  # fmt: skip
        broken += policies.get(str(licence.id)) != policy_name(number)
    return Trial("terms-were-in-force", len(paid), broken)


def _lines(dividend: Dividend) -> list[_Line]:
    rows = DividendShare.objects.filter(dividend=dividend).order_by("number")
    return [
        _Line(party, int(weight), amount)
        for party, weight, amount in rows.values_list("account__owner_id", "weight", "amount")
    ]


def _dividends_add_up(
    dividends: Sequence[Dividend], lines: Mapping[UUID, Sequence[_Line]]
) -> Trial:
    """The shares of a dividend and what flooring left of it are the contributors' part."""
    broken = 0
    for each in dividends:
        shares = sum(line.amount for line in lines[each.id])
        part = moved(each.licence).get(CONTRIBUTORS, 0)
        broken += not (shares + each.rest == each.amount == part and each.rest >= 0)
    return Trial("dividends-add-up", len(dividends), broken)


def shares_again(dividends: Sequence[Dividend], lines: Mapping[UUID, Sequence[_Line]]) -> Trial:
    """Each share is the dividend by its weight, rounded down."""
    tried = broken = 0
    for each in dividends:
        weights = sum(line.weight for line in lines[each.id])
        for line in lines[each.id]:
            tried += 1
            broken += line.amount != each.amount * line.weight // weights
    return Trial("shares-follow-again", tried, broken)


def _received(
    dividends: Iterable[Sequence[_Line]],
) -> tuple[tuple[AuditGroup, ...], dict[str, dict[str, tuple[int, ...]]], tuple[int, ...]]:
    """What each group received for the value of its data, and everybody's sum in no order.

    Units are what the data had earned before, which is the weight of a share.
    """
    sums: dict[UUID, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for lines in dividends:
        for line in lines:
            if line.party is not None:
                weight, amount = sums[line.party]
                sums[line.party] = (weight + line.weight, amount + line.amount)
    members: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
    for person in Person.objects.filter(party__in=list(sums)).iterator():
        for group in groups_of(person):
            members[group].append(sums[person.party_id])
    by_group: dict[str, dict[str, tuple[int, ...]]] = defaultdict(dict)
    for (dimension, key), own in members.items():
        by_group[dimension][key] = tuple(sorted(amount for _weight, amount in own))
    groups = tuple(
        AuditGroup(
            dimension,
            key,
            len(own),
            sum(amount > 0 for _weight, amount in own),
            sum(weight for weight, _amount in own),
            sum(amount for _weight, amount in own),
        )
        for (dimension, key), own in sorted(members.items())
    )
    return groups, by_group, tuple(sorted(amount for _weight, amount in sums.values()))


def swayed(rule: Rule) -> Iterator[Trial]:
    """In which order parts are named, and how they are called, makes no difference."""
    dice = Random(SEED)  # noqa: S311  # made-up amounts, no secret
    orders = names = 0
    for _ in range(TRIED):
        cuts = [dice.randint(0, 60) for _ in range(dice.randint(1, 5))]
        whole = sum(cuts) or 1
        shares = {f"part-{n}": Fraction(cut, whole) for n, cut in enumerate(cuts)}
        shares["part-0"] += 1 - sum(shares.values())
        amount = dice.randint(0, 10**12)
        made = rule(amount, shares)
        orders += rule(amount, dict(reversed(shares.items()))) != made
        other = rule(amount, {f"z{name}": share for name, share in shares.items()})
        names += list(other.parts.values()) != list(made.parts.values())
    yield Trial("order-of-parts", TRIED, orders)
    yield Trial("name-of-a-part", TRIED, names)


def made_up_units() -> Trial:
    """Whole units among funds are all given, each fund within one unit of its exact share."""
    dice = Random(f"{SEED}/units")  # noqa: S311  # made-up amounts, no secret
    broken = 0
    for number in range(TRIED):
        weights = {f"fund-{n}": Fraction(dice.randint(1, 9)) for n in range(dice.randint(1, 7))}
        units, total = dice.randint(0, 10**6), sum(weights.values())
        given = whole_units(units, weights, seed=str(number))
        broken += sum(given.values()) != units or any(
            abs(given[name] - units * weight / total) >= 1 for name, weight in weights.items()
        )
    return Trial("whole-units-are-all-given", TRIED, broken)

"""Measures of fairness in exact arithmetic: integers and fractions in, fractions out.

Pure. Binary fractions would call a ratio of exactly four fifths unfair (0.7999…), so none is used;
square roots are taken to thirty digits and rounded outward.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from fractions import Fraction
from statistics import NormalDist

#: Below so many people a group says nothing: neither fair nor unfair.
GROUP_MIN = 30
#: The 97.5 % quantile of the normal distribution, for intervals of 95 %.
Z_95 = Fraction(1_959_964, 1_000_000)
_DIGITS = 30


def selection_rates(groups: Mapping[str, tuple[int, int]]) -> dict[str, Fraction]:
    """``selected / people`` of each group of ``(selected, people)``; groups of nobody left out."""
    for selected, people in groups.values():
        if not 0 <= selected <= people:
            raise ValueError("A group selects between nobody and everybody in it.")
    return {name: Fraction(a, n) for name, (a, n) in groups.items() if n}


def four_fifths(
    groups: Mapping[str, tuple[int, int]], *, group_min: int = GROUP_MIN
) -> dict[str, str]:
    """``fair``, ``unfair`` or ``insufficient`` for each group, against the highest rate.

    ``5·a_g·N_ref >= 4·a_ref·N_g`` on integers; the reference is a group that is large enough.
    """
    large = {name: pair for name, pair in groups.items() if pair[1] >= group_min}
    rates = selection_rates(large)
    if not rates:
        return dict.fromkeys(groups, "insufficient")
    reference = max(sorted(rates), key=lambda name: rates[name])
    a_ref, n_ref = large[reference]
    return {
        name: "insufficient"
        if name not in large
        else "fair"
        if 5 * a * n_ref >= 4 * a_ref * n
        else "unfair"
        for name, (a, n) in groups.items()
    }


def clearly_below(group: tuple[int, int], reference: tuple[int, int], *, pairs: int = 1) -> bool:
    """Whether chance alone would hardly put a group's rate so far below that of the reference.

    True where the interval of 95 % of the difference between the two rates, each given as
    ``(selected, people)``, lies above zero: Newcombe's hybrid of two Wilson intervals (Statistics
    in Medicine 17, 1998, method 10), which holds for small samples and for rates of 0 and 1. Where
    it is one of many ``pairs`` that could have been compared, by so much wider (Bonferroni).
    """
    (a, n), (a_ref, n_ref) = group, reference
    z = _quantile(pairs)
    rate, rate_ref = Fraction(a, n), Fraction(a_ref, n_ref)
    _, high = wilson(a, n, z=z)
    low_ref, _ = wilson(a_ref, n_ref, z=z)
    gap = rate_ref - rate
    # gap > √(x² + y²), without the root.
    return gap > 0 and gap**2 > (rate_ref - low_ref) ** 2 + (high - rate) ** 2


def _quantile(pairs: int) -> Fraction:
    """The quantile of the normal distribution that ``pairs`` comparisons together exceed in 2.5 %.

    Six decimals, so that the last bits of binary fractions play no part.
    """
    return Fraction(round(NormalDist().inv_cdf(1 - 0.025 / pairs) * 10**6), 10**6)


def judge(groups: Mapping[str, tuple[int, int]], *, group_min: int = GROUP_MIN) -> dict[str, str]:
    """``four_fifths``, but ``unclear`` where chance could have put a group below that.

    Of groups of thirty, four fifths alone calls every third honest rule unfair. The reference is
    whichever group came out highest, so every pair of groups could have been the one compared.
    """
    verdicts = four_fifths(groups, group_min=group_min)
    large = {name: groups[name] for name, word in verdicts.items() if word != "insufficient"}
    if not large:
        return verdicts
    # Of groups with the same highest rate, the largest one tells most.
    reference = max(sorted(large), key=lambda name: (Fraction(*large[name]), large[name][1]))
    pairs = max(1, len(large) * (len(large) - 1) // 2)
    return {
        name: "unclear"
        if word == "unfair" and not clearly_below(large[name], large[reference], pairs=pairs)
        else word
        for name, word in verdicts.items()
    }


def wilson(selected: int, people: int, *, z: Fraction = Z_95) -> tuple[Fraction, Fraction]:
    """The Wilson score interval of a rate, rounded outward; ``ValueError`` for nobody."""
    if people <= 0 or not 0 <= selected <= people:
        raise ValueError("An interval needs people.")
    rate, square = Fraction(selected, people), z * z
    centre = rate + square / (2 * people)
    radicand = rate * (1 - rate) / people + square / (4 * people * people)
    half = z * _root(radicand)
    below = 1 + square / people
    return max(Fraction(0), (centre - half) / below), min(Fraction(1), (centre + half) / below)


def gini(values: Sequence[int]) -> Fraction:
    """Inequality from 0 (all equal) towards 1 (one has everything); 0 where there is nothing."""
    _not_negative(values)
    total, count = sum(values), len(values)
    if not total:
        return Fraction(0)
    weighted = sum((2 * place - count - 1) * x for place, x in enumerate(sorted(values), start=1))
    return Fraction(weighted, count * total)


def top_share(values: Sequence[int], part: Fraction) -> Fraction:
    """What the highest ``part`` of them (rounded up to whole people) have of everything."""
    _not_negative(values)
    total = sum(values)
    count = -(-len(values) * part.numerator // part.denominator)
    return Fraction(sum(sorted(values, reverse=True)[:count]), total) if total else Fraction(0)


def lorenz(values: Sequence[int], steps: int = 10) -> list[Fraction]:
    """The Lorenz curve: what the poorest 0, 1/steps, 2/steps … of them have of everything.

    Between two people the curve is a straight line; with nothing to share everybody has alike.
    """
    _not_negative(values)
    ordered, total, count = sorted(values), sum(values), len(values)
    if not total:
        return [Fraction(step, steps) for step in range(steps + 1)]
    sums = [0]
    for value in ordered:
        sums.append(sums[-1] + value)
    points = []
    for step in range(steps + 1):
        whole, rest = divmod(step * count, steps)
        part = Fraction(rest, steps) * ordered[whole] if rest else Fraction(0)
        points.append((sums[whole] + part) / total)
    return points


def theil(groups: Mapping[str, Sequence[int]]) -> tuple[Decimal, Decimal]:
    """Theil's T ``(within, between)`` groups, to thirty digits; the two add up to the whole."""
    everybody = [x for values in groups.values() for x in values]
    _not_negative(everybody)
    total, count = sum(everybody), len(everybody)
    if not total:
        return Decimal(0), Decimal(0)
    context = Context(prec=_DIGITS)
    within = between = Decimal(0)
    for values in groups.values():
        own = sum(values)
        if not own:
            continue
        share = _decimal(Fraction(own, total), context)
        ratio = Fraction(own * count, total * len(values))
        between = context.add(between, context.multiply(share, _ln(ratio, context)))
        for x in values:
            if x:
                part = _decimal(Fraction(x, total), context)
                logarithm = _ln(Fraction(x * len(values), own), context)
                within = context.add(within, context.multiply(part, logarithm))
    return within, between


def total_variation(p: Mapping[str, int], q: Mapping[str, int]) -> Fraction:
    """Half the sum of the differences between two distributions given as counts: 0 to 1."""
    shares_p, shares_q = _shares(p), _shares(q)
    keys = shares_p.keys() | shares_q.keys()
    zero = Fraction(0)
    return sum((abs(shares_p.get(k, zero) - shares_q.get(k, zero)) for k in keys), zero) / 2


def jensen_shannon(p: Mapping[str, int], q: Mapping[str, int]) -> Fraction:
    """Jensen-Shannon divergence in bits of two distributions given as counts: 0 to 1.

    To thirty digits; 0 where one of the two counts nothing.
    """
    shares_p, shares_q = _shares(p), _shares(q)
    if not shares_p or not shares_q:
        return Fraction(0)
    context, total = Context(prec=_DIGITS), Decimal(0)
    for key in shares_p.keys() | shares_q.keys():
        a, b = shares_p.get(key, Fraction(0)), shares_q.get(key, Fraction(0))
        for share in (a, b):
            if share:
                term = context.multiply(_decimal(share, context), _ln(2 * share / (a + b), context))
                total = context.add(total, term)
    return min(
        max(Fraction(context.divide(total, 2 * context.ln(Decimal(2)))), Fraction(0)), Fraction(1)
    )


def stability_index(before: Mapping[str, int], after: Mapping[str, int]) -> Fraction | None:
    """Population stability index, the sum of (p - q)·ln(p/q); above 0.2 something moved.

    Half a count is added to every key that one side lacks, so that an empty one is not infinite.
    None where one of the two counts nothing.
    """
    if not sum(before.values()) or not sum(after.values()):
        return None
    keys = sorted(before.keys() | after.keys())
    doubled = [{key: 2 * side.get(key, 0) or 1 for key in keys} for side in (before, after)]
    p, q = _shares(doubled[0]), _shares(doubled[1])
    context, total = Context(prec=_DIGITS), Decimal(0)
    for key in keys:
        gap = _decimal(q[key] - p[key], context)
        total = context.add(total, context.multiply(gap, _ln(q[key] / p[key], context)))
    return Fraction(total)


def representation(data: Mapping[str, int], population: Mapping[str, int]) -> dict[str, Fraction]:
    """Share in the data over share in the population; 1 is as in the population."""
    shares, own = _shares(population), _shares(data)
    return {
        key: own.get(key, Fraction(0)) / share for key, share in sorted(shares.items()) if share
    }


def reward_ratio(groups: Mapping[str, tuple[int, int]]) -> dict[str, Fraction]:
    """Reward per unit of a group over that of all, from ``(reward, units)``."""
    reward = sum(r for r, _ in groups.values())
    units = sum(u for _, u in groups.values())
    if not reward or not units:
        return {}
    return {name: Fraction(r * units, u * reward) for name, (r, u) in sorted(groups.items()) if u}


def matched_reward_ratio(
    cells: Mapping[tuple[str, str], tuple[int, int]],
) -> dict[str, Fraction]:
    """As ``reward_ratio`` but like with like: cells are ``(group, matching class)``.

    In each class a group is compared with the class, weighted by the group's units in it.
    """
    classes: dict[str, list[int]] = {}
    for (_, match), (reward, units) in cells.items():
        sums = classes.setdefault(match, [0, 0])
        sums[0] += reward
        sums[1] += units
    paid: dict[str, Fraction] = {}
    expected: dict[str, Fraction] = {}
    for (group, match), (reward, units) in cells.items():
        total_reward, total_units = classes[match]
        if units and total_reward:
            paid[group] = paid.get(group, Fraction(0)) + reward
            fair = Fraction(units * total_reward, total_units)
            expected[group] = expected.get(group, Fraction(0)) + fair
    return {group: paid[group] / expected[group] for group in sorted(expected)}


def conserves(rewards: Sequence[int], *, carry: int, budget: int) -> bool:
    """Rewards and what is carried over make up the budget exactly, and none is negative."""
    return sum(rewards) + carry == budget and carry >= 0 and all(x >= 0 for x in rewards)


def unstable(
    decide: Callable[[Mapping[str, Hashable]], object],
    subject: Mapping[str, Hashable],
    changes: Mapping[str, Sequence[Hashable]],
) -> list[str]:
    """Attributes whose change alone changes the decision although they should not matter."""
    decided = decide(subject)
    return [
        name
        for name, values in sorted(changes.items())
        if any(decide({**subject, name: value}) != decided for value in values)
    ]


def _shares(counts: Mapping[str, int]) -> dict[str, Fraction]:
    _not_negative(list(counts.values()))
    total = sum(counts.values())
    return {key: Fraction(count, total) for key, count in counts.items()} if total else {}


def _not_negative(values: Sequence[int]) -> None:
    if any(value < 0 for value in values):
        raise ValueError("A count or an amount is never negative.")


def _root(value: Fraction) -> Fraction:
    up = Context(prec=_DIGITS, rounding=ROUND_CEILING)
    return Fraction(up.next_plus(up.sqrt(_decimal(value, up))))


def _decimal(value: Fraction, context: Context) -> Decimal:
    return context.divide(Decimal(value.numerator), Decimal(value.denominator))


def _ln(value: Fraction, context: Context) -> Decimal:
    return context.subtract(
        context.ln(Decimal(value.numerator)), context.ln(Decimal(value.denominator))
    )


def rounded(value: Fraction, digits: int = 6, *, up: bool = False) -> str:
    """A fraction as a decimal text, rounded down, or ``up`` as the upper end of an interval."""
    scaled = value * 10**digits
    whole = -(-scaled.numerator // scaled.denominator) if up else int(scaled // 1)
    text = Decimal(whole).scaleb(-digits, Context(prec=_DIGITS, rounding=ROUND_FLOOR))
    return format(text, "f")

"""Attacks on the reward, measured: what each gains without and with the rule that answers it.

``python -m rewards.attacks`` writes docs/attacks.md. Seeded simulations without a database: the
same table on every machine. A gain of 1 means that the attack changes nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from governance.cases import sampling
from governance.log import merkle
from rewards.valuation import coverage, permutation
from rewards.valuation.allocation import allocate
from rewards.valuation.deterrence import Pledge, audit_rate, held_part
from rewards.valuation.policy import FULL_RECORD, Dimension, Policy, Stock, Stratum

SEED: Final = 20261122
TARGET: Final = Path(__file__).resolve().parents[1] / "docs" / "attacks.md"
#: A fine in prices of an honest record, as the call publishes it.
FINE: Final = 20
NORTH: Final = Stratum("district", "north")
SOUTH: Final = Stratum("district", "south")


class Attack(NamedTuple):
    """Gain factors of the attacker before and after the defence."""

    name: str
    setting: str
    without: float
    answer: str
    after: float


def measured() -> list[Attack]:
    """All attacks, each measured in its own seeded simulation."""
    return [
        _splitting(4),
        _splitting(8),
        _merging(),
        _exact_clones(),
        *(_jittered_clones(jitter, radius) for jitter, radius in _JITTERS),
        _reordering(),
        _late_arrival(),
        _around_the_close(),
        *(_stratum_lie(cap) for cap in (None, Fraction(3))),
        *(_drawn_lie(honest, pledge) for honest, pledge in _PLEDGES),
        *(_keeping_back(filled, limit) for filled, limit in _FILLED),
        _quality_padding(),
        _collusion(),
    ]


def _policy(cap: Fraction | None = None) -> Policy:
    """Four in five live in the north; the city wants a thousand records."""
    district = Dimension("district", Fraction(1), {"north": 80, "south": 20})
    return Policy(10**12, 1000, (district,), cap)


def _records(count: int) -> int:
    return count * FULL_RECORD


def _pay(masses: dict[str, int], own: set[str]) -> Fraction:
    """What some contributors to the north earn of the pool by the coverage rule."""
    after = {NORTH: sum(masses.values())}
    price = coverage.prices(_policy(), {}, after)[NORTH].paid
    return price * sum(masses[name] for name in own)


def _shapley(masses: dict[str, int], own: set[str]) -> Fraction:
    """The same by the Shapley value of accounts, which looks at who and not at what."""

    def worth(coalition: frozenset[str]) -> Fraction:
        return coverage.value(_policy(), {NORTH: sum(masses[name] for name in coalition)})

    found = permutation.exact(sorted(masses), worth)
    return sum((found[name] for name in own), Fraction(0))


def _splitting(parts: int) -> Attack:
    one = {"attacker": _records(3200), "other": _records(1600)}
    many = {f"a{n}": _records(3200 // parts) for n in range(parts)} | {"other": _records(1600)}
    own = set(many) - {"other"}
    return Attack(
        "Splitting",
        f"one large contributor appears as {parts} accounts; others hold a third",
        _ratio(_shapley(many, own), _shapley(one, {"attacker"})),
        "pay linear in mass",
        _ratio(_pay(many, own), _pay(one, {"attacker"})),
    )


def _merging() -> Attack:
    apart = {"a": _records(400), "b": _records(400), "c": _records(3200)}
    merged = {"ab": _records(800), "c": _records(3200)}
    return Attack(
        "Merging",
        "two small contributors appear as one beside a large one",
        _ratio(_shapley(merged, {"ab"}), _shapley(apart, {"a", "b"})),
        "pay linear in mass",
        _ratio(_pay(merged, {"ab"}), _pay(apart, {"a", "b"})),
    )


def _exact_clones() -> Attack:
    honest = {"attacker": _records(50), "other": _records(450)}
    sent = [record for _ in range(10) for record in range(50)]
    copied = {**honest, "attacker": _records(len(sent))}
    clusters = {**honest, "attacker": _records(len(set(sent)))}
    return Attack(
        "Exact copies",
        "10 % of the records, each sent ten times",
        _ratio(_pay(copied, {"attacker"}), _pay(honest, {"attacker"})),
        "a content cluster counts once, for the earliest",
        _ratio(_pay(clusters, {"attacker"}), _pay(honest, {"attacker"})),
    )


_JITTERS: Final = ((0.02, 0.1), (0.1, 0.1), (0.4, 0.1), (0.4, 1.0))
_HONEST, _COPIES, _OWN = 500, 20, 25


def _jittered_clones(jitter: float, radius: float) -> Attack:
    """Copies moved at random in four standardised features; clusters by distance to earlier."""
    dice = np.random.default_rng(SEED)
    honest = dice.normal(size=(_HONEST, 4))
    copies = np.repeat(honest[:_OWN], _COPIES, axis=0)
    copies = copies + dice.normal(scale=jitter, size=copies.shape)
    lost = _HONEST - int(_counted(honest, radius).sum())
    counted = _counted(np.concatenate((honest, copies)), radius)
    escaped = int(counted[_HONEST:].sum())
    fair = {"attacker": _records(_OWN), "other": _records(_HONEST - _OWN)}
    blind = {**fair, "attacker": _records(_OWN * (1 + _COPIES))}
    seen = {**fair, "attacker": _records(_OWN + escaped)}
    return Attack(
        f"Copies with jitter {jitter}",
        f"5 % of the records, twenty copies each; near means within {radius}",
        _ratio(_pay(blind, {"attacker"}), _pay(fair, {"attacker"})),
        f"near-duplicate clusters; {escaped} of {len(copies)} copies escape, "
        f"{lost} of {_HONEST} honest records are merged",
        _ratio(_pay(seen, {"attacker"}), _pay(fair, {"attacker"})),
    )


def _counted(rows: NDArray[np.float64], radius: float) -> NDArray[np.bool_]:
    """Rows that are not near an earlier counted row."""
    kept = np.zeros(len(rows), dtype=np.bool_)
    for place, row in enumerate(rows):
        near = ((rows[:place][kept[:place]] - row) ** 2).sum(axis=1) <= radius**2
        kept[place] = not near.any()
    return kept


def _reordering() -> Attack:
    """Being first among 20 equals instead of at a random place."""
    dice, step = Random(SEED), _records(100)  # noqa: S311  # a simulation, no secret
    gains = [
        coverage.value(_policy(), {NORTH: (n + 1) * step})
        - coverage.value(_policy(), {NORTH: n * step})
        for n in range(20)
    ]
    expected = sum((gains[dice.randrange(20)] for _ in range(2_000)), Fraction(0)) / 2_000
    names, paid = [f"c{n}" for n in range(20)], []
    after: Stock = {NORTH: 20 * step}
    for _ in range(200):
        dice.shuffle(names)
        brought: dict[str, Stock] = {name: {NORTH: step} for name in names}
        found = allocate(
            pool=_policy().pool,
            available=_policy().pool,
            prices=coverage.prices(_policy(), {}, after),
            masses=brought,
        )
        paid.append(found.reward(names[0]))
    return Attack(
        "Reordering",
        "arrives first among 20 equals of one epoch",
        _ratio(gains[0], expected),
        "one price for all mass of an epoch; the best of 200 orders",
        max(paid) * len(names) / found.total,
    )


def _late_arrival() -> Attack:
    """Waiting for the second epoch, with and without the stock of the first."""
    half = _records(800)
    early = coverage.prices(_policy(), {}, {NORTH: half})[NORTH].paid
    reset = coverage.prices(_policy(), {}, {NORTH: _records(80)})[NORTH].paid
    late = coverage.prices(_policy(), {NORTH: half}, {NORTH: half + _records(80)})[NORTH].paid
    return Attack(
        "Late arrival",
        "waits for an emptier second epoch",
        _ratio(reset, early),
        "the stock is cumulative over epochs",
        _ratio(late, early),
    )


def _around_the_close() -> Attack:
    """A large contributor chooses how much to send before a settlement closes and how much after.

    Others bring 800 records before and 80 after; of all ways to part 400 records the best is taken.
    """
    own, before, after = 400, 800, 80

    def pay(early: int, *, reset: bool) -> Fraction:
        closed: Stock = {NORTH: _records(before + early)}
        opened: Stock = {} if reset else closed
        late = own - early
        ended = {NORTH: opened.get(NORTH, 0) + _records(after + late)}
        first = coverage.prices(_policy(), {}, closed)[NORTH].paid * _records(early)
        return first + coverage.prices(_policy(), opened, ended)[NORTH].paid * _records(late)

    def best(*, reset: bool) -> float:
        return _ratio(max(pay(n, reset=reset) for n in range(own + 1)), pay(own, reset=reset))

    return Attack(
        "Around the close",
        "parts 400 records between two epochs as it pays best; gain over all in the first",
        best(reset=True),
        "the stock is cumulative over epochs",
        best(reset=False),
    )


def _stratum_lie(cap: Fraction | None) -> Attack:
    stock: Stock = {NORTH: _records(2000), SOUTH: _records(2)}
    free = coverage.prices(_policy(), stock, stock)
    kept = coverage.prices(_policy(cap), stock, stock)
    true, claimed = kept[NORTH].paid, kept[SOUTH].paid
    rate = audit_rate(claimed, true, FINE * true)
    expected = (1 - rate) * claimed - rate * FINE * true
    limit = "no price cap" if cap is None else f"price cap {cap}"
    return Attack(
        "False stratum",
        f"claims the emptiest stratum for every record; {limit}",
        _ratio(free[SOUTH].paid, free[NORTH].paid),
        f"{limit}, {float(rate):.1%} of claims checked, fine of {FINE} prices",
        _ratio(expected, true),
    )


#: Honest records beside each false one, and what the call pledges: just the bound at a cap of 3.
_PLEDGES: Final = (
    (20, Pledge(Fraction(1, 5), Fraction(10, 23), records=20)),
    (0, Pledge(Fraction(1, 5), Fraction(10, 23), records=20)),
    (0, Pledge(Fraction(5, 6), Fraction(4, 5), records=0)),
)
_LIARS, _ALL = 1_000, 2_000


def _drawn_lie(honest: int, pledge: Pledge) -> Attack:
    """False claims of three times the price, in contributions that are drawn as the log draws.

    Pays, parts that wait and the drawing are those of the settlement; who is drawn is found out.
    """
    true, ratio = 10**6, 3
    names = [f"{number:04d}" for number in range(_ALL)]
    liars = set(names[:_LIARS])
    size = -(-_ALL * pledge.audit_rate // 1)
    root = merkle.root([merkle.leaf_hash(name.encode()) for name in names]).hex()
    key = sampling.key_of(str(SEED), checkpoint_root=root, population_root=root, size=size)
    pay = honest * true + ratio * true
    lost = held_part(pay, pledge.hold_back)
    found = len(liars & set(sampling.draw(names, size=size, key=key)))
    kept = Fraction(_LIARS * pay - found * lost, _LIARS) - honest * true
    beside = f"beside {honest} honest records" if honest else "in contributions of their own"
    return Attack(
        "False stratum, drawn",
        f"claims three times the price {beside}",
        _ratio(Fraction(ratio), Fraction(1)),
        f"{_percent(pledge.audit_rate)} of contributions drawn, {_percent(pledge.hold_back)} of "
        f"pay waits: the bound for {pledge.records} honest records",
        _ratio(kept, Fraction(true)),
    )


#: How often the common stratum has reached its target, and the fill at which it closes.
_FILLED: Final[tuple[tuple[int, Fraction | None], ...]] = (
    (3, None), (10, None), (3, Fraction(3)),
)  # fmt: skip


def _keeping_back(filled: int, limit: Fraction | None) -> Attack:
    """A firm with records of two rare strata sends or keeps those of the emptier one.

    A cap is a ratio to the mean price, and the emptiest strata hold that up.
    """
    counts = {"rarest": 3, "rare": 5, "common": 92}
    district = Dimension("district", Fraction(1), counts)
    common = Stratum("district", "common")

    def pay(sent: int, cap: Fraction | None, *, over_open: bool = False) -> Fraction:
        policy = Policy(10**12, 1000, (district,), cap, limit, cap_over_open=over_open)
        brought = {
            Stratum("district", "rarest"): _records(sent),
            Stratum("district", "rare"): _records(300),
        }
        before: Stock = {common: _records(920 * filled)}
        prices = coverage.prices(policy, before, {**before, **brought})
        return sum((prices[key].paid * mass for key, mass in brought.items()), Fraction(0))

    closed = "" if limit is None else ", where it is closed"
    three = Fraction(3)
    if limit is None:
        answer, after = "no price cap", _ratio(pay(0, None), pay(100, None))
    else:
        answer = "the cap compares with the mean of the strata that are open"
        after = _ratio(pay(0, three, over_open=True), pay(100, three, over_open=True))
    return Attack(
        "Keeping records back",
        f"keeps 100 records of the emptiest stratum; price cap 3, the common stratum filled "
        f"{filled} times{closed}",
        _ratio(pay(0, three), pay(100, three)),
        answer,
        after,
    )


def _percent(share: Fraction) -> str:
    return f"{float(share):.1%}"


def _quality_padding() -> Attack:
    """A record of quality 100 for every good one."""
    dice = Random(SEED)  # noqa: S311  # a simulation, no secret
    good = [dice.randint(850, 1000) for _ in range(50)]
    honest = {"attacker": sum(good), "other": _records(450)}
    padded = {**honest, "attacker": sum(good) + 50 * 100}
    flat = {"attacker": _records(50), "other": _records(450)}
    flat_padded = {**flat, "attacker": _records(100)}
    return Attack(
        "Quality padding",
        "adds as many nearly worthless records (100 of 1000) as good ones",
        _ratio(_pay(flat_padded, {"attacker"}), _pay(flat, {"attacker"})),
        "pay by quality mass",
        _ratio(_pay(padded, {"attacker"}), _pay(honest, {"attacker"})),
    )


def _collusion() -> Attack:
    """Three who agree to be alone in a call with a hundredth of the records it wants."""
    taken = coverage.value(_policy(), {NORTH: _records(10)})
    fair = Fraction(1, 100)
    return Attack(
        "Collusion",
        "a ring keeps others away and brings 1 % of the target; gain over 1 % of the pool",
        _ratio(Fraction(1), fair),
        "the pool pays the value reached, the rest is carried",
        _ratio(taken, fair),
    )


def _ratio(part: Fraction, whole: Fraction) -> float:
    return float(part / whole)


def page(attacks: list[Attack]) -> str:
    """The table as Markdown."""
    rows = [
        f"| {a.name} | {a.setting} | ×{a.without:.2f} | {a.answer} | ×{a.after:.2f} |"
        for a in attacks
    ]
    return "\n".join((*_HEAD, *rows, *_FOOT, ""))


_HEAD: Final = (
    "# Attacks on the reward, measured",
    "",
    "What an attacker earns compared with an honest contributor of the same data: ×1.00 means that",
    "the attack is worth nothing. The table is made by `python -m rewards.attacks` from seeded",
    "simulations of the pricing code itself; a test keeps it equal to what the code gives today.",
    "",
    "| attack | setting | gain without the rule | rule | gain with it |",
    "|---|---|--:|---|--:|",
)
_FOOT: Final = (
    "",
    "What the table says, and what it does not:",
    "",
    "- **Copies that were moved far enough escape** any distance, and a larger distance merges",
    "  honest records. Near-duplicate search alone is no defence: verified provenance, limits per",
    "  person and pay that waits for checks are.",
    "- **A false stratum** stops paying where claims are checked at the rate",
    "  `(p_claimed - p_true) / (p_claimed + fine)`. The price cap keeps that rate affordable.",
    "- **Pay that waits** deters who has something to lose. Whoever sends false records in",
    "  contributions of their own loses nothing honest when one is found; only a pledge for 0",
    "  honest records (`records: 0`) stops that. It is the one to choose where accounts are cheap.",
    "- **A price cap** compares with the mean price, which empty strata hold up. Where the common",
    "  stratum is far beyond its target, who holds records of two rare strata earns more by",
    "  keeping back those that are wanted most; with a cap of 3 that begins above a fill of 2.5,",
    "  with a tighter one sooner. Closing intake there stops it, as closed strata are not counted.",
    "- **Collusion** keeps what coverage pays for an empty call: the first records of a call are",
    "  worth more than the last for everybody, which is what draws others in.",
)


def main(write: Callable[[str], object] = sys.stdout.write) -> int:
    """Write the page."""
    TARGET.write_text(page(measured()), encoding="utf-8")
    write(f"{TARGET}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

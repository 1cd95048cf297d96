"""The disclosure gate: k-anonymity, l-diversity and differencing, or no release.

Records that agree in every quasi-identifier form a class. A class may be given out when it holds at
least k units (Samarati & Sweeney 1998) and at least l values of each sensitive column
(Machanavajjhala et al. 2007). Values are first made coarser, in the declared steps and as little
as possible (full-domain generalisation); what still fails is suppressed as whole classes, and
above a share of the records nothing is released at all.

Whoever holds an earlier release can subtract it. So within a class, the records that came are held
back while they stand for fewer than k units, and where fewer than k units left, the class goes.

The unit is a contributor where one person brings many records, or the record itself. Where nothing
identifies, every record is in one class and the gate has nothing to refuse.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import product

import numpy as np
import numpy.typing as npt

from contributions.disclosure.hierarchies import Level, generalise

Codes = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Column = Sequence[str | None]
#: The generalised values of a class, in the order of the quasi-identifiers.
ClassKey = tuple[str | None, ...]


@dataclass(frozen=True)
class Rule:
    """At least `k` units and `l` sensitive values in a class; suppress at most `limit`."""

    k: int
    l: int = 2  # noqa: E741 - the name that the literature gave it
    limit: Fraction = Fraction(5, 100)


OPEN = Rule(k=10)
LICENSED = Rule(k=5)


@dataclass(frozen=True)
class ClassCount:
    """A class of a release that was given out: its records, and the units behind them."""

    records: int
    units: int


@dataclass(frozen=True)
class Earlier:
    """A release given out before, at the same `depths`; `present`: records that were in it."""

    depths: tuple[int, ...]
    classes: Mapping[ClassKey, ClassCount]
    present: Mask


@dataclass(frozen=True)
class Disclosure:
    """`kept`: which records may go; `columns`: the quasi-identifiers at `depths`, all records.

    `smallest`: units of the smallest class that goes; `classes` as they go out.
    """

    kept: Mask
    columns: dict[str, list[str | None]]
    depths: tuple[int, ...]
    suppressed: int
    held_back: int
    smallest: int
    classes: dict[ClassKey, ClassCount] = field(default_factory=dict)


class Refused(Exception):
    """No generalisation lets enough records go; counts of the best attempt."""

    def __init__(self, *, suppressed: int, records: int) -> None:
        super().__init__("too much would have to be suppressed")
        self.suppressed = suppressed
        self.records = records


def examine(
    quasi: Mapping[str, Column],
    *,
    sensitive: Sequence[Column] = (),
    units: Sequence[int],
    levels: Mapping[str, Sequence[Level]] | None = None,
    rule: Rule,
    earlier: Sequence[Earlier] = (),
) -> Disclosure:
    """The least generalisation under which at most the rule's share is suppressed.

    `units` numbers the person behind each record. Depths that an earlier release used are the only
    ones tried, since two releases at different depths cannot be compared. Raises Refused.
    """
    count = len(units)
    if not quasi:
        kept = np.ones(count, np.bool_)
        return Disclosure(kept, {}, (), 0, 0, len(set(units)))
    steps = levels or {}
    people = _codes([list(units)], count)
    guarded = [_codes([column], count) for column in sensitive]
    best: Disclosure | None = None
    for depths in _depths(quasi, steps, earlier):
        found = _attempt(quasi, steps, depths, people, guarded, rule, earlier)
        lost = found.suppressed + found.held_back
        if found.kept.any() and Fraction(lost, count) <= rule.limit:
            return found
        if best is None or lost < best.suppressed + best.held_back:
            best = found
    lost = count if best is None else best.suppressed + best.held_back
    raise Refused(suppressed=lost, records=count)


def _depths(
    quasi: Mapping[str, Column],
    levels: Mapping[str, Sequence[Level]],
    earlier: Sequence[Earlier],
) -> list[tuple[int, ...]]:
    if earlier:
        return sorted({each.depths for each in earlier})[:1] if _agree(earlier) else []
    ranges = [range(len(levels.get(name, ())) + 1) for name in quasi]
    return sorted(product(*ranges), key=lambda depths: (sum(depths), depths))


def _agree(earlier: Sequence[Earlier]) -> bool:
    return len({each.depths for each in earlier}) == 1


def _attempt(
    quasi: Mapping[str, Column],
    levels: Mapping[str, Sequence[Level]],
    depths: tuple[int, ...],
    people: Codes,
    guarded: Sequence[Codes],
    rule: Rule,
    earlier: Sequence[Earlier],
) -> Disclosure:
    columns = {
        name: generalise(column, levels.get(name, ()), depth)
        for (name, column), depth in zip(quasi.items(), depths, strict=True)
    }
    keys: list[ClassKey] = list(zip(*columns.values(), strict=True))
    order = {key: place for place, key in enumerate(dict.fromkeys(keys))}
    codes = np.fromiter((order[key] for key in keys), np.int64, len(keys))
    names = list(order)
    held = np.zeros(len(codes), np.bool_)
    gone = np.zeros(len(codes), np.bool_)
    # Taking records out can make a class fail that passed, so until nothing changes.
    while True:
        before = int(held.sum() + gone.sum())
        gone |= ~held & ~gone & _too_small(codes, people, guarded, ~held & ~gone, rule)
        for each in earlier:
            kept = ~held & ~gone
            came, left = _differences(codes, names, people, kept, each, rule)
            held |= came
            gone |= left & ~held
        if int(held.sum() + gone.sum()) == before:
            break
    kept = ~held & ~gone
    sizes = _distinct(codes[kept], people[kept], len(names))
    records = np.bincount(codes[kept], minlength=len(names))
    classes = {
        name: ClassCount(int(records[place]), int(sizes[place]))
        for place, name in enumerate(names)
        if records[place]
    }
    smallest = min((each.units for each in classes.values()), default=0)
    return Disclosure(kept, columns, depths, int(gone.sum()), int(held.sum()), smallest, classes)


def _too_small(
    codes: Codes, people: Codes, guarded: Sequence[Codes], kept: Mask, rule: Rule
) -> Mask:
    """Records of the classes that break k or l."""
    size = int(codes.max(initial=-1)) + 1
    bad = _distinct(codes[kept], people[kept], size) < rule.k
    for values in guarded:
        bad |= _distinct(codes[kept], values[kept], size) < rule.l
    return np.asarray(bad[codes], dtype=np.bool_)


def _differences(
    codes: Codes, names: Sequence[ClassKey], people: Codes, kept: Mask, each: Earlier, rule: Rule
) -> tuple[Mask, Mask]:
    """(records to hold back because too few came, records of classes that too few left)."""
    size = len(names)
    came = kept & ~each.present
    stayed = kept & each.present
    few_came = _distinct(codes[came], people[came], size)
    hold = came & ((few_came > 0) & (few_came < rule.k))[codes]
    counts = [each.classes.get(name) for name in names]
    records = np.array([known.records if known else 0 for known in counts], np.int64)
    units = np.array([known.units if known else 0 for known in counts], np.int64)
    missing = records - np.bincount(codes[stayed], minlength=size)
    # Those who left altogether are the units that are no longer seen among those who stayed.
    vanished = units - _distinct(codes[stayed], people[stayed], size)
    given = np.bincount(codes[kept], minlength=size) > 0
    exposed = given & (missing > 0) & (vanished < rule.k)
    return hold, kept & exposed[codes]


def _distinct(codes: Codes, values: Codes, size: int) -> Codes:
    """How many different values each code has."""
    pairs = np.unique(np.stack([codes, values]), axis=1)
    return np.bincount(pairs[0], minlength=size).astype(np.int64)


def _codes(columns: Sequence[Sequence[object]], count: int) -> Codes:
    rows = list(zip(*columns, strict=True))
    order = {row: place for place, row in enumerate(dict.fromkeys(rows))}
    return np.fromiter((order[row] for row in rows), np.int64, count)

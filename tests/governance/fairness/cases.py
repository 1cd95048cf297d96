"""Groups on which this project and other libraries are compared: many drawn, some on the edge."""

from __future__ import annotations

from random import Random

#: ``{group: [selected, people]}``; every group has somebody in it.
Groups = dict[str, list[int]]

#: By what makes them special; the reference is the group with the highest rate.
EDGES: dict[str, Groups] = {
    "exactly four fifths": {"a": [50, 100], "b": [40, 100]},
    "exactly four fifths of a third": {"a": [30, 90], "b": [24, 90]},
    "exactly four fifths, other sizes": {"a": [35, 49], "b": [32, 56]},
    "exactly four fifths of nine tenths": {"a": [90, 100], "b": [72, 100]},
    "one below four fifths": {"a": [5000, 10000], "b": [3999, 10000]},
    "one above four fifths": {"a": [5000, 10000], "b": [4001, 10000]},
    "nobody in one group": {"a": [50, 100], "b": [0, 40]},
    "everybody everywhere": {"a": [40, 40], "b": [50, 50], "c": [60, 60]},
    "nobody anywhere": {"a": [0, 40], "b": [0, 50]},
    "two equally high": {"a": [30, 60], "b": [20, 40], "c": [10, 40]},
    "one group alone": {"a": [12, 40]},
}


def drawn(count: int = 40) -> list[Groups]:
    """Groups drawn from a seed, of thirty people or more."""
    dice, made = Random(20261129), []
    for _ in range(count):
        groups: Groups = {}
        for name in "abcdef"[: dice.randint(2, 6)]:
            people = dice.randint(30, 400)
            groups[name] = [dice.randint(people // 3, people), people]
        made.append(groups)
    return made


def everything() -> list[Groups]:
    """The edges and then what was drawn."""
    return [*EDGES.values(), *drawn()]

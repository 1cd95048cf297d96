"""What a room hands over to have an algorithm audited. Pure: counts and sums, nobody's name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction


class Absent(StrEnum):
    """Why a part of an audit has nothing to examine."""

    NOTHING_YET = "nothing-yet"  # it has decided nothing of the kind so far
    NO_PERSONS = "no-persons"  # it decides about tables, prices or amounts, not about persons
    NO_PERSON_GIVEN = "no-person-given"  # it is given nothing about a person that could be changed
    NO_REWARD = "no-reward"  # it sets no amount
    NO_WEIGHING = "no-weighing"  # it leaves proportions as they are
    NOTHING_REFUSED = "nothing-refused"  # it sets nothing aside
    ONE_REASON = "one-reason"  # it knows one reason only
    NOT_KEPT = "not-kept"  # what it decided on is deleted once decided
    NO_OBJECTION = "no-objection"  # it decides nothing that somebody could object to alone
    NO_TEST = "no-test"  # nothing is known beforehand that it could be tested on
    NO_EARLIER = "no-earlier"  # nothing was decided in the period before that could be compared
    NO_SERIES = "no-series"  # it decides by rule, without a distribution over time


@dataclass(frozen=True)
class AuditGroup:
    """A group of one dimension: of ``people`` cases ``selected`` were decided in their favour.

    ``reward`` in sub-units for ``units`` of accepted mass (thousandths).
    """

    dimension: str
    key: str
    people: int
    selected: int
    units: int = 0
    reward: int = 0


@dataclass(frozen=True)
class Representation:
    """One dimension of one call: mass as contributed, pay as the rule weighed it, and the city.

    ``data`` in thousandths by stratum, ``paid`` in sub-units by stratum, ``population`` in persons.
    """

    call: str
    dimension: str
    asset: str
    data: Mapping[str, int]
    paid: Mapping[str, int]
    population: Mapping[str, int]


@dataclass(frozen=True)
class Trial:
    """Something that must always hold, tried ``tried`` times and broken ``broken`` times."""

    name: str
    tried: int
    broken: int


@dataclass(frozen=True)
class Share:
    """What was done to a group: of ``whole`` units ``part`` were touched; ``people`` behind them.

    ``name`` says how (withheld, duplicate, held …); units are records, cells or sub-units.
    ``people`` is None where the units are nobody's, as cells of a table.
    """

    name: str
    dimension: str
    key: str
    part: int
    whole: int
    people: int | None


@dataclass(frozen=True)
class Measure:
    """A test that the audit made itself: ``part`` of ``whole`` came out right, ``least`` needed."""

    name: str
    part: int
    whole: int
    least: Fraction


@dataclass(frozen=True)
class Drift:
    """The same distribution at an earlier and at a later time, as counts by key."""

    name: str
    before: Mapping[str, int]
    after: Mapping[str, int]


@dataclass(frozen=True)
class Appeals:
    """Objections to decisions of the algorithm, and how those that were answered ended."""

    received: int = 0
    answered: int = 0
    overturned: int = 0


@dataclass(frozen=True)
class AuditData:
    """Everything that an audit looks at; what an algorithm does not have stays empty.

    ``absent`` says why, by the name of the part in the findings.
    ``rewards``  each party's reward in no order, to measure inequality.
    ``by_group`` rewards of persons, ``{dimension: {group: (rewards, …)}}``.
    ``matched``  ``{dimension: {(group, class of quality): (reward, units)}}``.
    ``reasons``  ``{rule: people}``: how many people had a record set aside by a rule.
    """

    groups: tuple[AuditGroup, ...] = ()
    shares: tuple[Share, ...] = ()
    measures: tuple[Measure, ...] = ()
    rewards: tuple[int, ...] = ()
    by_group: Mapping[str, Mapping[str, tuple[int, ...]]] = field(default_factory=dict)
    matched: Mapping[str, Mapping[tuple[str, str], tuple[int, int]]] = field(default_factory=dict)
    reasons: Mapping[str, int] = field(default_factory=dict)
    representation: tuple[Representation, ...] = ()
    counterfactuals: tuple[Trial, ...] = ()
    replay: Trial | None = None
    conservation: tuple[Trial, ...] = ()
    drift: tuple[Drift, ...] = ()
    appeals: Appeals | None = None
    absent: Mapping[str, Absent] = field(default_factory=dict)

"""What an audit asks of the disclosure gate: whose records it withholds, and whether k is true.

The classes of a release are counted anew from the file that people download, with nothing but
dictionaries; whose record a row is, the platform alone can tell, by the key of the row ids.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final
from uuid import UUID

import numpy as np
from django.db.models import Q

from contributions.audits.groups import groups_by
from contributions.audits.released import Place, gathered_of, looked_at, owners_of, rows_of
from contributions.disclosure import Refused, Rule, examine, read_levels
from contributions.models import Release, ReleaseMember, ReleaseState
from contributions.releases.assembly import RECORD, RULES, disclosure_of
from contributions.releases.gathering import Gathered, gather_from
from contributions.releases.reach import releasable
from governance.audits.data import Absent, AuditData, Share, Trial
from governance.models import ConsentEvent, Restriction

Class = tuple[str, ...]


@dataclass(frozen=True)
class Given:
    """A release as it was given out: the class, sensitive values and party of each record."""

    release: Release
    classes: Mapping[Place, Class]
    sensitive: Mapping[Place, tuple[str, ...]]
    party: Mapping[Place, str]

    @property
    def declared(self) -> Mapping[str, Any]:  # Any: JSON
        """What was published about its disclosure control."""
        found: Mapping[str, Any] = self.release.document["disclosure"]
        return found

    def units(self, places: Iterable[Place]) -> set[object]:
        """Whom these records stand for: contributors, or the records themselves."""
        by_record = self.declared["unit"] == RECORD
        return {place if by_record else self.party[place] for place in places}

    @property
    def by_class(self) -> dict[Class, list[Place]]:
        """The records of each class."""
        found: dict[Class, list[Place]] = defaultdict(list)
        for place, own in self.classes.items():
            found[own].append(place)
        return found


def release_gate() -> AuditData:
    """Withheld records by group and stratum; k, l and differences counted anew."""
    given = [read_again(release) for release in looked_at()]
    identifying = [each for each in given if each.declared["quasi_identifiers"]]
    parties, released, withheld = _withheld([each.release for each in given])
    return AuditData(
        groups=groups_by(parties, released),
        shares=tuple(withheld),
        counterfactuals=tuple(swayed(each.release for each in identifying)),
        replay=replayed([each.release for each in identifying]),
        conservation=(
            large_enough(identifying),
            varied_enough(identifying),
            told_apart_by_nobody(identifying),
            _little_is_withheld(),
            _rows_are_members(given),
            nothing_is_left_out(each.release for each in given),
        ),
        absent={
            "measures": Absent.NO_TEST,
            "inequality": Absent.NO_REWARD,
            "reasons": Absent.ONE_REASON,
            "representation": Absent.NO_WEIGHING,
            "drift": Absent.NO_SERIES,
            "appeals": Absent.NO_OBJECTION,
        },
    )


def read_again(release: Release) -> Given:
    """A release by its own file; rows that are nobody's are left to ``_rows_are_members``."""
    declared = release.document["disclosure"]
    owners = owners_of(release)
    classes: dict[Place, Class] = {}
    sensitive: dict[Place, tuple[str, ...]] = {}
    party: dict[Place, str] = {}
    for row in rows_of(release):
        found = owners.get(next(iter(row.values())))
        if found is None:
            continue
        place, party[found[0]] = found
        classes[place] = tuple(row[name] for name in declared["quasi_identifiers"])
        sensitive[place] = tuple(row[name] for name in declared["sensitive"])
    return Given(release, classes, sensitive, party)


def large_enough(given: Sequence[Given]) -> Trial:
    """Every class stands for at least as many contributors (or records) as was promised."""
    tried = broken = 0
    for each in given:
        for places in each.by_class.values():
            tried += 1
            broken += len(each.units(places)) < each.declared["k"]
    return Trial("classes-are-large-enough", tried, broken)


def varied_enough(given: Sequence[Given]) -> Trial:
    """Every class has enough different values of each sensitive column."""
    tried = broken = 0
    for each in given:
        for place in range(len(each.declared["sensitive"])):
            for places in each.by_class.values():
                tried += 1
                values = {each.sensitive[at][place] for at in places}
                broken += len(values) < each.declared["l"]
    return Trial("sensitive-values-vary", tried, broken)


def told_apart_by_nobody(given: Sequence[Given]) -> Trial:
    """No two releases tell of fewer than k by subtracting one from the other, class by class."""
    tried = broken = 0
    for later in given:
        for earlier in given:
            comparable = (
                earlier.release.call_id == later.release.call_id
                and (earlier.release.ended_at, earlier.release.id)
                < (later.release.ended_at, later.release.id)
                and earlier.declared["depths"] == later.declared["depths"]
                and earlier.declared["quasi_identifiers"] == later.declared["quasi_identifiers"]
            )
            if not comparable:
                continue
            k = later.declared["k"]
            for own, places in later.by_class.items():
                before = earlier.by_class.get(own, [])
                came = later.units(set(places) - set(before))
                gone = set(before) - set(places)
                left = earlier.units(before) - earlier.units(set(before) & set(places))
                tried += 1
                broken += bool(0 < len(came) < k or (gone and len(left) < k))
    return Trial("no-two-releases-tell-of-few", tried, broken)


def _little_is_withheld() -> Trial:
    """Of no release more than the allowed share of its records was withheld."""
    tried = broken = 0
    for release in Release.objects.filter(state__in=_GIVEN_OUT):
        found = release.document["disclosure"]
        lost = found["suppressed"] + found["held_back"]
        tried += 1
        broken += Fraction(lost, release.records + lost) > RULES[release.kind].limit
    return Trial("little-is-withheld", tried, broken)


_GIVEN_OUT: Final = (ReleaseState.PUBLISHED, ReleaseState.SUPERSEDED)


def _rows_are_members(given: Sequence[Given]) -> Trial:
    """The file holds just the records that the release is stated to hold."""
    broken = sum(
        len(each.classes) != each.release.records
        or len(rows_of(each.release)) != each.release.records
        for each in given
    )
    return Trial("file-holds-its-records", len(given), broken)


def nothing_is_left_out(releases: Iterable[Release]) -> Trial:
    """Every record that could go went, or is among those that the release says it withheld.

    Of contributions about which nothing changed since the release was asked for: others may have
    come or gone for reasons of their own.
    """
    tried = broken = 0
    for release in releases:
        if release.patch_of_id is not None:
            continue
        since = release.requested_at
        decided = ConsentEvent.objects.filter(
            consent__notice__scope=release.call.slug, decided_at__gte=since
        )
        restricted = Restriction.objects.filter(Q(lifted_at=None) | Q(lifted_at__gte=since))
        settled = (
            releasable(release)
            .filter(accepted_at__lt=since, outcome__created_at__lt=since)
            .exclude(party__in=decided.values("consent__party"))
            .exclude(party__in=restricted.values("party"))
        )
        there = dict(settled.values_list("id", "accepted"))
        members = ReleaseMember.objects.filter(release=release, contribution__in=list(there))
        went = sum(len(rows) for rows in members.values_list("rows", flat=True))
        told = release.document["disclosure"]
        tried += 1
        broken += sum(there.values()) - went > told["suppressed"] + told["held_back"]
    return Trial("nothing-is-left-out-unsaid", tried, broken)


class Tried:
    """The gate as it stood before a release: what was usable then, as far as it still is."""

    def __init__(self, release: Release) -> None:
        self.release = release
        usable = releasable(release).filter(
            accepted_at__lte=release.ended_at, records__purged_at=None, outcome__purged_at=None
        )
        self.gathered: Gathered = gather_from(release.call_version, usable)
        told = release.document["disclosure"]
        self.records = release.records + told["suppressed"] + told["held_back"]
        self.declared = disclosure_of(release.call_version.document)

    @property
    def whole(self) -> bool:
        """Whether everything it was built from is still there, and no other release before it."""
        earlier = Release.objects.filter(
            call_id=self.release.call_id, state__in=_GIVEN_OUT, ended_at__lt=self.release.ended_at
        ).exclude(classes=[])
        alone = self.release.patch_of_id is None and not earlier.exists()
        return alone and len(self.gathered.row) == self.records

    def kept(self, order: Sequence[int], rule: Rule | None = None) -> set[tuple[int, int]] | None:
        """Which records the gate lets go, as (contribution, row), given them in this order."""
        found = self.gathered.only(np.ones(len(self.gathered.row), np.bool_))
        at = list(order)
        owners = found.owners
        numbers = {
            party: number for number, party in enumerate(dict.fromkeys(owners[i] for i in at))
        }
        by_record = self.declared.get("unit") == RECORD
        columns = {
            name: found.table.column(name).to_pylist()
            for name in (*self.declared.get("quasi_identifiers", ()),
                         *self.declared.get("sensitive", ()))
        }  # fmt: skip
        try:
            verdict = examine(
                {name: [columns[name][i] for i in at]
                 for name in self.declared.get("quasi_identifiers", ())},
                sensitive=[[columns[name][i] for i in at]
                           for name in self.declared.get("sensitive", ())],
                units=at if by_record else [numbers[owners[i]] for i in at],
                levels={name: read_levels(steps)
                        for name, steps in (self.declared.get("hierarchies") or {}).items()},
                rule=rule or RULES[self.release.kind],
            )  # fmt: skip
        except Refused:
            return None
        return {
            (int(found.source[i]), int(found.row[i]))
            for i, kept in zip(at, verdict.kept.tolist(), strict=True)
            if kept
        }


def replayed(releases: Iterable[Release]) -> Trial:
    """From what it was built of, the gate lets the same records go again."""
    tried = broken = 0
    for release in releases:
        gate = Tried(release)
        if not gate.whole:
            continue
        given = gathered_of(release)
        stated = {
            (given.contributions[s].receipt, int(r))
            for s, r in zip(given.source.tolist(), given.row.tolist(), strict=True)
        }
        kept = gate.kept(range(gate.records)) or set()
        tried += 1
        broken += {(gate.gathered.contributions[s].receipt, r) for s, r in kept} != stated
    return Trial("gate-decides-again", tried, broken)


def swayed(releases: Iterable[Release]) -> list[Trial]:
    """Which records go does not depend on their order, nor on who is counted first."""
    tried = broken = 0
    for release in releases:
        gate = Tried(release)
        if gate.whole:
            tried += 1
            forth, back = range(gate.records), range(gate.records - 1, -1, -1)
            broken += gate.kept(forth) != gate.kept(back)
    return [Trial("record-order-of-gate", tried, broken)]


def _withheld(releases: Sequence[Release]) -> tuple[set[UUID], set[UUID], list[Share]]:
    """Who could be in a release, who is, and the share of records withheld by stratum."""
    parties: set[UUID] = set()
    released: set[UUID] = set()
    shares: list[Share] = []
    for release in releases:
        gate = Tried(release)
        given = gathered_of(release)
        parties |= set(gate.gathered.owners)
        released |= set(given.owners)
        for dimension in gate.gathered.strata:
            shares += _by_stratum(release, dimension, gate.gathered, given)
    return parties, released, shares


def _by_stratum(release: Release, dimension: str, usable: Gathered, given: Gathered) -> list[Share]:
    there: dict[str, int] = defaultdict(int)
    people: dict[str, set[UUID]] = defaultdict(set)
    went: dict[str, int] = defaultdict(int)
    for key, party in zip(usable.strata[dimension], usable.owners, strict=True):
        if key is not None:
            there[key] += 1
            people[key].add(party)
    for key in given.strata[dimension]:
        if key is not None:
            went[key] += 1
    name = f"withheld:{release.call.slug}:{release.kind}:{release.version}"
    return [
        Share(name, dimension, key, max(0, count - went[key]), count, len(people[key]))
        for key, count in sorted(there.items())
    ]

"""What an audit asks of strata and weights: who falls through, and whether they follow again.

Masses are summed once more, record by record, with nothing but Python; weights are raked once more
from the records of a release and compared with what was published.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime
from math import isclose
from typing import Any, Final
from uuid import UUID

import numpy as np
from django.db.models import Sum

from contributions.audits.groups import groups_by, shares_by, windows
from contributions.audits.kept import newest_kept
from contributions.audits.released import gathered_of, looked_at, rows_of
from contributions.models import Call, Contribution, Release, State, StratumMass
from contributions.pipeline.quality import ACCEPTED, MASS, VERDICT
from contributions.pipeline.representativeness import CONTRIBUTOR
from contributions.pipeline.tables import from_parquet
from contributions.releases.weights import DIGITS, weigh
from contributions.selectors.calls import references_of
from contributions.selectors.cells import joint_population, joint_reference
from contributions.totals import totals_check
from governance.audits.data import Absent, AuditData, Drift, Representation, Share, Trial

UNITS: Final = 10**DIGITS


def strata_and_weights() -> AuditData:
    """Records in no stratum, by group and dimension; masses, sums and weights worked out again."""
    usable = Contribution.objects.filter(state=State.ACCEPTED, test=False, accepted__gt=0)
    stratified = [each for each in usable.values_list("id", "party_id", "unmapped") if each[2]]
    parties = {party for _id, party, _unmapped in stratified}
    placed = set(
        StratumMass.objects.filter(contribution__in=[each[0] for each in stratified])
        .values_list("contribution__party_id", flat=True)
        .distinct()
    )
    releases = list(_releases())
    earlier, later = (_masses(*window) for window in windows())
    return AuditData(
        groups=groups_by(parties, placed),
        shares=(*shares_by("unmapped", _unmapped_by_party()), *_unmapped_by_dimension()),
        representation=tuple(_representation(releases)),
        counterfactuals=(_order_of_weights(releases),),
        replay=_masses_again(),
        conservation=(_weights_again(releases), _totals()),
        drift=tuple(_drift(earlier, later)),
        absent={
            "measures": Absent.NO_TEST,
            "inequality": Absent.NO_REWARD,
            "reasons": Absent.ONE_REASON,
            "drift": Absent.NO_EARLIER if later else Absent.NOTHING_YET,
            "appeals": Absent.NO_OBJECTION,
        },
    )


def _accepted() -> list[tuple[UUID, str, int, dict[str, int]]]:
    """Party, call, accepted records and unmapped ones by dimension, of every contribution."""
    rows = Contribution.objects.filter(state=State.ACCEPTED, test=False, accepted__gt=0)
    return list(rows.values_list("party_id", "call__slug", "accepted", "unmapped").order_by("id"))


def _unmapped_by_party() -> dict[UUID, tuple[int, int]]:
    """A record counts once for each dimension in which it could have a stratum."""
    sums: dict[UUID, list[int]] = defaultdict(lambda: [0, 0])
    for party, _call, accepted, unmapped in _accepted():
        sums[party][0] += sum(unmapped.values())
        sums[party][1] += accepted * len(unmapped)
    return {party: (part, whole) for party, (part, whole) in sums.items() if whole}


def _unmapped_by_dimension() -> list[Share]:
    sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    people: dict[tuple[str, str], set[UUID]] = defaultdict(set)
    for party, call, accepted, unmapped in _accepted():
        for dimension, count in unmapped.items():
            sums[call, dimension][0] += count
            sums[call, dimension][1] += accepted
            people[call, dimension].add(party)
    return [
        Share("unmapped", f"call:{call}", dimension, part, whole, len(people[call, dimension]))
        for (call, dimension), (part, whole) in sorted(sums.items())
    ]


def _masses_again() -> Trial:
    """The stored masses are the sums over the records, each placed by the call's own words."""
    tried = broken = 0
    for each in newest_kept():
        for part in each.call_version.document["strata"]:
            # What somebody's verified attributes were then is not kept.
            if part["column"].startswith(CONTRIBUTOR):
                continue
            tried += 1
            broken += masses_of(each, part) != _stored(each, part["dimension"])
    return Trial("masses-follow-again", tried, broken)


def _stored(contribution: Contribution, dimension: str) -> tuple[dict[str, int], int]:
    masses = StratumMass.objects.filter(contribution=contribution, dimension=dimension)
    found = {key: mass for key, mass in masses.values_list("key", "mass") if mass}
    return found, contribution.unmapped.get(dimension, 0)


def masses_of(
    contribution: Contribution,
    part: Mapping[str, Any],  # Any: one of the call's strata
) -> tuple[dict[str, int], int]:
    """Mass by stratum in thousandths, and records in none, summed record by record."""
    references = references_of(contribution.call_version)
    people = references[part["reference"]].dimensions[part["dimension"]]
    outcome = from_parquet(contribution.outcome).select([VERDICT, MASS]).to_pydict()
    values = from_parquet(contribution.records).column(part["column"]).to_pylist()
    translated = part.get("map") or {}
    sums, outside = Counter[str](), 0
    for value, verdict, mass in zip(values, outcome[VERDICT], outcome[MASS], strict=True):
        if verdict != ACCEPTED:
            continue
        text = None if value is None else str(value).strip()
        key = translated.get(text, text)
        if key in people:
            sums[str(key)] += mass
        else:
            outside += 1
    return {key: mass for key, mass in sums.items() if mass}, outside


def _totals() -> Trial:
    """The running sums of all calls are the sums over all contributions."""
    found = totals_check()
    calls = Call.objects.filter(published__isnull=False).count()
    return Trial("totals-follow-again", calls, int(not found["ok"]))


class Weighed:
    """A release whose records are all still there, with the strata and masses behind its rows."""

    def __init__(self, release: Release) -> None:
        version = release.call_version
        gathered = gathered_of(release)
        references = references_of(version)
        self.release = release
        self.strata = gathered.strata
        self.mass = gathered.mass
        self.whole = len(gathered.mass) == release.records
        self.people: dict[str, dict[str, int]] = {
            part["dimension"]: references[part["reference"]].dimensions[part["dimension"]]
            for part in version.document["strata"]
        }
        counted = joint_reference(version, references)
        self.together = joint_population(counted, tuple(self.people)) if counted else None

    def weights(self, *, backwards: bool = False) -> tuple[list[int | None], dict[str, Any]]:
        """Weights in units of the last published digit by row, and the document about them."""
        step = -1 if backwards else 1
        strata = {name: keys[::step] for name, keys in self.strata.items()}
        found = weigh(strata, self.mass[::step], self.people, self.together)
        units = [None if np.isnan(w) else round(float(w) * UNITS) for w in found.weights]
        return units[::step], found.document


def _releases() -> Iterator[Weighed]:
    for release in looked_at():
        weighed = Weighed(release)
        if weighed.whole and weighed.people:
            yield weighed


def _weights_again(releases: list[Weighed]) -> Trial:
    """The weights in the file and what is said about them follow from the released records."""
    broken = 0
    for each in releases:
        units, document = each.weights()
        own, told = sorted(units, key=_last), published(each.release)
        alike = len(own) == len(told) and all(map(_close, own, told))
        broken += not (alike and _agrees(document, each.release.document["weights"]))
    return Trial("weights-follow-again", len(releases), broken)


def _close(one: int | None, two: int | None) -> bool:
    """Equal but for the last digit: sums of binary fractions depend on their order there."""
    return (one is None) == (two is None) and abs((one or 0) - (two or 0)) <= 1


def _agrees(one: Mapping[str, Any], two: Mapping[str, Any]) -> bool:  # Any: JSON
    """Whether two documents about weights say the same, numbers to six digits."""
    if one.keys() != two.keys():
        return False
    # How far the last sweep was from the margins is all rounding.
    return all(_same(one[name], two[name]) for name in one if name != "residual")


def _same(one: object, two: object) -> bool:
    try:
        return isclose(float(str(one)), float(str(two)), rel_tol=1e-6)
    except ValueError:
        return one == two


def _last(unit: int | None) -> tuple[bool, int]:
    return unit is None, unit or 0


def published(release: Release) -> list[int | None]:
    """The weights in the release's file, in order of size, none last."""
    texts = [list(row.values())[-1] for row in rows_of(release)]
    return sorted((round(float(text) * UNITS) if text else None for text in texts), key=_last)


def _order_of_weights(releases: list[Weighed]) -> Trial:
    """The same records in another order have the same weights."""
    broken = 0
    for each in releases:
        usual, _ = each.weights()
        other, _ = each.weights(backwards=True)
        broken += not all(map(_close, usual, other))
    return Trial("record-order-of-weights", len(releases), broken)


def _representation(releases: list[Weighed]) -> Iterator[Representation]:
    """The mass of each release by stratum before, and its weights after, beside the city."""
    for each in releases:
        units, _document = each.weights()
        if not any(units):
            continue
        for name, people in each.people.items():
            before, after = Counter[str](), Counter[str]()
            for key, mass, unit in zip(each.strata[name], each.mass.tolist(), units, strict=True):
                if key is not None:
                    before[key] += mass
                    after[key] += unit or 0
            release = each.release
            yield Representation(
                release.call.slug, name, f"{release.kind} {release.version}", before, after, people
            )


def _drift(
    earlier: Mapping[str, Mapping[str, int]], later: Mapping[str, Mapping[str, int]]
) -> Iterator[Drift]:
    """What came to each stratum in the last days, beside the days before."""
    for name in sorted(earlier.keys() & later.keys()):
        yield Drift(name, earlier[name], later[name])


def _masses(start: datetime, end: datetime) -> dict[str, dict[str, int]]:
    rows = (
        StratumMass.objects.filter(
            contribution__state=State.ACCEPTED,
            contribution__test=False,
            contribution__accepted_at__gte=start,
            contribution__accepted_at__lt=end,
        )
        .values_list("contribution__call__slug", "dimension", "key")
        .annotate(total=Sum("mass"))
        .order_by()
    )
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for slug, dimension, key, total in rows:
        found[f"{slug}.{dimension}"][key] = int(total)
    return found

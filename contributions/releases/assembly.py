"""What a release will hold: records that pass the disclosure gate, their weights, their files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from contributions.disclosure import (
    LICENSED,
    OPEN,
    ClassCount,
    Disclosure,
    Earlier,
    Refused,
    Rule,
    examine,
    read_levels,
)
from contributions.models import Contribution, Release, ReleaseKind, ReleaseMember
from contributions.models.releases import GIVEN_OUT
from contributions.releases import files
from contributions.releases.gathering import Gathered, gather_from
from contributions.releases.reach import releasable
from contributions.releases.row_ids import row_ids, salt
from contributions.releases.weights import DIGITS, weigh
from contributions.selectors.calls import references_of
from contributions.selectors.cells import joint_population, joint_reference
from dure.core.clock import CITY_ZONE

RULES: Mapping[str, Rule] = {ReleaseKind.OPEN: OPEN, ReleaseKind.LICENSED: LICENSED}
RECORD, CONTRIBUTOR = "record", "contributor"
Document = dict[str, Any]  # Any: JSON


class CannotRelease(Exception):
    """`rule`: nothing-to-release, or disclosure with counts of what would be suppressed."""

    def __init__(self, rule: str, **params: int) -> None:
        super().__init__(rule)
        self.rule = rule
        self.params = params


@dataclass(frozen=True)
class Assembled:
    """Everything of a release but its number and time. `members`: contribution, rows, mass."""

    records: int
    contributors: int
    files: dict[str, bytes]
    fields: list[Document]
    sources: list[Document]
    measures: Document
    classes: list[Any]  # Any: JSON
    members: list[tuple[Contribution, npt.NDArray[np.int64], int]]


def assemble(release: Release) -> Assembled:
    """Gather, examine, weigh and write out; raises CannotRelease."""
    version = release.call_version
    gathered = _gathered(release)
    if not gathered.table.num_rows:
        raise CannotRelease("nothing-to-release")
    found = _examine(release, gathered)
    kept = np.nonzero(found.kept)[0]
    references = references_of(version)
    parts = version.document["strata"]
    people = {
        part["dimension"]: references[part["reference"]].dimensions[part["dimension"]]
        for part in parts
    }
    strata = {name: [keys[at] for at in kept] for name, keys in gathered.strata.items()}
    counted = joint_reference(version, references)
    together = joint_population(counted, tuple(people)) if counted else None
    weighed = weigh(strata, gathered.mass[kept], people, together)
    ids = _row_ids(release, gathered, kept)
    written, fields = _write(version.document, gathered, found, kept, ids, weighed.weights)
    members = _members(gathered, kept)
    measures: Document = {
        "purpose": release.purpose,
        "kind": release.kind,
        **({"recipient": release.recipient} if release.recipient else {}),
        **(
            {"patch_of": {"release": str(release.patch_of.id), "version": release.patch_of.version}}
            if release.patch_of
            else {}
        ),
        "call": {"slug": release.call.slug, "version": version.number, "sha256": version.sha256},
        "disclosure": _disclosure_document(release, found),
        "weights": weighed.document,
        "references": [
            {"dimension": part["dimension"], "reference": part["reference"]} for part in parts
        ],
    }
    return Assembled(
        records=len(kept),
        contributors=len({contribution.party_id for contribution, _rows, _mass in members}),
        files=written,
        fields=fields,
        sources=[
            {"title": f"{references[key].key}: {references[key].source}"}
            for key in dict.fromkeys(part["reference"] for part in parts)
        ],
        measures=measures,
        classes=[[list(key), count.records, count.units] for key, count in found.classes.items()],
        members=members,
    )


def _gathered(release: Release) -> Gathered:
    """What may be used now; of a patch, no more than its release held."""
    usable = releasable(release)
    if release.patch_of is None:
        return gather_from(release.call_version, usable)
    whole = release.patch_of
    gathered = gather_from(release.call_version, usable.filter(releases__release=whole))
    return gathered.only(_present(whole, gathered))


def disclosure_of(document: Mapping[str, Any]) -> Mapping[str, Any]:  # Any: JSON
    """What a call says of identifying columns; empty where it names none."""
    declared: Mapping[str, Any] = document.get("disclosure") or {}
    return declared


def _examine(release: Release, gathered: Gathered) -> Disclosure:
    declared = disclosure_of(release.call_version.document)
    quasi = {
        name: gathered.table.column(name).to_pylist()
        for name in declared.get("quasi_identifiers", [])
    }
    levels = {
        name: read_levels(steps) for name, steps in (declared.get("hierarchies") or {}).items()
    }
    by_record = declared.get("unit") == RECORD
    numbers = {party: number for number, party in enumerate(dict.fromkeys(gathered.owners))}
    units = (
        list(range(gathered.table.num_rows))
        if by_record
        else [numbers[party] for party in gathered.owners]
    )
    try:
        return examine(
            quasi,
            sensitive=[
                gathered.table.column(name).to_pylist() for name in declared.get("sensitive", [])
            ],
            units=units,
            levels=levels,
            rule=RULES[release.kind],
            earlier=_earlier(release, gathered) if quasi else [],
        )
    except Refused as refusal:
        raise CannotRelease(
            "disclosure", suppressed=refusal.suppressed, records=refusal.records
        ) from None


def _earlier(release: Release, gathered: Gathered) -> list[Earlier]:
    """Releases of the same declaration that somebody may hold, for any purpose and kind."""
    declared = disclosure_of(release.call_version.document)
    given_out = (
        Release.objects.filter(call_id=release.call_id, state__in=GIVEN_OUT)
        .exclude(classes=[])
        .select_related("call_version")
    )
    return [
        Earlier(
            tuple(each.document["disclosure"]["depths"]),
            {tuple(key): ClassCount(records, units) for key, records, units in each.classes},
            _present(each, gathered),
        )
        for each in given_out
        if disclosure_of(each.call_version.document) == declared
    ]


def _present(earlier: Release, gathered: Gathered) -> npt.NDArray[np.bool_]:
    present = np.zeros(len(gathered.row), np.bool_)
    rows_of = dict(
        ReleaseMember.objects.filter(release=earlier).values_list("contribution_id", "rows")
    )
    for place, contribution in enumerate(gathered.contributions):
        rows = rows_of.get(contribution.id)
        if rows:
            mine = gathered.source == place
            present[mine] = np.isin(gathered.row[mine], rows)
    return present


def _disclosure_document(release: Release, found: Disclosure) -> Document:
    declared = disclosure_of(release.call_version.document)
    rule = RULES[release.kind]
    return {
        "k": rule.k,
        "l": rule.l,
        "unit": declared.get("unit", CONTRIBUTOR),
        "quasi_identifiers": list(found.columns),
        "sensitive": list(declared.get("sensitive", [])),
        "depths": list(found.depths),
        "smallest_class": found.smallest,
        "suppressed": found.suppressed,
        "held_back": found.held_back,
    }


def _row_ids(
    release: Release, gathered: Gathered, kept: npt.NDArray[np.int64]
) -> npt.NDArray[np.str_]:
    key = salt(release.id)
    ids = np.empty(len(kept), dtype="U24")
    source = gathered.source[kept]
    for place, contribution in enumerate(gathered.contributions):
        mine = np.nonzero(source == place)[0]
        ids[mine] = row_ids(key, contribution.id, gathered.row[kept[mine]])
    return ids


def _write(
    document: Mapping[str, Any],  # Any: the call document
    gathered: Gathered,
    found: Disclosure,
    kept: npt.NDArray[np.int64],
    ids: npt.NDArray[np.str_],
    weights: npt.NDArray[np.float64],
) -> tuple[dict[str, bytes], list[Document]]:
    """The files by name, and the fields of their table."""
    order = np.argsort(ids)
    texts = gathered.table
    for name, values in found.columns.items():
        place = texts.column_names.index(name)
        texts = texts.set_column(place, name, pa.array(values, pa.string()))
    texts = texts.take(pa.array(kept[order]))
    coarse = {name for name, depth in zip(found.columns, found.depths, strict=True) if depth}
    fields = [
        files.released_field(field, generalised=field["name"] in coarse)
        for field in document["schema"]["fields"]
    ]
    texts, fields = files.with_iso_times(texts, fields, CITY_ZONE)
    id_name, weight_name = files.own_names(texts.column_names)
    first, last = pa.array(ids[order]), weights[order]
    numbers = pa.array(last, mask=np.isnan(last))
    shown = pa.array([None if np.isnan(w) else f"{w:.{DIGITS}f}" for w in last], pa.string())
    typed = files.typed(texts, fields)
    whole = typed.add_column(0, id_name, first).append_column(weight_name, numbers)
    plain = texts.add_column(0, id_name, first).append_column(weight_name, shown)
    written = {"data.csv": files.as_csv(plain), "data.parquet": files.as_parquet(whole)}
    position = files.places(fields)
    if position is not None:
        written["data.geojson"] = files.as_geojson(whole, position)
    return written, [
        {"name": id_name, "type": "string", "constraints": {"required": True}},
        *fields,
        {"name": weight_name, "type": "number"},
    ]


def _members(
    gathered: Gathered, kept: npt.NDArray[np.int64]
) -> list[tuple[Contribution, npt.NDArray[np.int64], int]]:
    source, rows, mass = gathered.source[kept], gathered.row[kept], gathered.mass[kept]
    members = []
    for place, contribution in enumerate(gathered.contributions):
        mine = source == place
        if mine.any():
            members.append((contribution, rows[mine], int(mass[mine].sum())))
    return members

"""What stands in releases that were given out, read again from the stored records and files."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Final

import numpy as np

from contributions.models import Contribution, Release, ReleaseMember, ReleaseState, State
from contributions.releases.gathering import Gathered, gather_from
from contributions.releases.row_ids import row_ids, salt
from dure.core.blobs import read

#: The newest releases that are worked out again, of at most so many rows.
LOOKED_AT: Final = 5
ROWS_MOST: Final = 20_000
#: Whose record it is, and which: a number of the contribution's party and the record itself.
Place = tuple[str, int]


def looked_at() -> Iterator[Release]:
    """The newest releases that are up."""
    newest = Release.objects.filter(
        state=ReleaseState.PUBLISHED, records__lte=ROWS_MOST
    ).select_related("call", "call_version", "patch_of")
    yield from newest.order_by("-ended_at", "id")[:LOOKED_AT]


def gathered_of(release: Release) -> Gathered:
    """The records of a release in the order in which they were gathered for it.

    Fewer than it states where somebody has withdrawn since.
    """
    still = Contribution.objects.filter(
        releases__release=release,
        state=State.ACCEPTED,
        records__isnull=False,
        outcome__isnull=False,
        records__purged_at=None,
        outcome__purged_at=None,
    )
    gathered = gather_from(release.call_version, still)
    rows_of = dict(
        ReleaseMember.objects.filter(release=release).values_list("contribution_id", "rows")
    )
    wanted = np.zeros(len(gathered.row), np.bool_)
    for place, contribution in enumerate(gathered.contributions):
        mine = gathered.source == place
        wanted[mine] = np.isin(gathered.row[mine], rows_of[contribution.id])
    return gathered.only(wanted)


def rows_of(release: Release) -> list[dict[str, str]]:
    """The released file as anybody reads it: id first, weight last."""
    text = read(release.files.get(name="data.csv").blob).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def owners_of(release: Release) -> dict[str, tuple[Place, str]]:
    """By the id of a released row: the record that it is (contribution, row) and its party."""
    key = salt(release.id)
    found: dict[str, tuple[Place, str]] = {}
    for member in ReleaseMember.objects.filter(release=release).select_related("contribution"):
        ids = row_ids(key, member.contribution_id, member.rows)
        for row, name in zip(member.rows, ids, strict=True):
            place = (str(member.contribution_id), int(row))
            found[name] = (place, str(member.contribution.party_id))
    return found

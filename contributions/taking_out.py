"""What somebody contributed, as files to take along: the records themselves, and photos."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import TypeGuard
from uuid import UUID

from contributions.models import Contribution, Draft, Photo
from contributions.pipeline.tables import ROW, from_parquet
from contributions.selectors import contributions_of
from dure.core import blobs
from dure.core.cells import neutralise
from dure.core.models import Blob

#: A file to take out is made in memory: so many bytes of records go into one.
RECORDS_BYTES_MAX = 256 * 1024 * 1024
BATCH = 10_000
_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,8}\Z", re.ASCII)


def record_files(party_id: UUID) -> dict[str, bytes]:
    """The records of each contribution as the city keeps them, as CSV; newest first until full.

    What was sent and is not read yet, or waits to be corrected, stands as it was sent, drafts too.
    Whatever did not fit is named in ``records/left_out.json`` by its receipt number.
    """
    found: dict[str, bytes] = {}
    left_out: list[str] = []
    room = RECORDS_BYTES_MAX
    for contribution in contributions_of([party_id]).select_related("records", "source"):
        for path, data in _of(contribution, room):
            if len(data) > room:
                left_out.append(contribution.receipt)
                continue
            found[path] = data
            room -= len(data)
    for draft in Draft.objects.filter(party_id=party_id, discarded_at=None).select_related("blob"):
        if _is_kept(draft.blob):
            found[f"drafts/{draft.id}{_suffix(draft.filename)}"] = blobs.read(draft.blob)
    if left_out:
        found["records/left_out.json"] = json.dumps(left_out, indent=2).encode()
    return found


def photo_files(party_id: UUID) -> dict[str, bytes]:
    """The photos of a party, without the metadata that they came with."""
    photos = Photo.objects.filter(contribution__party_id=party_id, blob__purged_at=None)
    return {
        f"photos/{photo.contribution.receipt}-{photo.id}.{photo.format}": blobs.read(photo.blob)
        for photo in photos.select_related("contribution", "blob")
    }


def _of(contribution: Contribution, room: int) -> list[tuple[str, bytes]]:
    """The file of one contribution; none where nothing is kept of it any more."""
    if _is_kept(contribution.records):
        return [(f"records/{contribution.receipt}.csv", _as_csv(contribution, room))]
    if _is_kept(contribution.source):
        path = f"sent/{contribution.receipt}{_suffix(contribution.filename)}"
        return [(path, blobs.read(contribution.source))]
    return []


def _is_kept(blob: Blob | None) -> TypeGuard[Blob]:
    return blob is not None and blob.purged_at is None


def _as_csv(contribution: Contribution, room: int) -> bytes:
    """Rows with their numbers in the file as sent; cells as they passed the privacy gate.

    It stops a little beyond ``room`` bytes: what is that long is left out anyway.
    """
    fields = contribution.call_version.document["schema"]["fields"]
    table = from_parquet(contribution.records)
    names = [field["name"] for field in fields if field["name"] in table.column_names]
    sink = io.StringIO(newline="")
    sink.write("\ufeff")
    writer = csv.writer(sink, lineterminator="\r\n")
    writer.writerow([ROW, *names])
    for batch in table.select([ROW, *names]).to_batches(BATCH):
        columns = [batch.column(place).to_pylist() for place in range(batch.num_columns)]
        writer.writerows(
            [number, *(neutralise("" if cell is None else str(cell)) for cell in cells)]
            for number, *cells in zip(*columns, strict=True)
        )
        if sink.tell() > room:
            break
    return sink.getvalue().encode()


def _suffix(filename: str) -> str:
    """The end of a name that somebody chose, where it is harmless."""
    found = _SUFFIX.search(filename)
    return found.group().lower() if found else ""

"""When a record was measured: texts of a date or time become hours of the city's week.

A time without an offset is the city's own, as people write it; one with an offset (`Z`, `+09:00`)
is turned into the city's time first, so that both of `2026-11-22T23:30Z` and `2026-11-23 08:30`
are Monday eight to nine in Seoul.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, tzinfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from contributions.representativeness.time import DAYS, HOURS, hour_cell
from contributions.schema.document import Field
from contributions.schema.parsing import matches, parse

OFFSET = r"[0-9]{2}:?[0-9]{2}.*(Z|[+-][0-9]{2}:?[0-9]{2})$"
#: 1970-01-01, where the count of days begins, was a Thursday.
_THURSDAY = 3
_HOUR_CELLS = [hour_cell(day, hour) for day in range(DAYS) for hour in range(HOURS)]
_DAY_CELLS = [hour_cell(day, None) for day in range(DAYS)]


def time_field(fields: Sequence[Mapping[str, object]]) -> Field | None:
    """The column that says when: the first `datetime`, else the first `date`, else None."""
    for kind in ("datetime", "date"):
        for field in fields:
            if field.get("type") == kind:
                return field
    return None


def week_cells(text: pa.Array, field: Field, zone: tzinfo) -> pa.Array:
    """The `hour_cell` of each text in the city's time; null where there is no moment.

    `text`: trimmed strings, null where missing; a `date` has a weekday and no hour.
    """
    encoded = text.dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    distinct = encoded.dictionary
    if not len(distinct):
        return pa.nulls(len(text), pa.string())
    moments = city_moments(distinct, field, zone)
    lost = np.isnat(moments)
    if field.get("type") == "date":
        days = moments.astype("datetime64[D]").astype(np.int64)
        places, names = (days + _THURSDAY) % DAYS, _DAY_CELLS
    else:
        whole = moments.astype("datetime64[h]").astype(np.int64)
        days, hour = whole // HOURS, whole % HOURS
        places, names = (days + _THURSDAY) % DAYS * HOURS + hour, _HOUR_CELLS
    cells = [None if gone else names[at] for gone, at in zip(lost, places, strict=True)]
    return pa.array(cells, pa.string()).take(encoded.indices)


def city_moments(distinct: pa.Array, field: Field, zone: tzinfo) -> npt.NDArray[np.datetime64]:
    """Each text as datetime64[ns] on the city's clock, NaT where it is none.

    `distinct`: trimmed strings of a `date` or `datetime` field.
    """
    moments = parse(distinct, field).values.astype("datetime64[ns]")
    if field.get("type") == "date":
        return moments
    foreign = matches(distinct, OFFSET) | ("%z" in str(field.get("format", "")))
    foreign &= ~np.isnat(moments)
    moments[foreign] += _offsets(moments[foreign], zone)
    return moments


def _offsets(moments: npt.NDArray[np.datetime64], zone: tzinfo) -> npt.NDArray[np.timedelta64]:
    """What the zone adds to each moment (UTC), in minutes; asked once an hour."""
    hours, places = np.unique(moments.astype("datetime64[h]"), return_inverse=True)
    added = [
        each.replace(tzinfo=UTC).astimezone(zone).utcoffset()
        for each in hours.astype("datetime64[s]").tolist()
    ]
    minutes = [int(each.total_seconds()) // 60 if each else 0 for each in added]
    return np.array(minutes, dtype="timedelta64[m]")[places]

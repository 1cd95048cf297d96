"""The files of a release: Parquet for machines, CSV for people, GeoJSON where there is a place.

Pure: texts and weights in, bytes out. Rows are in the order of their random-looking id, so that the
order of contributions does not show.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from contributions.representativeness.moments import city_moments
from contributions.schema.document import Field
from contributions.schema.parsing import parse, present
from dure.core.cells import neutralise

ROW_ID, WEIGHT = "row_id", "weight"
LATITUDES = ("위도", "lat", "latitude", "y좌표(위도)")
LONGITUDES = ("경도", "lon", "lng", "longitude", "x좌표(경도)")


def own_names(taken: Sequence[str]) -> tuple[str, str]:
    """Names for the id and the weight that no column of the data has already."""
    names = []
    for wanted in (ROW_ID, WEIGHT):
        name = wanted
        while name in taken:
            name = f"dure_{name}"
        names.append(name)
    return names[0], names[1]


def with_iso_times(
    texts: pa.Table, fields: Sequence[Field], zone: tzinfo
) -> tuple[pa.Table, list[dict[str, Any]]]:
    """Dates and times in one form, ISO 8601 on the city's clock, and the fields that say so.

    What people sent is of many forms; the schema of a release promises a single one.
    """
    described = []
    for field in fields:
        name = str(field["name"])
        if field.get("type") in ("date", "datetime"):
            encoded = texts.column(name).combine_chunks().dictionary_encode()
            written = _iso(encoded.dictionary, field, zone).take(encoded.indices)
            texts = texts.set_column(texts.column_names.index(name), name, written)
            field = _iso_field(field, zone)
        described.append(dict(field))
    return texts, described


def _iso(distinct: pa.Array, field: Field, zone: tzinfo) -> pa.Array:
    moments = city_moments(distinct, field, zone)
    if field.get("type") == "date":
        written = np.datetime_as_string(moments, unit="D")
    else:
        whole = moments == moments.astype("datetime64[s]")
        written = np.where(
            whole,
            np.datetime_as_string(moments, unit="s"),
            np.datetime_as_string(moments, unit="us"),
        )
    return pa.array(written, pa.string(), mask=np.isnat(moments))


def _iso_field(field: Field, zone: tzinfo) -> dict[str, Any]:
    """The field in the default format, with its bounds and enumeration in that format too."""
    plain = {name: value for name, value in field.items() if name != "format"}
    constraints = field.get("constraints")
    if isinstance(constraints, Mapping):

        def iso(value: Any) -> Any:  # Any: JSON
            return _iso(pa.array([str(value)], pa.string()), field, zone)[0].as_py() or value

        plain["constraints"] = {
            name: iso(value)
            if name in ("minimum", "maximum")
            else [iso(each) for each in value]
            if name == "enum"
            else value
            for name, value in constraints.items()
        }
    return plain


def typed(texts: pa.Table, fields: Sequence[Field]) -> pa.Table:
    """The columns by the types of their fields; what is no value of its type is null."""
    arrays = {}
    for field in fields:
        name = str(field["name"])
        text = texts.column(name).combine_chunks()
        parsed = parse(text, field)
        good = present(text)
        for broken in parsed.broken.values():
            good &= ~broken
        values = parsed.values
        if values.dtype == object or field.get("type", "string") == "string":
            arrays[name] = text
        elif field.get("type") == "date":
            arrays[name] = pa.array(values.astype("datetime64[D]"), mask=~good)
        else:
            arrays[name] = pa.array(values, mask=~good)
    return pa.table(arrays)


def as_parquet(table: pa.Table) -> bytes:
    """Parquet, compressed with zstandard."""
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="zstd")
    return sink.getvalue()


def as_csv(texts: pa.Table) -> bytes:
    """UTF-8 CSV (RFC 4180, one header line), every cell made harmless to spreadsheets."""
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator="\r\n")
    writer.writerow([neutralise(name) for name in texts.column_names])
    for batch in texts.to_batches(max_chunksize=65_536):
        columns = [column.to_pylist() for column in batch.columns]
        for cells in zip(*columns, strict=True):
            writer.writerow(["" if cell is None else neutralise(cell) for cell in cells])
    return sink.getvalue().encode()


def places(fields: Sequence[Field]) -> tuple[str, str] | None:
    """Names of the columns of longitude and latitude in degrees; None where there is no pair."""
    numeric = {str(f["name"]).lower(): str(f["name"]) for f in fields if f.get("type") == "number"}
    longitude = next((numeric[name] for name in LONGITUDES if name in numeric), None)
    latitude = next((numeric[name] for name in LATITUDES if name in numeric), None)
    return (longitude, latitude) if longitude and latitude else None


def as_geojson(table: pa.Table, position: tuple[str, str]) -> bytes:
    """A FeatureCollection of points (RFC 7946); records without a place have a null geometry."""
    others = [name for name in table.column_names if name not in position]
    features = []
    for batch in table.to_batches(max_chunksize=65_536):
        for record in batch.to_pylist():
            point = [record[name] for name in position]
            known = all(each is not None and np.isfinite(each) for each in point)
            features.append(
                {
                    "type": "Feature",
                    "geometry": {"type": "Point", "coordinates": point} if known else None,
                    "properties": {name: _plain(record[name]) for name in others},
                }
            )
    collection = {"type": "FeatureCollection", "features": features}
    return json.dumps(collection, ensure_ascii=False, allow_nan=False).encode()


def _plain(value: Any) -> Any:  # Any: a cell of whatever type
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if np.isfinite(value) else None
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def released_field(field: Mapping[str, Any], *, generalised: bool) -> dict[str, Any]:
    """The field of the released schema: no marks of our own, and text where it was made coarser."""
    if generalised:
        return {"name": field["name"], "type": "string"}
    return {name: value for name, value in field.items() if not name.startswith("dure:")}

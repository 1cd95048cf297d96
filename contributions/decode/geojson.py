"""A GeoJSON feature (RFC 7946) as a flat record: its properties, and its geometry as text.

A point becomes `lon` and `lat` (and `altitude`), any other shape one `geometry` in WKT. Coordinates
keep the digits that were sent.
"""

from __future__ import annotations

import re

from contributions.decode.result import Undecodable

TOPOJSON = re.compile(rb'"type"\s*:\s*"Topology"|"arcs"\s*:\s*\[')
COLLECTION = re.compile(rb'"type"\s*:\s*"FeatureCollection"|"features"\s*:\s*\[')
FEATURES = re.compile(r'"features"\s*:\s*\[')
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
#: How deep positions are nested in `coordinates`.
DEPTHS = {
    "Point": 0,
    "MultiPoint": 1,
    "LineString": 1,
    "MultiLineString": 2,
    "Polygon": 2,
    "MultiPolygon": 3,
}
PARTS_MAX = 1_000


class BadGeometry(ValueError):
    """A geometry that is none: open rings, positions off the Earth, unknown or nested kinds."""


def is_feature(record: dict[str, object]) -> bool:
    """Is this record a GeoJSON feature rather than a row with such column names?"""
    return record.get("type") == "Feature" and "geometry" in record and "properties" in record


def flatten(feature: dict[str, object]) -> dict[str, object]:
    """One flat record. Raises BadGeometry, and `file.key_duplicate` where a property has the name
    of the geometry.
    """
    properties = feature["properties"]
    if properties is not None and not isinstance(properties, dict):
        raise BadGeometry
    flat: dict[str, object] = dict(properties or {})
    if isinstance(feature.get("id"), str):
        flat.setdefault("id", feature["id"])
    geometry = feature["geometry"]
    if geometry is None:
        return flat
    if not isinstance(geometry, dict):
        raise BadGeometry
    if geometry.get("type") == "Point":
        position = _position(geometry.get("coordinates"))
        for name, number in zip(("lon", "lat", "altitude"), position, strict=False):
            flat.setdefault(name, number)
        return flat
    if "geometry" in flat:
        raise Undecodable("file.key_duplicate")
    flat["geometry"] = wkt(geometry)
    return flat


def wkt(geometry: dict[str, object], *, inside: bool = False) -> str:
    """Well-known text (OGC Simple Features) of a geometry; raises BadGeometry."""
    kind = geometry.get("type")
    if kind == "GeometryCollection" and not inside:
        members = geometry.get("geometries")
        if not isinstance(members, list) or len(members) > PARTS_MAX:
            raise BadGeometry
        parts = [wkt(each, inside=True) for each in members if isinstance(each, dict)]
        if len(parts) != len(members):
            raise BadGeometry
        return f"GEOMETRYCOLLECTION ({', '.join(parts)})" if parts else "GEOMETRYCOLLECTION EMPTY"
    if not isinstance(kind, str) or kind not in DEPTHS:
        raise BadGeometry
    coordinates = geometry.get("coordinates")
    if kind == "Point":
        return f"POINT ({' '.join(_position(coordinates))})"
    if coordinates == []:
        return f"{kind.upper()} EMPTY"
    return f"{kind.upper()} {_nested(coordinates, DEPTHS[kind], rings='Polygon' in kind)}"


def _nested(value: object, depth: int, *, rings: bool) -> str:
    if not isinstance(value, list) or not value:
        raise BadGeometry
    if depth > 1:
        return "(" + ", ".join(_nested(each, depth - 1, rings=rings) for each in value) + ")"
    positions = [" ".join(_position(each)) for each in value]
    if rings and (len(positions) < 4 or positions[0] != positions[-1]):
        raise BadGeometry
    return "(" + ", ".join(positions) + ")"


def _position(value: object) -> list[str]:
    """Longitude, latitude and perhaps altitude: degrees of WGS 84, as they were written."""
    if not isinstance(value, list) or not 2 <= len(value) <= 3:
        raise BadGeometry
    numbers: list[str] = []
    for each in value:
        if not isinstance(each, str) or not NUMBER.fullmatch(each):
            raise BadGeometry
        numbers.append(each)
    if abs(float(numbers[0])) > 180 or abs(float(numbers[1])) > 90:
        raise BadGeometry
    return numbers

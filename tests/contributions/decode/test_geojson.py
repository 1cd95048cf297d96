from __future__ import annotations

import json

import pytest

from tests.contributions.decode.test_delimited import read, refusal

SQUARE = [[[127.0, 37.0], [127.1, 37.0], [127.1, 37.1], [127.0, 37.0]]]


def collection(*features: object, **members: object) -> str:
    return json.dumps({"type": "FeatureCollection", **members, "features": list(features)})


def feature(geometry: object, /, **properties: object) -> dict[str, object]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def test_points_become_lon_and_lat_with_the_digits_that_were_sent() -> None:
    text = collection(
        feature({"type": "Point", "coordinates": [127.10, 37.5]}, 구="강남구", n=1),
        feature(None, 구="종로구", n=None),
    ).replace("127.1,", "127.10,")
    decoded = read(text, "x.geojson")
    assert decoded.format == "geojson"
    assert decoded.table.to_pylist() == [
        {"구": "강남구", "n": "1", "lon": "127.10", "lat": "37.5"},
        {"구": "종로구", "n": None, "lon": None, "lat": None},
    ]


@pytest.mark.parametrize(
    ("geometry", "text"),
    [
        (
            {"type": "Polygon", "coordinates": SQUARE},
            "POLYGON ((127.0 37.0, 127.1 37.0, 127.1 37.1, 127.0 37.0))",
        ),
        (
            {"type": "MultiPolygon", "coordinates": [SQUARE]},
            "MULTIPOLYGON (((127.0 37.0, 127.1 37.0, 127.1 37.1, 127.0 37.0)))",
        ),
        ({"type": "LineString", "coordinates": [[1, 2], [3, 4, 5]]}, "LINESTRING (1 2, 3 4 5)"),
        ({"type": "MultiPoint", "coordinates": []}, "MULTIPOINT EMPTY"),
        (
            {
                "type": "GeometryCollection",
                "geometries": [{"type": "Point", "coordinates": [1, 2]}],
            },
            "GEOMETRYCOLLECTION (POINT (1 2))",
        ),
    ],
)
def test_other_shapes_become_well_known_text(geometry: object, text: str) -> None:
    assert read(collection(feature(geometry, a="x"))).table.to_pylist() == [
        {"a": "x", "geometry": text}
    ]


@pytest.mark.parametrize(
    "geometry",
    [
        {"type": "Point", "coordinates": [200, 37]},
        {"type": "Point", "coordinates": [127]},
        {"type": "Point", "coordinates": ["x", 37]},
        {"type": "Point", "coordinates": [[127, 37]]},
        {"type": "Polygon", "coordinates": [SQUARE[0][:3]]},
        {"type": "Polygon", "coordinates": [[[1, 2], [3, 4], [5, 6], [7, 8]]]},
        {"type": "Circle", "coordinates": [1, 2]},
        {"type": "GeometryCollection", "geometries": [{"type": "GeometryCollection"}]},
        {"coordinates": [1, 2]},
        [],
    ],
)
def test_a_broken_geometry_sets_its_row_aside_alone(geometry: object) -> None:
    sound = feature({"type": "Point", "coordinates": [127, 37]}, a="x")
    decoded = read(collection(sound, feature(geometry, a="y"), sound))
    assert [(each.row, each.rule) for each in decoded.ragged] == [(2, "row.geometry")]
    assert decoded.row_numbers().tolist() == [1, 3]


def test_features_line_by_line_and_members_behind_them_are_read() -> None:
    one = feature({"type": "Point", "coordinates": [127, 37]}, a="x")
    lines = "\n".join(json.dumps(one) for _ in range(3))
    assert read(lines, "x.ndjson").table.column_names == ["a", "lon", "lat"]
    late = json.dumps({"features": [one, one], "bbox": [1], "type": "FeatureCollection"}, indent=2)
    assert read(late, "x.json").rows == 2


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ('{"type": "Topology", "arcs": [[[1, 2]]], "objects": {}}', "file.not_a_table"),
        ('{"arcs": [[[1, 2]]], "type": "Topology"}', "file.not_a_table"),
        ('{"type": "FeatureCollection"}', "file.not_a_table"),
        ('{"type": "FeatureCollection", "features": 1}', "file.not_a_table"),
        ('{"type": "Other", "features": [{"type": "Feature"}]}', "file.not_a_table"),
        ('{"type": "FeatureCollection", "features": [', "file.truncated"),
        ('{"type": "FeatureCollection", "features": []', "file.truncated"),
        (collection(feature(None, a={"b": 1})), "file.nested_value"),
        (
            collection(feature({"type": "Polygon", "coordinates": SQUARE}, geometry="x")),
            "file.key_duplicate",
        ),
        ('{"type": "FeatureCollection", "features": ' + "[" * 50_000, "file.not_a_table"),
    ],
)
def test_what_is_no_collection_of_features_is_refused(text: str, rule: str) -> None:
    assert refusal(text, "x.geojson") == rule

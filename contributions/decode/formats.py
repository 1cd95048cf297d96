"""Which files are read. Pages, forms and the API name these and no others."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Accepted:
    """`name` is what a reader knows the format by; the first media type is the registered one."""

    name: str
    extensions: tuple[str, ...]
    media_types: tuple[str, ...]


ACCEPTED: tuple[Accepted, ...] = (
    Accepted("CSV", (".csv", ".txt"), ("text/csv",)),
    Accepted("TSV", (".tsv", ".tab"), ("text/tab-separated-values",)),
    Accepted(
        "XLSX",
        (".xlsx",),
        ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",),
    ),
    Accepted("XLS", (".xls",), ("application/vnd.ms-excel",)),
    Accepted("JSON", (".json",), ("application/json",)),
    Accepted("NDJSON", (".ndjson", ".jsonl"), ("application/x-ndjson", "application/jsonl")),
    Accepted("GeoJSON", (".geojson",), ("application/geo+json",)),
    Accepted("Parquet", (".parquet",), ("application/vnd.apache.parquet",)),
    Accepted("ZIP", (".zip",), ("application/zip",)),
)
NAMES: tuple[str, ...] = tuple(form.name for form in ACCEPTED)
EXTENSIONS: tuple[str, ...] = tuple(each for form in ACCEPTED for each in form.extensions)
MEDIA_TYPES: tuple[str, ...] = tuple(each for form in ACCEPTED for each in form.media_types)

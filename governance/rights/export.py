"""A party's data as a ZIP of JSON and CSV with a manifest of hashes. Pure but for the zip format.

``dure-verify export`` checks it offline: the signature of ``manifest.json``, every file against it,
and every signed receipt and log proof inside. Without that signature whoever changes a file would
change its hash too.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable, Mapping

from dure.core.canonical import Json, sha256_hex
from dure.core.cells import neutralise

#: The same content gives the same bytes, whenever it is packed.
_MOMENT = (1980, 1, 1, 0, 0, 0)


def pack(
    holdings: Mapping[str, Json],
    *,
    kept: Mapping[str, Mapping[str, bytes]] | None = None,
    party: str,
    made_at: str,
    sign: Callable[[dict[str, Json]], dict[str, Json]],
) -> bytes:
    """The bytes of the archive; ``holdings`` maps a room's name to what it holds.

    ``kept`` maps a room's name to files of its own, by path; ``sign`` answers the manifest with its
    signature.

    ``<room>.json`` has everything; each list of objects in it stands as ``<room>/<name>.csv`` too.
    """
    files: dict[str, bytes] = {}
    for room, held in sorted(holdings.items()):
        text = json.dumps(held, ensure_ascii=False, indent=2, sort_keys=True)
        files[f"{room}.json"] = text.encode() + b"\n"
        if isinstance(held, Mapping):
            for name, value in sorted(held.items()):
                if isinstance(value, list) and value and all(isinstance(r, Mapping) for r in value):
                    rows = [row for row in value if isinstance(row, Mapping)]
                    files[f"{room}/{name}.csv"] = _csv(rows)
    for room, inside in sorted((kept or {}).items()):
        files |= {f"{room}/{path}": data for path, data in inside.items()}
    manifest: dict[str, Json] = {
        "version": 1,
        "party": party,
        "made_at": made_at,
        "files": [{"path": path, "sha256": sha256_hex(files[path])} for path in sorted(files)],
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        _add(archive, "manifest.json", json.dumps(sign(manifest), indent=2).encode() + b"\n")
        for path, data in sorted(files.items()):
            _add(archive, path, data)
    return packed.getvalue()


def _add(archive: zipfile.ZipFile, path: str, data: bytes) -> None:
    info = zipfile.ZipInfo(path, _MOMENT)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o600 << 16
    archive.writestr(info, data)


def _csv(rows: list[Mapping[str, Json]]) -> bytes:
    """Columns are the members in the order met; what is nested stays JSON in its cell."""
    columns = list(dict.fromkeys(column for row in rows for column in row))
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(row.get(column)) for column in columns])
    # The mark tells spreadsheets that Korean follows in UTF-8.
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _cell(value: Json) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return neutralise(value)
    if isinstance(value, bool | Mapping | list):
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    return str(value)

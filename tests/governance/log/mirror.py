"""Everything that is served below /log/, saved as files, for readers without a server."""

from __future__ import annotations

from pathlib import Path

from django.test import Client

from governance.log import tiles


def mirror_log(client: Client, folder: Path) -> Path:
    """Writes the checkpoint and every tile that its size reaches; answers the folder."""
    checkpoint = _save(client, folder, "checkpoint")
    size = int(checkpoint.split(b"\n")[1])
    for level in (None, 0, 1):
        for index in range(size // tiles.TILE_WIDTH + 1):
            if width := tiles.tile_width(size, level or 0, index):
                _save(client, folder, tiles.format_tile_path(level, index, width))
    return folder


def _save(client: Client, folder: Path, path: str) -> bytes:
    response = client.get(f"/log/{path}")
    assert response.status_code == 200, path
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_bytes(response.content)
    return bytes(response.content)

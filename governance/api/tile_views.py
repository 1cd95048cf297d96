"""The log as static files: what any tool of the transparency ecosystem reads."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from dure.core.problems import Problem
from governance.log import selectors, tiles

# A tile never changes once the signed tree covers it; the checkpoint is new every few seconds.
TILE_CACHE = "public, max-age=31536000, immutable"
CHECKPOINT_CACHE = "public, no-cache"
TEXT = "text/plain; charset=utf-8"


@require_safe
def checkpoint(_request: HttpRequest) -> HttpResponse:
    """The newest signed checkpoint."""
    try:
        text = selectors.checkpoint_note()
    except Problem:
        return _not_found()
    return _public(HttpResponse(text, content_type=TEXT), CHECKPOINT_CACHE)


@require_safe
def tile(_request: HttpRequest, tile_path: str) -> HttpResponse:
    """A tile of hashes or a bundle of entries, full or partial."""
    try:
        content = selectors.tile_content(tiles.parse_tile_path(tile_path))
    except ValueError:
        return _not_found()
    if content is None:
        return _not_found()
    return _public(HttpResponse(content, content_type="application/octet-stream"), TILE_CACHE)


def _public(response: HttpResponse, cache: str) -> HttpResponse:
    response["Cache-Control"] = cache
    # Anybody's page may verify the log in its reader's browser.
    response["Access-Control-Allow-Origin"] = "*"
    return response


def _not_found() -> HttpResponse:
    # A partial tile that is missing today exists tomorrow: this answer must not be kept.
    response = HttpResponse("not found\n", status=404, content_type=TEXT)
    return _public(response, "no-store")

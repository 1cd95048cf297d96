"""Addresses below ``/log/`` that C2SP tlog-tiles fixes; none ends in a slash."""

from __future__ import annotations

from django.urls import path

from governance.api import tile_views

app_name = "log"

urlpatterns = [
    path("checkpoint", tile_views.checkpoint, name="checkpoint"),
    path("tile/<path:tile_path>", tile_views.tile, name="tile"),
]

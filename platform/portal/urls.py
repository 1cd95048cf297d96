"""Addresses of the portal: Korean at ``/``, English at ``/en/``."""

from __future__ import annotations

from django.urls import include, path

app_name = "portal"

urlpatterns = [
    path("", include("portal.public.urls")),
    path("", include("portal.resident.urls")),
    path("", include("portal.auditor.urls")),
    path("firm/", include("portal.firm.urls")),
    path("console/", include("portal.operator.urls")),
]

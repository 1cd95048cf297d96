"""Every address of the platform; the rooms are named by string so that nothing imports upward."""

from __future__ import annotations

from allauth.account.decorators import secure_admin_login
from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView

from dure.accounts.second_step import may_administer
from dure.core import health

# One door for everybody: attempts are counted and the second step asked for there.
admin.site.has_permission = may_administer  # type: ignore[method-assign]
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    path("api/v1/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/v1/", include("dure.accounts.api.urls")),
    path("api/v1/", include("governance.api.urls")),
    path("api/v1/", include("contributions.api.urls")),
    path("api/v1/", include("rewards.api.urls")),
    path("log/", include("governance.api.tile_urls")),
    path(".well-known/", include("governance.api.well_known")),
    path("admin/", admin.site.urls),
    *i18n_patterns(
        path("", include("portal.urls")),
        path("", include("portal.public.accounts.urls")),
        prefix_default_language=False,
    ),
]
handler400 = "portal.public.errors.bad_request"
handler403 = "portal.public.errors.forbidden"
handler429 = "portal.public.errors.too_many"
handler404 = "portal.public.errors.not_found"
handler500 = "portal.public.errors.server_error"

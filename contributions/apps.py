"""The room of contributions: calls, intake, checking, representativeness."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ContributionsConfig(AppConfig):
    name = "contributions"
    verbose_name = _("Contributions")

    def ready(self) -> None:
        from contributions import receivers, registrations
        from contributions.releases import receivers as release_receivers

        assert receivers, "importing the receivers connects them"
        assert release_receivers
        registrations.register()

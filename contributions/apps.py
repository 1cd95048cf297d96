"""The room of contributions: calls, intake, checking, representativeness."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ContributionsConfig(AppConfig):
    name = "contributions"
    verbose_name = _("Contributions")

    def ready(self) -> None:
        from contributions import receivers, registrations

        assert receivers, "importing the receivers connects them"
        registrations.register()

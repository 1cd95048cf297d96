"""Governance: consent, the log, the algorithm register and the transparency reports."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GovernanceConfig(AppConfig):
    name = "governance"
    verbose_name = _("Governance")

    def ready(self) -> None:
        # By name, because models can only be imported once every application is there.
        import_module("governance.receivers")
        import_module("governance.registrations").register()

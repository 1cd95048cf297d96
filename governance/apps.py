"""Governance: consent, the log, the algorithm register and the transparency reports."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

_SIGN_IN = ("account", "mfa")


class GovernanceConfig(AppConfig):
    name = "governance"
    verbose_name = _("Governance")

    def ready(self) -> None:
        # By name, because models can only be imported once every application is there.
        import_module("governance.receivers")
        import_module("governance.registrations").register()
        _close_foreign_doors()


def _close_foreign_doors() -> None:
    """Takes records of libraries about people's sign-in out of the administration.

    Addresses and second factors are shown on their person's own pages, where no look of staff has
    to be noted.
    """
    site = admin.site
    for model in [model for model in site._registry if model._meta.app_label in _SIGN_IN]:
        site.unregister(model)

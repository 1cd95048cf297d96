from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "portal"
    label = "portal"

    def ready(self) -> None:
        # By name, because models can only be imported once every application is there.
        import_module("portal.receivers")
        import_module("portal.registrations").register()
        import_module("portal.public.accounts.hearing")

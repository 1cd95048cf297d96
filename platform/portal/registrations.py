"""What the portal tells governance it holds."""

from __future__ import annotations

from governance.registries import data_holders
from portal.letters.holder import PortalHolder


def register() -> None:
    data_holders.register("portal", PortalHolder())

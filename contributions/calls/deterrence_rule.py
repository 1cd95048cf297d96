"""The member ``deterrence`` of a call document: that it is well formed. Pure.

``{"audit_rate": "0.1", "hold_back": "0.5", "hold_back_days": 90, "records": 50}``: the share of the
contributions of each settlement that is drawn to be checked, the share of each reward that waits,
for how many days, and how many honest records stand behind each false one. Whether it deters is
asked of the room that pays (contributions.registries.document_examiners).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext as _

from contributions.calls.decimals import decimal
from dure.core.problems import FieldError

NEEDED: Final = frozenset({"audit_rate", "hold_back", "hold_back_days"})
OPTIONAL: Final = frozenset({"records"})
DAYS_MOST: Final = 366
RECORDS_MOST: Final = 1_000_000


def deterrence_faults(declared: object) -> list[FieldError]:
    """What is wrong with the member; none where the call has none."""
    if declared is None:
        return []
    if not isinstance(declared, Mapping) or not NEEDED <= set(declared) <= NEEDED | OPTIONAL:
        message = _("Give audit_rate, hold_back and hold_back_days, and if wanted records.")
        return [FieldError("deterrence", message, "invalid")]
    found: list[FieldError] = []
    for name in ("audit_rate", "hold_back"):
        try:
            sound = 0 < decimal(declared[name]) <= 1
        except ValueError:
            sound = False
        if not sound:
            message = _("Give a share above 0, up to 1, as a decimal string.")
            found.append(FieldError(f"deterrence.{name}", message, "invalid"))
    if not _whole(declared["hold_back_days"], 1, DAYS_MOST):
        message = _("Give a number of days, from 1 to 366.")
        found.append(FieldError("deterrence.hold_back_days", message, "invalid"))
    if not _whole(declared.get("records", 0), 0, RECORDS_MOST):
        message = _("Give a number of records, up to a million.")
        found.append(FieldError("deterrence.records", message, "invalid"))
    return found


def _whole(value: object, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most

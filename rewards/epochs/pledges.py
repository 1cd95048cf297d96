"""What a call says about checking claims and holding pay back, and whether that deters.

The bound is stated for the worst ratio that the call allows: its price cap, against a record of the
mean price. A settlement states beside it what its own prices ask for (rewards.holdback.selectors).
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, TypedDict

from django.utils.translation import gettext as _

from contributions.calls.decimals import decimal
from dure.core.problems import FieldError
from rewards.epochs.settlement import DeterrenceFacts
from rewards.valuation import coverage
from rewards.valuation.decimals import decimal_ceil, decimal_round
from rewards.valuation.deterrence import RECORDS, Enough, Pledge

#: Decimals of a share in a call document.
SHARE_PLACES = 6
#: Decimals of a percentage.
PERCENT_PLACES = 2

Document = Mapping[str, Any]  # Any: JSON


class BoundDocument(TypedDict):
    """Both as percentages: the product of both shares, and the least that would deter."""

    stated: str
    needed: str
    reached: bool


def deterrence_of(document: Document) -> DeterrenceFacts | None:
    """What a sound call document pledges, with its defaults; none where it pledges nothing."""
    declared = document.get("deterrence")
    if declared is None:
        return None
    return {
        "audit_rate": str(declared["audit_rate"]),
        "hold_back": str(declared["hold_back"]),
        "hold_back_days": int(declared["hold_back_days"]),
        "records": int(declared.get("records", RECORDS)),
    }


def pledge_of(stated: DeterrenceFacts) -> Pledge:
    """The same as numbers."""
    return Pledge(Fraction(stated["audit_rate"]), Fraction(stated["hold_back"]), stated["records"])


def examine(document: Document) -> list[FieldError]:
    """Why a pledge of a call whose form is sound does not deter, and what would; else nothing."""
    stated = deterrence_of(document)
    if stated is None:
        return []
    if document["method"] != coverage.ID:
        message = _("Only the method coverage has prices of strata that a false claim could seek.")
        return [FieldError("deterrence", message)]
    if document.get("price_cap") is None:
        message = _("Without a price cap no share deters: set price_cap, for example to 3.")
        return [FieldError("deterrence", message, "bound")]
    pledge, ratio = pledge_of(stated), decimal(document["price_cap"])
    if pledge.reaches(ratio):
        return []
    found = bound_document(pledge, ratio)
    message = _(
        "With a price cap of %(cap)s and %(records)d honest records behind each false one, "
        "audit_rate × hold_back has to be at least %(needed)s %%; here it is %(stated)s %%. "
        "Enough would be, each by itself: %(enough)s."
    ) % {
        "cap": document["price_cap"],
        "records": stated["records"],
        "needed": found["needed"],
        "stated": found["stated"],
        "enough": _enough_text(pledge.enough(ratio)),
    }
    return [FieldError("deterrence", message, "bound")]


def bound_document(pledge: Pledge, ratio: Fraction) -> BoundDocument:
    """How far a pledge goes where a false claim pays ``ratio`` times the true price."""
    return {
        "stated": decimal_round(100 * pledge.audit_rate * pledge.hold_back, PERCENT_PLACES),
        "needed": decimal_ceil(100 * pledge.bound(ratio), PERCENT_PLACES),
        "reached": pledge.reaches(ratio),
    }


def _enough_text(enough: Enough) -> str:
    ways = []
    if enough.audit_rate is not None:
        ways.append(f"audit_rate {decimal_ceil(enough.audit_rate, SHARE_PLACES)}")
    if enough.hold_back is not None:
        ways.append(f"hold_back {decimal_ceil(enough.hold_back, SHARE_PLACES)}")
    return ", ".join([*ways, f"records {enough.records}"])

"""What becomes of a balance, asked on the page on which somebody asks to be erased."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from dure.accounts.acting import Actor
from dure.core.money import format_amount
from dure.core.problems import INVALID, FieldError
from portal.resident.banks import ACCOUNT, BANKS
from portal.resident.redemptions import rail_text
from rewards.models import LeavingWish, Rail
from rewards.treasury.selectors import payout_rule
from rewards.wallet.leaving import payable, spendable_of

#: Ways on which a balance is paid out; a gift has a choice of its own.
WAYS = (Rail.BANK, Rail.LOCAL_CURRENCY, Rail.TRANSIT)


def farewell(sent: Mapping[str, Any]) -> dict[str, dict[str, str]] | None:
    """What was chosen, for the request; None where nothing was asked.

    INVALID (400) at ``bank`` for the number of a bank account without its bank.
    """
    wish = str(sent.get("wish", ""))
    if not wish:
        return None
    said = {"wish": wish}
    if wish == LeavingWish.PAY:
        rail, number, bank = (str(sent.get(name, "")) for name in ("rail", "destination", "bank"))
        if rail == Rail.BANK and ACCOUNT.fullmatch(number.strip()):
            if bank not in dict(BANKS):
                message = _("Choose the bank of the account.")
                raise INVALID.problem(errors=[FieldError("bank", message, "bank")])
            number = f"{bank}:{number}"
        said |= {"rail": rail, "destination": number}
    return {"balance": said}


def wants_a_code(said: Mapping[str, Mapping[str, str]] | None) -> bool:
    """Whether something may wait once the account is gone, so that a code is of use."""
    return said is not None and said["balance"]["wish"] != LeavingWish.FUND


def leaving(request: HttpRequest) -> dict[str, Any] | None:
    """The choices with what is in the wallet; None for an empty one, of which nothing is asked."""
    party_id = Actor.of(request).require_person().party_id
    spendable = spendable_of(party_id)
    if not spendable:
        return None
    _version, rule = payout_rule()
    ways = [
        {"value": rail.value, "label": rail_text(rail)}
        for rail in WAYS
        if payable(spendable, rule, rail)
    ]
    chosen = str(request.POST.get("wish") or LeavingWish.WAIT)
    choices = [
        (LeavingWish.PAY, _("Pay it out"),
         _("Whole units go out with the next batch, which two people approve. Your data is erased "
           "after that, at the latest in 10 days.")),
        (LeavingWish.FUND, _("Give it to the neighbourhood funds"),
         _("It goes there as soon as your account is gone.")),
        (LeavingWish.WAIT, _("Decide later"),
         _("Use it as ever until your account is gone. What is left then is kept for 30 days and "
           "goes to the neighbourhood funds. You get a code to claim it with in that time.")),
    ]  # fmt: skip
    return {
        "balances": [
            {"asset": asset, "amount": format_amount(amount)} for asset, amount in spendable.items()
        ],
        "ways": ways,
        "rail": request.POST.get("rail", ""),
        "destination": request.POST.get("destination", ""),
        "banks": [{"value": code, "label": name} for code, name in BANKS],
        "bank": request.POST.get("bank", ""),
        "choices": [
            {"value": wish.value, "label": label, "hint": hint, "checked": wish.value == chosen}
            for wish, label, hint in choices
            if wish != LeavingWish.PAY or ways
        ],
    }

"""Where value may go: what a rail needs to know of a destination, checked before it is sealed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext as _

from dure.core.language import localized
from dure.core.problems import INVALID, FieldError
from rewards.models import Rail
from rewards.rails.lines import bank_account, iban_checks, is_bank

#: What a sealed destination is bound to.
SEALED_AS: Final = "rewards.redemption.destination"
#: What the sealed name of an account's holder is bound to, where the owner has left.
HOLDER_SEALED_AS: Final = "rewards.claim.holder"

#: What a destination looks like on each rail, once spaces and hyphens are gone.
_SHAPES: Final[dict[str, re.Pattern[str]]] = {
    Rail.BANK: re.compile(r"[0-9]{3}:?[0-9]{8,16}|[A-Z]{2}[0-9]{2}[0-9A-Z]{10,30}", re.ASCII),
    Rail.LOCAL_CURRENCY: re.compile(r"[0-9A-Za-z]{6,40}", re.ASCII),
    Rail.TRANSIT: re.compile(r"[0-9]{12,20}", re.ASCII),
}


def normalized(rail: str, destination: str, funds: Mapping[str, Mapping[str, str]]) -> str:
    """The destination as the rail will get it. Raises INVALID naming the field, not its value.

    A gift goes to one of ``funds`` (names by key), given by its key or by one of its names; where
    it is none of them, the refusal names those that there are.
    """
    if rail == Rail.FUND:
        return _fund(destination, funds)
    text = re.sub(r"[\s-]", "", destination)
    if rail == Rail.BANK:
        text = text.upper()  # an IBAN is read aloud and typed in small letters too
    if not _SHAPES[rail].fullmatch(text):
        raise INVALID.problem(
            errors=[FieldError("destination", _expected(rail), "destination-shape")]
        )
    if rail == Rail.BANK and not iban_checks(text):
        message = _("The check digits of this IBAN do not fit: one character was mistyped.")
        raise INVALID.problem(errors=[FieldError("destination", message, "destination-check")])
    code = bank_account(text)[0] if rail == Rail.BANK else ""
    if code and not is_bank(code):
        message = _("Begin with the three digits of the bank: no bank has the digits %(code)s.")
        said = message % {"code": code}
        raise INVALID.problem(errors=[FieldError("destination", said, "destination-bank")])
    return text


def _expected(rail: str) -> str:
    """What a destination on a rail looks like, for whoever gave another one."""
    return {
        Rail.BANK.value: _("The number of an account has 8 to 16 digits; an IBAN is taken too."),
        Rail.TRANSIT.value: _("The number on a transport card has 12 to 20 digits."),
    }.get(rail, _("The number of a wallet for local currency has 6 to 40 digits and letters."))


def _fund(destination: str, funds: Mapping[str, Mapping[str, str]]) -> str:
    wanted = unicodedata.normalize("NFC", destination).strip().casefold()
    for key, name in funds.items():
        if wanted in (key, *(text.strip().casefold() for text in name.values())):
            return key
    known = ", ".join(f"{key} {localized(name)}" for key, name in funds.items())
    message = _("There is no such neighbourhood fund. There are: %(funds)s.") % {"funds": known}
    raise INVALID.problem(errors=[FieldError("destination", message, code="no-such-fund")])

"""Claiming with a code: what still waits for somebody whose account is gone.

Who asks to be erased gets a code, shown once. After the erasure nobody can sign in, no name and no
key is left; whoever shows the code within the time of what waits has it paid to a bank account. It
goes out like any other pay-out: held in the ledger, in a batch of two people, settled or given back
by the bank's answer; given back, it waits anew and the code claims it again. The code has 125
random bits, so that guessing needs no other defence; a wrong one, an unknown one and one behind
which nothing waits get the same answer.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from dure.accounts.acting import Actor
from dure.core import outbox, sealing
from dure.core.clock import now
from dure.core.ids import new_id
from dure.core.problems import INVALID, FieldError
from governance.log.services import record
from governance.models import Erasure
from governance.rights.selectors import is_leaving
from rewards.models import (
    ClaimCode,
    LeavingWish,
    ProvenClaim,
    Rail,
    Redemption,
    RedemptionState,
    UnclaimedAmount,
)
from rewards.problems import CODE_NOT_NEEDED, CODE_UNKNOWN, NOTHING_TO_PAY
from rewards.treasury.selectors import payout_rule
from rewards.wallet.destinations import HOLDER_SEALED_AS, normalized
from rewards.wallet.leaving import payable, spendable_of, wish_of
from rewards.wallet.services import redeem_for_claim
from rewards.wallet.unclaimed import alone, bring_back

#: Crockford's alphabet: nothing that is read as something else.
ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
GROUPS, GROUP = 5, 5
HOLDER_MAX: Final = 70
CLAIMS: Final = Actor.system("claims")
_READ_AS: Final = str.maketrans("OIL", "011")


@transaction.atomic
def issue_code(*, acting: Actor) -> str:
    """A new code for somebody who asked to be erased and is still here; it replaces earlier ones.

    Nobody can be told it again: a digest is all that is kept. Raises CODE_NOT_NEEDED (409) for
    whoever is not leaving, or gave what is left to the neighbourhood funds.
    """
    party_id = acting.require_person().party_id
    if not is_leaving(party_id) or wish_of(party_id) == LeavingWish.FUND:
        raise CODE_NOT_NEEDED.problem()
    digits = "".join(secrets.choice(ALPHABET) for _digit in range(GROUPS * GROUP))
    entry = record(kind="leaving.code_issued", acting=acting, subject=party_id, payload={})
    outbox.publish(
        kind="leaving.code_issued", subject=str(party_id), payload={"party": str(party_id)}
    )
    ClaimCode.objects.create(
        party_id=party_id, digest=_digest(digits), at=entry.recorded_at, log_entry=entry.id
    )
    return "-".join(digits[first : first + GROUP] for first in range(0, len(digits), GROUP))


@transaction.atomic
def claim_with_code(*, code: str, holder: str, destination: str) -> list[Redemption]:
    """Have all that waits behind a code paid to a bank account; whoever knows it may ask.

    ``holder`` is the name on the account. Whole units of each asset that is paid to banks are held
    on their way out; what is less stays where it waits. Raises INVALID (400) for a name or account
    of no such form, CODE_UNKNOWN (404) for every code behind which nothing waits now, and
    NOTHING_TO_PAY (422) where what waits is below the least amount, or is on its way already.
    """
    name, account = _named(holder), normalized(Rail.BANK, destination, {})
    found = _current(code)
    if found is None:
        raise CODE_UNKNOWN.problem()
    party_id = found.party_id
    alone(party_id)
    waiting = list(_waiting(party_id).select_for_update(of=("self",)))
    sums = spendable_of(party_id)
    for each in waiting:
        sums[each.asset] = sums.get(each.asset, 0) + each.amount
    if not sums:
        raise CODE_UNKNOWN.problem()
    _version, rule = payout_rule()
    amounts = payable(sums, rule, Rail.BANK)
    if not amounts:
        under_way = Redemption.objects.filter(
            party_id=party_id, proven_claim__isnull=False, state=RedemptionState.HELD
        )
        raise NOTHING_TO_PAY.problem(
            _("What waited behind this code is on its way to the account that was named.")
            if under_way.exists()
            else ""
        )
    for each in waiting:
        if each.asset in amounts:
            bring_back(acting=CLAIMS, found=each)
    return _redeemed(found, name, account, amounts)


def _redeemed(
    code: ClaimCode, name: str, account: str, amounts: Mapping[str, int]
) -> list[Redemption]:
    """The claim, its sealed name, and a held redemption for each asset."""
    id_ = new_id()
    claim = ProvenClaim.objects.create(
        id=id_,
        code=code,
        holder=sealing.seal(owner=id_, plaintext=name.encode(), context=HOLDER_SEALED_AS),
        at=now(),
    )
    return [
        redeem_for_claim(
            acting=CLAIMS,
            claim=claim,
            party_id=code.party_id,
            asset=asset,
            amount=amount,
            destination=account,
        )
        for asset, amount in sorted(amounts.items())
    ]


def _waiting(party_id: UUID) -> QuerySet[UnclaimedAmount]:
    """What was set aside for a party and has not had its time."""
    return UnclaimedAmount.objects.filter(
        party_id=party_id, claimed_at=None, expiry=None, claim_by__gt=now()
    ).order_by("set_aside_at", "id")


def _current(code: str) -> ClaimCode | None:
    """The newest code of somebody who was erased; None for every other text."""
    digits = re.sub(r"[\s-]", "", code.upper()).translate(_READ_AS)
    found = ClaimCode.objects.filter(digest=_digest(digits)).first()
    if found is None:
        return None
    newest = ClaimCode.objects.filter(party_id=found.party_id).order_by("-at", "-id").first()
    gone = Erasure.objects.filter(party_id=found.party_id, erased_at__isnull=False)
    return found if newest == found and gone.exists() else None


def _digest(digits: str) -> bytes:
    return sealing.keyed_digest("rewards.claim", digits.encode())


def _named(holder: str) -> str:
    name = " ".join(holder.split())
    if not 0 < len(name) <= HOLDER_MAX or not name.isprintable():
        message = _("Write the name as it stands in the bank book, at most 70 characters.")
        raise INVALID.problem(errors=[FieldError("holder", message)])
    return name

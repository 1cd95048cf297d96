"""Amounts that nobody claims: set aside, warned of, given to the neighbourhood funds; claimed late.

Every step is safe to repeat and to run twice at the same moment, and handles one amount in one
transaction. Nothing is taken from anybody without a transfer that a claim can reverse.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Final
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, Q, Value
from django.db.models.expressions import Combinable

from dure.accounts.acting import Actor
from dure.accounts.models import Person
from dure.core import outbox
from dure.core.clock import CITY_ZONE, now
from dure.core.money import Asset
from dure.core.problems import NOT_FOUND, Problem
from governance.log.services import record
from governance.models import Erasure
from rewards.dividends.city import KIND as DIVIDEND
from rewards.ledger import selectors as ledger
from rewards.ledger.accounts import AccountKey, open_accounts, wallet_key
from rewards.ledger.orders import TransferOrder, derived_key
from rewards.ledger.services import post, reverse
from rewards.models import (
    AccountKind,
    Balance,
    BulkBatch,
    BulkEntry,
    BulkState,
    ClaimCode,
    Dividend,
    DividendShare,
    DividendState,
    LeavingWish,
    Redemption,
    UnclaimedAmount,
    WhyUnclaimed,
)
from rewards.models.unclaimed import WARNING_LEAST
from rewards.problems import CLAIM_DONE, INSUFFICIENT
from rewards.treasury.rules import Unclaimed
from rewards.treasury.selectors import unclaimed_rule
from rewards.wallet.leaving import wish_of
from rewards.wallet.limitation import ends_at
from rewards.wallet.services import release_of_who_left

SET_ASIDE: Final = "unclaimed"
EXPIRY: Final = "unclaimed.expiry"
AT_ONCE: Final = 1_000
#: How long what somebody left behind waits before it goes to the neighbourhood funds.
ESCROW: Final = timedelta(days=30)


def set_aside(*, acting: Actor, limit: int = AT_ONCE) -> int:
    """Set aside shares that nobody has used for the time of the rule; how many.

    Unused means: since the dividend was paid its owner has neither taken anything out nor signed
    in, and the share is still in the wallet.
    """
    version, rule = unclaimed_rule()
    before = now() - timedelta(days=rule.dormant_days)
    done = 0
    for share in islice(_dormant(before, limit), limit):
        until = ends_at(share.paid_at, rule.years, CITY_ZONE)
        done += _take(acting, share, WhyUnclaimed.DORMANT, version, until)
    return done


@dataclass(frozen=True, slots=True)
class _Found:
    """What may be taken out of a wallet: at most ``amount``; ``dividend`` is where it came from."""

    owner: UUID
    asset: str
    amount: int
    dividend: Dividend | BulkBatch | None
    paid_at: datetime


def _dormant(before: datetime, limit: int) -> Iterator[_Found]:
    """Shares of dividends paid before a moment whose owners have done nothing since."""
    small = DividendShare.objects.filter(
        *_untouched(OuterRef("dividend__paid_at"), Q(dividend=OuterRef("dividend"))),
        dividend__state=DividendState.PAID,
        dividend__paid_at__lt=before,
        amount__gt=0,
    )
    ordered = small.select_related("account", "dividend").order_by("dividend__paid_at", "number")
    for share in ordered[:limit]:
        owner, paid_at = share.account.owner_id, share.dividend.paid_at
        if owner is not None and paid_at is not None:
            yield _Found(owner, share.account.asset, share.amount, share.dividend, paid_at)
    city = BulkBatch.objects.filter(
        kind=DIVIDEND, state=BulkState.POSTED, posted_at__lt=before
    ).order_by("posted_at")
    for batch in city:
        assert batch.posted_at is not None, "the database posts no batch without its time"
        shares = BulkEntry.objects.filter(
            *_untouched(Value(batch.posted_at), Q(batch=batch), batch.place),
            batch=batch.number,
            number__gte=0,
            amount__gt=0,
        ).order_by("number")
        found = shares.values_list("account__owner_id", "account__asset", "amount")
        for owner, asset, amount in found[:limit]:
            yield _Found(owner, asset, amount, batch, batch.posted_at)


def _untouched(
    since: OuterRef | Value, of_dividend: Q, place: int | None = None
) -> tuple[Combinable, ...]:
    """That a share's account has something, or takes it in later, and its owner did nothing."""
    owner = OuterRef("account__owner")
    filled = Q(posted__gt=F("pending_out")) | Q(folded__lt=place or 0)
    return (
        Exists(Balance.objects.filter(filled, account=OuterRef("account"))),
        ~Exists(Redemption.objects.filter(party=owner, requested_at__gte=since)),
        ~Exists(Person.objects.filter(party=owner, last_login__gte=since)),
        ~Exists(UnclaimedAmount.objects.filter(of_dividend, party=owner)),
    )


def set_aside_of_who_left(*, acting: Actor, limit: int = AT_ONCE) -> int:
    """Set aside what is in the wallets of people who were erased, as they said; how many."""
    version, rule = unclaimed_rule()
    erased = Erasure.objects.filter(erased_at__isnull=False).values("party_id")
    wallets = Balance.objects.select_related("account").filter(
        account__kind=AccountKind.WALLET,
        account__owner__in=erased,
        posted__gt=F("pending_out"),
    )
    done = 0
    for row in wallets.order_by("account_id")[:limit]:
        owner, amount = row.account.owner_id, row.posted - row.pending_out
        if owner is not None:
            left = _Found(owner, row.account.asset, amount, None, now())
            until = _end_of_who_left(rule, _wish(owner))
            done += _take(acting, left, WhyUnclaimed.LEFT, version, until)
    return done


def _wish(owner: UUID) -> str:
    """The last word of somebody who left; whoever took a code and said nothing wants it to wait."""
    took_a_code = ClaimCode.objects.filter(party_id=owner).exists()
    return wish_of(owner) or (LeavingWish.WAIT if took_a_code else "")


def _end_of_who_left(rule: Unclaimed, wish: str) -> datetime | timedelta:
    """Until when what somebody left behind waits: as they said, or else as the rule says.

    A gift goes at once; what was to be paid out or to wait is kept for 30 days at least.
    """
    if wish == LeavingWish.FUND or (not wish and rule.leaving == "fund"):
        return timedelta(0)
    if rule.leaving == "keep":
        return ends_at(now(), rule.years, CITY_ZONE)
    return ESCROW


@transaction.atomic
def _take(
    acting: Actor, found: _Found, why: WhyUnclaimed, version: int, until: datetime | timedelta
) -> bool:
    """Move an amount out of a wallet; false where another copy did, or nothing is left.

    ``until`` is when its time is over, or how long after this moment.
    """
    owner, asset, dividend = found.owner, found.asset, found.dividend
    alone(owner)
    small = dividend if isinstance(dividend, Dividend) else None
    batch = dividend if isinstance(dividend, BulkBatch) else None
    if (
        dividend is not None
        and UnclaimedAmount.objects.filter(party_id=owner, dividend=small, batch=batch).exists()
    ):
        return False
    wallet, kept = wallet_key(owner, asset), _kept_key(asset, dividend)
    accounts = open_accounts(wanted=[wallet, kept])
    holding = ledger.balance(accounts[wallet])
    amount = min(found.amount, holding.spendable)
    if amount <= 0:
        return False
    nth = UnclaimedAmount.objects.filter(party_id=owner, asset=asset).count()
    order = TransferOrder.between(
        key=derived_key(SET_ASIDE, owner, asset, dividend.id if dividend else "left", nth),
        kind=SET_ASIDE,
        source=accounts[wallet],
        target=accounts[kept],
        amount=amount,
        reference=f"dividend:{dividend.id}" if dividend else "left",
    )
    (posted,) = post(acting=acting, transfers=[order])
    moment = now()
    taken = UnclaimedAmount.objects.create(
        party_id=owner,
        dividend=small,
        batch=batch,
        asset=asset,
        amount=amount,
        why=why,
        policy_number=version,
        set_aside_id=posted.transfer_id,
        set_aside_at=moment,
        claim_by=until if isinstance(until, datetime) else moment + until,
    )
    _log(acting, "unclaimed.set_aside")
    _publish("unclaimed.set_aside", taken)
    return True


def warn(*, acting: Actor, limit: int = AT_ONCE) -> int:
    """Warn owners whose time runs out, as early as the rule says; how many. Each is warned once."""
    assert acting.ref
    _version, rule = unclaimed_rule()
    due = UnclaimedAmount.objects.filter(
        claimed_at=None,
        expiry=None,
        warned_at=None,
        why=WhyUnclaimed.DORMANT,
        claim_by__lte=now() + timedelta(days=rule.warning_days),
    )
    done = 0
    for id_ in due.values_list("id", flat=True)[:limit]:
        with transaction.atomic():
            moment = now()
            if UnclaimedAmount.objects.filter(id=id_, warned_at=None).update(warned_at=moment):
                _publish("unclaimed.warned", UnclaimedAmount.objects.get(id=id_))
                done += 1
    return done


def expire(*, acting: Actor, limit: int = AT_ONCE) -> int:
    """Give what nobody claimed in time to the neighbourhood funds; how many.

    Never before the end of the period, and never sooner than 30 days, or the rule's longer time,
    after the warning: a late warning postpones the end.
    """
    _version, rule = unclaimed_rule()
    notice = max(WARNING_LEAST, timedelta(days=rule.warning_days))
    warned = Q(warned_at__lte=now() - notice) | Q(why=WhyUnclaimed.LEFT)
    over = UnclaimedAmount.objects.filter(warned, claimed_at=None, expiry=None, claim_by__lte=now())
    ids = list(over.values_list("id", flat=True)[:limit])
    return sum(_expire(acting, id_) for id_ in ids)


@transaction.atomic
def _expire(acting: Actor, id_: UUID) -> bool:
    found = UnclaimedAmount.objects.select_for_update(of=("self",)).get(id=id_)
    if found.expiry_id is not None or found.claimed_at is not None:
        return False
    fund = AccountKey(Asset(found.asset).value, AccountKind.FUND.value)
    kept = _kept_key(found.asset, found.dividend or found.batch)
    accounts = open_accounts(wanted=[fund, kept])
    order = TransferOrder.between(
        key=derived_key(EXPIRY, found.id),
        kind=EXPIRY,
        source=accounts[kept],
        target=accounts[fund],
        amount=found.amount,
        reference=f"unclaimed:{found.id}",
    )
    (posted,) = post(acting=acting, transfers=[order])
    found.expiry_id, found.expired_at = posted.transfer_id, now()
    found.save(update_fields=["expiry", "expired_at"])
    _log(acting, "unclaimed.expired")
    _publish("unclaimed.expired", found)
    return True


@transaction.atomic
def claim(*, acting: Actor, unclaimed_id: UUID) -> UnclaimedAmount:
    """Bring an amount back into its owner's wallet, also after its time: reversals by name.

    CLAIM_DONE (409) the second time, INSUFFICIENT (409) where the fund has passed it on,
    NOT_FOUND for an amount of somebody else.
    """
    acting.require_person()
    rows = UnclaimedAmount.objects.select_for_update(of=("self",)).filter(id=unclaimed_id)
    found = rows.first()
    if found is None or not acting.acts_for(found.party_id):
        raise NOT_FOUND.problem()
    if found.claimed_at is not None:
        raise CLAIM_DONE.problem()
    bring_back(acting=acting, found=found)
    return found


def bring_back(*, acting: Actor, found: UnclaimedAmount) -> None:
    """Reverse what was done with a locked amount, inside the transaction of whoever claims it."""
    if found.expiry_id is not None:
        reverse(acting=acting, transfer_id=found.expiry_id, reason="claimed")
    reverse(acting=acting, transfer_id=found.set_aside_id, reason="claimed")
    found.claimed_at = now()
    found.save(update_fields=["claimed_at"])
    _log(acting, "unclaimed.claimed")
    _publish("unclaimed.claimed", found)


def run(*, acting: Actor) -> dict[str, int]:
    """All steps of a day; one that cannot move an amount leaves it for the next day."""
    steps = {
        "freed": release_of_who_left,
        "set_aside": set_aside,
        "left": set_aside_of_who_left,
        "warned": warn,
        "expired": expire,
    }
    done: dict[str, int] = {}
    for name, step in steps.items():
        try:
            done[name] = step(acting=acting)
        except Problem as problem:
            if problem.kind is not INSUFFICIENT:  # somebody took it out meanwhile
                raise
            done[name] = 0
    return done


def _kept_key(asset: str, dividend: Dividend | BulkBatch | None) -> AccountKey:
    """Where amounts of a dividend wait; those of people who left wait together."""
    scope = str(dividend.id) if dividend else "left"
    return AccountKey(Asset(asset).value, AccountKind.UNCLAIMED.value, None, scope)


def alone(owner: UUID) -> None:
    """Two copies that reach the same wallet take turns."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"unclaimed.{owner}"])


def _log(acting: Actor, kind: str) -> None:
    record(kind=kind, acting=acting, subject=None, payload={"count": 1})


def _publish(kind: str, found: UnclaimedAmount) -> None:
    outbox.publish(
        kind=kind,
        subject=str(found.id),
        payload={"unclaimed": str(found.id), "party": str(found.party_id)},
    )

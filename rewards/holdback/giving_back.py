"""What objections give back and nobody has had paid yet: how much, and by when.

The city gives itself ten days from the answer, as the law gives it for answers. What is due soon
and what is overdue is told once each (``run_clock``); nothing is paid by a clock, since it takes
an approver.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Final, NamedTuple, TypedDict
from uuid import UUID

from django.db import transaction

from dure.core import outbox
from dure.core.canonical import Json
from dure.core.clock import now, rfc3339
from dure.core.money import format_amount
from governance.models import Objection, RequestState
from governance.rights import clocks
from governance.rights.clocks import WARNING, Urgency, end_of_day_after
from rewards.models import (
    CheckState,
    ClaimCheck,
    EpochInput,
    GivingBackClock,
    GrantedPart,
    HeldReward,
    OverruledFinding,
)

#: Days of the city's calendar from the answer until the amount is paid.
GIVING_BACK_DAYS: Final = 10
#: Where a clock stands, as documents say it.
URGENCIES: Final = tuple(each.name.lower().replace("_", "-") for each in Urgency)


class Granted(NamedTuple):
    """A granted objection that an upheld finding has to yield to, and the sub-units it gives."""

    check: ClaimCheck
    objection: UUID
    granted_by: UUID
    at: datetime
    amount: int
    #: What the finding took; as much as ``amount`` where the objection was granted whole.
    taken: int

    @property
    def due_at(self) -> datetime:
        return end_of_day_after(self.at, GIVING_BACK_DAYS)


class GivingBackDocument(TypedDict):
    """An amount that waits to be given back; amounts are decimal strings of the asset.

    ``outcome`` is granted or partly, ``urgency`` in-time, due-soon or overdue.
    """

    id: str
    receipt: str
    call: str
    epoch: str
    position: int
    objection: str
    outcome: str
    asset: str
    amount: str
    taken: str
    granted_at: str
    due_at: str
    urgency: str
    overdue: bool


class GrantedPartDocument(TypedDict):
    """What an objection that was granted in part gives back, for whoever objected."""

    asset: str
    amount: str
    taken: str
    due_at: str
    paid_at: str | None


def granted_against(checks: Iterable[ClaimCheck]) -> dict[UUID, Granted]:
    """Granted objections, by check, of upheld findings whose settlement stands.

    Counted are objections to the reward of that contribution, by its owner, granted after the
    finding was upheld by somebody who took no part in it: whole, or in part with an amount. What
    gives most counts, and of that the earliest. Checks come with their contribution and drawing.
    """
    upheld = {
        (check.contribution.party_id, check.contribution.receipt): check
        for check in checks
        if check.state == CheckState.UPHELD
    }
    if not upheld:
        return {}
    of = [check.contribution_id for check in upheld.values()]
    standing = set(
        EpochInput.objects.filter(contribution__in=of).values_list("epoch_id", "contribution_id")
    )
    taken = {
        (epoch, contribution): amount
        for epoch, contribution, amount in HeldReward.objects.filter(
            contribution__in=of
        ).values_list("epoch_id", "contribution_id", "amount")
    }
    answered = Objection.objects.filter(
        party__in={party for party, _receipt in upheld},
        subject_kind="reward",
        subject_id__in={receipt for _party, receipt in upheld},
        state__in=[RequestState.GRANTED, RequestState.PARTLY],
    ).select_related("granted_part")
    found: dict[UUID, Granted] = {}
    for objection in answered.order_by("answered_at", "id"):
        check = upheld.get((objection.party_id, objection.subject_id))
        place = (check.drawing.epoch_id, check.contribution_id) if check else None
        if check is None or place not in standing or place not in taken:
            continue
        one = _granted(check, objection, taken[place])
        if one and (check.id not in found or found[check.id].amount < one.amount):
            found[check.id] = one
    return found


def _granted(check: ClaimCheck, objection: Objection, taken: int) -> Granted | None:
    by, at = objection.answered_by_id, objection.answered_at
    if by is None or at is None or check.decided_at is None:
        return None
    if at < check.decided_at or by in (check.checker_id, check.decider_id):
        return None
    if objection.state == RequestState.GRANTED:
        return Granted(check, objection.id, by, at, taken, taken)
    part = _part_of(objection)
    if part is None or part.check_of_id != check.id:
        return None
    return Granted(check, objection.id, by, at, part.amount, taken)


def _part_of(objection: Objection) -> GrantedPart | None:
    return getattr(objection, "granted_part", None)


def waiting_to_be_given_back() -> list[Granted]:
    """What granted objections give back and nobody has had paid yet, what is due first ahead."""
    receipts = Objection.objects.filter(
        subject_kind="reward", state__in=[RequestState.GRANTED, RequestState.PARTLY]
    )
    checks = ClaimCheck.objects.filter(
        state=CheckState.UPHELD, contribution__receipt__in=receipts.values("subject_id")
    ).select_related("contribution", "drawing__epoch__call")
    found = granted_against(checks)
    return sorted(found.values(), key=lambda one: (one.due_at, one.check.id))


def giving_back_list(*, urgency: str = "", call: str = "") -> list[Granted]:
    """As ``waiting_to_be_given_back``, only of one of URGENCIES or of one call where said so."""
    return [
        one
        for one in waiting_to_be_given_back()
        if urgency in ("", URGENCIES[clocks.urgency(one.due_at, now())])
        and call in ("", one.check.drawing.epoch.call.slug)
    ]


def giving_back_document(granted: Granted) -> GivingBackDocument:
    """One amount that waits, with where its clock stands now."""
    epoch, how = granted.check.drawing.epoch, clocks.urgency(granted.due_at, now())
    return {
        "id": str(granted.check.id),
        "receipt": granted.check.contribution.receipt,
        "call": epoch.call.slug,
        "epoch": str(epoch.id),
        "position": granted.check.position,
        "objection": str(granted.objection),
        "outcome": "granted" if granted.amount == granted.taken else "partly",
        "asset": epoch.asset,
        "amount": format_amount(granted.amount),
        "taken": format_amount(granted.taken),
        "granted_at": rfc3339(granted.at),
        "due_at": rfc3339(granted.due_at),
        "urgency": URGENCIES[how],
        "overdue": how is Urgency.OVERDUE,
    }


def grantable(objection: Objection) -> tuple[ClaimCheck, HeldReward] | None:
    """The upheld finding that an objection is about, and what it took; None where none stands."""
    if objection.subject_kind != "reward":
        return None
    check = (
        ClaimCheck.objects.filter(
            state=CheckState.UPHELD,
            contribution__receipt=objection.subject_id,
            contribution__party=objection.party_id,
        )
        .select_related("contribution", "drawing")
        .order_by("-decided_at")
        .first()
    )
    if check is None:
        return None
    standing = EpochInput.objects.filter(
        epoch=check.drawing.epoch_id, contribution=check.contribution_id
    )
    held = HeldReward.objects.select_related("epoch").filter(
        epoch=check.drawing.epoch_id, contribution=check.contribution_id
    )
    found = held.first()
    return (check, found) if found is not None and standing.exists() else None


def granted_parts(objections: Collection[UUID]) -> dict[UUID, GrantedPartDocument]:
    """What objections give back that were granted in part, by objection."""
    if not objections:
        return {}
    parts = GrantedPart.objects.filter(objection__in=objections).select_related(
        "objection", "check_of__drawing__epoch"
    )
    paid = dict(
        OverruledFinding.objects.filter(objection__in=objections).values_list(
            "objection_id", "paid_at"
        )
    )
    return {part.objection_id: _part_document(part, paid) for part in parts}


def _part_document(part: GrantedPart, paid: dict[UUID, datetime]) -> GrantedPartDocument:
    epoch, check = part.check_of.drawing.epoch, part.check_of
    held = HeldReward.objects.get(epoch=epoch, contribution=check.contribution_id)
    at, done = part.objection.answered_at, paid.get(part.objection_id)
    assert at is not None  # the database takes a part of an answered objection alone
    return {
        "asset": epoch.asset,
        "amount": format_amount(part.amount),
        "taken": format_amount(held.amount),
        "due_at": rfc3339(end_of_day_after(at, GIVING_BACK_DAYS)),
        "paid_at": rfc3339(done) if done else None,
    }


def giving_back_check() -> dict[str, Json]:
    """Whether what granted objections give back is paid within its days; how much waits."""
    found = waiting_to_be_given_back()
    late = sum(1 for one in found if clocks.urgency(one.due_at, now()) is Urgency.OVERDUE)
    return {"ok": not late, "open": len(found), "overdue": late}


def run_clock() -> int:
    """Tell, once each, of amounts that are due soon and of those that are overdue; how many."""
    moment, told = now(), 0
    for granted in waiting_to_be_given_back():
        if granted.due_at < moment + WARNING:
            told += _tell(granted, clocks.urgency(granted.due_at, moment))
    return told


@transaction.atomic
def _tell(granted: Granted, how: Urgency) -> bool:
    """Two clocks at once tell once: the second waits for the row of the first."""
    if how is Urgency.IN_TIME:
        return False
    row, new = GivingBackClock.objects.select_for_update().get_or_create(
        objection_id=granted.objection, defaults={"urgency": int(how), "told_at": now()}
    )
    if not new:
        if row.urgency >= how:
            return False
        row.urgency, row.told_at = int(how), now()
        row.save(update_fields=["urgency", "told_at"])
    outbox.publish(
        kind="giving_back.escalated",
        subject=str(granted.check.id),
        payload={"urgency": how.name.lower(), "objection": str(granted.objection)},
    )
    return True

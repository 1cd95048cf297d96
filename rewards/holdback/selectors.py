"""Reading what waits, what was drawn, and what checks found."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from fractions import Fraction
from typing import Any, NamedTuple, TypedDict
from uuid import UUID

from django.db.models import (
    BigIntegerField,
    Case,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from contributions.models import Contribution
from dure.core.clock import rfc3339
from dure.core.money import format_amount
from rewards.epochs import facts
from rewards.epochs.keys import GIVEN_BACK, given_back_key
from rewards.epochs.pledges import BoundDocument, bound_document, pledge_of
from rewards.holdback.giving_back import Granted, granted_against
from rewards.ledger.orders import derived_key
from rewards.models import (
    CheckState,
    ClaimCheck,
    ClaimDrawing,
    Epoch,
    HeldReward,
    OverruledFinding,
    Transfer,
    TransferState,
)
from rewards.valuation.deterrence import worst_case


class Part(NamedTuple):
    """A part of a reward that was held back, in sub-units, and what became of it."""

    amount: int
    due_at: datetime
    waits: bool
    #: Of it, to its owner: on its day, or given back after an objection, whole or in part.
    paid: int


class GivenBackDocument(TypedDict):
    """What a granted objection gave back: ``transfer`` paid it, ``corrects`` had taken it away.

    ``amount`` is all that had been taken, or the part of it that was granted.
    """

    transfer: str
    corrects: str
    amount: str
    paid_at: str


class ToGiveBackDocument(TypedDict):
    """What a granted objection is to give back, once an approver has it paid, by ``due_at``."""

    amount: str
    due_at: str


class HeldDocument(TypedDict):
    """What is held back of a reward: ``state`` is waiting, paid, returned (to the pool) or
    given-back (from there, after an objection; then ``given_back`` says how, and how much: the rest
    stays in the pool). ``to_give_back`` is what such an objection gives and nobody has paid yet.

    ``check`` is how the check of the contribution stands, null where it was not drawn; ``ground``
    and ``reason`` say what an upheld finding found, in a code and in words for the owner.
    """

    amount: str
    due_at: str
    state: str
    check: str | None
    ground: str
    reason: str
    given_back: GivenBackDocument | None
    to_give_back: ToGiveBackDocument | None


class PledgeDocument(TypedDict):
    """What a settlement's call pledged, what waits by now, and whether it deters at its prices.

    Amounts are decimal strings; ``bound`` is taken at the prices that the settlement paid.
    """

    audit_rate: str
    hold_back: str
    hold_back_days: int
    records: int
    bound: BoundDocument
    held: str
    waiting: str
    paid: str
    returned: str
    given_back: str
    drawn: int
    checked: int
    upheld: int
    checkpoint_size: int | None
    checkpoint_root: str | None


def _resolved(state: TransferState) -> Exists:
    return Exists(Transfer.objects.filter(pending_id=OuterRef("hold_id"), state=state))


def _with_fate() -> QuerySet[Any]:  # Any: the columns beside those of HeldReward
    """Parts with ``paid``, ``returned`` and ``given_back``, each in sub-units; what is left waits.

    What was given back had returned to the pool before, and is ``returned`` no more.
    """
    given = OverruledFinding.objects.filter(voided__pending=OuterRef("hold_id"))
    amount = BigIntegerField()
    nothing = Value(0, output_field=amount)
    return HeldReward.objects.annotate(
        given_back=Coalesce(Subquery(given.values("amount")[:1]), nothing),
        paid=Case(
            When(_resolved(TransferState.POST), then=F("amount")),
            default=nothing,
            output_field=amount,
        ),
        returned=Case(
            When(_resolved(TransferState.VOID), then=F("amount") - F("given_back")),
            default=nothing,
            output_field=amount,
        ),
    )


def parts_of(contributions: Iterable[Contribution]) -> dict[tuple[UUID, UUID], Part]:
    """Parts that were held back, by epoch and contribution."""
    rows = _with_fate().filter(contribution__in=list(contributions))
    return {
        (epoch, contribution): Part(amount, due_at, not (paid or returned or given), paid + given)
        for epoch, contribution, amount, due_at, paid, returned, given in rows.values_list(
            "epoch_id", "contribution_id", "amount", "due_at", "paid", "returned", "given_back"
        )
    }


def waiting_of(epoch: Epoch) -> dict[UUID, int]:
    """Sub-units of an epoch that still wait, by contribution."""
    rows = HeldReward.objects.filter(epoch=epoch, hold__resolutions=None)
    return dict(rows.values_list("contribution_id", "amount"))


def waiting_by_epoch(epochs: Iterable[UUID]) -> dict[UUID, int]:
    """Sub-units that still wait of what settlements came to, by epoch; none: not in it."""
    rows = HeldReward.objects.filter(epoch__in=list(epochs), hold__resolutions=None).order_by()
    return {id_: int(sum_) for id_, sum_ in rows.values_list("epoch_id").annotate(Sum("amount"))}


def voided_by_findings(epoch: Epoch) -> dict[UUID, int]:
    """Sub-units of an epoch that findings sent back to the pool for good, by contribution."""
    found = ClaimCheck.objects.filter(
        drawing__epoch=epoch, state__in=[CheckState.UPHELD, CheckState.OVERRULED]
    )
    rows = _with_fate().filter(
        epoch=epoch, contribution__in=found.values("contribution_id"), returned__gt=0
    )
    return dict(rows.values_list("contribution_id", "returned"))


def waiting_for(party_id: UUID) -> dict[str, int]:
    """Sub-units that wait for a party, by asset."""
    rows = (
        HeldReward.objects.filter(contribution__party_id=party_id, hold__resolutions=None)
        .values_list("epoch__asset")
        .annotate(total=Sum("amount"))
        .order_by()
    )
    return {asset: int(total) for asset, total in rows}


def waiting_at(party_id: UUID, asset: str, moment: datetime) -> int:
    """Sub-units of one asset that waited for a party at a moment."""
    done = Transfer.objects.filter(pending_id=OuterRef("hold_id"), posted_at__lt=moment)
    rows = HeldReward.objects.filter(
        ~Exists(done),
        contribution__party_id=party_id,
        epoch__asset=asset,
        hold__posted_at__lt=moment,
    )
    return int(rows.aggregate(total=Sum("amount"))["total"] or 0)


def held_receipts(parties: Collection[UUID], transfers: Collection[UUID]) -> dict[UUID, str]:
    """Receipt numbers of parties by the key of the transfer that paid a part that had waited."""
    rows = HeldReward.objects.filter(
        contribution__party_id__in=parties, hold__resolutions__in=transfers
    ).values_list("hold_id", "contribution__receipt")
    return {derived_key("resolution", hold): receipt for hold, receipt in rows}


def given_back_receipts(transfers: Mapping[UUID, str]) -> dict[UUID, str]:
    """Receipt numbers by the key of the transfer that gave back what a finding had taken.

    ``transfers`` are kinds by transfer.
    """
    given = [transfer for transfer, kind in transfers.items() if kind == GIVEN_BACK]
    if not given:
        return {}
    rows = OverruledFinding.objects.filter(transfer__in=given)
    found = rows.values_list("voided_id", "check_of__contribution__receipt")
    return {given_back_key(voided): receipt for voided, receipt in found}


class HeldLine(TypedDict):
    """A part of a reward that waits, or that an upheld finding sent back to the pool.

    ``to_give_back`` is what of it a granted objection gives and nobody has paid yet.
    """

    receipt: str
    asset: str
    amount: str
    due_at: str
    state: str
    to_give_back: ToGiveBackDocument | None


def held_lines(party_id: UUID, limit: int = 20) -> list[HeldLine]:
    """What waits for a party, what is due first before the rest, and what was taken back."""
    rows = _with_fate().filter(
        Q(returned__gt=0) | Q(given_back=0), contribution__party_id=party_id, paid=0
    )
    found = list(
        rows.order_by("due_at", "contribution__receipt").values_list(
            "epoch_id",
            "contribution_id",
            "contribution__receipt",
            "epoch__asset",
            "amount",
            "due_at",
            "returned",
        )[:limit]
    )
    taken = {contribution for _, contribution, *_, returned in found if returned}
    giving = _to_be_given_back(taken)
    return [
        {
            "receipt": receipt,
            "asset": asset,
            "amount": format_amount(returned or amount),
            "due_at": rfc3339(due_at),
            "state": "returned" if returned else "waiting",
            "to_give_back": giving.get((epoch, contribution)),
        }
        for epoch, contribution, receipt, asset, amount, due_at, returned in found
    ]


def to_give_back(contribution: Contribution) -> ToGiveBackDocument | None:
    """What a granted objection to a finding against a contribution is to give back."""
    return next(iter(_to_be_given_back([contribution.id]).values()), None)


def _to_be_given_back(
    contributions: Collection[UUID],
) -> dict[tuple[UUID, UUID], ToGiveBackDocument]:
    """What granted objections are to give back, by epoch and contribution."""
    if not contributions:
        return {}
    checks = ClaimCheck.objects.select_related("contribution", "drawing").filter(
        contribution__in=contributions, state=CheckState.UPHELD
    )
    return {
        (granted.check.drawing.epoch_id, granted.check.contribution_id): _giving(granted)
        for granted in granted_against(checks).values()
    }


def held_document(epoch_id: UUID, contribution_id: UUID) -> HeldDocument | None:
    """What is held back of a reward, for its owner; none where nothing is."""
    own = _with_fate().filter(epoch=epoch_id, contribution=contribution_id)
    row = own.values_list("amount", "due_at", "paid", "returned").first()
    if row is None:
        return None
    amount, due_at, paid, returned = row
    check = (
        ClaimCheck.objects.select_related("overruled", "contribution", "drawing")
        .filter(drawing__epoch=epoch_id, contribution=contribution_id)
        .first()
    )
    upheld = check is not None and check.state in (CheckState.UPHELD, CheckState.OVERRULED)
    given = _given_back(check)
    state = "paid" if paid else "given-back" if given else "returned" if returned else "waiting"
    return {
        "amount": format_amount(amount),
        "due_at": rfc3339(due_at),
        "state": state,
        "check": str(check.state) if check is not None else None,
        "ground": str(check.ground) if check is not None and upheld else "",
        "reason": check.reason if check is not None and upheld else "",
        "given_back": given,
        "to_give_back": _to_give_back(check),
    }


def _to_give_back(check: ClaimCheck | None) -> ToGiveBackDocument | None:
    granted = granted_against([check]).get(check.id) if check is not None else None
    return _giving(granted) if granted is not None else None


def _giving(granted: Granted) -> ToGiveBackDocument:
    return {"amount": format_amount(granted.amount), "due_at": rfc3339(granted.due_at)}


def _given_back(check: ClaimCheck | None) -> GivenBackDocument | None:
    if check is None or check.state != CheckState.OVERRULED:
        return None
    given = check.overruled
    return {
        "transfer": str(given.transfer_id),
        "corrects": str(given.voided_id),
        "amount": format_amount(given.amount),
        "paid_at": rfc3339(given.paid_at),
    }


def pledge_document(epoch: Epoch) -> PledgeDocument | None:
    """What a settled epoch pledged and what became of it; none where its call pledges nothing."""
    stored = facts.epoch_terms(epoch) if epoch.terms else None
    stated = stored["parameters"].get("deterrence") if stored else None
    if stored is None or stated is None:
        return None
    claimed, true = worst_case(facts.terms_of(stored).prices)
    ratio = claimed / true if true else Fraction(1)
    sums = (
        _with_fate()
        .filter(epoch=epoch)
        .aggregate(
            total=Sum("amount"), out=Sum("paid"), back=Sum("returned"), again=Sum("given_back")
        )
    )
    held, paid = int(sums["total"] or 0), int(sums["out"] or 0)
    returned, given = int(sums["back"] or 0), int(sums["again"] or 0)
    drawing = ClaimDrawing.objects.filter(epoch=epoch).first()
    checks = ClaimCheck.objects.filter(drawing__epoch=epoch)
    return {
        "audit_rate": stated["audit_rate"],
        "hold_back": stated["hold_back"],
        "hold_back_days": stated["hold_back_days"],
        "records": stated["records"],
        "bound": bound_document(pledge_of(stated), ratio),
        "held": format_amount(held),
        "waiting": format_amount(held - paid - returned - given),
        "paid": format_amount(paid),
        "returned": format_amount(returned),
        "given_back": format_amount(given),
        "drawn": drawing.size if drawing else 0,
        "checked": checks.exclude(state=CheckState.DRAWN).count(),
        "upheld": checks.filter(state=CheckState.UPHELD).count(),
        "checkpoint_size": drawing.checkpoint_size if drawing else None,
        "checkpoint_root": drawing.checkpoint_root if drawing else None,
    }


def checks_of(epoch: Epoch) -> QuerySet[ClaimCheck]:
    """The checks of an epoch in the order they were drawn."""
    return (
        ClaimCheck.objects.filter(drawing__epoch=epoch)
        .select_related("contribution", "drawing__epoch__call", "checker", "decider")
        .order_by("position")
    )


def drawn_epochs() -> QuerySet[Epoch]:
    """Settlements of which contributions were drawn, newest first."""
    return (
        Epoch.objects.filter(claim_drawing__isnull=False)
        .select_related("call", "claim_drawing")
        .defer("manifest")
        .order_by("-approved_at", "-id")
    )

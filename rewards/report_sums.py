"""Which sums of rewards a transparency report may show: rows of the ledger in, verdicts out.

Linked sums are judged together. The epochs of a call add up to the call, the calls of an asset to
its total, what was funded less what is left to everything ever paid; and what earlier editions of
the same report showed can be subtracted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.db.models import QuerySet, Sum

from dure.core.clock import quarter
from governance.models import LogEntry
from governance.reports import dominance
from governance.reports.dominance import Parts
from governance.reports.periods import Period
from rewards import report_history as history
from rewards.models import (
    Epoch,
    EpochInput,
    EpochKind,
    EpochState,
    InputRelease,
    Redemption,
    RedemptionState,
)
from rewards.report_history import Payment
from rewards.report_solving import Decision

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class PaidSums:
    """What is withheld: epochs and calls by id, totals by asset.

    ``hidden_pools`` are calls of which what is left would tell something that was withheld, and
    ``hidden_promises`` those of which what is free would.
    """

    hidden_epochs: frozenset[UUID]
    hidden_calls: frozenset[UUID]
    hidden_totals: frozenset[str]
    hidden_pools: frozenset[UUID]
    hidden_promises: frozenset[UUID]


def approved_in(period: Period) -> QuerySet[Epoch]:
    """Settlements whose approval the log has in the period, as far as the report looks.

    By the log's own time and place, so that whoever counts its entries finds the same epochs.
    """
    entries = LogEntry.objects.filter(
        kind="epoch.approved", recorded_at__gte=period.start, recorded_at__lt=period.end
    )
    if period.log_size is not None:
        entries = entries.filter(place__index__lt=period.log_size)
    return (
        Epoch.objects.filter(kind=EpochKind.SETTLEMENT, approval_entry__in=entries.values("id"))
        .select_related("call")
        .defer("manifest", "terms")
        .order_by("call__slug", "number")
    )


def paid_sums(epochs: list[Epoch], period: Period) -> PaidSums:
    """Judges the sums over these approved epochs of a period."""
    approved = _approved()
    parts = _parts(epoch.id for epoch in approved if epoch.kind == EpochKind.SETTLEMENT)
    told = history.pools_told(period.editions)
    hidden_calls: set[UUID] = set()
    hidden_totals: set[str] = set()
    for asset in sorted({epoch.asset for epoch in epochs}):
        own = [epoch for epoch in epochs if epoch.asset == asset]
        calls = _calls(own, parts)
        order = sorted(calls)
        cells = [calls[call] for call in order]
        stay = _standing_still(own, parts, period, asset)
        before = {place for place, call in enumerate(order) if call in stay}
        places = dominance.withheld(cells, before=before)
        hidden_calls |= {order[place] for place in places}
        # What a reader has of the withheld ones from pools does not cover the others any more.
        apart = _cut_by_pools(own, parts, told)
        hidden_calls |= apart
        after = _told_by_pools(own, told)
        rest = [cells[place] for place in sorted(places) if order[place] not in after]
        # And a call that is withheld for its history is not told by a total either.
        if (
            stay
            or apart
            or any(dominance.is_sensitive(dominance.together(group)) for group in (cells, rest))
        ):
            hidden_totals.add(asset)
    # A sum may be fine and yet tell, beside an earlier edition, what a few got since then.
    for cut in period.cuts:
        since = [epoch for epoch in epochs if epoch.approved_at and epoch.approved_at >= cut]
        for asset in {epoch.asset for epoch in since}:
            added = _calls([epoch for epoch in since if epoch.asset == asset], parts)
            close = {call for call, cell in added.items() if dominance.is_sensitive(cell)}
            hidden_calls |= close
            if close:
                hidden_totals.add(asset)
    return PaidSums(
        hidden_epochs=_hidden_epochs(epochs, parts, hidden_calls, period),
        hidden_calls=frozenset(hidden_calls),
        hidden_totals=frozenset(hidden_totals),
        hidden_pools=frozenset(hidden_calls) | _hidden_pools(approved, parts, period),
        hidden_promises=_hidden_promises(),
    )


def everything(epochs: list[Epoch]) -> PaidSums:
    """All that was ever paid is withheld, as where nothing less would do."""
    calls = frozenset(Epoch.objects.exclude(approved_at=None).values_list("call_id", flat=True))
    return PaidSums(
        hidden_epochs=frozenset(epoch.id for epoch in epochs),
        hidden_calls=frozenset(epoch.call_id for epoch in epochs),
        hidden_totals=frozenset(epoch.asset for epoch in epochs),
        hidden_pools=calls,
        hidden_promises=calls,
    )


def decisions() -> list[Decision]:
    """Every approved settlement and reversal, with whose amounts it moved."""
    approved = _approved()
    parts = _parts(epoch.id for epoch in approved if epoch.kind == EpochKind.SETTLEMENT)
    made = []
    for epoch in approved:
        settles = epoch.kind == EpochKind.SETTLEMENT
        about = epoch.id if settles else epoch.reverses_id
        if epoch.approved_at and about:
            own = parts.get(about, {})
            sign = 1 if settles else -1
            made.append(
                Decision(epoch.id, epoch.call.slug, epoch.asset, epoch.approved_at, own, sign)
            )
    return made


def _approved() -> list[Epoch]:
    found = Epoch.objects.filter(state=EpochState.APPROVED).select_related("call")
    return list(found.defer("manifest", "terms"))


def _standing_still(
    epochs: list[Epoch], parts: dict[UUID, Parts], period: Period, asset: str
) -> set[UUID]:
    """Calls that earlier editions withheld and to which nothing came that would cover them."""
    slugs = {epoch.call_id: epoch.call.slug for epoch in epochs}
    stay: set[str] = set()
    for edition in period.own:
        cut = edition.computed_at
        then, since = (
            {slugs[call]: cell for call, cell in _calls(chosen, parts).items()}
            for chosen in (
                [epoch for epoch in epochs if epoch.approved_at and epoch.approved_at < cut],
                [epoch for epoch in epochs if epoch.approved_at and epoch.approved_at >= cut],
            )
        )
        stay |= history.told_by_standing_still(
            history.calls_withheld([edition]) & set(then),
            asset in history.totals_shown(edition),
            then,
            since,
        )
    return {call for call, slug in slugs.items() if slug in stay}


def _told_by_pools(epochs: list[Epoch], told: Mapping[str, Sequence[datetime]]) -> set[UUID]:
    """Calls of which an edition told the pool after something of these epochs was paid."""
    return {
        epoch.call_id
        for epoch in epochs
        if epoch.approved_at and max(told.get(epoch.call.slug, [_NEVER])) >= epoch.approved_at
    }


def _cut_by_pools(
    epochs: list[Epoch], parts: dict[UUID, Parts], told: Mapping[str, Sequence[datetime]]
) -> set[UUID]:
    """Calls whose sum over these epochs a pool that was told in between would take apart."""
    payments: dict[UUID, list[Payment]] = defaultdict(list)
    for epoch in epochs:
        if epoch.approved_at:
            payments[epoch.call_id].append(Payment(epoch.approved_at, parts.get(epoch.id, {})))
    slugs = {epoch.call_id: epoch.call.slug for epoch in epochs}
    return {
        call
        for call, own in payments.items()
        if (moments := told.get(slugs[call])) and history.pool_tells(own, moments)
    }


def _hidden_epochs(
    epochs: list[Epoch],
    parts: dict[UUID, Parts],
    hidden_calls: Iterable[UUID],
    period: Period,
) -> frozenset[UUID]:
    """Epochs that are sensitive themselves or would give away the sum of their call."""
    withheld_before = history.epochs_withheld(period.editions)
    by_call: dict[UUID, list[Epoch]] = defaultdict(list)
    for epoch in epochs:
        by_call[epoch.call_id].append(epoch)
    hidden: set[UUID] = set()
    for call, own in by_call.items():
        if call in set(hidden_calls):
            hidden |= {epoch.id for epoch in own}
        else:
            before = [at for at, epoch in enumerate(own) if str(epoch.id) in withheld_before]
            places = dominance.withheld([parts.get(epoch.id, {}) for epoch in own], before=before)
            hidden |= {own[place].id for place in places}
    return frozenset(hidden)


def _hidden_pools(epochs: list[Epoch], parts: dict[UUID, Parts], period: Period) -> frozenset[UUID]:
    """Calls whose pool, told now beside what was told before, gives a few people away."""
    withheld = history.calls_withheld(period.editions)
    told = [edition.computed_at for edition in period.editions]
    payments: dict[UUID, list[Payment]] = defaultdict(list)
    back: dict[UUID, list[Payment]] = defaultdict(list)
    hidden: set[UUID] = set()
    for epoch in epochs:
        if epoch.call.slug in withheld:
            hidden.add(epoch.call_id)
        if epoch.approved_at is None:
            continue
        if epoch.kind == EpochKind.SETTLEMENT:
            payments[epoch.call_id].append(Payment(epoch.approved_at, parts.get(epoch.id, {})))
        elif epoch.reverses_id:
            taken = parts.get(epoch.reverses_id, {})
            back[epoch.call_id].append(Payment(epoch.approved_at, taken))
    for flow in (payments, back):
        for call, own in flow.items():
            # Quarters end a stretch too: each states what was paid in it.
            ends = [Period.of(quarter(each.at)).start for each in own]
            if history.pool_tells(own, [*told, *ends]):
                hidden.add(call)
    return frozenset(hidden)


def _hidden_promises() -> frozenset[UUID]:
    """Calls of which what is promised, the pool less what is free, tells of a few people."""
    promised: dict[UUID, list[UUID]] = defaultdict(list)
    closed = Epoch.objects.filter(kind=EpochKind.SETTLEMENT, state=EpochState.CLOSED)
    for call, epoch in closed.values_list("call_id", "id"):
        promised[call].append(epoch)
    parts = _parts(epoch for own in promised.values() for epoch in own)
    return frozenset(
        call
        for call, own in promised.items()
        if dominance.is_sensitive(dominance.together([parts.get(epoch, {}) for epoch in own]))
    )


def _calls(epochs: list[Epoch], parts: dict[UUID, Parts]) -> dict[UUID, Parts]:
    cells: dict[UUID, list[Parts]] = defaultdict(list)
    for epoch in epochs:
        cells[epoch.call_id].append(parts.get(epoch.id, {}))
    return {call: dominance.together(own) for call, own in cells.items()}


def _parts(epochs: Iterable[UUID]) -> dict[UUID, Parts]:
    """What each party got of an epoch, also where it was taken back later."""
    ids = list(epochs)
    found: dict[UUID, dict[Hashable, int]] = defaultdict(dict)
    for model in (EpochInput, InputRelease):
        rows = (
            model.objects.filter(epoch__in=ids, reward__gt=0)
            .values_list("epoch_id", "contribution__party_id")
            .annotate(total=Sum("reward"))
            .order_by()
        )
        for epoch, party, total in rows:
            found[epoch][party] = found[epoch].get(party, 0) + int(total)
    return dict(found)


def taken_back(period: Period) -> dict[str, int | None]:
    """Rewards taken back in a period by asset; None is withheld."""
    reversals = Epoch.objects.filter(
        kind=EpochKind.REVERSAL,
        state=EpochState.APPROVED,
        approved_at__gte=period.start,
        approved_at__lt=period.end,
    )
    totals: dict[str, int | None] = {}
    for asset in sorted(set(reversals.values_list("asset", flat=True))):
        own = list(reversals.filter(asset=asset).defer("manifest", "terms"))
        parts = _parts(epoch.reverses_id for epoch in own if epoch.reverses_id)
        cells = dominance.together(list(parts.values()))
        totals[asset] = (
            None
            if dominance.is_sensitive(cells) or _since(own, period.cuts)
            else sum(epoch.returned for epoch in own)
        )
    return totals


def _since(epochs: list[Epoch], cuts: Iterable[datetime]) -> bool:
    """Whether something was approved after an earlier edition: its difference would be told."""
    return any(epoch.approved_at and epoch.approved_at >= cut for epoch in epochs for cut in cuts)


def taken_out(period: Period) -> dict[str, int | None]:
    """What was taken out of wallets in a period by asset; None is withheld."""
    starts = (period.start, *period.cuts)
    totals: dict[str, int | None] = {}
    for place, start in enumerate(starts):
        rows = (
            Redemption.objects.filter(
                state=RedemptionState.SETTLED, resolved_at__gte=start, resolved_at__lt=period.end
            )
            .values_list("asset", "party_id")
            .annotate(total=Sum("amount"))
            .order_by()
        )
        cells: dict[str, dict[Hashable, int]] = defaultdict(dict)
        for asset, party, total in rows:
            cells[asset][party] = int(total)
        for asset, cell in cells.items():
            if dominance.is_sensitive(cell):
                totals[asset] = None
            elif place == 0:
                totals[asset] = sum(cell.values())
    return totals

"""Which sums of rewards a transparency report may show: rows of the ledger in, verdicts out.

Linked sums are judged together. The epochs of a call add up to the call, the calls of an asset to
its total, what was funded less what is left to everything ever paid; and what earlier editions of
the same report showed can be subtracted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet, Sum

from dure.core.clock import quarter
from governance.models import LogEntry
from governance.reports import dominance
from governance.reports.dominance import Parts
from governance.reports.periods import Period
from rewards.models import (
    Epoch,
    EpochInput,
    EpochKind,
    EpochState,
    InputRelease,
    Redemption,
    RedemptionState,
)


@dataclass(frozen=True, slots=True)
class PaidSums:
    """What is withheld: epochs and calls by id, totals by asset.

    ``ever_hidden`` are calls of which some quarter up to now was withheld.
    """

    hidden_epochs: frozenset[UUID]
    hidden_calls: frozenset[UUID]
    hidden_totals: frozenset[str]
    ever_hidden: frozenset[UUID]


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
    history = list(
        Epoch.objects.filter(
            kind=EpochKind.SETTLEMENT, state=EpochState.APPROVED, approved_at__lt=period.end
        ).defer("manifest", "terms")
    )
    parts = _parts(epoch.id for epoch in history)
    hidden_calls: set[UUID] = set()
    hidden_totals: set[str] = set()
    for asset in sorted({epoch.asset for epoch in epochs}):
        calls = _calls([epoch for epoch in epochs if epoch.asset == asset], parts)
        order = sorted(calls)
        cells = [calls[call] for call in order]
        hidden_calls |= {order[place] for place in dominance.withheld(cells)}
        if not dominance.total_may_be_shown(cells):
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
        hidden_epochs=_hidden_epochs(epochs, parts, hidden_calls),
        hidden_calls=frozenset(hidden_calls),
        hidden_totals=frozenset(hidden_totals),
        ever_hidden=frozenset(hidden_calls) | _ever_hidden(history, parts),
    )


def _hidden_epochs(
    epochs: list[Epoch], parts: dict[UUID, Parts], hidden_calls: Iterable[UUID]
) -> frozenset[UUID]:
    """Epochs that are sensitive themselves or would give away the sum of their call."""
    by_call: dict[UUID, list[Epoch]] = defaultdict(list)
    for epoch in epochs:
        by_call[epoch.call_id].append(epoch)
    hidden: set[UUID] = set()
    for call, own in by_call.items():
        if call in set(hidden_calls):
            hidden |= {epoch.id for epoch in own}
        else:
            places = dominance.withheld([parts.get(epoch.id, {}) for epoch in own])
            hidden |= {own[place].id for place in places}
    return frozenset(hidden)


def _ever_hidden(history: list[Epoch], parts: dict[UUID, Parts]) -> frozenset[UUID]:
    quarters: dict[tuple[UUID, str], list[Epoch]] = defaultdict(list)
    for epoch in history:
        if epoch.approved_at is not None:
            quarters[epoch.call_id, quarter(epoch.approved_at)].append(epoch)
    return frozenset(
        call
        for (call, _quarter), epochs in quarters.items()
        if dominance.is_sensitive(dominance.together([parts.get(e.id, {}) for e in epochs]))
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

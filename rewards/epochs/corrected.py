"""Reading corrections: what a reversal would do, and what became of a contribution's reward."""

from __future__ import annotations

from typing import NamedTuple, TypedDict

from contributions.models import Contribution, State
from dure.core.clock import rfc3339
from dure.core.money import format_amount
from rewards.holdback.selectors import voided_by_findings, waiting_of
from rewards.ledger.accounts import find_accounts, wallet_key
from rewards.ledger.bulk.folding import holdings
from rewards.models import Epoch, EpochInput, EpochState, InputRelease


class ReversalEffect(TypedDict):
    """What taking back a paid epoch would do now; amounts are decimal strings of its asset.

    ``returns`` would come back to the pool from ``people``, what still waits for them included;
    ``before`` is what findings sent back already; ``stays`` is what was spent, or paid for data
    that was withdrawn since, and stays with those who have it. The three make up ``paid``.
    ``waiting`` contributions would be priced again by the next settlement.
    """

    asset: str
    paid: str
    before: str
    returns: str
    stays: str
    people: int
    waiting: int


class SettledLine(NamedTuple):
    """What a settlement priced a contribution at; ``gone`` where it no longer settles it."""

    receipt: str
    records: int
    reward: int
    gone: bool


class ChangeDocument(TypedDict):
    """One correction of a reward: ``kind`` is rejected, reversed or kept; ``amount`` what it was.

    ``transfer`` took the amount back, where it had been paid.
    """

    kind: str
    epoch: str
    number: int
    ground: str
    asset: str
    amount: str
    at: str | None
    transfer: str | None


def reversal_effect(epoch: Epoch) -> ReversalEffect:
    """What a reversal of an approved epoch would do at this moment, in the order it would do it."""
    rows = list(
        EpochInput.objects.filter(epoch=epoch)
        .order_by("contribution_id")
        .values_list(
            "contribution_id",
            "contribution__party_id",
            "reward",
            "contribution__excluded_at",
            "contribution__state",
        )
    )
    keys = {party: wallet_key(party, epoch.asset) for _id, party, *_rest in rows}
    voided, waits = voided_by_findings(epoch), waiting_of(epoch)
    accounts = find_accounts(wanted=keys.values())
    held = holdings(list(accounts.values()))
    left = {party: held[accounts[key]].spendable for party, key in keys.items() if key in accounts}
    returns, waiting, people = 0, 0, set()
    for id_, party, reward, excluded_at, state in rows:
        returned = reward - voided.get(id_, 0)
        from_wallet = returned - waits.get(id_, 0)
        gone = excluded_at is not None or state != State.ACCEPTED
        if gone or left.get(party, 0) < from_wallet:
            continue
        waiting += 1
        if returned:
            left[party] = left.get(party, 0) - from_wallet
            returns += returned
            people.add(party)
    return {
        "asset": epoch.asset,
        "paid": format_amount(epoch.total),
        "before": format_amount(sum(voided.values())),
        "returns": format_amount(returns),
        "stays": format_amount(epoch.total - sum(voided.values()) - returns),
        "people": len(people),
        "waiting": waiting,
    }


def settled_lines(epoch: Epoch, most: int) -> list[SettledLine]:
    """The largest lines that a settlement came to, those rejected or taken back since included.

    So they sum to its total, whatever became of it.
    """
    standing = EpochInput.objects.filter(epoch=epoch).order_by("-reward", "pseudonym")
    gone = InputRelease.objects.filter(epoch=epoch).order_by("-reward", "pseudonym")
    lines = [
        SettledLine(row.contribution.receipt, row.records, row.reward, False)
        for row in standing.select_related("contribution")[:most]
    ]
    lines += [
        SettledLine(row.contribution.receipt, row.contribution.accepted, row.reward, True)
        for row in gone.select_related("contribution")[:most]
    ]
    return sorted(lines, key=lambda line: -line.reward)[:most]


def changes_of(contribution: Contribution) -> list[ChangeDocument]:
    """Corrections of what a contribution earned, oldest first."""
    released = (
        InputRelease.objects.filter(contribution=contribution)
        .select_related("epoch")
        .order_by("epoch__number")
    )
    found = [_released(each) for each in released]
    row = EpochInput.objects.select_related("epoch").filter(contribution=contribution).first()
    reversal = _reversal(row.epoch) if row else None
    if row is not None and reversal is not None:
        found.append(_change("kept", row.epoch, reversal, row.reward, None))
    return found


def _released(release: InputRelease) -> ChangeDocument:
    epoch, reversal = release.epoch, _reversal(release.epoch)
    transfer = str(release.transfer_id) if release.transfer_id else None
    if reversal is None:
        return _change("rejected", epoch, epoch, release.reward, transfer)
    return _change("reversed", epoch, reversal, release.reward, transfer)


def _reversal(epoch: Epoch) -> Epoch | None:
    return epoch.reversals.filter(state=EpochState.APPROVED).first()


def _change(
    kind: str, epoch: Epoch, by: Epoch, amount: int, transfer: str | None
) -> ChangeDocument:
    return {
        "kind": kind,
        "epoch": str(epoch.id),
        "number": epoch.number,
        "ground": by.ground,
        "asset": epoch.asset,
        "amount": format_amount(amount),
        "at": rfc3339(by.approved_at) if by.approved_at else None,
        "transfer": transfer,
    }

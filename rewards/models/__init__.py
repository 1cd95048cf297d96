"""The facts of this room: the ledger, epochs and redemptions."""

from __future__ import annotations

from rewards.models.dividends import (
    Dividend,
    DividendChunk,
    DividendShare,
    DividendState,
    Licence,
)
from rewards.models.epochs import Epoch, EpochInput, EpochState, RewardLine
from rewards.models.ledger import (
    NO_FLOOR,
    SOURCES,
    Account,
    AccountKind,
    Balance,
    ClosedPeriod,
    Entry,
    Hold,
    Transfer,
    TransferState,
)
from rewards.models.redemptions import Rail, Redemption, RedemptionState

__all__ = [
    "NO_FLOOR",
    "SOURCES",
    "Account",
    "AccountKind",
    "Balance",
    "ClosedPeriod",
    "Dividend",
    "DividendChunk",
    "DividendShare",
    "DividendState",
    "Entry",
    "Epoch",
    "EpochInput",
    "EpochState",
    "Hold",
    "Licence",
    "Rail",
    "Redemption",
    "RedemptionState",
    "RewardLine",
    "Transfer",
    "TransferState",
]

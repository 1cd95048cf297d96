"""The facts of this room: the ledger, epochs and redemptions."""

from __future__ import annotations

from rewards.models.bulk import BulkBatch, BulkChunk, BulkEntry, BulkFold, BulkState
from rewards.models.dividends import (
    Dividend,
    DividendChunk,
    DividendShare,
    DividendState,
    Licence,
)
from rewards.models.epochs import (
    Epoch,
    EpochGround,
    EpochInput,
    EpochKind,
    EpochState,
    InputRelease,
    RewardLine,
)
from rewards.models.holdback import (
    CheckGround,
    CheckState,
    ClaimCheck,
    ClaimDrawing,
    HeldReward,
)
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
from rewards.models.parameters import ChangeState, ParameterChange
from rewards.models.payouts import (
    BatchState,
    DifferenceNote,
    EventKind,
    EventOutcome,
    ItemState,
    PayoutBatch,
    PayoutItem,
    PolicySubject,
    RailDuplicate,
    RailEvent,
    RailImport,
    TreasuryPolicy,
)
from rewards.models.redemptions import Rail, Redemption, RedemptionState
from rewards.models.training import TrainingQuestions
from rewards.models.unclaimed import UnclaimedAmount, WhyUnclaimed

__all__ = [
    "NO_FLOOR",
    "SOURCES",
    "Account",
    "AccountKind",
    "Balance",
    "BatchState",
    "BulkBatch",
    "BulkChunk",
    "BulkEntry",
    "BulkFold",
    "BulkState",
    "ChangeState",
    "CheckGround",
    "CheckState",
    "ClaimCheck",
    "ClaimDrawing",
    "ClosedPeriod",
    "DifferenceNote",
    "Dividend",
    "DividendChunk",
    "DividendShare",
    "DividendState",
    "Entry",
    "Epoch",
    "EpochGround",
    "EpochInput",
    "EpochKind",
    "EpochState",
    "EventKind",
    "EventOutcome",
    "HeldReward",
    "Hold",
    "InputRelease",
    "ItemState",
    "Licence",
    "ParameterChange",
    "PayoutBatch",
    "PayoutItem",
    "PolicySubject",
    "Rail",
    "RailDuplicate",
    "RailEvent",
    "RailImport",
    "Redemption",
    "RedemptionState",
    "RewardLine",
    "TrainingQuestions",
    "Transfer",
    "TransferState",
    "TreasuryPolicy",
    "UnclaimedAmount",
    "WhyUnclaimed",
]

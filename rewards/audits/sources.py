"""What answers when governance audits an algorithm of this room, by the algorithm's identifier."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from governance.audits.data import AuditData
from rewards import algorithms
from rewards.algorithms_for_institutions import FOR_INSTITUTIONS
from rewards.audits.holdback import hold_back
from rewards.audits.methods import rewards_by
from rewards.audits.quotes import licence_quotes
from rewards.audits.splits import revenue_split
from rewards.audits.sums import disclosure_of_sums
from rewards.valuation.methods import METHODS

SOURCES: Final[Mapping[str, Callable[[], AuditData]]] = {
    **{algorithms.ENTRIES[method].id: partial(rewards_by, method) for method in METHODS},
    FOR_INSTITUTIONS["quote"].id: licence_quotes,
    FOR_INSTITUTIONS["community"].id: revenue_split,
    algorithms.HOLD_BACK.id: hold_back,
    algorithms.SUMS.id: disclosure_of_sums,
}

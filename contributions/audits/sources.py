"""What answers when governance audits an algorithm of this room, by the algorithm's identifier.

Each is imported when it is asked: web processes seldom audit and start without Arrow.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from contributions import algorithms
from contributions.audits.checks import acceptance
from governance.audits.data import AuditData


def _duplicate_rule() -> AuditData:
    from contributions.audits.duplicates import duplicate_rule

    return duplicate_rule()


def _personal_data_gate() -> AuditData:
    from contributions.audits.privacy import personal_data_gate

    return personal_data_gate()


def _strata_and_weights() -> AuditData:
    from contributions.audits.strata import strata_and_weights

    return strata_and_weights()


def _release_gate() -> AuditData:
    from contributions.audits.releases import release_gate

    return release_gate()


SOURCES: Final[Mapping[str, Callable[[], AuditData]]] = {
    algorithms.CHECKING.id: acceptance,
    algorithms.DUPLICATES.id: _duplicate_rule,
    algorithms.PRIVACY_GATE.id: _personal_data_gate,
    algorithms.MEASURING.id: _strata_and_weights,
    algorithms.RELEASE_GATE.id: _release_gate,
}

"""Keeping the outcomes of verifying the whole log."""

from __future__ import annotations

import logging

from dure.core import clock
from governance.log.verify import Outcome, verify_log
from governance.models import LogAudit

logger = logging.getLogger(__name__)


def audit_log() -> LogAudit:
    """Verifies the whole log and adds the outcome to the list of audits."""
    verdict = verify_log()
    if verdict.outcome is Outcome.TAMPERED:
        logger.critical("the log was tampered with at index %s", verdict.first_bad_index)
    return LogAudit.objects.create(
        audited_at=clock.now(),
        outcome=verdict.outcome.value,
        size=verdict.size,
        root=verdict.root,
        first_bad_index=verdict.first_bad_index,
    )

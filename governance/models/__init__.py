"""What governance remembers; the database itself refuses to have it changed."""

from __future__ import annotations

from governance.models.access import AccessNote
from governance.models.algorithm import AlgorithmVersion
from governance.models.audit import AlgorithmAudit
from governance.models.consent import Consent, ConsentEvent, ConsentState, Notice
from governance.models.erasure import Erasure
from governance.models.log import LogAudit, LogCheckpoint, LogEntry, LogOpening, LogTile
from governance.models.report import Report
from governance.models.rights import Objection, RequestState, RightKind, RightsRequest

__all__ = [
    "AccessNote",
    "AlgorithmAudit",
    "AlgorithmVersion",
    "Consent",
    "ConsentEvent",
    "ConsentState",
    "Erasure",
    "LogAudit",
    "LogCheckpoint",
    "LogEntry",
    "LogOpening",
    "LogTile",
    "Notice",
    "Objection",
    "Report",
    "RequestState",
    "RightKind",
    "RightsRequest",
]

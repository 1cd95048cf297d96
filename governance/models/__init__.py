"""What governance remembers; the database itself refuses to have it changed."""

from __future__ import annotations

from governance.models.access import AccessNote
from governance.models.algorithm import AlgorithmVersion
from governance.models.audit import AlgorithmAudit
from governance.models.case import (
    AnswerOutcome,
    AuditCase,
    AuditFinding,
    AuditSample,
    CaseClosing,
    CaseReplay,
    FindingAnswer,
    FindingKind,
    ReplayOutcome,
    SampleDrawing,
    Severity,
)
from governance.models.consent import (
    STANDING,
    Consent,
    ConsentEvent,
    ConsentMeasure,
    ConsentState,
    DecidedBy,
    Notice,
    Signal,
)
from governance.models.disclosure import Disclosure
from governance.models.erasure import Erasure
from governance.models.log import (
    LogAudit,
    LogCheckpoint,
    LogEntry,
    LogOpening,
    LogPlace,
    LogTile,
    LogWaiting,
)
from governance.models.proposal import OPEN, Proposal
from governance.models.report import Report, ReportFile
from governance.models.restriction import Restriction, RestrictionGround
from governance.models.rights import Objection, RequestState, RightKind, RightsRequest
from governance.models.witness import LogCosignature, LogWitness, WitnessAnswer

__all__ = [
    "OPEN",
    "STANDING",
    "AccessNote",
    "AlgorithmAudit",
    "AlgorithmVersion",
    "AnswerOutcome",
    "AuditCase",
    "AuditFinding",
    "AuditSample",
    "CaseClosing",
    "CaseReplay",
    "Consent",
    "ConsentEvent",
    "ConsentMeasure",
    "ConsentState",
    "DecidedBy",
    "Disclosure",
    "Erasure",
    "FindingAnswer",
    "FindingKind",
    "LogAudit",
    "LogCheckpoint",
    "LogCosignature",
    "LogEntry",
    "LogOpening",
    "LogPlace",
    "LogTile",
    "LogWaiting",
    "LogWitness",
    "Notice",
    "Objection",
    "Proposal",
    "ReplayOutcome",
    "Report",
    "ReportFile",
    "RequestState",
    "Restriction",
    "RestrictionGround",
    "RightKind",
    "RightsRequest",
    "SampleDrawing",
    "Severity",
    "Signal",
    "WitnessAnswer",
]

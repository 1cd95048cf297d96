"""Reading cases, findings and their answers: auditors their own, findings everybody."""

from __future__ import annotations

import base64
import json
from typing import TypedDict, cast
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from dure.core import clock
from dure.core.canonical import Json
from dure.core.clock import rfc3339
from governance.cases.access import is_closed
from governance.cases.problems import FINDING_UNKNOWN
from governance.cases.samples import sample_document
from governance.log.selectors import log_indices
from governance.models import AnswerOutcome, AuditCase, AuditFinding, FindingAnswer
from governance.rights.clocks import end_of_local_day


class AnswerDocument(TypedDict):
    """What the city said; ``log`` is the index of its entry, None until it has one."""

    outcome: str
    text: str
    language: str
    mend_by: str | None
    mend_late: bool
    answered_at: str
    log: int | None


class FindingDocument(TypedDict):
    """A finding as everybody reads it; ``body`` is what was signed."""

    id: str
    about: dict[str, str]
    kind: str
    severity: str
    language: str
    text: str
    evidence: list[dict[str, Json]]
    found_at: str
    due_at: str | None
    overdue: bool
    supersedes: str | None
    superseded_by: str | None
    sha256: str
    signature: str
    log: int | None
    answers: list[AnswerDocument]


class CaseDocument(TypedDict):
    """A case for its auditor; ``log`` is the place of the entry that opened it."""

    id: str
    title: str
    about: dict[str, str]
    state: str
    opened_at: str
    until: str
    closed_at: str | None
    log: dict[str, int | None]


class OpenCaseDocument(CaseDocument):
    """A case with everything in it."""

    samples: list[dict[str, Json]]
    replays: list[dict[str, str]]
    findings: list[FindingDocument]


def case_document(case: AuditCase) -> CaseDocument:
    """One of the auditor's own; ``state`` is open, closed, or over with its mandate."""
    closed = is_closed(case)
    over = clock.now() >= case.until
    return {
        "id": str(case.id),
        "title": case.title,
        "about": {"kind": case.about_kind, "id": case.about_id},
        "state": "over" if over else "closed" if closed else "open",
        "opened_at": rfc3339(case.opened_at),
        "until": rfc3339(case.until),
        "closed_at": rfc3339(case.closing.closed_at) if closed else None,
        "log": {"index": case.log_entry.index},
    }


def open_case_document(case: AuditCase) -> OpenCaseDocument:
    """The same with its samples, replays and findings."""
    samples = case.samples.select_related("drawing").order_by("committed_at", "id")
    return {
        **case_document(case),
        "samples": [sample_document(each) for each in samples],
        "replays": [
            {
                "epoch": each.epoch,
                "manifest_sha256": each.manifest_sha256,
                "outcome": each.outcome,
                "recorded_at": rfc3339(each.recorded_at),
            }
            for each in case.replays.order_by("recorded_at", "id")
        ],
        "findings": finding_documents(list(findings().filter(case=case))),
    }


def findings() -> QuerySet[AuditFinding]:
    """All of them, newest first."""
    return AuditFinding.objects.prefetch_related("answers", "superseded_by").order_by(
        "-found_at", "-id"
    )


def findings_about(kind: str, about_id: str) -> list[FindingDocument]:
    """What was found about one algorithm, call or epoch, newest first."""
    return finding_documents(list(findings().filter(about_kind=kind, about_id=about_id)))


def finding_for(finding_id: UUID) -> AuditFinding:
    """A finding; raises FINDING_UNKNOWN."""
    found = findings().filter(id=finding_id).first()
    if found is None:
        raise FINDING_UNKNOWN.problem()
    return found


def unanswered() -> QuerySet[AuditFinding]:
    """Findings that wait for the city, the most urgent first; corrected ones need no answer."""
    later = AuditFinding.objects.filter(supersedes=OuterRef("id"))
    answered = FindingAnswer.objects.filter(finding=OuterRef("id"))
    waiting = AuditFinding.objects.filter(~Exists(later), ~Exists(answered), due_at__isnull=False)
    return waiting.order_by("due_at", "id")


def findings_check() -> dict[str, Json]:
    """Findings whose answer is late; for the integrity checks."""
    waiting = unanswered()
    overdue = waiting.filter(due_at__lt=clock.now()).count()
    return {"ok": overdue == 0, "open": waiting.count(), "overdue": overdue}


def finding_document(finding: AuditFinding) -> FindingDocument:
    """One of them."""
    return finding_documents([finding])[0]


def finding_documents(page: list[AuditFinding]) -> list[FindingDocument]:
    """Several; their places in the log are looked up at once."""
    entries = {each.log_entry_id for each in page}
    entries |= {answer.log_entry_id for each in page for answer in each.answers.all()}
    places = log_indices(entries)
    return [_document(each, places) for each in page]


def _document(finding: AuditFinding, places: dict[UUID, int]) -> FindingDocument:
    body = cast("dict[str, Json]", json.loads(bytes(finding.body)))  # our own bytes, an object
    later = _later(finding)
    answers = sorted(finding.answers.all(), key=lambda answer: answer.position)
    waits = finding.due_at is not None and not answers and later is None
    return {
        "id": str(finding.id),
        "about": {"kind": finding.about_kind, "id": finding.about_id},
        "kind": finding.kind,
        "severity": finding.severity,
        "language": str(body["language"]),
        "text": str(body["text"]),
        "evidence": cast("list[dict[str, Json]]", body["evidence"]),
        "found_at": rfc3339(finding.found_at),
        "due_at": rfc3339(finding.due_at) if finding.due_at else None,
        "overdue": waits and finding.due_at is not None and finding.due_at < clock.now(),
        "supersedes": str(finding.supersedes_id) if finding.supersedes_id else None,
        "superseded_by": str(later.id) if later else None,
        "sha256": finding.sha256,
        "signature": base64.b64encode(bytes(finding.signature)).decode(),
        "log": places.get(finding.log_entry_id),
        "answers": [_answer(answer, places) for answer in answers],
    }


def _later(finding: AuditFinding) -> AuditFinding | None:
    try:
        return finding.superseded_by
    except AuditFinding.DoesNotExist:
        return None


def _answer(answer: FindingAnswer, places: dict[UUID, int]) -> AnswerDocument:
    mending = answer.outcome == AnswerOutcome.MENDING and answer.mend_by is not None
    return {
        "outcome": answer.outcome,
        "text": answer.text,
        "language": answer.language,
        "mend_by": answer.mend_by.isoformat() if answer.mend_by else None,
        "mend_late": bool(
            mending and answer.mend_by and end_of_local_day(answer.mend_by) < clock.now()
        ),
        "answered_at": rfc3339(answer.answered_at),
        "log": places.get(answer.log_entry_id),
    }

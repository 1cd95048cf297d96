"""Publishing what an auditor found, signed and logged, and the city's answer to it."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from dure.accounts.acting import Actor
from dure.accounts.roles import Role
from dure.core import clock, outbox
from dure.core.canonical import Json, canonical_bytes, canonical_hash, sha256_hex
from dure.core.clock import CITY_ZONE
from dure.core.ids import new_id
from dure.core.problems import FieldError
from governance.cases.access import open_case_for
from governance.cases.clocks import answer_due
from governance.cases.problems import (
    ANSWER_OWN,
    ANSWER_UNFIT,
    FINDING_OVER,
    FINDING_UNFIT,
    FINDING_UNKNOWN,
)
from governance.cases.services import SHA256
from governance.log import keys
from governance.log.services import record
from governance.models import (
    AnswerOutcome,
    AuditCase,
    AuditFinding,
    FindingAnswer,
    FindingKind,
    LogPlace,
    Severity,
)
from governance.registries import audit_subjects, text_gates

FORMAT = "dure-finding/1"
TEXT_LENGTH_MAX = 4_000
EVIDENCE_MAX = 50
LANGUAGES = ("ko", "en")
MAY_ANSWER = (Role.OPERATOR,)


@transaction.atomic
def publish_finding(
    *,
    acting: Actor,
    case: AuditCase,
    kind: str,
    severity: str,
    text: str,
    language: str,
    evidence: Sequence[int | str],
    about_kind: str = "",
    about_id: str = "",
    supersedes: UUID | None = None,
) -> AuditFinding:
    """A finding that everybody reads, signed by the city's key; it is never edited.

    ``evidence`` holds indices of the log and SHA-256 hashes in hex. ``about`` is the case's own
    scope if left out. ``supersedes`` is an earlier finding of the same auditor about the same.
    Raises FINDING_UNFIT, FINDING_UNKNOWN, FINDING_OVER and what ``access.case_for`` raises.
    """
    found = open_case_for(acting, case.id)
    about_kind, about_id = about_kind or found.about_kind, about_id or found.about_id
    corrected = None
    if supersedes is not None:
        corrected = _own_finding(acting, supersedes)
        about_kind, about_id = corrected.about_kind, corrected.about_id
    words = unicodedata.normalize("NFC", text).strip()
    errors = [*_unfit_words(words, language), *_unfit_evidence(evidence)]
    if kind not in FindingKind.values:
        errors.append(FieldError("kind", _("Choose what kind of finding it is.")))
    if severity not in Severity.values:
        errors.append(FieldError("severity", _("Choose how much it weighs.")))
    if not _covered(found, about_kind, about_id):
        errors.append(FieldError("about", _("Choose what the finding is about, within the case.")))
    if errors:
        raise FINDING_UNFIT.problem(errors=errors)
    finding_id, moment = new_id(), clock.now()
    body = canonical_bytes(
        {
            "format": FORMAT,
            "finding": str(finding_id),
            "case": str(found.id),
            "about": {"kind": about_kind, "id": about_id},
            "kind": kind,
            "severity": severity,
            "language": language,
            "text": words,
            "evidence": [
                {"index": each} if isinstance(each, int) else {"sha256": each} for each in evidence
            ],
            "supersedes": str(corrected.id) if corrected else None,
            "found_at": clock.rfc3339(moment),
        }
    )
    payload: dict[str, Json] = {
        "finding": str(finding_id),
        "about_kind": about_kind,
        "about": about_id,
        "kind": kind,
        "severity": severity,
        "finding_sha256": sha256_hex(body),
        "supersedes": str(corrected.id) if corrected else None,
    }
    entry = record(kind="finding.published", acting=acting, subject=None, payload=payload)
    outbox.publish(kind="finding.published", subject=str(finding_id), payload=payload)
    return AuditFinding.objects.create(
        id=finding_id,
        case=found,
        kind=kind,
        severity=severity,
        about_kind=about_kind,
        about_id=about_id,
        body=body,
        sha256=sha256_hex(body),
        signature=keys.sign_document(body),
        found_at=moment,
        due_at=answer_due(severity, moment),
        supersedes=corrected,
        log_entry=entry,
    )


def _own_finding(acting: Actor, finding_id: UUID) -> AuditFinding:
    earlier = AuditFinding.objects.filter(id=finding_id, case__auditor=acting.person).first()
    if earlier is None:
        raise FINDING_UNKNOWN.problem()
    if AuditFinding.objects.filter(supersedes=earlier).exists():
        raise FINDING_OVER.problem()
    return earlier


def _covered(case: AuditCase, about_kind: str, about_id: str) -> bool:
    """Whether a case is about this, or about the call that it belongs to."""
    if (about_kind, about_id) == (case.about_kind, case.about_id):
        return True
    find = audit_subjects.get(about_kind)
    subject = find(about_id) if find is not None else None
    return subject is not None and case.about_kind == "call" and subject.call == case.call


def _unfit_words(words: str, language: str) -> list[FieldError]:
    errors = []
    if not 0 < len(words) <= TEXT_LENGTH_MAX or "\x00" in words:
        errors.append(FieldError("text", _("Write one to 4,000 characters.")))
    elif any(holds(words) for _name, holds in text_gates.items()):
        errors.append(
            FieldError("text", _("Everybody reads this. Leave out what points to a person."))
        )
    if language not in LANGUAGES:
        errors.append(FieldError("language", _("Choose the language of the text.")))
    return errors


def _unfit_evidence(evidence: Sequence[int | str]) -> list[FieldError]:
    indices = {each for each in evidence if isinstance(each, int)}
    sound = all(
        SHA256.fullmatch(each) is not None if isinstance(each, str) else each >= 0
        for each in evidence
    )
    known = sound and LogPlace.objects.filter(index__in=indices).count() == len(indices)
    if not evidence or len(evidence) > EVIDENCE_MAX or not known:
        advice = _("Name entries of the log by number, or documents by SHA-256, one on each line.")
        return [FieldError("evidence", advice)]
    return []


@transaction.atomic
def answer_finding(
    *,
    acting: Actor,
    finding_id: UUID,
    outcome: str,
    text: str,
    language: str,
    mend_by: date | None = None,
) -> FindingAnswer:
    """An operator accepts, contests, or mends by a day; a later answer stands for an earlier one.

    Raises 401 and 403, FINDING_UNKNOWN, FINDING_OVER, ANSWER_OWN and ANSWER_UNFIT.
    """
    acting.require(*MAY_ANSWER)
    person = acting.require_person()
    found = AuditFinding.objects.select_related("case").filter(id=finding_id).first()
    if found is None:
        raise FINDING_UNKNOWN.problem()
    if found.case.auditor_id == person.id:
        raise ANSWER_OWN.problem()
    if AuditFinding.objects.filter(supersedes=found).exists():
        raise FINDING_OVER.problem()
    words = unicodedata.normalize("NFC", text).strip()
    errors = _unfit_words(words, language)
    if outcome not in AnswerOutcome.values:
        errors.append(FieldError("outcome", _("Choose an answer.")))
    if outcome == AnswerOutcome.MENDING:
        today = clock.now().astimezone(CITY_ZONE).date()
        if mend_by is None or mend_by < today:
            errors.append(FieldError("mend_by", _("Say by which day it is mended.")))
    else:
        mend_by = None
    if errors:
        raise ANSWER_UNFIT.problem(errors=errors)
    answer_id = new_id()
    said: dict[str, Json] = {
        "finding": str(found.id),
        "outcome": outcome,
        "language": language,
        "text": words,
        "mend_by": mend_by.isoformat() if mend_by else None,
    }
    payload: dict[str, Json] = {
        "finding": str(found.id),
        "outcome": outcome,
        "mend_by": said["mend_by"],
        "answer_sha256": canonical_hash(said),
    }
    position = _next_position(found)
    entry = record(kind="finding.answered", acting=acting, subject=None, payload=payload)
    outbox.publish(kind="finding.answered", subject=str(found.id), payload=payload)
    return FindingAnswer.objects.create(
        id=answer_id,
        finding=found,
        position=position,
        outcome=outcome,
        text=words,
        language=language,
        mend_by=mend_by,
        answered_by=person,
        answered_at=entry.recorded_at,
        log_entry=entry,
    )


def _next_position(finding: AuditFinding) -> int:
    """One more than the newest answer's; two who answer at once do so one after the other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [str(finding.id)])
    newest = finding.answers.aggregate(newest=Max("position"))["newest"]
    return int(newest or 0) + 1

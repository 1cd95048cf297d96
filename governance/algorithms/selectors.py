"""Reading the algorithm register, which is generated from what the rooms registered."""

from __future__ import annotations

import json
from typing import TypedDict

from django.conf import settings

from dure.core import clock
from dure.core.canonical import Json
from dure.core.clock import rfc3339
from dure.core.language import city_name, in_both
from governance.algorithms.code_hash import code_hash, source_hashes
from governance.algorithms.problems import ALGORITHM_UNKNOWN, STANDARD_UNKNOWN
from governance.algorithms.records import NON_DISCRIMINATION, RISKS, record_hash
from governance.algorithms.standards import STANDARDS, Publisher, korea
from governance.log import keys
from governance.models import AlgorithmAudit, AlgorithmVersion
from governance.registries import AlgorithmEntry, algorithms

Texts = dict[str, str]


class VersionDocument(TypedDict):
    """A version of an algorithm that was in use, and where the log says so.

    ``record`` is what the register said then; null for versions from before it was kept.
    """

    version: str
    code_sha256: str
    record: dict[str, Json] | None
    registered_at: str
    log: dict[str, int | None]


class AlgorithmDocument(TypedDict):
    """An algorithm of the register."""

    id: str
    name: Texts
    purpose: Texts
    version: str
    code_sha256: str
    how: Texts
    data: Texts
    human_oversight: Texts
    non_discrimination: Texts
    risks: Texts
    automated: bool
    legal_basis: Texts
    in_use_since: str


class LastAudit(TypedDict):
    """When an algorithm was audited last, and how that ended."""

    audited_at: str
    outcome: str


class AuditDocument(TypedDict):
    """An audit of an algorithm and where the log says so."""

    id: str
    algorithm: str
    audited_at: str
    outcome: str
    findings: dict[str, Json]
    sha256: str
    signature: str
    public_key: str
    log: dict[str, int | None]


class ListedAlgorithm(AlgorithmDocument):
    """An algorithm in the list of the register; ``last_audit`` is null before the first."""

    last_audit: LastAudit | None


class AlgorithmDetail(ListedAlgorithm):
    """An algorithm with the sources behind its code hash and its history.

    ``stale`` is true while the code that runs is not the code that was recorded last.
    """

    stale: bool
    korea: dict[str, Json]

    sources: dict[str, str]
    history: list[VersionDocument]


def algorithm_documents() -> list[AlgorithmDocument]:
    """The whole register, by identifier."""
    entries = sorted((entry for _, entry in algorithms.items()), key=lambda entry: entry.id)
    return [_document(entry) for entry in entries]


def listed_algorithms() -> list[ListedAlgorithm]:
    """The same, with when each algorithm was audited last."""
    audits = _last_audits()
    return [{**each, "last_audit": audits.get(each["id"])} for each in algorithm_documents()]


def algorithm_document(algorithm_id: str) -> AlgorithmDetail:
    """One algorithm; raises the problem ALGORITHM_UNKNOWN."""
    entry = _entry(algorithm_id)
    versions = _versions(entry)
    return {
        **_document(entry),
        "last_audit": _last_audits().get(entry.id),
        "stale": not versions or _is_stale(entry, versions[0]),
        "korea": korea(entry, _publisher(entry, versions)),
        "sources": source_hashes(entry.modules),
        "history": [
            {
                "version": row.version,
                "code_sha256": row.code_sha256,
                "record": None if row.record is None else json.loads(bytes(row.record)),
                "registered_at": rfc3339(row.registered_at),
                "log": {"index": row.log_entry.index},
            }
            for row in versions
        ],
    }


def standard_document(algorithm_id: str, standard: str) -> dict[str, Json]:
    """One algorithm in the form of another register: ``nl``, ``ats`` or ``atrs``.

    Raises the problems ALGORITHM_UNKNOWN and STANDARD_UNKNOWN.
    """
    entry = _entry(algorithm_id)
    if standard not in STANDARDS:
        raise STANDARD_UNKNOWN.problem()
    return STANDARDS[standard](entry, _publisher(entry, _versions(entry)))


def audit_documents(algorithm_id: str) -> list[AuditDocument]:
    """Audits of an algorithm, newest first; raises the problem ALGORITHM_UNKNOWN."""
    audits = AlgorithmAudit.objects.filter(algorithm=_entry(algorithm_id).id)
    return [
        _audit(audit)
        for audit in audits.select_related("log_entry__place").order_by("-audited_at", "id")
    ]


def _last_audits() -> dict[str, LastAudit]:
    newest = AlgorithmAudit.objects.order_by("algorithm", "-audited_at", "id")
    return {
        name: {"audited_at": rfc3339(at), "outcome": outcome}
        for name, at, outcome in newest.distinct("algorithm").values_list(
            "algorithm", "audited_at", "outcome"
        )
    }


def newest_audits() -> dict[str, AuditDocument]:
    """The newest audit of every algorithm that was ever audited, by the algorithm's identifier."""
    newest = (
        AlgorithmAudit.objects.select_related("log_entry__place")
        .order_by("algorithm", "-audited_at", "id")
        .distinct("algorithm")
    )
    return {audit.algorithm: _audit(audit) for audit in newest}


def _audit(audit: AlgorithmAudit) -> AuditDocument:
    findings, signature = bytes(audit.findings), bytes(audit.signature or b"")
    return {
        "id": str(audit.id),
        "algorithm": audit.algorithm,
        "audited_at": rfc3339(audit.audited_at),
        "outcome": audit.outcome,
        "findings": json.loads(findings),
        "sha256": audit.sha256,
        "signature": signature.hex(),
        "public_key": keys.signer_of(findings, signature).hex() if signature else "",
        "log": {"index": audit.log_entry.index},
    }


def _is_stale(entry: AlgorithmEntry, last: AlgorithmVersion) -> bool:
    """Whether what runs, or what is said about it, is not what was recorded last."""
    if last.code_sha256 != code_hash(entry.modules) or last.version != entry.version:
        return True
    return bool(last.record_sha256) and last.record_sha256 != record_hash(entry)


def _entry(algorithm_id: str) -> AlgorithmEntry:
    for _, entry in algorithms.items():
        if entry.id == algorithm_id:
            return entry
    raise ALGORITHM_UNKNOWN.problem()


def _versions(entry: AlgorithmEntry) -> list[AlgorithmVersion]:
    versions = AlgorithmVersion.objects.filter(algorithm=entry.id)
    return list(versions.select_related("log_entry__place").order_by("-registered_at", "-id"))


def _publisher(entry: AlgorithmEntry, versions: list[AlgorithmVersion]) -> Publisher:
    moments = [row.registered_at for row in versions] or [clock.now()]
    days = [moment.astimezone(clock.CITY_ZONE).date().isoformat() for moment in moments]
    return Publisher(
        organization=settings.ORGANISATION,
        names=in_both(city_name),
        contact=settings.CONTACT_EMAIL,
        phone=settings.CONTACT_PHONE,
        dpia_url=settings.DPIA_URL,
        aia_url=settings.AIA_URL,
        website=settings.PUBLIC_URL,
        published=days[-1],
        changed=days[0],
        code_sha256=code_hash(entry.modules),
    )


def _document(entry: AlgorithmEntry) -> AlgorithmDocument:
    return {
        "id": entry.id,
        "name": dict(entry.name),
        "purpose": dict(entry.purpose),
        "version": entry.version,
        "code_sha256": code_hash(entry.modules),
        "how": dict(entry.how),
        "data": dict(entry.data),
        "human_oversight": dict(entry.human_oversight),
        "non_discrimination": dict(entry.non_discrimination or NON_DISCRIMINATION),
        "risks": dict(entry.risks or RISKS),
        "automated": entry.automated,
        "legal_basis": dict(entry.legal_basis),
        "in_use_since": entry.in_use_since,
    }

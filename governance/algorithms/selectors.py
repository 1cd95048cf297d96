"""Reading the algorithm register, which is generated from what the rooms registered."""

from __future__ import annotations

from typing import TypedDict

from dure.core.clock import rfc3339
from governance.algorithms.code_hash import code_hash, source_hashes
from governance.algorithms.problems import ALGORITHM_UNKNOWN
from governance.models import AlgorithmVersion
from governance.registries import AlgorithmEntry, algorithms

Texts = dict[str, str]


class VersionDocument(TypedDict):
    """A version of an algorithm that was in use, and where the log says so."""

    version: str
    code_sha256: str
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
    automated: bool
    legal_basis: Texts
    in_use_since: str


class AlgorithmDetail(AlgorithmDocument):
    """An algorithm with the sources behind its code hash and its history."""

    sources: dict[str, str]
    history: list[VersionDocument]


def algorithm_documents() -> list[AlgorithmDocument]:
    """The whole register, by identifier."""
    entries = sorted((entry for _, entry in algorithms.items()), key=lambda entry: entry.id)
    return [_document(entry) for entry in entries]


def algorithm_document(algorithm_id: str) -> AlgorithmDetail:
    """One algorithm; raises the problem ALGORITHM_UNKNOWN."""
    for _, entry in algorithms.items():
        if entry.id == algorithm_id:
            versions = AlgorithmVersion.objects.filter(algorithm=entry.id)
            return {
                **_document(entry),
                "sources": source_hashes(entry.modules),
                "history": [
                    {
                        "version": row.version,
                        "code_sha256": row.code_sha256,
                        "registered_at": rfc3339(row.registered_at),
                        "log": {"index": row.log_entry.index},
                    }
                    for row in versions.select_related("log_entry").order_by("-registered_at")
                ],
            }
    raise ALGORITHM_UNKNOWN.problem()


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
        "automated": entry.automated,
        "legal_basis": dict(entry.legal_basis),
        "in_use_since": entry.in_use_since,
    }

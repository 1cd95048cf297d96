"""Auditing every algorithm that has data to be audited with; findings are signed and logged."""

from __future__ import annotations

from django.db import transaction

from dure.accounts.acting import Actor
from dure.accounts.roles import Role
from dure.core.canonical import Json, canonical_bytes, sha256_hex
from dure.core.ids import new_id
from governance.audits.findings import examine
from governance.audits.problems import AUDIT_NOTHING
from governance.log import keys
from governance.log.services import record
from governance.models import AlgorithmAudit
from governance.registries import audit_sources

MAY = (Role.AUDITOR, Role.OPERATOR, Role.ADMIN)


def audit_algorithms(*, acting: Actor) -> list[AlgorithmAudit]:
    """One audit of each algorithm whose room registered data for it; small counts hidden."""
    return [
        audit_algorithm(acting=acting, algorithm=name) for name, _source in audit_sources.items()
    ]


@transaction.atomic
def audit_algorithm(*, acting: Actor, algorithm: str) -> AlgorithmAudit:
    """Audits one algorithm as it decided until now.

    The same records give the same findings, byte for byte. Persons need to be auditor, operator or
    admin, else 403; AUDIT_NOTHING (404) where nothing registered data for it.
    """
    if acting.person is not None or not acting.ref.startswith("system:"):
        acting.require(*MAY)
    source = audit_sources.get(algorithm)
    if source is None:
        raise AUDIT_NOTHING.problem()
    outcome, findings = examine(source())
    body = canonical_bytes(findings)
    digest = sha256_hex(body)
    payload: dict[str, Json] = {
        "audit": str(audit_id := new_id()),
        "algorithm": algorithm,
        "findings_sha256": digest,
        "outcome": outcome,
    }
    entry = record(kind="audit.run", acting=acting, subject=None, payload=payload)
    return AlgorithmAudit.objects.create(
        id=audit_id,
        algorithm=algorithm,
        audited_at=entry.recorded_at,
        outcome=outcome,
        findings=body,
        sha256=digest,
        signature=keys.sign_document(body),
        log_entry=entry,
    )

"""Writing into the log which code decides, whenever it changes."""

from __future__ import annotations

from django.db import connection, transaction

from dure.accounts.acting import Actor
from governance.algorithms.code_hash import code_hash
from governance.algorithms.records import record_bytes, record_hash
from governance.log.services import record
from governance.models import AlgorithmVersion
from governance.registries import algorithms


@transaction.atomic
def record_algorithms(*, acting: Actor) -> list[AlgorithmVersion]:
    """Logs every registered algorithm whose version or code was not logged yet; answers those."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('algorithms', 0))")
    known = set(
        AlgorithmVersion.objects.values_list("algorithm", "version", "code_sha256", "record_sha256")
    )
    added = []
    for _, entry in algorithms.items():
        digest, said = code_hash(entry.modules), record_hash(entry)
        if (entry.id, entry.version, digest, said) in known:
            continue
        logged = record(
            kind="algorithm.registered",
            acting=acting,
            subject=None,
            payload={
                "algorithm": entry.id,
                "version": entry.version,
                "code_sha256": digest,
                "record_sha256": said,
            },
        )
        added.append(
            AlgorithmVersion.objects.create(
                algorithm=entry.id,
                version=entry.version,
                code_sha256=digest,
                record=record_bytes(entry),
                record_sha256=said,
                registered_at=logged.recorded_at,
                log_entry=logged,
            )
        )
    return added

"""What auditors examine of this room, and what they may not write about persons."""

from __future__ import annotations

from contributions.models import CallVersion
from governance.registries import AuditSubject


def call_subject(slug: str) -> AuditSubject | None:
    """A call that was published."""
    version = CallVersion.objects.filter(published_for__slug=slug).first()
    return AuditSubject(version.document["title"], slug) if version is not None else None


def holds_personal_data(text: str) -> bool:
    """Whether the personal-data gate would find anything in a text that is to stand in public."""
    import pyarrow as pa  # the web rarely needs it

    from contributions.privacy import scan

    table = pa.table({"text": pa.array(text.splitlines() or [""], pa.string())})
    return bool(scan(table, pseudonym_key=b"text").findings)

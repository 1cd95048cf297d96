"""Keys of the pipeline, one per call: the same person or record is not recognised across calls."""

from __future__ import annotations

from uuid import UUID

from dure.core.sealing import keyed_digest


def pseudonym_key(call_id: UUID) -> bytes:
    """Key under which the privacy gate replaces identifiers by pseudonyms."""
    return keyed_digest("contributions.pseudonym", call_id.bytes)


def fingerprint_key(call_id: UUID) -> bytes:
    """Key of the record fingerprints, so that nobody can test a guess against the table."""
    return keyed_digest("contributions.fingerprint", call_id.bytes)

"""What happened to a contribution, told in one breath to the log and to the rooms above."""

from __future__ import annotations

from uuid import UUID

from contributions.models import Contribution
from dure.accounts.acting import Actor
from dure.core import outbox
from dure.core.canonical import Json, sha256_hex
from dure.core.models import Blob
from governance.log.services import record


def content_commitment(contribution: Contribution, sent: Blob | None = None) -> str:
    """SHA-256 over the contribution's secret id and the file's hash.

    Whoever holds the receipt can open it; without the random id no guess at a file's content can
    be tried against the public log.
    """
    file = sent or contribution.source
    digest = file.sha256 if file else ""
    return sha256_hex(contribution.id.bytes + bytes.fromhex(digest))


def tell(
    contribution: Contribution, *, acting: Actor, event: str, sent: Blob | None = None
) -> UUID:
    """Write the log entry and publish the event `contribution.<event>`; returns the entry's id.

    `sent` is the file that was sent, where it is not the contribution's source.
    """
    kind = f"contribution.{event}"
    payload: dict[str, Json] = {
        "receipt": contribution.receipt,
        "call": contribution.call.slug,
        "call_version": contribution.call_version.number,
    }
    if event in ("received", "corrected"):
        payload["content"] = content_commitment(contribution, sent)
    else:
        payload["reason"] = contribution.reason_rule
        payload["counts"] = {
            "received": contribution.received,
            "accepted": contribution.accepted,
            "quarantined": contribution.quarantined,
            "duplicate": contribution.duplicate,
        }
    entry = record(kind=kind, acting=acting, subject=contribution.party_id, payload=payload)
    outbox.publish(
        kind=kind,
        subject=contribution.receipt,
        payload={
            "contribution": str(contribution.id),
            "call": contribution.call.slug,
            "party": str(contribution.party_id),
        },
    )
    return entry.id

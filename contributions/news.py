"""What happened to a contribution, told in one breath to the log and to the rooms above."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from contributions.models import Contribution
from dure.accounts.acting import Actor
from dure.core import outbox
from dure.core.canonical import Json, sha256_hex
from dure.core.models import Blob
from governance.log.services import Line, record_all


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
    entry = record_all([told_line(contribution, event, sent)], acting=acting)[0]
    publish([contribution], event)
    return entry.id


def tell_all(contributions: Sequence[Contribution], *, acting: Actor, event: str) -> None:
    """``tell`` for several, with a few statements for all of them."""
    record_all([told_line(each, event) for each in contributions], acting=acting)
    publish(contributions, event)


def told_line(contribution: Contribution, event: str, sent: Blob | None = None) -> Line:
    """The log entry of `contribution.<event>`, for whoever writes it among others."""
    return Line(f"contribution.{event}", contribution.party_id, _payload(contribution, event, sent))


def publish(contributions: Sequence[Contribution], event: str) -> None:
    """The event `contribution.<event>` of each, in the transaction of its log entry."""
    outbox.publish_all(
        [
            (
                f"contribution.{event}",
                each.receipt,
                {
                    "contribution": str(each.id),
                    "call": each.call.slug,
                    "party": str(each.party_id),
                    **({"test": True} if each.test else {}),
                },
            )
            for each in contributions
        ]
    )


def _payload(contribution: Contribution, event: str, sent: Blob | None) -> dict[str, Json]:
    payload: dict[str, Json] = {
        "receipt": contribution.receipt,
        "call": contribution.call.slug,
        "call_version": contribution.call_version.number,
    }
    if contribution.test:
        payload["test"] = True
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
    return payload

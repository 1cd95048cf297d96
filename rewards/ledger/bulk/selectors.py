"""Reading bulk postings: how far they are, and each share with its proof."""

from __future__ import annotations

from typing import TypedDict
from uuid import UUID

from rewards.ledger.bulk import tree
from rewards.models import BulkBatch, BulkEntry, BulkState


class ShareProof(TypedDict):
    """A share's line, whose RFC 6962 leaf hash the proof leads to the root of its batch."""

    line: dict[str, str]
    index: int
    size: int
    proof: list[str]
    root: str


class Progress(TypedDict):
    """How far a job is; ``reason`` is empty unless it has failed."""

    batch: str
    state: str
    reason: str
    done: int
    total: int
    folded: int


def share_proof(*, account_id: int, batch_id: UUID) -> ShareProof | None:
    """The line of one account in a posted batch with its proof; none for who has no share."""
    batch = BulkBatch.objects.filter(id=batch_id, state=BulkState.POSTED).first()
    share = (
        BulkEntry.objects.select_related("account")
        .filter(batch=batch.number, account_id=account_id, number__gte=0)
        .first()
        if batch
        else None
    )
    if batch is None or share is None:
        return None
    stored = tree.StoredTree(batch)
    return {
        "line": {
            "account": str(share.account.public_id),
            "amount": str(share.amount),
            "batch": str(batch.id),
            "weight": str(share.weight),
        },
        "index": share.number,
        "size": stored.size,
        "proof": [node.hex() for node in stored.proof(share.number)],
        "root": batch.root,
    }


def progress(batch: BulkBatch) -> Progress:
    """Rows loaded of rows to load; shares taken into balances since it was posted."""
    return {
        "batch": str(batch.id),
        "state": batch.state,
        "reason": batch.reason,
        "done": batch.rows_done,
        "total": batch.people or 0,
        "folded": batch.rows_folded,
    }

"""Drawing which contributions of a paid settlement are checked: by nobody's choice.

The key is that of an auditor's sample (governance.cases.sampling): in place of a seed stands the
hash of the manifest, which was fixed when the settlement was closed; it is joined with the root of
the first signed head of the log that holds the approval, which nobody who closed or approved could
know. Population are all pseudonyms of the manifest, so anybody draws again (docs/verifying.md).
"""

from __future__ import annotations

from fractions import Fraction
from uuid import UUID

from django.db import connection, transaction

from dure.accounts.acting import Actor
from dure.core.canonical import Json, canonical_hash
from dure.core.clock import now
from dure.core.ids import new_id
from governance.cases import sampling
from governance.cases.samples import population_root
from governance.log.selectors import log_index
from governance.log.services import record
from governance.models import LogCheckpoint
from rewards.epochs.facts import epoch_terms
from rewards.models import (
    ClaimCheck,
    ClaimDrawing,
    Epoch,
    EpochInput,
    EpochKind,
    EpochState,
    InputRelease,
)


def draw_waiting(*, acting: Actor) -> int:
    """Draw for every paid settlement that pledged it and whose approval the log has signed."""
    waiting = Epoch.objects.filter(
        state=EpochState.APPROVED,
        kind=EpochKind.SETTLEMENT,
        claim_drawing=None,
        inputs_count__gt=0,
        terms__parameters__deterrence__isnull=False,
    ).defer("manifest")
    return sum(draw(acting=acting, epoch=epoch) is not None for epoch in waiting)


@transaction.atomic
def draw(*, acting: Actor, epoch: Epoch) -> ClaimDrawing | None:
    """Draw the contributions to check, once; the drawing, or none until the log has signed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [str(epoch.id)])
    drawn = ClaimDrawing.objects.filter(epoch=epoch).first()
    head = _head_over(epoch)
    if drawn is not None or head is None:
        return drawn
    inputs = _population(epoch)
    stated = epoch_terms(epoch)["parameters"]["deterrence"]
    size = -(-len(inputs) * Fraction(stated["audit_rate"]) // 1)
    root, names = bytes(head.root).hex(), population_root(tuple(inputs))
    key = sampling.key_of(
        epoch.manifest_sha256, checkpoint_root=root, population_root=names, size=size
    )
    items = sampling.draw(list(inputs), size=size, key=key)
    drawing_id = new_id()
    payload: dict[str, Json] = {
        "drawing": str(drawing_id),
        "epoch": str(epoch.id),
        "population_root": names,
        "size": size,
        "checkpoint_size": head.size,
        "checkpoint_root": root,
        "drawn_sha256": canonical_hash(list(items)),
    }
    entry = record(kind="claims.drawn", acting=acting, subject=None, payload=payload)
    drawn = ClaimDrawing.objects.create(
        id=drawing_id,
        epoch=epoch,
        checkpoint_size=head.size,
        checkpoint_root=root,
        population_root=names,
        size=size,
        drawn_at=now(),
        log_entry=entry.id,
    )
    ClaimCheck.objects.bulk_create(
        (
            ClaimCheck(drawing=drawn, position=place, contribution_id=inputs[item])
            for place, item in enumerate(items, start=1)
        ),
        batch_size=5_000,
    )
    return drawn


def _head_over(epoch: Epoch) -> LogCheckpoint | None:
    """The first signed head that holds the entry of the approval."""
    index = log_index(epoch.approval_entry) if epoch.approval_entry else None
    if index is None:
        return None
    return LogCheckpoint.objects.filter(size__gt=index).order_by("size").first()


def _population(epoch: Epoch) -> dict[str, UUID]:
    """Contributions of the manifest by pseudonym, also those that a reversal has freed since."""
    rows = [
        *EpochInput.objects.filter(epoch=epoch).values_list("pseudonym", "contribution_id"),
        *InputRelease.objects.filter(epoch=epoch).values_list("pseudonym", "contribution_id"),
    ]
    return dict(sorted(rows))

"""What the ground itself keeps about an owner and lets go: files and answers to replay."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from functools import partial

from django.db import transaction

from dure.core import blobs
from dure.core.clock import now
from dure.core.models import Blob, IdempotentAnswer


@transaction.atomic
def forget(*, owner: uuid.UUID, actors: Sequence[uuid.UUID]) -> None:
    """Purge the owner's files (after the commit) and the recorded answers to these actors."""
    held = list(Blob.objects.filter(owner=owner, purged_at=None).values_list("id", flat=True))
    Blob.objects.filter(owner=owner, purged_at=None).update(purged_at=now())
    transaction.on_commit(partial(blobs.delete_files, held))
    IdempotentAnswer.objects.filter(actor__in=actors).delete()

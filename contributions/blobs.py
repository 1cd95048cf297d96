"""Purging files of contributions once the decision to do so is committed."""

from __future__ import annotations

from functools import partial

from django.db import transaction

from dure.core.blobs import purge
from dure.core.models import Blob


def purge_after_commit(blob: Blob) -> None:
    """Delete the file when the transaction commits; a rolled-back decision keeps its file.

    Should the process die in between, the sweep of the pipeline finds the files of ended
    contributions and of discarded drafts again.
    """
    transaction.on_commit(partial(purge, blob))

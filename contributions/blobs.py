"""Purging files of contributions once the decision to do so is committed."""

from __future__ import annotations

from functools import partial

from django.db import transaction

from contributions.models import Attempt, Contribution, Photo
from dure.core.blobs import purge, purge_all
from dure.core.models import Blob


def purge_after_commit(blob: Blob) -> None:
    """Delete the file when the transaction commits; a rolled-back decision keeps its file.

    Should the process die in between, the sweep of the pipeline finds the files of ended
    contributions and of discarded drafts again.
    """
    transaction.on_commit(partial(purge, blob))


def purge_files(*contributions: Contribution) -> None:
    """Purge everything that these contributions hold."""
    purge_sent(*contributions)
    purge_tables(*contributions)
    purge_photos(*contributions)


def purge_sent(*contributions: Contribution) -> None:
    """Purge the files as they were sent, and their corrections."""
    blobs = [each.source for each in contributions if each.source is not None]
    corrected = [each.id for each in contributions if each.corrected_at is not None]
    if corrected:
        sent = Attempt.objects.filter(contribution__in=corrected).select_related("file")
        blobs += [attempt.file for attempt in sent]
    if blobs:
        transaction.on_commit(partial(purge_all, blobs))


def purge_tables(*contributions: Contribution) -> None:
    """Purge the working tables of contributions."""
    tables = [blob for each in contributions for blob in (each.records, each.outcome) if blob]
    if tables:
        transaction.on_commit(partial(purge_all, tables))


def purge_photos(*contributions: Contribution) -> None:
    """Purge the photos that stand beside contributions."""
    photos = Photo.objects.filter(contribution__in=[each.id for each in contributions])
    beside = [photo.blob for photo in photos.select_related("blob")]
    if beside:
        transaction.on_commit(partial(purge_all, beside))

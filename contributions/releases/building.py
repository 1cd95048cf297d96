"""Building a release: claimed by one worker, written whole in one transaction, or not at all."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
from django.db import transaction
from django.db.models import Max, Q

from contributions.models import (
    Call,
    Contribution,
    Release,
    ReleaseFile,
    ReleaseMember,
    ReleaseState,
)
from contributions.models.releases import PENDING
from contributions.pipeline import lease
from contributions.releases.assembly import Assembled, CannotRelease, assemble
from contributions.releases.package import MEDIA_TYPES, FileFacts, data_package
from contributions.releases.reach import releasable
from contributions.releases.selectors import series
from dure.accounts.acting import Actor
from dure.core import outbox
from dure.core.blobs import path_of, store_bytes
from dure.core.canonical import Json, sha256_hex
from dure.core.clock import now, rfc3339
from dure.core.ids import new_id
from dure.core.models import Blob
from governance.log.selectors import latest_checkpoint
from governance.log.services import record
from governance.models import LogCheckpoint

logger = logging.getLogger(__name__)

ATTEMPTS_MAX = 3
WORKER = Actor.system("worker")
BATCH = 50


class _Changed(Exception):
    """Somebody withdrew while the release was built; it is built again without them."""


def build(release_id: UUID) -> Release:
    """Build a requested release here and now; nothing happens where another worker has it.

    Ends as published, as refused with the reason (nothing to release, disclosure), or as failed
    after three attempts with an error of ours.
    """
    release = _claim(release_id)
    if release is not None:
        try:
            with lease.kept(release.id, release.claim, Release):
                assembled = assemble(release)
                _settle(release, assembled)
        except CannotRelease as refusal:
            _end(release, ReleaseState.REFUSED, refusal.rule, refusal.params)
        except Exception as error:
            # The type only: the text of an exception may quote a record.
            logger.error("release %s: %s", release.id, type(error).__name__)
            logger.debug("release error", exc_info=True)
            _put_back(release)
    return Release.objects.select_related("call", "call_version").get(id=release_id)


def _claim(release_id: UUID) -> Release | None:
    moment, token = now(), new_id()
    free = Release.objects.filter(id=release_id, state__in=PENDING).filter(
        Q(lease_until=None) | Q(lease_until__lt=moment)
    )
    release = free.select_related("call", "call_version", "patch_of").first()
    if release is None:
        return None
    if release.attempts >= ATTEMPTS_MAX:
        _end(release, ReleaseState.FAILED, "internal", {})
        return None
    attempts = release.attempts + 1
    claimed = free.filter(attempts=release.attempts).update(
        state=ReleaseState.BUILDING,
        claim=token,
        attempts=attempts,
        lease_until=moment + lease.until(),
    )
    if claimed != 1:
        return None
    release.state, release.claim, release.attempts = ReleaseState.BUILDING, token, attempts
    release.call_version.call = release.call
    return release


def _put_back(release: Release) -> None:
    if release.attempts >= ATTEMPTS_MAX:
        _end(release, ReleaseState.FAILED, "internal", {})
        return
    Release.objects.filter(id=release.id, claim=release.claim, state__in=PENDING).update(
        claim=None, lease_until=now() + timedelta(seconds=2**release.attempts)
    )


@transaction.atomic
def _end(release: Release, state: ReleaseState, rule: str, params: dict[str, Any]) -> None:
    ended = Release.objects.filter(id=release.id, claim=release.claim, state__in=PENDING).update(
        state=state, reason_rule=rule, reason_params=params, ended_at=now(), lease_until=None
    )
    if ended and release.patch_of_id:
        # Counts stay out of the log: they would tell how small the group is.
        payload: dict[str, Json] = {
            "release": str(release.patch_of_id),
            "call": release.call.slug,
            "rule": rule,
        }
        record(kind="release.patch_held_back", acting=WORKER, subject=None, payload=payload)
        outbox.publish(
            kind="release.patch_held_back", subject=str(release.patch_of_id), payload=payload
        )


@dataclass(frozen=True)
class _Packed:
    files: dict[str, bytes]
    facts: list[FileFacts]
    package_sha256: str


def _settle(release: Release, assembled: Assembled) -> None:
    """Files, members, log entry, event and the publication itself, together."""
    stored: list[Blob] = []
    try:
        with transaction.atomic():
            # Numbers are given in order, and nobody else publishes for this call meanwhile.
            Call.objects.select_for_update().get(id=release.call_id)
            held = Release.objects.select_for_update().filter(
                id=release.id, claim=release.claim, state=ReleaseState.BUILDING
            )
            if not held.exists():
                return
            # Before consent is asked, so that all that this head says was heard.
            head = latest_checkpoint()
            _need_all_usable(release, assembled)
            moment = now()
            measures = {**assembled.measures, "consent": _asked(head, moment)}
            assembled = replace(assembled, measures=measures)
            release.number, release.patch = _next_version(release)
            packed = _pack(release, assembled, rfc3339(moment))
            for name, body in packed.files.items():
                stored.append(store_bytes(body, owner=release.id))
                ReleaseFile.objects.create(
                    release=release,
                    name=name,
                    media_type=MEDIA_TYPES[name],
                    size=len(body),
                    sha256=stored[-1].sha256,
                    blob=stored[-1],
                )
            ReleaseMember.objects.bulk_create(_members(release, assembled), batch_size=500)
            entry_id = _tell(release, assembled, packed)
            held.update(
                state=ReleaseState.PUBLISHED,
                number=release.number,
                patch=release.patch,
                records=assembled.records,
                contributors=assembled.contributors,
                document=assembled.measures,
                classes=assembled.classes,
                ended_at=moment,
                lease_until=None,
                log_entry=entry_id,
            )
    except BaseException:
        # Their rows were rolled back, so only the files are left.
        for blob in stored:
            path_of(blob.id).unlink(missing_ok=True)
        raise


def _asked(head: LogCheckpoint | None, moment: datetime) -> Json:
    """At which head of the log everybody's consent was read; null before the first head."""
    log: Json = {"size": head.size, "root": bytes(head.root).hex()} if head else None
    return {"asked_at": rfc3339(moment), "log": log}


def _tell(release: Release, assembled: Assembled, packed: _Packed) -> UUID:
    """The log entry of the publication, whose id is returned, and the news of it."""
    payload: dict[str, Json] = {
        "release": str(release.id),
        "call": release.call.slug,
        "purpose": release.purpose,
        "release_kind": release.kind,
        "number": release.number,
        "records": assembled.records,
        "package_sha256": packed.package_sha256,
    }
    if release.recipient:
        payload["recipient"] = release.recipient
    news: dict[str, Json] = {
        "release": str(release.id),
        "call": release.call.slug,
        "purpose": release.purpose,
        "kind": release.kind,
    }
    if release.patch_of_id:
        payload |= {"patch": release.patch, "patch_of": str(release.patch_of_id)}
        news["patch_of"] = str(release.patch_of_id)
        outbox.publish(kind="release.patched", subject=str(release.id), payload=news)
    outbox.publish(kind="release.built", subject=str(release.id), payload=news)
    return record(kind="release.built", acting=WORKER, subject=None, payload=payload).id


def _need_all_usable(release: Release, assembled: Assembled) -> None:
    """Asked again on locked rows: who withdrew while we built is not in the release."""
    ids = [contribution.id for contribution, _rows, _mass in assembled.members]
    list(Contribution.objects.select_for_update().filter(id__in=ids).order_by("id"))
    good = releasable(release).filter(id__in=ids)
    if good.count() != len(ids):
        raise _Changed


def _next_version(release: Release) -> tuple[int, int]:
    """Number and patch: the next of its series, or the next patch of the release it patches."""
    if release.patch_of is not None:
        assert release.patch_of.number is not None, "a recalled release was published"
        return release.patch_of.number, release.patch_of.patch + 1
    same = Release.objects.filter(
        call_id=release.call_id,
        purpose=release.purpose,
        kind=release.kind,
        recipient=release.recipient,
    )
    last: int | None = same.aggregate(last=Max("number"))["last"]
    return (last or 0) + 1, 0


def _pack(release: Release, assembled: Assembled, created: str) -> _Packed:
    facts = [FileFacts(name, len(body), sha256_hex(body)) for name, body in assembled.files.items()]
    call = release.call_version.document
    document = data_package(
        name=series(release),
        version=release.version,
        title=call["title"],
        description=call["description"],
        licence=call["licence"],
        created=created,
        sources=assembled.sources,
        fields=assembled.fields,
        files=facts,
        measures=assembled.measures,
    )
    body = json.dumps(document, ensure_ascii=False, indent=1).encode()
    return _Packed({**assembled.files, "datapackage.json": body}, facts, sha256_hex(body))


def _members(release: Release, assembled: Assembled) -> list[ReleaseMember]:
    return [
        ReleaseMember(
            release=release,
            contribution=contribution,
            rows=[int(row) for row in np.sort(rows)],
            mass=mass,
        )
        for contribution, rows, mass in assembled.members
    ]


def waiting() -> list[UUID]:
    """Releases that were asked for and that no worker holds."""
    free = Release.objects.filter(state__in=PENDING).filter(
        Q(lease_until=None) | Q(lease_until__lt=now())
    )
    return list(free.order_by("requested_at").values_list("id", flat=True)[:BATCH])

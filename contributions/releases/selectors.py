"""Reading releases: the catalogue, one release, its files, and which of its rows were recalled."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from contributions.models import Release, ReleaseFile, ReleaseKind, ReleaseState
from contributions.models.releases import GIVEN_OUT
from contributions.registries import licence_provider
from contributions.releases import package, problems
from contributions.releases.attestation import late_parties
from contributions.releases.reach import reaches
from contributions.releases.recalling import recalled, recalled_since, status, successors
from contributions.releases.row_ids import row_ids, salt
from contributions.releases.trained import models_counted
from dure.accounts.acting import Actor
from dure.accounts.problems import scope_missing
from dure.accounts.roles import Role
from dure.core.clock import rfc3339
from governance.log.selectors import log_indices

Document = dict[str, Any]  # Any: JSON
#: What a key needs for files that a licence was paid for.
LICENSED_FILES = "licences:read"
PREPARERS = (Role.OPERATOR, Role.APPROVER)
PUBLISHER = {
    "ko": "서울특별시 데이터 기여 보상체계 두레",
    "en": "Dure, Seoul's data contribution system",
}


def series(release: Release) -> str:
    """What the numbers 1, 2, 3 … of a release count, as a name."""
    parts = [release.call.slug, release.purpose, release.kind, release.recipient]
    return "-".join(part for part in parts if part)


def releases_for(actor: Actor) -> QuerySet[Release]:
    """What was ever published; operators also see what is being built or was refused."""
    found = Release.objects.select_related("call", "call_version").prefetch_related("files")
    if not any(actor.has(role) for role in PREPARERS):
        found = found.filter(state__in=GIVEN_OUT)
    return found.order_by("-requested_at", "-id")


def release_for(actor: Actor, release_id: str) -> Release:
    """One of them; RELEASE_UNKNOWN for unknown and invisible ids alike."""
    try:
        release = releases_for(actor).filter(id=UUID(release_id)).first()
    except ValueError:
        release = None
    if release is None:
        raise problems.RELEASE_UNKNOWN.problem()
    return release


def file_for(actor: Actor, release_id: str, name: str) -> ReleaseFile:
    """A file that the actor may download now.

    Raises RELEASE_UNKNOWN or FILE_UNKNOWN (404), RELEASE_SUPERSEDED (410) as soon as anybody in
    it withdrew, LICENCE_NEEDED (403) for a licensed release without a licence, RELEASE_NOT_FOR_YOU
    (403) where consent does not let it reach the licensee, LICENCE_SUSPENDED (403) where recalled
    rows were not attested as deleted in time, SCOPE_MISSING (403) for a key that was
    not made for licensed files. Open files are for every key, as for strangers.
    """
    release = release_for(actor, release_id)
    if release.kind != ReleaseKind.OPEN and not actor.opens(LICENSED_FILES):
        raise scope_missing(LICENSED_FILES)
    need_reach(actor, release)
    known = release.files.select_related("blob").filter(name=name)
    file = known.first() if name in package.MEDIA_TYPES else None
    if file is None:
        raise problems.RELEASE_FILE_UNKNOWN.problem()
    if status(release) != ReleaseState.PUBLISHED:
        raise problems.RELEASE_SUPERSEDED.problem(headers=_pointing_on(release))
    return file


def _pointing_on(release: Release) -> dict[str, str]:
    """Where a recalled release goes on (RFC 5829), for programs that hold only its address."""
    successor = successor_document(successors([release]).get(release.id))
    return {"Link": f'<{successor["url"]}>; rel="successor-version"'} if successor else {}


def need_licence(actor: Actor, release: Release) -> None:
    """Raises LICENCE_NEEDED unless the release is open, or licensed to the actor."""
    if not (_is_free(actor, release) or _licensees(actor, release)):
        raise problems.LICENCE_NEEDED.problem()


def need_reach(actor: Actor, release: Release) -> None:
    """Raises LICENCE_NEEDED, LICENCE_SUSPENDED where the licensee did not answer a recall in time,
    and RELEASE_NOT_FOR_YOU where consent keeps it from the licensee.
    """
    if _is_free(actor, release):
        return
    need_licence(actor, release)
    licensees = _licensees(actor, release)
    on_time = licensees - late_parties(licensees, release.call_id)
    if not on_time:
        raise problems.LICENCE_SUSPENDED.problem()
    if not reaches(release, on_time):
        raise problems.RELEASE_NOT_FOR_YOU.problem()


def _is_free(actor: Actor, release: Release) -> bool:
    return release.kind == ReleaseKind.OPEN or any(actor.has(role) for role in PREPARERS)


def _licensees(actor: Actor, release: Release) -> set[UUID]:
    """Parties that the actor acts for and that hold a licence in force."""
    return {
        party for _name, licensed in licence_provider.items() for party in licensed(actor, release)
    }


def recipient_of(release: Release) -> Document | None:
    """The third party for whom a release is: its key and its name in both languages."""
    for asked in release.call_version.document["purposes"]:
        for named in asked.get("recipients", []) if asked["key"] == release.purpose else []:
            if named["key"] == release.recipient:
                return {"key": named["key"], "name": named["name"]}
    return None


def recall_document(actor: Actor, release_id: str) -> Document:
    """The rows that whoever holds the release has to delete, by their ids in it."""
    release = release_for(actor, release_id)
    need_licence(actor, release)
    key = salt(release.id)
    rows = sorted(
        row
        for member in recalled(release).iterator()
        for row in row_ids(key, member.contribution_id, member.rows)
    )
    return {
        "release": str(release.id),
        "status": status(release),
        "superseded_at": _moment(recalled_since(release)),
        "rows": rows,
        "successor": successor_document(successors([release]).get(release.id)),
    }


def release_documents(page: Sequence[Release]) -> list[Document]:
    """Documents of a page of releases."""
    entries = [release.log_entry for release in page if release.log_entry]
    index = log_indices(entries)
    after, trained = successors(page), models_counted(page)
    return [
        _document(
            release,
            index.get(release.log_entry) if release.log_entry else None,
            after.get(release.id),
            trained.get(release.id, 0),
        )
        for release in page
    ]


def release_document(release: Release) -> Document:
    """A release as catalogue, pages and API show it."""
    return release_documents([release])[0]


def successor_document(release: Release | None) -> Document | None:
    """What is given out in place of a recalled release; null where nothing is."""
    if release is None:
        return None
    return {
        "release": str(release.id),
        "label": release.version,
        "url": f"/api/v1/releases/{release.id}/",
    }


def _moment(at: datetime | None) -> str | None:
    return rfc3339(at) if at else None


def _document(
    release: Release, log_index: int | None, successor: Release | None, models: int
) -> Document:
    call = release.call_version.document
    state = status(release)
    return {
        "id": str(release.id),
        "call": release.call.slug,
        "call_version": release.call_version.number,
        "title": call["title"],
        "description": call["description"],
        "licence": call["licence"],
        "purpose": release.purpose,
        "kind": release.kind,
        "recipient": recipient_of(release),
        "version": release.number,
        "patch": release.patch,
        "label": release.version or None,
        "patch_of": str(release.patch_of_id) if release.patch_of_id else None,
        "successor": successor_document(successor),
        "state": state,
        "reason": str(problems.release_reason(release.reason_rule)) or None,
        "reason_code": release.reason_rule or None,
        "reason_params": release.reason_params,
        "records": release.records,
        "contributors": release.contributors,
        "models": models,
        "measures": release.document,
        "files": [
            {
                "name": file.name,
                "media_type": file.media_type,
                "bytes": file.size,
                "sha256": file.sha256,
                "url": f"/api/v1/releases/{release.id}/files/{file.name}",
            }
            for file in release.files.all()
        ],
        "log": {"index": log_index},
        "requested_at": rfc3339(release.requested_at),
        "published_at": (
            rfc3339(release.ended_at) if release.ended_at and release.number else None
        ),
        "superseded_at": (
            _moment(recalled_since(release)) if state == ReleaseState.SUPERSEDED else None
        ),
    }


def catalogue_document() -> Document:
    """Every release that can be had now, as DCAT in JSON-LD."""
    published = releases_for(Actor.system("catalogue")).filter(state=ReleaseState.PUBLISHED)
    base = f"{settings.PUBLIC_URL.rstrip('/')}/api/v1/"
    return package.catalogue(
        address=f"{base}catalog.jsonld",
        publisher=PUBLISHER,
        entries=[_entry(release, base) for release in _current(published)],
    )


def _current(published: Iterable[Release]) -> list[Release]:
    return [release for release in published if status(release) == ReleaseState.PUBLISHED]


def _entry(release: Release, base: str) -> package.Entry:
    call = release.call_version.document
    assert release.ended_at is not None, "a published release has its time"
    return package.Entry(
        address=f"{base}releases/{release.id}/",
        identifier=f"{series(release)}-{release.version}",
        version=release.version,
        title=call["title"],
        description=call["description"],
        licence=call["licence"],
        issued=rfc3339(release.ended_at),
        open=release.kind == ReleaseKind.OPEN,
        files=[
            package.FileFacts(file.name, file.size, file.sha256) for file in release.files.all()
        ],
    )

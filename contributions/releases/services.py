"""Asking for a release, and taking one out of use."""

from __future__ import annotations

from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef

from contributions.blobs import purge_after_commit
from contributions.models import CallVersion, Release, ReleaseKind, ReleaseMember, ReleaseState
from contributions.problems import PURPOSE_UNKNOWN
from contributions.releases import problems
from contributions.releases.recalling import first_withdrawal
from contributions.selectors import published_version
from dure.accounts.acting import Actor
from dure.accounts.roles import Role
from dure.core import outbox
from dure.core.clock import now
from dure.core.problems import FieldError
from governance.consent.problems import RECIPIENT_UNKNOWN
from governance.log.services import record

SYSTEM = Actor.system("releases")


@transaction.atomic
def build_release(
    *,
    acting: Actor,
    call_slug: str,
    purpose: str,
    kind: str = "open",
    recipient: str = "",
) -> Release:
    """Ask for a release of a call's data for one purpose; a worker builds it.

    ``recipient`` is the key of a third party that the call names for the purpose: a licensed
    release for them alone, of the records of those who consent to it. Raises problems: not allowed
    for other than operators, CALL_UNKNOWN, PURPOSE_UNKNOWN, RELEASE_KIND_UNKNOWN,
    RECIPIENT_UNKNOWN, and RELEASE_PENDING while the same release is being built.
    """
    acting.require(Role.OPERATOR, Role.APPROVER)
    version = published_version(call_slug)
    if kind not in ReleaseKind.values:
        raise problems.RELEASE_KIND_UNKNOWN.problem(
            errors=[FieldError("kind", problems.RELEASE_KIND_UNKNOWN.title, "unknown")]
        )
    if purpose not in {asked["key"] for asked in version.document["purposes"]}:
        raise PURPOSE_UNKNOWN.problem(
            errors=[FieldError("purpose", PURPOSE_UNKNOWN.title, "unknown")]
        )
    _check_recipient(version, purpose, kind, recipient)
    release = Release(
        call=version.call,
        call_version=version,
        purpose=purpose,
        kind=kind,
        recipient=recipient,
        requested_by=acting.require_person(),
        requested_at=now(),
    )
    try:
        with transaction.atomic():
            release.save()
    except IntegrityError:
        raise problems.RELEASE_PENDING.problem() from None
    outbox.publish(
        kind="release.requested",
        subject=str(release.id),
        payload={"release": str(release.id), "call": call_slug},
    )
    return release


def _check_recipient(version: CallVersion, purpose: str, kind: str, recipient: str) -> None:
    if not recipient:
        return
    named = {
        each["key"]
        for asked in version.document["purposes"]
        if asked["key"] == purpose
        for each in asked.get("recipients", [])
    }
    if recipient not in named:
        raise RECIPIENT_UNKNOWN.problem(
            errors=[FieldError("recipient", RECIPIENT_UNKNOWN.title, "unknown")]
        )
    if kind != ReleaseKind.LICENSED:
        raise problems.RELEASE_KIND_UNKNOWN.problem(
            errors=[FieldError("kind", problems.OPEN_FOR_ONE, "open-for-one")]
        )


def supersede_recalled(*, call_slug: str | None = None) -> int:
    """Take every published release out of use that holds records of somebody who withdrew.

    Its files are purged, and its list of recalled rows says to licensees what to delete. Downloads
    were refused before, from the moment of the withdrawal. Returns how many were superseded.
    """
    published = Release.objects.filter(state=ReleaseState.PUBLISHED)
    if call_slug is not None:
        published = published.filter(call__slug=call_slug)
    # Cheap first: only releases with a member whose contribution changed since, or any at all
    # where a consent may have; the exact question is asked of each.
    published = published.filter(Exists(ReleaseMember.objects.filter(release=OuterRef("pk"))))
    return sum(_supersede(release_id) for release_id in published.values_list("id", flat=True))


@transaction.atomic
def _supersede(release_id: UUID) -> bool:
    release = (
        Release.objects.select_for_update(of=("self",))
        .select_related("call")
        .filter(id=release_id, state=ReleaseState.PUBLISHED)
        .first()
    )
    since = first_withdrawal(release) if release is not None else None
    if release is None or since is None:
        return False
    release.state = ReleaseState.SUPERSEDED
    release.superseded_at = since
    release.save(update_fields=["state", "superseded_at"])
    for file in release.files.select_related("blob"):
        purge_after_commit(file.blob)
    record(
        kind="release.superseded",
        acting=SYSTEM,
        subject=None,
        payload={"release": str(release.id), "call": release.call.slug},
    )
    outbox.publish(
        kind="release.superseded",
        subject=str(release.id),
        payload={"release": str(release.id), "call": release.call.slug},
    )
    return True

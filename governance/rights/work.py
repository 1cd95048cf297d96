"""What the platform does about requests by itself: exports, erasures, clocks, expiry."""

from __future__ import annotations

import logging
from datetime import timedelta
from functools import partial
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_noop

from dure.accounts.acting import Actor
from dure.core import blobs, clock, outbox, signing
from dure.core.clock import rfc3339
from dure.core.models import OutboxEvent
from governance.consent import data_integrity
from governance.models import (
    Objection,
    RequestState,
    Restriction,
    RestrictionGround,
    RightsRequest,
)
from governance.registries import Filing, data_holders
from governance.rights import clocks, export, services
from governance.rights.problems import EXPORT_EXPIRED, EXPORT_UNREADY
from governance.rights.restriction import TOLD_WITHIN, asked_last, rests_until

logger = logging.getLogger(__name__)

EXPORT_LIFETIME = timedelta(days=7)
# Kept in English and translated when it is read.
EXPORT_REASON = gettext_noop("The file is ready. It can be downloaded for seven days.")
_BATCH = 100


def make_exports(limit: int = _BATCH) -> int:
    """Answers waiting requests for access and export; one that fails does not hold up the rest."""
    waiting = RightsRequest.objects.filter(
        state=RequestState.RECEIVED, kind__in=services.AUTOMATIC
    ).order_by("received_at")
    made = 0
    for request_id in list(waiting.values_list("id", flat=True)[:limit]):
        try:
            made += _make_export(request_id)
        except Exception as error:
            # The type only: the text of an exception may quote data.
            logger.exception("the export of a request failed (%s)", type(error).__name__)
    return made


def open_export(request: RightsRequest) -> bytes:
    """The archive of a request; raises the problems EXPORT_UNREADY and EXPORT_EXPIRED."""
    if request.export is None or request.export_expires_at is None:
        raise EXPORT_UNREADY.problem()
    if request.export.purged_at is not None or clock.now() >= request.export_expires_at:
        raise EXPORT_EXPIRED.problem()
    return blobs.read(request.export)


def expire_exports() -> int:
    """Deletes the files of exports whose time is over."""
    over = RightsRequest.objects.filter(
        export_expires_at__lte=clock.now(), export__purged_at__isnull=True
    ).select_related("export")
    expired = 0
    for request in over[:_BATCH]:
        if request.export is not None:
            blobs.purge(request.export)
            expired += 1
    return expired


def run_clocks() -> int:
    """Announces, once each, what is due soon and what is overdue; answers how many."""
    moment = clock.now()
    told = 0
    for model, kind in ((RightsRequest, "rights.escalated"), (Objection, "objection.escalated")):
        urgent = model._default_manager.filter(
            state=RequestState.RECEIVED, due_at__lt=moment + clocks.WARNING
        )
        for asked_id in list(urgent.values_list("id", flat=True)):
            with transaction.atomic():
                asked = model._default_manager.select_for_update(of=("self",)).get(id=asked_id)
                now_at = clocks.urgency(asked.due_at, moment)
                if asked.state != RequestState.RECEIVED or now_at <= asked.urgency:
                    continue
                asked.urgency = int(now_at)
                asked.save(update_fields=["urgency"])
                outbox.publish(
                    kind=kind, subject=str(asked.id), payload={"urgency": now_at.name.lower()}
                )
                told += 1
    return told


def lift_when_told() -> int:
    """Lets data be used again whose owner was refused, once they were told; how many.

    That is when the news of the answer has gone out and their time to read it is over, and nothing
    of the same kind is asked anew.
    """
    moment = clock.now()
    lifted = 0
    refused = RightsRequest.objects.filter(
        party_id=OuterRef("party_id"),
        state__in=[RequestState.REFUSED, RequestState.PARTLY],
        answered_at__lte=moment - TOLD_WITHIN,
    )
    standing = Restriction.objects.filter(Exists(refused), lifted_at=None)
    for party_id, ground in list(standing.values_list("party_id", "ground")):
        with transaction.atomic():
            newest = asked_last(party_id, ground)
            until = rests_until(newest) if newest else None
            if newest is None or until is None or moment < until or not _was_told(newest):
                continue
            lifted += services.lift_restriction(
                acting=Actor.system("rights"), party_id=party_id, ground=RestrictionGround(ground)
            )
    return lifted


def _was_told(request: RightsRequest) -> bool:
    """Whether the news of an answer has gone out to the rooms that tell people."""
    news = OutboxEvent.objects.filter(kind="rights.answered", subject=str(request.id))
    return not news.filter(dispatched_at=None).exists()


@transaction.atomic
def _make_export(request_id: UUID) -> int:
    found = RightsRequest.objects.select_for_update(of=("self",), skip_locked=True)
    request = found.filter(id=request_id, state=RequestState.RECEIVED).first()
    if request is None:
        return 0
    moment = clock.now()
    packed = export.pack(
        {name: holder.export(request.party_id) for name, holder in data_holders.items()},
        kept={
            name: holder.files(request.party_id)
            for name, holder in data_holders.items()
            if isinstance(holder, Filing)
        },
        party=str(request.party_id),
        made_at=rfc3339(moment),
        sign=partial(
            data_integrity.secure,
            created=rfc3339(moment),
            public_key=signing.public_key("receipt"),
            sign=partial(signing.sign, key="receipt"),
        ),
    )
    request.export = blobs.store_bytes(packed, owner=request.party_id)
    request.export_expires_at = moment + EXPORT_LIFETIME
    services.settle(
        request,
        acting=Actor.system("rights"),
        outcome=RequestState.GRANTED,
        reason=EXPORT_REASON,
        log_kind="rights.answered",
        right=request.kind,
    )
    return 1

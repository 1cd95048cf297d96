"""How long the files of pay-outs are kept: they hold names and accounts.

A file that went out, and what the rail answered, is a record of a payment and kept for five years
(to be verified by counsel), longer than the account of somebody who leaves. A file that never went
out is a record of nothing and goes with its batch.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from dure.core import blobs
from dure.core.clock import CITY_ZONE, now
from dure.core.models import Blob
from rewards.models import BatchState, PayoutBatch, RailImport
from rewards.wallet.limitation import ends_at

KEPT_YEARS: Final = 5
_BATCH: Final = 500


def purge_files() -> int:
    """Purges the files whose time is over; answers how many. Safe to repeat and to cut short."""
    moment = now()
    held = PayoutBatch.objects.filter(file__purged_at=None).select_related("file")
    discarded = held.filter(state=BatchState.DISCARDED).order_by("discarded_at")[:_BATCH]
    sent = held.filter(state=BatchState.SENT).order_by("sent_at")[:_BATCH]
    answers = RailImport.objects.filter(file__purged_at=None).select_related("file")
    over: list[Blob] = [batch.file for batch in discarded]
    over += [batch.file for batch in sent if _is_over(batch.sent_at, moment)]
    over += [
        answer.file
        for answer in answers.order_by("imported_at")[:_BATCH]
        if _is_over(answer.imported_at, moment)
    ]
    blobs.purge_all(over)
    return len(over)


def _is_over(event: datetime | None, moment: datetime) -> bool:
    return event is not None and ends_at(event, KEPT_YEARS, CITY_ZONE) <= moment

"""The public log as pages: the signed head, entries by kind and day, one entry with its proof."""

from __future__ import annotations

import base64
import json
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from dure.core import signing
from dure.core.clock import rfc3339
from governance.log.kind_words import kind_text
from governance.log.kinds import KINDS
from governance.log.selectors import (
    checkpoint_before,
    consistency_document,
    entry_document,
    first_checkpoint,
    inclusion_document,
    latest_checkpoint,
    recent_entries,
    rotation_documents,
)
from governance.models import LogCheckpoint
from portal.doors import shows_problems

ENTRIES_SHOWN = 50
INDEX_DIGITS_MAX = 15
YEAR_FIRST, YEAR_LAST = 2000, 2999


def public_key_text() -> str:
    """The log's Ed25519 public key in base64."""
    return base64.b64encode(signing.public_key()).decode()


@gzip_page
@require_safe
def log(request: HttpRequest) -> HttpResponseBase:
    chosen = request.GET.get("kind", "")
    chosen = chosen if chosen in KINDS else ""
    day = _day(request.GET.get("until", ""))
    wanted = recent_entries(
        ENTRIES_SHOWN + 1,
        chosen or None,
        before=_index(request.GET.get("before", "")),
        until=None if day is None else _end_of(day),
    )
    entries, more = wanted[:ENTRIES_SHOWN], len(wanted) > ENTRIES_SHOWN
    asked = {"kind": chosen, "until": "" if day is None else day.isoformat()}
    checkpoint = latest_checkpoint()
    context = {
        "checkpoint": checkpoint and _head(checkpoint),
        "public_key": public_key_text(),
        "kinds": sorted(
            ({"code": kind, "label": kind_text(kind)} for kind in KINDS),
            key=lambda kind: kind["label"],
        ),
        "chosen": chosen,
        "until": asked["until"],
        "entries": [
            {"index": entry.index, "label": kind_text(entry.kind), "at": entry.recorded_at}
            for entry in entries
        ],
        "older": urlencode({**asked, "before": entries[-1].index}) if more else "",
        "newest": urlencode(asked) if "before" in request.GET else "",
    }
    return render(request, "portal/auditor/log.html", context)


@gzip_page
@require_safe
@shows_problems
def log_entry(request: HttpRequest, index: int) -> HttpResponseBase:
    document = entry_document(index)
    address = f"/api/v1/log/entries/{index}/"
    context = {
        "index": index,
        "label": kind_text(document["type"]),
        "at": document["ts"],
        "entry_json": json.dumps(document["leaf"], ensure_ascii=False, indent=2),
        "proof": inclusion_document(index),
        "entry_url": address,
        "proof_url": f"{address}proof/",
        "public_key": public_key_text(),
    }
    return render(request, "portal/auditor/log_entry.html", context)


@gzip_page
@require_safe
@shows_problems
def log_growth(request: HttpRequest) -> HttpResponseBase:
    """The heads at the ends of two days, and that the later log begins with the earlier one."""
    first, newest = first_checkpoint(), latest_checkpoint()
    context: dict[str, object] = {"public_key": public_key_text()}
    if first is not None and newest is not None:
        start = request.GET.get("from", _day_of(first.signed_at).isoformat())
        end = request.GET.get("to", _day_of(newest.signed_at).isoformat())
        context |= {"signed": True, "start": start, "end": end, **_compared(_day(start), _day(end))}
    return render(request, "portal/auditor/log_growth.html", context)


def _compared(start: date | None, end: date | None) -> dict[str, object]:
    if start is None or end is None:
        return {"problem": _("Enter both days as year, month and day, such as 2026-11-30.")}
    if start > end:
        return {"problem": _("The first day lies after the second. Exchange them.")}
    earlier, later = checkpoint_before(_end_of(start)), checkpoint_before(_end_of(end))
    if earlier is None or later is None:
        return {"problem": _("No checkpoint was signed yet on the first of these days.")}
    proof = consistency_document(earlier.size, later.size)
    document = {
        "earlier": earlier.note,
        "later": later.note,
        "proof": proof,
        # The earlier one may be signed by a key that was replaced since.
        "rotations": rotation_documents(later.size),
    }
    return {
        "earlier": _head(earlier),
        "later": _head(later),
        "steps": len(proof["proof"]),
        "added": later.size - earlier.size,
        "document": json.dumps(document, ensure_ascii=False, indent=1),
        "proof_url": f"/api/v1/log/consistency/?from={earlier.size}&to={later.size}",
    }


def _head(checkpoint: LogCheckpoint) -> dict[str, object]:
    return {
        "size": checkpoint.size,
        "at": rfc3339(checkpoint.signed_at),
        "root": bytes(checkpoint.root).hex(),
    }


def _index(text: str) -> int | None:
    sound = text.isascii() and text.isdecimal() and len(text) <= INDEX_DIGITS_MAX
    return int(text) if sound else None


def _day(text: str) -> date | None:
    """A day of a year that a log can have; None for anything else."""
    try:
        found = parse_date(text)
    except ValueError:
        return None
    return found if found is not None and YEAR_FIRST <= found.year <= YEAR_LAST else None


def _day_of(moment: datetime) -> date:
    return timezone.localtime(moment).date()


def _end_of(day: date) -> datetime:
    """The first moment after a day, where the reader is."""
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))

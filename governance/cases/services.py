"""Opening and closing an audit case, and recording that an epoch was computed again."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from dure.accounts.acting import Actor
from dure.core import clock, outbox
from dure.core.canonical import Json
from dure.core.ids import new_id
from dure.core.problems import FieldError
from governance.cases.access import mandate_end, mandates, open_case_for
from governance.cases.clocks import end_of_mandate
from governance.cases.problems import CASE_UNFIT, REPLAY_UNFIT
from governance.log.services import record
from governance.models import AuditCase, CaseClosing, CaseReplay, ReplayOutcome
from governance.registries import audit_subjects

TITLE_LENGTH_MAX = 200
#: No case lasts longer, whatever the mandate says.
LASTS_MAX = timedelta(days=366)
SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)


@transaction.atomic
def open_case(
    *, acting: Actor, title: str, about_kind: str, about_id: str, last_day: date
) -> AuditCase:
    """An auditor begins to examine an algorithm, a call or an epoch, until the end of a day.

    Raises what ``access.mandates`` raises, and CASE_UNFIT where the scope is unknown or beyond the
    mandate, or the day past or after the mandate's end.
    """
    mandates(acting)
    words = unicodedata.normalize("NFC", title).strip()
    errors = []
    if not 0 < len(words) <= TITLE_LENGTH_MAX or "\x00" in words:
        errors.append(FieldError("title", _("Say in one to 200 characters what is examined.")))
    find = audit_subjects.get(about_kind)
    subject = find(about_id) if find is not None else None
    mandated = mandate_end(acting, subject.call) if subject is not None else None
    if subject is None:
        errors.append(FieldError("about", _("Choose what is examined.")))
    elif mandated is None:
        errors.append(FieldError("about", _("Your mandate does not cover this.")))
    moment, until = clock.now(), end_of_mandate(last_day)
    if not moment < until <= moment + LASTS_MAX:
        errors.append(FieldError("last_day", _("Give a day from today on, within a year.")))
    elif mandated is not None and until > mandated:
        errors.append(FieldError("last_day", _("Your mandate ends before this day is over.")))
    if errors or subject is None:
        raise CASE_UNFIT.problem(errors=errors)
    case_id = new_id()
    payload: dict[str, Json] = {
        "case": str(case_id),
        "about_kind": about_kind,
        "about": about_id,
        "until": clock.rfc3339(until),
    }
    entry = record(kind="case.opened", acting=acting, subject=None, payload=payload)
    outbox.publish(kind="case.opened", subject=str(case_id), payload={"case": str(case_id)})
    return AuditCase.objects.create(
        id=case_id,
        auditor=acting.require_person(),
        title=words,
        about_kind=about_kind,
        about_id=about_id,
        call=subject.call,
        opened_at=entry.recorded_at,
        until=until,
        log_entry=entry,
    )


@transaction.atomic
def close_case(*, acting: Actor, case: AuditCase) -> CaseClosing:
    """The auditor is done; raises what ``access.case_for`` raises, and CASE_CLOSED."""
    found = open_case_for(acting, case.id)
    payload: dict[str, Json] = {"case": str(case.id)}
    entry = record(kind="case.closed", acting=acting, subject=None, payload=payload)
    outbox.publish(kind="case.closed", subject=str(case.id), payload=payload)
    return CaseClosing.objects.create(case=found, closed_at=entry.recorded_at, log_entry=entry)


@transaction.atomic
def record_replay(
    *, acting: Actor, case: AuditCase, epoch_id: str, manifest_sha256: str, outcome: str
) -> CaseReplay:
    """What came of computing an epoch again; raises REPLAY_UNFIT and what ``case_for`` raises.

    The hash is the one that the auditor's tool printed; whether it is the published one is for
    the reader to compare, so that a city that showed another manifest is found.
    """
    found = open_case_for(acting, case.id)
    find = audit_subjects.get("epoch")
    subject = find(epoch_id) if find is not None else None
    errors = []
    if subject is None or mandate_end(acting, subject.call) is None:
        errors.append(FieldError("epoch", _("Choose a settlement.")))
    digest = manifest_sha256.strip().lower()
    if SHA256.fullmatch(digest) is None:
        errors.append(FieldError("manifest_sha256", _("A hash has 64 digits from 0 to f.")))
    if outcome not in ReplayOutcome.values:
        errors.append(FieldError("outcome", _("Choose how it ended.")))
    if errors:
        raise REPLAY_UNFIT.problem(errors=errors)
    payload: dict[str, Json] = {
        "case": str(case.id),
        "epoch": epoch_id,
        "manifest_sha256": digest,
        "outcome": outcome,
    }
    entry = record(kind="replay.recorded", acting=acting, subject=None, payload=payload)
    outbox.publish(kind="replay.recorded", subject=epoch_id, payload=payload)
    return CaseReplay.objects.create(
        case=found,
        epoch=epoch_id,
        manifest_sha256=digest,
        outcome=outcome,
        recorded_at=entry.recorded_at,
        log_entry=entry,
    )

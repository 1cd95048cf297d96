"""Correcting what was returned: the rows that were set aside, or the whole file, same receipt."""

from __future__ import annotations

from datetime import datetime
from pathlib import PurePath
from typing import BinaryIO

from django.db import transaction
from django.utils.translation import gettext as _

from contributions import problems
from contributions.blobs import purge_sent, purge_tables
from contributions.intake.consent import missing_for
from contributions.intake.look import Look, refuse_wrong_columns
from contributions.intake.services import (
    CONTENT_TYPE_LENGTH_MAX,
    DEADLINE,
    FILENAME_LENGTH_MAX,
    first_look,
    keep,
)
from contributions.models import Attempt, Contribution, CorrectionMode, Finding, Stage, State
from contributions.news import tell
from contributions.pipeline.corrections import UNFIT
from contributions.pipeline.tables import ROW
from contributions.withdrawal.services import locked
from dure.accounts.acting import Actor
from dure.core.clock import now
from dure.core.models import Blob
from dure.core.problems import FieldError
from governance.consent.problems import CONSENT_MISSING

SUFFIX_LENGTH_MAX = 16


@transaction.atomic
def correct(
    *,
    acting: Actor,
    receipt: str,
    mode: CorrectionMode,
    stream: BinaryIO,
    filename: str,
    content_type: str,
) -> Contribution:
    """Send a returned contribution once more: it is received again and checked anew.

    `rows`: a table of corrected rows, with the columns of the call and the row numbers in a column
    "dure:row"; all other rows stay as they were sent. `file`: everything anew. Raises
    CONTRIBUTION_UNKNOWN, NOT_CORRECTABLE, NO_ROWS_TO_CORRECT, ROW_NUMBERS_MISSING,
    CONSENT_MISSING, and what `submit` raises for a file; then nothing was changed.
    """
    contribution = locked(acting=acting, receipt=receipt)
    moment = now()
    until = contribution.correctable_until
    if contribution.state != State.RETURNED or until is None or until <= moment:
        raise problems.NOT_CORRECTABLE.problem()
    was_read = contribution.received > 0 or contribution.reason_rule == UNFIT
    if mode == CorrectionMode.ROWS and not was_read:
        raise problems.NO_ROWS_TO_CORRECT.problem()
    version = contribution.call_version
    if missing_for(contribution):
        raise CONSENT_MISSING.problem()
    head, look = first_look(stream, filename=filename, content_type=content_type, version=version)
    refuse_wrong_columns(look)
    if mode == CorrectionMode.ROWS:
        _need_row_numbers(look)
    blob = keep(head, stream, party_id=contribution.party_id)
    attempt = _attempt(contribution, mode, blob, acting, moment)
    attempt.content_type = content_type[:CONTENT_TYPE_LENGTH_MAX]
    attempt.suffix = PurePath(filename).suffix[:SUFFIX_LENGTH_MAX]
    purge_tables(contribution)
    if mode == CorrectionMode.FILE:
        purge_sent(contribution)
        contribution.source = blob
        contribution.filename = filename[-FILENAME_LENGTH_MAX:]
        contribution.content_type = content_type[:CONTENT_TYPE_LENGTH_MAX]
    _begin_again(contribution, moment)
    attempt.log_entry = tell(contribution, acting=acting, event="corrected", sent=blob)
    attempt.save(force_insert=True)
    return contribution


def _need_row_numbers(look: Look) -> None:
    if look.readable and ROW not in look.columns_unknown:
        message = _("Add a column dure:row with the number of each corrected row.")
        raise problems.ROW_NUMBERS_MISSING.problem(
            errors=[FieldError(field=ROW, message=message, code="missing-column")]
        )


def _attempt(
    contribution: Contribution,
    mode: CorrectionMode,
    blob: Blob,
    acting: Actor,
    moment: datetime,
) -> Attempt:
    earlier = Attempt.objects.filter(contribution=contribution).count()
    return Attempt(
        contribution=contribution,
        number=earlier + 2,
        mode=mode,
        file=blob,
        sent_at=moment,
        sent_by=acting.person,
        answers_rule=contribution.reason_rule,
        answers_params=contribution.reason_params,
        answers_counts={
            "received": contribution.received,
            "quarantined": contribution.quarantined,
            "findings": contribution.findings_total,
        },
    )


def _begin_again(contribution: Contribution, moment: datetime) -> None:
    """Back to the first stage with clean counts; what is known of the round before is kept."""
    Finding.objects.filter(contribution=contribution).delete()
    contribution.state, contribution.stage = State.RECEIVED, Stage.DECODE
    contribution.reason_rule, contribution.reason_params = "", {}
    contribution.records = contribution.outcome = None
    contribution.received = contribution.quarantined = contribution.duplicate = 0
    contribution.checks, contribution.unmapped, contribution.quality_score = [], {}, ""
    contribution.findings_total = contribution.attempts = 0
    contribution.claim = contribution.lease_until = contribution.correctable_until = None
    contribution.corrected_at = contribution.nudged_at = contribution.updated_at = moment
    contribution.deadline_at = moment + DEADLINE
    contribution.save()

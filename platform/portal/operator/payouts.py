"""Batches, answers of rails and differences: the pages behind the amounts to pay out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dure.accounts.acting import Actor
from dure.core.clock import now
from dure.core.problems import Problem
from portal.doors import operators_only
from portal.error_summary import ErrorSummary, Item, summary_of_problem
from portal.formatting import exact, moment_text, number_text, unit_text
from portal.operator.payout_words import (
    batch_state_text,
    difference_text,
    doubt_text,
    event_text,
    item_state_text,
    outcome_mark,
    outcome_text,
    outcome_tone,
)
from portal.resident.redemptions import rail_text
from rewards.api.payouts import file_response
from rewards.models import EventOutcome, ImportState, PayoutBatch, RailImport
from rewards.rails import batches
from rewards.rails.answers import SIZE_MAX
from rewards.rails.imports import import_answer
from rewards.rails.notes import NOTE_MAX, note_difference
from rewards.rails.reconciliation import book_documents, difference_documents
from rewards.rails.selectors import batch_for, batch_with_items, waiting_answers
from rewards.rails.trying import answer_counts, try_answer

ITEMS_SHOWN = 500
LINES_SHOWN = 200
ANSWERS_SHOWN = 10
#: What each of the books holds as paid out.
COLUMNS: Final = ("ledger", "batches", "outside_batches", "sent_open", "rail_says")
#: Lines of an answer that are kept and not done.
UNFIT = (EventOutcome.UNKNOWN, EventOutcome.AMOUNT, EventOutcome.CONTRADICTS)


def _batch_page(
    request: HttpRequest, batch_id: UUID, problems: ErrorSummary | None = None
) -> HttpResponse:
    found = batch_for(batch_id)
    document = batch_with_items(found)
    context: dict[str, Any] = {  # Any: a template's context
        "batch": {
            **document,
            "rail_text": rail_text(found.rail),
            "state_text": batch_state_text(found.state),
            "proposer": found.proposer.name,
            "approver": found.approver.name if found.approver else "",
        },
        "items": [
            {**item, "state_text": item_state_text(item["state"])}
            for item in document["items"][:ITEMS_SHOWN]
        ],
        "more": len(document["items"]) > ITEMS_SHOWN,
        "own_proposal": found.proposer_id == Actor.of(request).require_person().id,
        "problems": problems,
    }
    status = 422 if problems else 200
    return render(request, "portal/operator/payout_batch.html", context, status=status)


@require_safe
@operators_only
def batch(request: HttpRequest, batch_id: UUID) -> HttpResponseBase:
    return _batch_page(request, batch_id)


def _step(
    request: HttpRequest, batch_id: UUID, service: Callable[..., PayoutBatch], done: str
) -> HttpResponseBase:
    try:
        service(acting=Actor.of(request), batch_id=batch_id)
    except Problem as problem:
        if problem.kind.status == 404:
            raise
        return _batch_page(request, batch_id, summary_of_problem(problem))
    messages.success(request, done)
    return redirect("portal:console-batch", batch_id)


@require_POST
@operators_only
def approval(request: HttpRequest, batch_id: UUID) -> HttpResponseBase:
    """Say yes to the file as a second person."""
    done = _("The batch is approved. It can be sent now.")
    return _step(request, batch_id, batches.approve_batch, done)


@require_POST
@operators_only
def sending(request: HttpRequest, batch_id: UUID) -> HttpResponseBase:
    """Record the sending; only then the page offers the file."""
    done = _("The batch is recorded as sent. Take the file and hand it to the bank or operator.")
    return _step(request, batch_id, batches.send_batch, done)


@require_POST
@operators_only
def discarding(request: HttpRequest, batch_id: UUID) -> HttpResponseBase:
    """Drop a batch that was not sent."""
    done = _("The batch is discarded. Its amounts wait for another batch.")
    return _step(request, batch_id, batches.discard_batch, done)


@require_safe
@operators_only
def file(request: HttpRequest, batch_id: UUID) -> HttpResponseBase:
    """The file of a sent batch."""
    return file_response(*batches.batch_file(acting=Actor.of(request), batch_id=batch_id))


def trial_of(request: HttpRequest) -> dict[str, Any] | ErrorSummary:  # Any: a template's context
    """What an uploaded answer of a rail would do, in words; or what is wrong with the file."""
    uploaded = request.FILES.get("file")
    if not isinstance(uploaded, UploadedFile):
        return _no_file()
    try:
        found = try_answer(
            acting=Actor.of(request),
            rail=request.POST.get("rail", ""),
            content=uploaded.read(SIZE_MAX + 1),
        )
    except Problem as problem:
        if problem.kind.status in (403, 404):
            raise
        return summary_of_problem(problem, {"file": "answer", "rail": "answer-rail"})
    lines = [
        {
            **line,
            "kind_text": event_text(line["kind"]),
            "outcome_text": outcome_text(line["outcome"], line["does"]),
            "mark": outcome_mark(line["outcome"], line["does"]),
            "tone": outcome_tone(line["outcome"], line["does"]),
        }
        for line in found["lines"][:LINES_SHOWN]
    ]
    return {
        **found,
        "doubts": [doubt_text(doubt) for doubt in found["doubts"]],
        "name": uploaded.name,
        "rail": request.POST.get("rail", ""),
        "lines": lines,
        "more": found["more"] or len(found["lines"]) > LINES_SHOWN,
        "changes": _changes(found["counts"]),
        "unfit": sum(found["counts"].get(outcome, 0) for outcome in (*UNFIT, "duplicate")),
    }


def _no_file() -> ErrorSummary:
    return ErrorSummary(items=(Item(_("Choose the file that the rail gave you."), "answer"),))


def answer_of(request: HttpRequest) -> ErrorSummary | None:
    """Take over an uploaded answer of a rail; what is wrong with it, or nothing."""
    uploaded = request.FILES.get("file")
    if not isinstance(uploaded, UploadedFile):
        return _no_file()
    begun = now()
    try:
        taken = import_answer(
            acting=Actor.of(request),
            rail=request.POST.get("rail", ""),
            content=uploaded.read(SIZE_MAX + 1),
        )
    except Problem as problem:
        if problem.kind.status in (403, 404):
            raise
        return summary_of_problem(problem, {"file": "answer", "rail": "answer-rail"})
    if taken.state == ImportState.WAITING:
        messages.info(request, _("Nothing is done yet. A second person has to agree to this file."))
        return None
    if (taken.decided_at or taken.imported_at) < begun:
        text = _("This file was taken over on %(when)s already. Nothing was done again.")
        when = taken.decided_at or taken.imported_at
        messages.info(request, text % {"when": moment_text(when)})
        return None
    tell_taken(request, taken)
    return None


def tell_taken(request: HttpRequest, taken: RailImport) -> None:
    """What taking over an answer did, and whether some of it does not fit."""
    counts = {
        key: number_text(taken.counts.get(key, 0)) for key in ("settled", "failed", "returned")
    }
    text = _("Taken over: %(settled)s paid, %(failed)s refused, %(returned)s returned.")
    messages.success(request, text % counts)
    unfit = sum(taken.counts.get(outcome, 0) for outcome in UNFIT)
    if unfit:
        text = ngettext(
            "%(count)s line does not fit our books. Compare the books to see it.",
            "%(count)s lines do not fit our books. Compare the books to see them.",
            unfit,
        )
        messages.warning(request, text % {"count": number_text(unfit)})


def answers_waiting(request: HttpRequest) -> list[dict[str, Any]]:  # Any: a template's context
    """Answers that wait for a second person: what they would do now, and why they wait."""
    person = Actor.of(request).require_person()
    return [
        {
            "id": answer.id,
            "rail_text": rail_text(answer.rail),
            "message_id": answer.message_id,
            "imported_at": answer.imported_at,
            "own": answer.importer_id == person.id,
            "doubts": [doubt_text(doubt) for doubt in answer.doubts],
            "changes": _changes(answer_counts(answer)),
        }
        for answer in waiting_answers()[:ANSWERS_SHOWN]
    ]


def _changes(counts: dict[str, int]) -> str:
    done = {key: counts.get(key, 0) for key in ("settled", "failed", "returned")}
    text = _("Would be recorded: %(settled)s paid, %(failed)s refused, %(returned)s returned.")
    return text % done


@require_http_methods(["GET", "HEAD", "POST"])
@operators_only
def reconciliation(request: HttpRequest) -> HttpResponseBase:
    """The three books and their differences; POST adds a note to one."""
    problems, wrong = None, ""
    if request.method == "POST":
        wrong = request.POST.get("difference", "")
        try:
            note_difference(
                acting=Actor.of(request),
                name=wrong,
                note=request.POST.get("note", ""),
                closes=request.POST.get("closes") == "1",
            )
        except Problem as problem:
            if problem.kind.status in (403, 404):
                raise
            problems = summary_of_problem(problem, {"note": f"note-{wrong}"})
        else:
            messages.success(request, _("The note is kept."))
            return redirect("portal:console-reconciliation")
    books: list[dict[str, Any]] = [  # Any: a template's context
        {**book, "rail_text": rail_text(book["rail"])} for book in book_documents()
    ]
    context = {
        "books": [book for book in books if any(exact(book[column]) for column in COLUMNS)],
        "quiet": [
            f"{book['rail_text']} ({unit_text(book['asset'])})"
            for book in books
            if not any(exact(book[column]) for column in COLUMNS)
        ],
        "typed": request.POST.get("note", ""),
        "closes": request.POST.get("closes") == "1",
        "differences": [
            {
                **each,
                "text": difference_text(each["kind"]),
                "rail_text": rail_text(each["rail"]),
                "wrong": problems is not None and each["name"] == wrong,
            }
            for each in difference_documents()
        ],
        "note_max": NOTE_MAX,
        "problems": problems,
    }
    status = 422 if problems else 200
    return render(request, "portal/operator/reconciliation.html", context, status=status)
